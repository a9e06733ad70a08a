"""Add the figures of the files that came."""

from __future__ import annotations

import sqlalchemy as sa

from dailies.migrations.columns import add, required

revision = "0021"
down_revision = "0015"


def upgrade() -> None:
    """Change the schema. Figures of earlier files are not known."""
    add(
        "jobs",
        required(
            "outputs",
            sa.JSON,
            "Each file of the finished job: its figures, its message, and why it is missing.",
            server_default=sa.text("'[]'"),
        ),
    )
