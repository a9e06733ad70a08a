"""What jobs may cost and what they did cost."""

from __future__ import annotations

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Change the schema."""
