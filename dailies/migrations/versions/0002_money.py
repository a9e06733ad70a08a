"""What jobs may cost and what they did cost."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Change the schema."""
    op.add_column(
        "jobs",
        sa.Column(
            "quote_usd",
            sa.Numeric(precision=20, scale=6),
            nullable=True,
            comment="USD that the job would probably cost, when it was asked for; null: not known.",
        ),
    )
    op.add_column(
        "jobs",
        sa.Column(
            "quote_at_most",
            sa.Numeric(precision=20, scale=6),
            nullable=True,
            comment="USD that it should not go beyond; null: not known.",
        ),
    )
    op.add_column(
        "jobs",
        sa.Column(
            "quote_exact",
            sa.Boolean(),
            nullable=True,
            comment="Whether the published prices say quote_usd of just these settings; null: never quoted.",
        ),
    )
    op.add_column(
        "jobs",
        sa.Column(
            "quote_basis",
            sa.Text(),
            nullable=True,
            comment="How the quote was found, in a few words; null: never quoted.",
        ),
    )
