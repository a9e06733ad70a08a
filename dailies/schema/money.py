"""Money: what jobs hold and cost, and what servers let them."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Double, ForeignKey, Index, Integer, String, Table

from dailies.columns import Usd
from dailies.schema.base import metadata

job_accounts = Table(
    "job_accounts",
    metadata,
    Column("job_id", String(25), ForeignKey("jobs.id"), primary_key=True, comment="The job that counts."),
    Column("scope", String(16), primary_key=True, comment="channel or role."),
    Column("subject_id", BigInteger, primary_key=True, comment="A channel, for a thread the one it is in; or a role."),
    Index("ix_job_accounts_subject", "scope", "subject_id"),
    comment="On whose budgets a job counts besides its server's and its requester's: as the job was made.",
)

ledger = Table(
    "ledger",
    metadata,
    Column("id", Integer, primary_key=True, comment="In the order of writing."),
    Column("job_id", String(25), ForeignKey("jobs.id"), nullable=False, index=True, comment="The job it is about."),
    Column("at", Double, nullable=False, comment="When it was written."),
    Column("entry", String(16), nullable=False, comment="hold, release or settlement; dailies/money/ledger.py."),
    Column("held", Usd, nullable=False, comment="Millionths of a USD that the job holds from now on more, or less."),
    Column(
        "spent", Usd, nullable=False, comment="Millionths of a USD that the job is known to have cost, more or less."
    ),
    Column("is_byok", Boolean, nullable=False, comment="Paid with a provider key of the account's own."),
    Column(
        "said_by",
        BigInteger,
        comment="The person who said what the job cost; null: it follows from OpenRouter's answers.",
    ),
    comment="What jobs hold of the budgets and what they spent. Rows are only ever added; the sums are the truth.",
)

budgets = Table(
    "budgets",
    metadata,
    Column("guild_id", BigInteger, primary_key=True, autoincrement=False, comment="The server that set it."),
    Column(
        "scope", String(16), primary_key=True, comment="each, user, role, channel or guild; dailies/money/budget.py."
    ),
    Column(
        "subject_id",
        BigInteger,
        primary_key=True,
        autoincrement=False,
        comment="The user, role or channel; 0 for each and guild.",
    ),
    Column("period", String(16), primary_key=True, comment="day or month, in the operator's time zone."),
    Column("usd", Usd, nullable=False, comment="Millionths of a USD that jobs may cost in a period."),
    Column("set_by", BigInteger, nullable=False, comment="Who set it."),
    Column("set_at", Double, nullable=False, comment="When."),
    comment="What a server lets its jobs cost; without a row, the operator's settings hold.",
)

job_limits = Table(
    "job_limits",
    metadata,
    Column("guild_id", BigInteger, primary_key=True, autoincrement=False, comment="The server that set it."),
    Column("per_user", Integer, comment="Jobs that one person may have running; null: the operator's setting."),
    Column("per_guild", Integer, comment="Jobs that the server may have running; null: the operator's setting."),
    Column("set_by", BigInteger, nullable=False, comment="Who set it."),
    Column("set_at", Double, nullable=False, comment="When."),
    comment="How many jobs a server lets run at once; the rest waits in line.",
)
