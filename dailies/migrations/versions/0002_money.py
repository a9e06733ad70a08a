"""Add expected and actual costs of jobs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Change the schema."""
    _quotes()
    _job_accounts()
    _ledger()
    _budgets()
    _job_limits()


def _quotes() -> None:
    op.add_column(
        "jobs",
        sa.Column(
            "quote_usd",
            sa.Numeric(20, 6),
            comment="USD that the job would probably cost, when it was asked for; null: not known.",
        ),
    )
    op.add_column(
        "jobs",
        sa.Column("quote_at_most", sa.Numeric(20, 6), comment="USD that it should not go beyond; null: not known."),
    )
    op.add_column(
        "jobs",
        sa.Column(
            "quote_exact",
            sa.Boolean,
            comment="Whether the published prices say quote_usd of just these settings; null: never quoted.",
        ),
    )
    op.add_column(
        "jobs",
        sa.Column("quote_basis", sa.Text, comment="How the quote was found, in a few words; null: never quoted."),
    )


def _job_accounts() -> None:
    op.create_table(
        "job_accounts",
        sa.Column(
            "job_id",
            sa.String(25),
            sa.ForeignKey("jobs.id", name=op.f("fk_job_accounts_job_id")),
            nullable=False,
            comment="The job that counts.",
        ),
        sa.Column("scope", sa.String(16), nullable=False, comment="channel or role."),
        sa.Column(
            "subject_id", sa.BigInteger, nullable=False, comment="A channel, for a thread the one it is in; or a role."
        ),
        sa.PrimaryKeyConstraint("job_id", "scope", "subject_id", name=op.f("pk_job_accounts")),
        comment="On whose budgets a job counts besides its server's and its requester's: as the job was made.",
    )
    op.create_index("ix_job_accounts_subject", "job_accounts", ["scope", "subject_id"])


def _ledger() -> None:
    op.create_table(
        "ledger",
        sa.Column("id", sa.Integer, nullable=False, comment="In the order of writing."),
        sa.Column(
            "job_id",
            sa.String(25),
            sa.ForeignKey("jobs.id", name=op.f("fk_ledger_job_id")),
            nullable=False,
            comment="The job it is about.",
        ),
        sa.Column("at", sa.Double, nullable=False, comment="When it was written."),
        sa.Column(
            "entry", sa.String(16), nullable=False, comment="hold, release or settlement; dailies/money/ledger.py."
        ),
        sa.Column(
            "held",
            sa.BigInteger,
            nullable=False,
            comment="Millionths of a USD that the job holds from now on more, or less.",
        ),
        sa.Column(
            "spent",
            sa.BigInteger,
            nullable=False,
            comment="Millionths of a USD that the job is known to have cost, more or less.",
        ),
        sa.Column("is_byok", sa.Boolean, nullable=False, comment="Paid with a provider key of the account's own."),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger")),
        comment="What jobs hold of the budgets and what they spent. Rows are only ever added; the sums are the truth.",
    )
    op.create_index(op.f("ix_ledger_job_id"), "ledger", ["job_id"])


def _budgets() -> None:
    op.create_table(
        "budgets",
        sa.Column("guild_id", sa.BigInteger, autoincrement=False, nullable=False, comment="The server that set it."),
        sa.Column(
            "scope",
            sa.String(16),
            nullable=False,
            comment="each, user, role, channel or guild; dailies/money/budget.py.",
        ),
        sa.Column(
            "subject_id",
            sa.BigInteger,
            autoincrement=False,
            nullable=False,
            comment="The user, role or channel; 0 for each and guild.",
        ),
        sa.Column("period", sa.String(16), nullable=False, comment="day or month, in the operator's time zone."),
        sa.Column("usd", sa.BigInteger, nullable=False, comment="Millionths of a USD that jobs may cost in a period."),
        sa.Column("set_by", sa.BigInteger, nullable=False, comment="Who set it."),
        sa.Column("set_at", sa.Double, nullable=False, comment="When."),
        sa.PrimaryKeyConstraint("guild_id", "scope", "subject_id", "period", name=op.f("pk_budgets")),
        comment="What a server lets its jobs cost; without a row, the operator's settings hold.",
    )


def _job_limits() -> None:
    op.create_table(
        "job_limits",
        sa.Column("guild_id", sa.BigInteger, autoincrement=False, nullable=False, comment="The server that set it."),
        sa.Column(
            "per_user", sa.Integer, comment="Jobs that one person may have running; null: the operator's setting."
        ),
        sa.Column(
            "per_guild", sa.Integer, comment="Jobs that the server may have running; null: the operator's setting."
        ),
        sa.Column("set_by", sa.BigInteger, nullable=False, comment="Who set it."),
        sa.Column("set_at", sa.Double, nullable=False, comment="When."),
        sa.PrimaryKeyConstraint("guild_id", name=op.f("pk_job_limits")),
        comment="How many jobs a server lets run at once; the rest waits in line.",
    )
