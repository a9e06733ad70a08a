"""Add the time from which a video is downloaded, and keep no addresses of videos: they may be signed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from dailies.migrations.columns import add, optional

revision = "0013"
down_revision = "0011"


def upgrade() -> None:
    """Change the schema."""
    op.execute("ALTER TABLE jobs DROP COLUMN unsigned_urls")
    add(
        "jobs",
        optional("completed_at", sa.Double, "Since when its finished video is downloaded; null: it is not finished."),
    )
