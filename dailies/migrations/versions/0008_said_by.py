"""Add the person who settled a job by hand."""

from __future__ import annotations

import sqlalchemy as sa

from dailies.migrations.columns import add, optional

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Change the schema."""
    add(
        "ledger",
        optional(
            "said_by",
            sa.BigInteger,
            "The person who said what the job cost; null: it follows from OpenRouter's answers.",
        ),
    )
