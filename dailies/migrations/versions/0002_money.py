"""Add expected and actual costs of jobs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from dailies.migrations.columns import add, optional, required

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
    add(
        "jobs",
        optional(
            "quote_usd",
            sa.Numeric(20, 6),
            "USD that the job would probably cost, when it was asked for; null: not known.",
        ),
        optional("quote_at_most", sa.Numeric(20, 6), "USD that it should not go beyond; null: not known."),
        optional(
            "quote_exact",
            sa.Boolean,
            "Whether the published prices say quote_usd of just these settings; null: never quoted.",
        ),
        optional("quote_basis", sa.Text, "How the quote was found, in a few words; null: never quoted."),
    )


def _job_accounts() -> None:
    op.create_table(
        "job_accounts",
        required(
            "job_id",
            sa.String(25),
            "The job that counts.",
            sa.ForeignKey("jobs.id", name=op.f("fk_job_accounts_job_id")),
        ),
        required("scope", sa.String(16), "channel or role."),
        required("subject_id", sa.BigInteger, "A channel, for a thread the one it is in; or a role."),
        sa.PrimaryKeyConstraint("job_id", "scope", "subject_id", name=op.f("pk_job_accounts")),
        comment="On whose budgets a job counts besides its server's and its requester's: as the job was made.",
    )
    op.create_index("ix_job_accounts_subject", "job_accounts", ["scope", "subject_id"])


def _ledger() -> None:
    op.create_table(
        "ledger",
        required("id", sa.Integer, "In the order of writing."),
        required(
            "job_id", sa.String(25), "The job it is about.", sa.ForeignKey("jobs.id", name=op.f("fk_ledger_job_id"))
        ),
        required("at", sa.Double, "When it was written."),
        required("entry", sa.String(16), "hold, release or settlement; dailies/money/ledger.py."),
        required("held", sa.BigInteger, "Millionths of a USD that the job holds from now on more, or less."),
        required("spent", sa.BigInteger, "Millionths of a USD that the job is known to have cost, more or less."),
        required("is_byok", sa.Boolean, "Paid with a provider key of the account's own."),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger")),
        comment="What jobs hold of the budgets and what they spent. Rows are only ever added; the sums are the truth.",
    )
    op.create_index(op.f("ix_ledger_job_id"), "ledger", ["job_id"])


def _budgets() -> None:
    op.create_table(
        "budgets",
        required("guild_id", sa.BigInteger, "The server that set it.", autoincrement=False),
        required("scope", sa.String(16), "each, user, role, channel or guild; dailies/money/budget.py."),
        required("subject_id", sa.BigInteger, "The user, role or channel; 0 for each and guild.", autoincrement=False),
        required("period", sa.String(16), "day or month, in the operator's time zone."),
        required("usd", sa.BigInteger, "Millionths of a USD that jobs may cost in a period."),
        required("set_by", sa.BigInteger, "Who set it."),
        required("set_at", sa.Double, "When."),
        sa.PrimaryKeyConstraint("guild_id", "scope", "subject_id", "period", name=op.f("pk_budgets")),
        comment="What a server lets its jobs cost; without a row, the operator's settings hold.",
    )


def _job_limits() -> None:
    op.create_table(
        "job_limits",
        required("guild_id", sa.BigInteger, "The server that set it.", autoincrement=False),
        optional("per_user", sa.Integer, "Jobs that one person may have running; null: the operator's setting."),
        optional("per_guild", sa.Integer, "Jobs that the server may have running; null: the operator's setting."),
        required("set_by", sa.BigInteger, "Who set it."),
        required("set_at", sa.Double, "When."),
        sa.PrimaryKeyConstraint("guild_id", name=op.f("pk_job_limits")),
        comment="How many jobs a server lets run at once; the rest waits in line.",
    )
