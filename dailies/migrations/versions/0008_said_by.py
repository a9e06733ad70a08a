"""Add the person who settled a job by hand."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Change the schema."""
    op.add_column(
        "ledger",
        sa.Column(
            "said_by",
            sa.BigInteger,
            comment="The person who said what the job cost; null: it follows from OpenRouter's answers.",
        ),
    )
