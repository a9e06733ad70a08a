"""Add the message that replaced a deleted status."""

from __future__ import annotations

import sqlalchemy as sa

from dailies.migrations.columns import add, optional

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Change the schema."""
    add(
        "jobs",
        optional(
            "new_status_id",
            sa.BigInteger,
            "The status message since the first one was deleted; null: it was not. There is no third one.",
        ),
    )
