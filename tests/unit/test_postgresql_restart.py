"""PostgreSQL restarts while jobs run: every job goes on by itself, is paid once and delivered once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncEngine

from dailies import database
from dailies.delivery.chat import Posted
from dailies.job import Job, State
from dailies.jobs.runner import Runner
from dailies.money.budget import BudgetAccounts
from dailies.store.budgets import BudgetStore
from dailies.store.library import Library
from dailies.store.sql import SqlStore
from tests.support.databases import PostgreSQL, emptied, postgresql_server
from tests.unit.job_context import ACCEPTED, DONE, Harness, ScriptedAPI, harness
from tests.unit.kit import FakeChat, a_job

pytestmark = pytest.mark.slow

IDS = ["job1", "job2", "job3"]


@pytest.fixture(scope="module")
def server() -> Iterator[PostgreSQL]:
    """Run a server that no other test uses."""
    with postgresql_server() as running:
        yield running


@pytest_asyncio.fixture
async def engine(server: PostgreSQL) -> AsyncGenerator[AsyncEngine]:
    """Open its database, empty."""
    await emptied(server.url)
    async with database.opened(server.url) as opened:
        yield opened


class FindingChat(FakeChat):
    """Finds what was posted, as a channel does."""

    async def find(self, job: Job, *, direct: bool, channel_id: int | None = None, number: int = 1) -> Posted | None:
        """Return the message with a job's video."""
        return Posted(900) if f"{job.id}.mp4" in self.posted else None


async def brief(seconds: float) -> None:
    """Sleep shorter than in life, but long enough for a server to start."""
    await asyncio.sleep(min(seconds, 0.2))


class Outage:
    """Stops the server when an answer is asked for, and starts it again some time after it was given."""

    def __init__(self, server: PostgreSQL, mode: str, answer: dict[str, Any] | bytes) -> None:
        self._server = server
        self._mode = mode
        self._answer = answer
        self.over: asyncio.Task[None] | None = None

    async def __call__(self) -> web.StreamResponse:
        await asyncio.to_thread(self._server.stop, self._mode)
        self.over = asyncio.create_task(self._start())
        if isinstance(self._answer, bytes):
            return web.Response(body=self._answer)
        return web.json_response(self._answer)

    async def _start(self) -> None:
        await asyncio.sleep(1.5)
        await asyncio.to_thread(self._server.start)


async def ended(on: Harness) -> list[Job]:
    async with asyncio.timeout(60):
        while True:
            with suppress(*database.BROKEN):
                if not await on.store.unfinished():
                    return [await on.store.get(one) for one in IDS]
            await asyncio.sleep(0.05)


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["fast", "immediate"])
@pytest.mark.parametrize("step", ["submits", "polls", "downloads"])
async def test_jobs_go_on_after_a_restart_at_any_step(
    server: PostgreSQL, engine: AsyncEngine, api: ScriptedAPI, tmp_path: Path, mode: str, step: str
) -> None:
    answers = {"submits": ACCEPTED, "polls": DONE, "downloads": api.video}
    outage = Outage(server, mode, answers[step])
    setattr(api, step, [answers[step], outage, answers[step]])
    async with harness(api, tmp_path, chat=FindingChat(), engine=engine) as on:
        runner = Runner(replace(on.context, sleep=brief))
        for id_ in IDS:
            runner.start(await on.kept(a_job(id=id_, key=id_, state=State.QUEUED)))

        made = await ended(on)

        assert outage.over
        assert [(job.state, job.told) for job in made] == [(State.DELIVERED, True)] * 3
        assert sum(one.body.endswith(b"}") for one in on.server.arrivals if one.method == "POST") == 3
        assert sorted(on.chat.posted) == [f"{id_}.mp4" for id_ in IDS]


async def test_what_people_ask_for_is_answered_after_a_restart(
    server: PostgreSQL, engine: AsyncEngine, api: ScriptedAPI, tmp_path: Path
) -> None:
    async with harness(api, tmp_path, engine=engine) as on:
        job = await on.kept(a_job())
        library, budgets = Library(engine, on.store), BudgetStore(engine, on.store)
        await asyncio.gather(*(library.find(job.id) for _ in range(5)))  # every connection of the pool was used
        await asyncio.to_thread(server.stop)
        await asyncio.to_thread(server.start)

        assert await library.find(job.id) == job
        assert (await library.of_requester(3)).total == 1
        assert await budgets.budgets_left(job, BudgetAccounts(2)) == []
        assert await on.store.create(a_job(id="second", key="second"))


async def test_a_server_that_hangs_is_waited_for_within_limits_and_used_again(
    server: PostgreSQL, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "STATEMENT_SECONDS", 1.0)
    await emptied(server.url)
    async with database.opened(server.url) as engine:
        store = SqlStore(engine, tmp_path)
        await store.create(a_job())
        with server.frozen():
            saving = asyncio.create_task(store.save(a_job(state=State.QUEUED)))
            async with asyncio.timeout(20):
                with pytest.raises(TimeoutError) as raised:
                    await store.get(a_job().id)
            assert database.is_away(raised.value)
        async with asyncio.timeout(30):
            await saving
            assert (await store.get(a_job().id)).state is State.QUEUED
