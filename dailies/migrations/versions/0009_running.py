"""Add the time of the last check that found a job running."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Change the schema."""
    op.add_column(
        "jobs",
        sa.Column(
            "running_at",
            sa.Double,
            comment="When it was last known to be unfinished, by a check or a report of its end; null: never.",
        ),
    )
