"""Add the address at which OpenRouter reports the end of a job."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from dailies.migrations.columns import add, optional

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Change the schema."""
    add(
        "jobs",
        optional(
            "callback_url",
            sa.Text,
            "Where OpenRouter was asked to report its end; null when no report can be counted on.",
        ),
    )
    if op.get_bind().dialect.name == "sqlite":
        return  # it keeps no comments
    op.alter_column(
        "jobs",
        "submitted_at",
        comment="When the paid request was sent.",
        existing_comment="When OpenRouter took the job.",
    )
