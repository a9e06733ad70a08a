"""Money and the queue over restarts: holds stay, once, and waiting jobs keep their place."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from aiohttp import web
from sqlalchemy import select

from dailies import database
from dailies.job import Job, Place, QueuePosition, State
from dailies.jobs.life import live
from dailies.jobs.runner import Runner
from dailies.money.budget import Policy
from dailies.openrouter.pricing import Quote
from dailies.schema import ledger
from tests.support.reasons import worded
from tests.unit.job_context import DONE, ScriptedAPI, harness
from tests.unit.kit import FakeChat, a_job

QUOTE = Quote(Decimal("0.40"), True, Decimal("0.40"), worded(""))
ONE_EACH = Policy(user_jobs=1)


def a_held(number: int, state: State) -> Job:
    return a_job(id=f"job-{number:03}", key=str(number), state=state, place=Place(1, 2, 3, 4), quote=QUOTE)


def running() -> list[asyncio.Task[object]]:
    return [task for task in asyncio.all_tasks() if task.get_name().startswith("job ")]


async def killed() -> None:
    """End every run where it stands; it writes nothing more."""
    for task in running():
        task.cancel()
    await asyncio.gather(*running(), return_exceptions=True)


async def until(condition: Callable[[], bool]) -> None:
    while not condition():  # noqa: ASYNC110 (what is waited for has no event)
        await asyncio.sleep(0.01)


async def entries(folder: Path) -> list[tuple[str, Decimal, Decimal]]:
    async with database.opened(database.sqlite_url(folder / "jobs.sqlite")) as engine, engine.connect() as connection:
        rows = (await connection.execute(select(ledger).order_by(ledger.c.id))).all()
    return [(row.entry, row.held, row.spent) for row in rows]


@pytest.mark.slow
async def test_jobs_in_line_keep_their_places_over_a_restart_and_run_in_turn(api: ScriptedAPI, tmp_path: Path) -> None:
    async def hang() -> web.StreamResponse:
        await asyncio.sleep(60)
        return web.Response()

    api.polls = [hang]
    async with asyncio.timeout(30), harness(api, tmp_path, policy=ONE_EACH) as on:
        runner = Runner(on.context)
        for number in range(3):
            runner.start(await on.kept(a_held(number, State.QUEUED)))
        await until(lambda: {QueuePosition(1, 1), QueuePosition(2, 1)} <= {job.queue_position for job in on.chat.shown})
        await until(lambda: State.SUBMITTED in {job.state for job in on.chat.shown})
        await killed()
        left = [job.state for job in await on.store.unfinished()]
    assert left == [State.SUBMITTED, State.QUEUED, State.QUEUED]

    api.polls = [DONE]
    async with asyncio.timeout(30), harness(api, tmp_path, policy=ONE_EACH) as on:
        assert await Runner(on.context).resume() == 3
        await asyncio.gather(*running())
        ended = [await on.store.get(f"job-{number:03}") for number in range(3)]
    assert [job.state for job in ended] == [State.DELIVERED] * 3
    assert on.posts == 2
    sent = [job.id for job in on.chat.shown if job.state is State.RESERVED]
    assert list(dict.fromkeys(sent)) == ["job-001", "job-002"]


@pytest.mark.parametrize(
    ("now", "sent"), [("0.40", True), ("0.39", True), (None, True), ("0.400001", False), ("0.80", False)]
)
async def test_a_job_whose_price_rose_since_it_was_asked_for_is_not_sent(
    api: ScriptedAPI, tmp_path: Path, now: str | None, sent: bool
) -> None:
    price = None if now is None else Decimal(now)

    def quote(*_: object) -> Quote | None:
        return None if price is None else Quote(price, True, price, worded(""))

    async with harness(api, tmp_path) as on:
        job = await on.kept(a_held(0, State.RESERVED))
        ended = await live(job, replace(on.context, quote=quote))
    assert (ended.state, on.posts) == ((State.DELIVERED, 1) if sent else (State.REFUSED, 0))
    assert [row[0] for row in await entries(tmp_path)] == ["hold", "settlement" if sent else "release"]


class HangingChat(FakeChat):
    """A chat platform that takes nothing."""

    async def show(self, job: Job) -> bool:
        """Hang instead of showing the status."""
        self.shown.append(job)
        await asyncio.sleep(60)
        return False


async def test_two_crashes_between_the_hold_and_the_answer_let_go_of_it_once(api: ScriptedAPI, tmp_path: Path) -> None:
    async with harness(api, tmp_path) as on:
        await on.kept(a_held(0, State.CHECKING))
    assert await entries(tmp_path) == [("hold", Decimal("0.4"), 0)]

    chat = HangingChat()
    async with asyncio.timeout(30), harness(api, tmp_path, chat=chat) as on:
        assert await Runner(on.context).resume() == 1
        await until(lambda: bool(chat.shown))
        await killed()

    async with asyncio.timeout(30), harness(api, tmp_path) as on:
        assert await Runner(on.context).resume() == 1
        await asyncio.gather(*running())
        job = await on.store.get("job-000")
    assert (job.state, job.told) == (State.REFUSED, True)
    assert on.posts == 0
    assert await entries(tmp_path) == [("hold", Decimal("0.4"), 0), ("release", Decimal("-0.4"), 0)]


async def test_a_second_crash_before_the_lost_answer_is_told_keeps_the_hold(api: ScriptedAPI, tmp_path: Path) -> None:
    async with harness(api, tmp_path) as on:
        await on.kept(a_held(0, State.SUBMITTING))
    chat = HangingChat()
    async with asyncio.timeout(30), harness(api, tmp_path, chat=chat) as on:
        await Runner(on.context).resume()
        await until(lambda: bool(chat.shown))
        await killed()
    async with asyncio.timeout(30), harness(api, tmp_path) as on:
        await Runner(on.context).resume()
        await asyncio.gather(*running())
        assert (await on.store.get("job-000")).state is State.UNKNOWN
    assert on.posts == 0
    assert await entries(tmp_path) == [("hold", Decimal("0.4"), 0)]
