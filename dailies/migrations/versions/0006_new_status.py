"""Add the message that replaced a deleted status."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Change the schema."""
    op.add_column(
        "jobs",
        sa.Column(
            "new_status_id",
            sa.BigInteger,
            comment="The status message since the first one was deleted; null: it was not. There is no third one.",
        ),
    )
