"""Reading the ledger, and setting budgets and limits, outside the transactions that create jobs."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from dailies.job import WITHOUT_BILL, Job
from dailies.money.budget import Budget, BudgetAccounts, BudgetLeft, Period, Scope
from dailies.schema import budgets, job_limits, jobs, ledger
from dailies.store.library import lies_in
from dailies.store.sql import SqlStore
from dailies.upsert import upsert

PER_USER, PER_GUILD = "per_user", "per_guild"
"""Limits of running jobs, by their columns."""


@dataclass(frozen=True)
class ServerLimits:
    """Budgets and limits that a server has set itself. None: the operator's setting applies."""

    budgets: tuple[Budget, ...]
    per_user: int | None
    per_guild: int | None


class BudgetStore:
    """Budgets and limits in the database. now: Unix seconds."""

    def __init__(self, engine: AsyncEngine, store: SqlStore, *, now: Callable[[], float] = time.time) -> None:
        self.engine = engine
        self._store = store
        self._now = now
        self.ledger = store.ledger

    async def budgets_left(self, job: Job, accounts: BudgetAccounts) -> list[BudgetLeft]:
        """Return what is left of every budget on which a job would count."""
        async with self.engine.connect() as connection:
            return await self.ledger.budgets_left(connection, job, accounts)

    async def held(self, job_id: str) -> Decimal:
        """Return the USD that a job holds."""
        async with self.engine.connect() as connection:
            total = await connection.scalar(select(func.sum(ledger.c.held)).where(ledger.c.job_id == job_id))
        return total or Decimal(0)

    async def without_bill(self, places: Collection[int | None]) -> tuple[int, Decimal]:
        """Return number and USD of the ended jobs that hold money because no cost was named. places: as in lies_in."""
        states = [str(state) for state in WITHOUT_BILL]
        open_ = lies_in(places) & jobs.c.state.in_(states) & jobs.c.cost.is_(None)
        holding = select(ledger.c.job_id, func.sum(ledger.c.held).label("held")).join(jobs).where(open_)
        each = holding.group_by(ledger.c.job_id).having(func.sum(ledger.c.held) > Decimal(0)).subquery("each_job")
        async with self.engine.connect() as connection:
            number, held = (await connection.execute(select(func.count(), func.sum(each.c.held)))).one()
        return number, held or Decimal(0)

    async def limits(self, guild_id: int) -> ServerLimits:
        """Return the budgets and limits that a server has set."""
        async with self.engine.connect() as connection:
            own = await self.ledger.own_budgets(connection, guild_id)
            row = (await connection.execute(select(job_limits).where(job_limits.c.guild_id == guild_id))).one_or_none()
        return ServerLimits(tuple(own), row.per_user if row else None, row.per_guild if row else None)

    async def set_budget(self, guild_id: int, budget: Budget, by: int) -> None:
        """Set a budget, replacing the one with the same scope, subject and period."""

        async def write(connection: AsyncConnection) -> None:
            row = {"guild_id": guild_id, "scope": str(budget.scope), "subject_id": budget.subject_id}
            row |= {"period": str(budget.period), "usd": budget.usd, "set_by": by, "set_at": self._now()}
            await upsert(connection, budgets, row)

        await self._store.patiently(write)

    async def remove_budget(self, guild_id: int, scope: Scope, subject_id: int, period: Period) -> bool:
        """Remove a budget; False when there is none."""

        async def write(connection: AsyncConnection) -> bool:
            its = (budgets.c.guild_id == guild_id) & (budgets.c.scope == str(scope))
            its &= (budgets.c.subject_id == subject_id) & (budgets.c.period == str(period))
            return (await connection.execute(delete(budgets).where(its))).rowcount == 1

        return await self._store.patiently(write)

    async def set_jobs(self, guild_id: int, changes: Mapping[str, int | None], by: int) -> None:
        """Set how many jobs may run at once. changes: by the names of PER_USER and PER_GUILD; one that is not named
        stays. None: the operator's setting holds.
        """

        async def write(connection: AsyncConnection) -> None:
            row = {"guild_id": guild_id, **changes, "set_by": by, "set_at": self._now()}
            await upsert(connection, job_limits, row)

        await self._store.patiently(write)
