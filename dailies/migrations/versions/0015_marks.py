"""Add the marks of references that what is made of them keeps."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from dailies.migrations.columns import add, optional, required

revision = "0015"
down_revision = "0013"


def upgrade() -> None:
    """Change the schema. Marks of earlier references are not known."""
    add(
        "jobs",
        required(
            "age_restricted",
            sa.Boolean,
            "Asked for in an age-restricted channel, or made of what comes from one.",
            server_default=sa.false(),
        ),
    )
    add(
        "job_references",
        required(
            "spoiler",
            sa.Boolean,
            "Hidden until clicked where it was given; so is all that is made of it.",
            server_default=sa.false(),
        ),
        optional("description", sa.Text, "Its alt text, as its author wrote it; null: none."),
    )
    if op.get_bind().dialect.name == "sqlite":
        return  # it keeps no comments
    before = "References as given: name, whether attached, and a link's address."
    now = "References as given: name, marks, alt text, whether attached, and a link's address."
    op.alter_column("jobs", "sources", comment=now, existing_comment=before)
