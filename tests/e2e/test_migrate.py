"""`bot.py migrate` as its own process: killed in the middle, run again, and a bot that goes on with what it made."""

from __future__ import annotations

import asyncio
import math
import os
import sys
from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from dailies import database
from dailies.schema import jobs
from sandbox.botprocess import ROOT
from tests.e2e.conftest import quick_stack
from tests.e2e.test_process import command
from tests.e2e.test_restart import asked, status, until, videos
from tests.support.databases import postgresql, sqlite_file
from tests.support.rows import fill

pytestmark = pytest.mark.slow

WAITING = text(
    "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE 'INSERT INTO ledger%'"
)
TRIGGER = (
    "CREATE FUNCTION held_up() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN PERFORM pg_advisory_xact_lock(99); RETURN NULL; END $$",
    "CREATE TRIGGER held_up BEFORE INSERT ON ledger EXECUTE FUNCTION held_up()",
)


async def held_up(engine: AsyncEngine) -> bool:
    """Tell if the copy is in the middle of its rows. Each look is a transaction, which sees one state of the server."""
    async with engine.connect() as connection:
        return bool(await connection.scalar(WAITING))


async def counted(url: str) -> int:
    """Return the number of jobs that others can see."""
    async with database.connected(url) as engine, engine.connect() as connection:
        return len((await connection.scalars(select(jobs.c.id))).all())


async def test_a_copy_that_is_killed_in_the_middle_leaves_nothing_and_the_next_one_is_whole(tmp_path: Path) -> None:
    async with database.connected(await sqlite_file(tmp_path / "dailies.sqlite")) as engine:
        number = (await fill(engine))["jobs"]
    with postgresql() as url:
        environment = {"DATA_DIR": str(tmp_path), "DATABASE_URL": url}
        async with database.opened(url) as engine:
            async with engine.begin() as connection:
                for statement in TRIGGER:
                    await connection.execute(text(statement))
            async with engine.begin() as holding:
                await holding.execute(text("SELECT pg_advisory_xact_lock(99)"))
                process = await asyncio.create_subprocess_exec(
                    *(sys.executable, str(ROOT / "bot.py"), "migrate"), cwd=tmp_path, env={**os.environ, **environment}
                )
                async with asyncio.timeout(60):
                    while not await held_up(engine):  # noqa: ASYNC110 (another process has no event)
                        await asyncio.sleep(0.05)
                process.kill()
                await process.wait()
        assert await counted(url) == 0

        code, printed = await command("migrate", environment, tmp_path)

        assert (code, await counted(url)) == (0, number)
        assert "copied and compared" in printed


async def test_a_bot_goes_on_in_postgresql_with_the_job_that_it_was_waiting_for(tmp_path: Path) -> None:
    with postgresql() as url:
        async with quick_stack() as stack:
            stack.openrouter.faults.job(queue_seconds=math.inf)
            interaction = await asked(stack)
            await until(lambda: stack.openrouter.polls)
            await stack.bot.stop()
            stack.bot.environment["DATABASE_URL"] = url

            code, printed = await command("migrate", stack.bot.environment, stack.bot.folder)
            assert code == 0, printed
            await stack.start_bot()
            stack.openrouter.end_queue()

            await until(lambda: status(stack, interaction).startswith("### Done"))
            assert len(videos(stack)) == 1
            assert len(stack.openrouter.submits) == 1
        assert await counted(url) == 1
