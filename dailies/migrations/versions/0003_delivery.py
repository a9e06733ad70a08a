"""What became known about delivering videos."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Change the schema."""
    op.add_column(
        "jobs",
        sa.Column(
            "token_only",
            sa.Boolean(),
            nullable=False,
            server_default=sa.false(),
            comment="The bot is not in that channel: only the command's token reaches it.",
        ),
    )
