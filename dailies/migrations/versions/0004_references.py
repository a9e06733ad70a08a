"""How references are sent."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Change the schema."""
    op.add_column(
        "jobs",
        sa.Column(
            "sent_prompt",
            sa.Text(),
            nullable=True,
            comment="As it was sent, where references were named as the model expects; null: as it was typed.",
        ),
    )
    op.add_column(
        "job_references",
        sa.Column("page", sa.Text(), nullable=True, comment="The web page that declares this picture, where one does."),
    )
