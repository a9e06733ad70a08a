"""The work of a process that creates jobs until a budget refuses them."""

from __future__ import annotations

import asyncio
import os
import signal
from decimal import Decimal
from itertools import count
from pathlib import Path

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

from dailies import database
from dailies.catalog.options import VideoRequest
from dailies.errors import OverBudget
from dailies.job import Job, Place
from dailies.money.budget import Budget, Period, Policy, Scope
from dailies.money.ledger import Ledger
from dailies.openrouter.pricing import Quote
from dailies.store.sql import SqlStore
from tests.support.forked import Say
from tests.support.reasons import worded

BUDGET = Decimal("7.05")
PRICE = Decimal("0.07")
SIDE_BY_SIDE = 10


def die_in(engine: AsyncEngine, transaction: int) -> None:
    """End as in a power cut: nothing is closed, nothing is rolled back by this process."""
    number = count(1)

    def committing(_: object) -> None:
        if next(number) == transaction:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(engine.sync_engine, "commit", committing)


async def spend(say: Say, url: str, name: str, at: float, dies: int | None = None) -> None:
    """Create jobs side by side until each task was refused once, and say the id of each job that was made.

    at: Unix seconds at which the jobs are asked for. dies: the process kills itself (SIGKILL) in its transaction of
    that number, with all written and nothing committed.
    """
    policy = Policy(budgets=(Budget(Scope.GUILD, Period.DAY, BUDGET),))
    async with database.connected(url) as engine:
        if dies is not None:
            die_in(engine, dies)
        store = SqlStore(engine, Path(), ledger=Ledger(policy))

        async def one(task: int) -> None:
            for number in count():
                identity = f"{name}-{task}-{number}"
                request = VideoRequest("", "a/b", "")
                quote = Quote(PRICE, True, PRICE, worded(""))
                job = Job(identity, identity, Place(1, 2, task), request, (), at, quote=quote)
                try:
                    await store.create(job)
                except OverBudget:
                    return
                say(identity)

        await asyncio.gather(*(one(task) for task in range(SIDE_BY_SIDE)))
