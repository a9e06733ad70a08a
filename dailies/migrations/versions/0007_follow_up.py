"""Add whether a video may have been posted with the command's token."""

from __future__ import annotations

import sqlalchemy as sa

from dailies.migrations.columns import add, optional

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Change the schema."""
    add(
        "jobs",
        optional(
            "follow_up_at",
            sa.Double,
            "When the video was last sent with the command's token, and not refused: it may be there.",
        ),
    )
