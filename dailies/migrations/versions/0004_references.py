"""Add how references are sent."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Change the schema. References of earlier jobs were sent as they were given."""
    op.add_column(
        "jobs",
        sa.Column(
            "sent_prompt",
            sa.Text,
            comment="As it was sent, where references were named as the model expects; null: as it was typed.",
        ),
    )
    op.add_column(
        "job_references", sa.Column("page", sa.Text, comment="The web page that declares this picture, where one does.")
    )
    op.add_column(
        "job_references",
        sa.Column(
            "converted", sa.String(64), comment="SHA-256 of the bytes sent in place of the given ones; null: those are."
        ),
    )
    op.add_column(
        "job_references",
        sa.Column(
            "notes",
            sa.JSON,
            server_default=sa.text("'[]'"),
            nullable=False,
            comment="What was done to the picture, in a few words each.",
        ),
    )
