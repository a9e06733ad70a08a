"""Several processes spend one budget at the same time, and are killed while they do."""

from __future__ import annotations

import asyncio
import signal
import sys
import time
from asyncio.subprocess import PIPE, Process
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from dailies.schema import jobs, ledger
from tests.support.spender import BUDGET, PRICE


async def spender(engine: AsyncEngine, name: str, at: float) -> Process:
    url = engine.url.render_as_string(hide_password=False)
    command = [sys.executable, "-m", "tests.support.spender", url, name, str(at)]
    return await asyncio.create_subprocess_exec(*command, stdout=PIPE)


async def test_processes_that_are_killed_cannot_overspend_by_one_cent(engine: AsyncEngine) -> None:
    at = time.time()
    first, second = await asyncio.gather(spender(engine, "first", at), spender(engine, "second", at))
    assert first.stdout is not None
    said = [(await first.stdout.readline()).decode().strip() for _ in range(5)]
    first.kill()
    said += (await first.stdout.read()).decode().split()
    third = await spender(engine, "third", at)
    for one in (second, third):
        output, _ = await one.communicate()
        assert one.returncode == 0
        said += output.decode().split()
    assert await first.wait() == -signal.SIGKILL

    async with engine.connect() as connection:
        held = (await connection.execute(select(func.sum(ledger.c.held)))).scalar_one()
        kept = set((await connection.scalars(select(jobs.c.id))).all())
    assert held == BUDGET // PRICE * PRICE
    assert Decimal(len(kept)) == BUDGET // PRICE
    # What was said to be made is there; what was killed on its way may be there unsaid, and holds its price.
    assert set(said) <= kept
