"""Add the language of a job's messages."""

from __future__ import annotations

import sqlalchemy as sa

from dailies.migrations.columns import add, required

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    """Change the schema. Earlier jobs spoke English."""
    add("jobs", required("language", sa.String(8), "Of its messages in the channel.", server_default=sa.text("'en'")))
