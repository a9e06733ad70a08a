"""Add the time of the last check that found a job running."""

from __future__ import annotations

import sqlalchemy as sa

from dailies.migrations.columns import add, optional

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Change the schema."""
    add(
        "jobs",
        optional(
            "running_at",
            sa.Double,
            "When it was last known to be unfinished, by a check or a report of its end; null: never.",
        ),
    )
