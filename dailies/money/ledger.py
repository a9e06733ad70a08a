"""The ledger: the budget that each job holds, and its spending. Rows are only ever added.

A job holds its price from the transaction that creates it; the hold ends in the transaction that records the job's
end. The sums of the rows are the truth; there is no balance beside them that could differ.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from decimal import ROUND_UP, Decimal
from enum import StrEnum
from itertools import accumulate
from typing import Any, cast

from sqlalchemy import ColumnElement, and_, exists, func, insert, or_, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from dailies.errors import OverBudget
from dailies.job import LATE_SECONDS, Job, QueuePosition, State
from dailies.money.budget import Budget, BudgetAccounts, BudgetLeft, Period, Policy, Scope, applicable
from dailies.money.queue_order import Waiting, in_order, may_run
from dailies.schema import budgets, job_accounts, job_limits, jobs, ledger

LOCK = 4_170_004
"""First half of PostgreSQL's two-part advisory locks; any number that nobody else uses."""

RUNNING = frozenset({State.RESERVED, State.SUBMITTING, State.SUBMITTED})
"""Jobs that take up a place: they have had their turn, and their model has not finished. Late ones do not."""
_UNPAID = frozenset({State.REFUSED, State.FAILED, State.CANCELLED, State.EXPIRED, State.UNREPORTED})
"""Ends that cost nothing unless OpenRouter names a cost."""


class Entry(StrEnum):
    """The kind of a row of the ledger."""

    HOLD = "hold"
    RELEASE = "release"
    SETTLEMENT = "settlement"


class Ledger:
    """Runs inside the transactions of the store. now: Unix seconds."""

    def __init__(self, policy: Policy | None = None, *, now: Callable[[], float] = time.time) -> None:
        self.policy = policy or Policy()
        self._now = now

    async def lock(self, connection: AsyncConnection, job: Job) -> None:
        """Let nobody else decide about the same money until the transaction ends.

        SQLite has one writer, which is this transaction. On PostgreSQL this has to be the first statement, so that the
        next one sees what the previous holder committed.
        """
        if connection.dialect.name == "postgresql":
            whose = job.place.guild_id or job.place.requester_id
            await connection.execute(
                text("SELECT pg_advisory_xact_lock(:lock, hashint8(:whose))"), {"lock": LOCK, "whose": whose}
            )

    def price(self, job: Job) -> Decimal:
        """Return the amount a job holds: the most that it should cost, else the usual, else the operator's rule."""
        return _millionths(self.policy.unknown_usd if job.most is None else job.most)

    async def hold(self, connection: AsyncConnection, takes: Sequence[Job], accounts: BudgetAccounts | None) -> None:
        """Hold the prices of the jobs that this transaction creates: one, or the takes of a set.

        Raises OverBudget when not all of them fit; the caller must roll back then.
        """
        accounts = accounts or BudgetAccounts(takes[0].place.channel_id)
        subjects = [(Scope.CHANNEL, accounts.channel_id), *((Scope.ROLE, one) for one in sorted(accounts.role_ids))]
        self.check(takes, await self.budgets_left(connection, takes[0], accounts))
        for job in takes:
            rows = [{"job_id": job.id, "scope": scope, "subject_id": one} for scope, one in subjects]
            await connection.execute(insert(job_accounts), rows)
            await self._add(connection, job, Entry.HOLD, held=self.price(job))

    def check(self, takes: Sequence[Job], budgets_left: Iterable[BudgetLeft]) -> None:
        """Raise OverBudget for the budget that has the least left, if that is less than these jobs would hold."""
        amount = sum(map(self.price, takes), Decimal(0))
        for room in sorted(budgets_left, key=lambda one: one.left):
            if amount > room.left:
                budget = room.budget
                error = OverBudget(
                    scope=budget.scope,
                    period=budget.period,
                    usd=budget.usd,
                    left=room.left,
                    needed=amount,
                    renews_in=room.renews - self._now(),
                )
                error.takes, error.takes_fit = len(takes), self.fits(takes, room.left)
                raise error

    def fits(self, takes: Sequence[Job], left: Decimal) -> int:
        """Return how many of these jobs would fit into so many USD, the cheapest first."""
        sums = accumulate(sorted(map(self.price, takes)))
        return sum(amount <= left for amount in sums)

    async def budgets_left(self, connection: AsyncConnection, job: Job, accounts: BudgetAccounts) -> list[BudgetLeft]:
        """Return the remainder of every budget on which a job counts, in the periods in which it was made."""
        found = applicable(
            await self.own_budgets(connection, job.place.guild_id),
            self.policy,
            in_guild=job.place.guild_id is not None,
            user_id=job.place.requester_id,
            accounts=accounts,
        )
        return [
            BudgetLeft(
                budget,
                await self._used(connection, job, budget),
                budget.period.renews(job.created_at, self.policy.zone),
            )
            for budget in found
        ]

    async def own_budgets(self, connection: AsyncConnection, guild_id: int | None) -> list[Budget]:
        """Return the budgets that a server has set."""
        if guild_id is None:
            return []
        rows = (await connection.execute(select(budgets).where(budgets.c.guild_id == guild_id))).all()
        return [Budget(Scope(row.scope), Period(row.period), row.usd, row.subject_id) for row in rows]

    async def _used(self, connection: AsyncConnection, job: Job, budget: Budget) -> Decimal:
        began = budget.period.began(job.created_at, self.policy.zone)
        renews = budget.period.renews(job.created_at, self.policy.zone)
        made = and_(jobs.c.created_at >= began, jobs.c.created_at < renews)
        counted = and_(_in_guild(job.place.guild_id), made, _counts(job, budget))
        total = select(func.sum(ledger.c.held), func.sum(ledger.c.spent)).join(jobs).where(counted)
        held, spent = (await connection.execute(total)).one()
        return (held or Decimal(0)) + (spent or Decimal(0))

    async def record_outcome(self, connection: AsyncConnection, job: Job, *, said_by: int | None = None) -> None:
        """End a job's hold, once its cost is known. A job that never held anything has no rows.

        A hold that was released is taken again if OpenRouter turns out to have accepted the job.
        said_by: the person who stated the cost.
        """
        spend = outcome(job)
        sums = select(func.sum(ledger.c.held), func.sum(ledger.c.spent)).where(ledger.c.job_id == job.id)
        held, spent = (await connection.execute(sums)).one()
        if held is None or (held == 0 and spent == spend and said_by is None):
            return
        if spend is None:
            if held == 0 and (first := await self._first_hold(connection, job)):
                await self._add(connection, job, Entry.HOLD, held=first)
            return
        entry = Entry.SETTLEMENT if spend or spent else Entry.RELEASE
        await self._add(connection, job, entry, held=Decimal(0) - held, spent=spend - spent, said_by=said_by)

    async def _first_hold(self, connection: AsyncConnection, job: Job) -> Decimal:
        first = select(ledger.c.held).where(ledger.c.job_id == job.id).order_by(ledger.c.id).limit(1)
        return (await connection.execute(first)).scalar_one()

    async def _add(
        self,
        connection: AsyncConnection,
        job: Job,
        entry: Entry,
        *,
        held: Decimal,
        spent: Decimal = Decimal(0),
        said_by: int | None = None,
    ) -> None:
        row: dict[str, Any] = {"job_id": job.id, "at": self._now(), "entry": str(entry), "held": held, "spent": spent}
        await connection.execute(insert(ledger).values(row | {"is_byok": job.is_byok, "said_by": said_by}))

    async def turn(self, connection: AsyncConnection, job: Job, able: Callable[[Decimal | None], bool]) -> Job:
        """Return a waiting job as reserved, or as queued with its place. The lock has to be held.

        able: whether a job that should cost at most this many USD can go at all; others hold up nobody. Nor do
        jobs that wait to be sent again.
        """
        per_user, per_guild = await self.job_limits(connection, job.place.guild_id)
        if per_user is None and per_guild is None:
            return replace(job, state=State.RESERVED, queue_position=None)
        here = _in_guild(job.place.guild_id)
        if job.place.guild_id is None:
            here = and_(here, jobs.c.requester_id == job.place.requester_id)
        states = [str(state) for state in RUNNING | {State.QUEUED}]
        most = func.coalesce(jobs.c.quote_at_most, jobs.c.quote_usd).label("most")
        columns = (jobs.c.id, jobs.c.requester_id, jobs.c.state, jobs.c.send_at, most)
        found = select(*columns).where(here, jobs.c.state.in_(states))
        # A late job may never end, and keeps its hold on the budgets anyway.
        sent = jobs.c.submitted_at
        found = found.where(
            or_(jobs.c.state != str(State.SUBMITTED), sent.is_(None), sent > self._now() - LATE_SECONDS)
        )
        rows = [row for row in (await connection.execute(found)).all() if row.id != job.id]
        running: dict[int, int] = {}
        for row in rows:
            if row.state != State.QUEUED:
                running[row.requester_id] = running.get(row.requester_id, 0) + 1
        now = self._now()
        due = [row for row in rows if row.state == State.QUEUED and (row.send_at is None or row.send_at <= now)]
        waiting = [Waiting(row.id, row.requester_id) for row in due if able(row.most)]
        order = in_order([*waiting, Waiting(job.id, job.place.requester_id)], running)
        if job.id in may_run(order, running, per_user=per_user, per_guild=per_guild):
            return replace(job, state=State.RESERVED, queue_position=None)
        place = next(number for number, one in enumerate(order, start=1) if one.job_id == job.id)
        return replace(
            job, state=State.QUEUED, queue_position=QueuePosition(place, running.get(job.place.requester_id, 0))
        )

    async def job_limits(self, connection: AsyncConnection, guild_id: int | None) -> tuple[int | None, int | None]:
        """Return how many jobs a user, and all of them in a server, may have running; None: no limit."""
        if guild_id is None:
            return self.policy.user_jobs, None
        row = (await connection.execute(select(job_limits).where(job_limits.c.guild_id == guild_id))).one_or_none()
        return self.policy.jobs(row.per_user, row.per_guild) if row else self.policy.jobs(None, None)


def outcome(job: Job) -> Decimal | None:
    """Return the final cost of a job; None while it is unknown and the hold has to stay.

    Unknown, no longer checked, finished without a cost: it may have been paid, so its hold stays.
    """
    if job.cost is not None:
        return _millionths(job.cost)
    return Decimal(0) if job.state in _UNPAID else None


def _millionths(usd: Decimal) -> Decimal:
    """Round as the ledger does, so that the amount compared with a budget is the amount written; never less."""
    return usd.quantize(Decimal("0.000001"), ROUND_UP)


def _in_guild(guild_id: int | None) -> ColumnElement[bool]:
    return jobs.c.guild_id.is_(None) if guild_id is None else jobs.c.guild_id == guild_id


def _counts(job: Job, budget: Budget) -> ColumnElement[bool]:
    match budget.scope:
        case Scope.EACH | Scope.USER:
            return jobs.c.requester_id == job.place.requester_id
        case Scope.GUILD:
            return cast("ColumnElement[bool]", jobs.c.guild_id.is_not(None))
        case _:
            return exists().where(
                job_accounts.c.job_id == jobs.c.id,
                job_accounts.c.scope == str(budget.scope),
                job_accounts.c.subject_id == budget.subject_id,
            )
