"""A process that creates jobs until a budget refuses them: python -m tests.support.spender URL NAME AT.

AT: Unix seconds at which the jobs are asked for. Prints one line for each job that was made.
"""

from __future__ import annotations

import asyncio
import sys
from decimal import Decimal
from pathlib import Path

from dailies import database
from dailies.errors import OverBudget
from dailies.jobs.job import Job, Place
from dailies.jobs.sql_store import SqlStore
from dailies.money.budget import Budget, Period, Policy, Scope
from dailies.money.ledger import Ledger
from dailies.openrouter.options import VideoRequest
from dailies.openrouter.pricing import Quote

BUDGET = Decimal("14.05")
PRICE = Decimal("0.07")
SIDE_BY_SIDE = 10


async def spend(url: str, name: str, at: float) -> None:
    """Create jobs side by side until each task was refused once."""
    policy = Policy(budgets=(Budget(Scope.GUILD, Period.DAY, BUDGET),))
    async with database.connected(url) as engine:
        store = SqlStore(engine, Path(), ledger=Ledger(policy))

        async def one(task: int) -> None:
            for number in range(1000):
                identity = f"{name}-{task}-{number}"
                request = VideoRequest("", "a/b", "")
                quote = Quote(PRICE, True, PRICE, "")
                job = Job(identity, identity, Place(1, 2, task), request, (), at, quote=quote)
                try:
                    await store.create(job)
                except OverBudget:
                    return
                sys.stdout.write(f"{identity}\n")
                sys.stdout.flush()

        await asyncio.gather(*(one(task) for task in range(SIDE_BY_SIDE)))


if __name__ == "__main__":
    asyncio.run(spend(sys.argv[1], sys.argv[2], float(sys.argv[3])))
