"""Several processes spend one budget at the same time, and are killed while they do."""

from __future__ import annotations

import asyncio
import signal
import time
from decimal import Decimal

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from dailies.schema import jobs, ledger
from tests.support.forked import forked
from tests.support.spender import BUDGET, PRICE, spend


async def spender(engine: AsyncEngine, name: str, at: float, *dies: int) -> tuple[int, set[str]]:
    """Return its exit code and the jobs that it said it made. dies: as in `spend`."""
    code, said = await forked(spend, engine.url.render_as_string(hide_password=False), name, at, *dies)
    return code, set(said)


@pytest.mark.slow
async def test_processes_that_are_killed_cannot_overspend_by_one_cent(engine: AsyncEngine) -> None:
    at = time.time()
    # Together far below the budget, so each of them is still spending when it dies, however fast the other is.
    killed = await asyncio.gather(spender(engine, "first", at, 20), spender(engine, "second", at, 20))
    lived = await asyncio.gather(spender(engine, "third", at), spender(engine, "fourth", at))
    assert [code for code, _ in (*killed, *lived)] == [-signal.SIGKILL, -signal.SIGKILL, 0, 0]

    async with engine.connect() as connection:
        held = (await connection.execute(select(func.sum(ledger.c.held)))).scalar_one()
        kept = set((await connection.scalars(select(jobs.c.id))).all())
    assert held == BUDGET // PRICE * PRICE
    assert Decimal(len(kept)) == BUDGET // PRICE
    # Every job announced is there. A killed process may have made more, unannounced, that hold their price.
    said = set[str]().union(*(made for _, made in (*killed, *lived)))
    assert said <= kept
    assert {job_id.partition("-")[0] for job_id in kept - said} <= {"first", "second"}
