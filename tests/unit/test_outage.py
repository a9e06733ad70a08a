"""A database that goes away while jobs run: no payment is forgotten, and nothing is paid twice."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from dailies import database
from dailies.job import State
from dailies.jobs.life import live
from dailies.jobs.runner import Runner
from dailies.store.sql import TRIES, SqlStore
from tests.support.databases import sqlite_file
from tests.unit.job_context import Harness, ScriptedAPI, harness
from tests.unit.kit import Sleeps, a_job
from tests.unit.test_runner import ended

THEN = 1_790_000_000.0


def engine_of(on: Harness) -> AsyncEngine:
    return on.store._engine  # pyright: ignore[reportPrivateUsage] (to take its tables away)


class MissingTable:
    """Hides a table until it was waited for this often."""

    def __init__(self, engine: AsyncEngine, table: str, *, waits: int) -> None:
        self._engine = engine
        self._table = table
        self._waits = waits
        self.waited = 0

    async def rename(self, old: str, new: str) -> None:
        async with self._engine.begin() as connection:
            await connection.execute(text(f"ALTER TABLE {old} RENAME TO {new}"))

    async def go(self) -> None:
        await self.rename(self._table, "away")

    async def sleep(self, _: float) -> None:
        self.waited += 1
        if self.waited == self._waits:
            await self.rename("away", self._table)
        await asyncio.sleep(0)


@pytest.mark.slow
async def test_a_statement_that_a_restart_of_postgresql_cuts_off_is_tried_again(
    postgresql_url: str, tmp_path: Path
) -> None:
    sleeps = Sleeps()
    async with database.opened(postgresql_url) as engine:
        other = create_async_engine(postgresql_url)

        async def write(connection: AsyncConnection) -> int:
            own = await connection.scalar(text("SELECT pg_backend_pid()"))
            if not sleeps.seconds:
                async with other.connect() as killer:
                    kill = f"SELECT pg_terminate_backend({own}) FROM pg_sleep(0.1)"
                    killing = asyncio.create_task(killer.execute(text(kill)))
                    try:
                        await connection.execute(text("SELECT pg_sleep(30)"))
                    finally:
                        await killing
            return own or 0

        assert await SqlStore(engine, tmp_path, sleep=sleeps).patiently(write) > 0
        await other.dispose()
    assert sleeps.seconds == [1.0]


async def test_a_mistake_is_not_taken_for_a_database_that_is_away(engine: AsyncEngine) -> None:
    store = SqlStore(engine, Path("/nowhere"))
    await store.create(a_job())
    caught: list[Exception] = []
    async with engine.begin() as connection:
        try:
            await connection.execute(text("INSERT INTO jobs (id) VALUES ('x')"))
        except database.BROKEN as error:
            caught.append(error)
    assert [database.is_away(error) for error in caught] == [False]


async def test_an_error_of_the_database_does_not_show_what_people_wrote(store: SqlStore) -> None:
    await store.create(a_job())
    await store.create(a_job(id="other", key="other"))
    with pytest.raises(IntegrityError) as raised:
        await store.save(a_job(id="other"))
    assert a_job().request.prompt not in str(raised.value)


async def test_what_a_run_has_to_keep_is_tried_for_longer_than_a_minute(tmp_path: Path) -> None:
    async with database.opened(await sqlite_file(tmp_path / "jobs.sqlite")) as engine:
        away = MissingTable(engine, "jobs", waits=TRIES + 10)
        store = SqlStore(engine, tmp_path, sleep=away.sleep)
        await store.create(a_job())
        await away.go()
        await store.save(a_job(state=State.SUBMITTED, openrouter_id="remote-1"))
        assert (await store.get(a_job().id)).openrouter_id == "remote-1"


async def test_the_paid_request_of_a_job_is_begun_by_one_run_alone(store: SqlStore) -> None:
    await store.create(a_job(state=State.RESERVED))
    mine = a_job(state=State.SUBMITTING, submitted_at=THEN + 0.123456)
    assert await store.intend(mine)
    assert await store.intend(mine)  # tried again, because the commit's answer was lost
    assert not await store.intend(replace(mine, submitted_at=THEN + 0.123457))
    for state in (State.SUBMITTED, State.DELIVERED, State.UNKNOWN):
        await store.save(a_job(state=state))
        assert not await store.intend(mine)
        assert (await store.get(mine.id)).state is state


async def test_a_job_that_another_process_took_over_is_paid_once(api: ScriptedAPI, tmp_path: Path) -> None:
    async with harness(api, tmp_path) as on:
        job = await on.kept(a_job(state=State.RESERVED))
        another = replace(on.context, now=lambda: on.now() + 0.001)
        await asyncio.gather(live(job, on.context), live(job, another))
        assert sum(arrival.body.endswith(b"}") for arrival in on.server.arrivals if arrival.method == "POST") == 1
        assert on.chat.posted == [f"{job.id}.mp4"]
        assert (await on.store.get(job.id)).state is State.DELIVERED


async def test_a_delivery_that_the_database_broke_off_is_gone_on_with(api: ScriptedAPI, tmp_path: Path) -> None:
    async with harness(api, tmp_path) as on:
        away = MissingTable(engine_of(on), "upload_limits", waits=2)
        job = await on.kept(a_job(state=State.COMPLETED, openrouter_id="remote-1"))
        await away.go()
        Runner(replace(on.context, sleep=away.sleep)).start(job)
        (job,) = await ended(on, job.id)
    assert job.state is State.DELIVERED
    assert on.chat.searched == [True]  # because it may have been posted before it broke off


async def test_a_stop_does_not_wait_for_a_database_that_is_away(api: ScriptedAPI, tmp_path: Path) -> None:
    async with harness(api, tmp_path) as on:
        runner = Runner(on.context)
        away = MissingTable(engine_of(on), "jobs", waits=0)
        await away.go()
        async with asyncio.timeout(20):
            await runner.stop(0.1)
        await away.rename("away", "jobs")
    assert runner.stopping


async def test_a_bot_that_stops_while_it_starts_resumes_nothing(api: ScriptedAPI, tmp_path: Path) -> None:
    async with harness(api, tmp_path) as on:
        runner = Runner(on.context)
        await on.kept(a_job(state=State.SUBMITTED, openrouter_id="remote-1"))
        await runner.stop(0.1)
        assert await runner.resume() == 0
