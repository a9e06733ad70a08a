"""Add the time of the next sending of a request that OpenRouter refused as busy, and the time waited so far."""

from __future__ import annotations

import sqlalchemy as sa

from dailies.migrations.columns import add, optional, required

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Change the schema."""
    add(
        "jobs",
        optional("send_at", sa.Double, "When it is sent again, after OpenRouter refused it as busy; null: at once."),
        required(
            "busy_seconds",
            sa.Double,
            "Seconds that it was made to wait because OpenRouter was busy.",
            server_default=sa.text("0"),
        ),
    )
