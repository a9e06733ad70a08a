"""Jobs run side by side, are resumed, and are not left behind without a word."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp import web

from dailies import database
from dailies.delivery.chat import Posted, Upload
from dailies.job import Job, State
from dailies.jobs.runner import Runner
from dailies.jobs.signals import Gate
from dailies.references.collect import Collector
from dailies.references.fetch import Fetcher
from dailies.references.gathering import Gathering
from dailies.references.inspector import DecodeLimits
from dailies.references.reference import Source
from tests.support.reasons import in_words
from tests.support.servers import serving
from tests.unit.job_context import ACCEPTED, Harness, ScriptedAPI, harness
from tests.unit.kit import FakeChat, a_job


async def until(holds: Callable[[], bool]) -> None:
    """Wait until it holds."""
    async with asyncio.timeout(30):
        while not holds():  # noqa: ASYNC110 (what is waited for has no event)
            await asyncio.sleep(0.005)


async def ended(on: Harness, *job_ids: str) -> list[Job]:
    """Wait until no job is unfinished. Looks soon become rare: each takes as much work as a step of a job."""
    seconds = 0.005
    async with asyncio.timeout(30):
        while await on.store.unfinished():
            await asyncio.sleep(seconds)
            seconds = min(0.1, 1.5 * seconds)
    return [await on.store.get(job_id) for job_id in job_ids]


class HeldAnswer:
    """An answer that waits until a test lets it go."""

    def __init__(self, answer: dict[str, object]) -> None:
        self.arrived = asyncio.Event()
        self.go = asyncio.Event()
        self._answer = answer

    async def __call__(self) -> web.StreamResponse:
        self.arrived.set()
        await self.go.wait()
        return web.json_response(self._answer)


@asynccontextmanager
async def slow_reference(folder: Path) -> AsyncGenerator[tuple[Source, Gathering, asyncio.Event]]:
    """Make a reference that comes when the event is set, and the collecting that waits for it."""
    asked = asyncio.Event()

    async def answer(_: web.Request) -> web.StreamResponse:
        asked.set()
        await asyncio.sleep(60)
        return web.Response()

    async with serving(answer) as server:
        trusted = frozenset({server.origin})
        async with Fetcher(folder, trusted=trusted, size=10**6, seconds=30) as fetcher:
            source = Source(f"{server.origin}/x", "x", attached=False)
            gathering = Collector(fetcher, bounds=DecodeLimits(1)).start([source])
            try:
                yield source, gathering, asked
            finally:
                await gathering.cancel()


@pytest.mark.slow
async def test_jobs_run_side_by_side(api: ScriptedAPI, tmp_path: Path) -> None:
    async with harness(api, tmp_path) as on:
        runner = Runner(on.context)
        for number in "abc":
            runner.start(await on.kept(a_job(id=number, key=number, state=State.RESERVED)))
        jobs = await ended(on, *"abc")
    assert [job.state for job in jobs] == [State.DELIVERED] * 3
    assert on.posts == 3


async def test_unfinished_jobs_are_resumed(api: ScriptedAPI, tmp_path: Path) -> None:
    async with harness(api, tmp_path) as on:
        await on.kept(a_job(id="a", key="a", state=State.SUBMITTED, openrouter_id="remote-1"))
        await on.kept(a_job(id="b", key="b", state=State.SUBMITTING))
        await on.kept(a_job(id="c", key="c", state=State.DELIVERED, told=True))
        assert await Runner(on.context).resume() == 2
        first, second = await ended(on, "a", "b")
    assert first.state is State.DELIVERED
    assert second.state is State.UNKNOWN
    assert on.posts == 0


@pytest.mark.slow
async def test_what_a_restored_backup_has_not_sent_is_not_sent_because_it_may_have_been_since(
    api: ScriptedAPI, tmp_path: Path
) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    for folder in (old, new):
        folder.mkdir()
    async with harness(api, old) as on:
        await on.kept(a_job(id="a", key="a", state=State.SUBMITTED, openrouter_id="remote-1"))
        await on.kept(a_job(id="b", key="b", state=State.RESERVED))
        await on.kept(a_job(id="c", key="c", state=State.QUEUED))
    async with database.connected(database.sqlite_url(old / "jobs.sqlite")) as engine:
        await database.backup(engine, new / "jobs.sqlite")
    async with harness(api, new) as on:
        assert await Runner(on.context).resume() == 3
        jobs = await ended(on, "a", "b", "c")
        assert [job.state for job in jobs] == [State.DELIVERED, State.UNKNOWN, State.UNKNOWN]
        assert jobs[1].told
        assert "It may have been sent, charged and delivered since" in in_words(jobs[1].reason)
        await on.kept(a_job(id="d", key="d", state=State.RESERVED))
        assert await Runner(on.context).resume() == 1
        assert (await ended(on, "d"))[0].state is State.DELIVERED
    assert on.posts == 1


async def test_a_running_job_is_not_resumed_a_second_time(api: ScriptedAPI, tmp_path: Path) -> None:
    held = HeldAnswer(ACCEPTED)
    api.submits = [held]
    async with harness(api, tmp_path) as on:
        runner = Runner(on.context)
        runner.start(await on.kept(a_job(state=State.RESERVED)))
        await held.arrived.wait()
        assert await runner.resume() == 0
        held.go.set()
        await ended(on)
    assert on.posts == 1


async def test_a_stop_lets_a_paid_request_get_its_answer(api: ScriptedAPI, tmp_path: Path) -> None:
    held = HeldAnswer(ACCEPTED)
    api.submits = [held]
    async with harness(api, tmp_path) as on:
        context = replace(on.context, sleep=asyncio.sleep)
        runner = Runner(context)
        runner.start(await on.kept(a_job(state=State.RESERVED)))
        await held.arrived.wait()
        stopping = asyncio.create_task(runner.stop(10))
        await asyncio.sleep(0.1)
        assert not stopping.done()
        held.go.set()
        await stopping
        job = await on.store.get(a_job().id)
    assert job.openrouter_id == "remote-1"
    assert job.state is State.SUBMITTED


async def test_a_stop_does_not_wait_for_an_answer_for_ever(api: ScriptedAPI, tmp_path: Path) -> None:
    held = HeldAnswer(ACCEPTED)
    api.submits = [held]
    async with harness(api, tmp_path) as on:
        runner = Runner(on.context)
        runner.start(await on.kept(a_job(state=State.RESERVED)))
        await held.arrived.wait()
        async with asyncio.timeout(30):
            await runner.stop(0.2)
        job = await on.store.get(a_job().id)
        held.go.set()
    assert job.state is State.UNKNOWN
    assert "may have been charged" in in_words(job.reason)


async def test_a_stop_sends_no_new_paid_request(api: ScriptedAPI, tmp_path: Path) -> None:
    """Another job holds the stop up, and the references of the first would come meanwhile."""
    held = HeldAnswer(ACCEPTED)
    api.submits = [held]
    async with harness(api, tmp_path) as on, slow_reference(tmp_path / "references") as (source, gathering, asked):
        runner = Runner(on.context)
        runner.start(await on.kept(a_job(id="a", key="a", state=State.RESERVED)))
        runner.start(await on.kept(a_job(id="b", key="b", sources=(source,))), gathering)
        await held.arrived.wait()
        await asked.wait()
        stopping = asyncio.create_task(runner.stop(10))
        await asyncio.sleep(0.05)
        held.go.set()
        await stopping
        job = await on.store.get("b")
    assert job.state is State.REFUSED
    assert "You weren't charged" in in_words(job.reason)
    assert on.posts == 1


async def test_a_job_that_starts_after_the_stop_began_is_not_sent(api: ScriptedAPI, tmp_path: Path) -> None:
    async with harness(api, tmp_path) as on, slow_reference(tmp_path / "references") as (source, gathering, _):
        runner = Runner(on.context)
        await runner.stop(1)
        runner.start(await on.kept(a_job(sources=(source,))), gathering)
        (job,) = await ended(on, a_job().id)
    assert job.state is State.REFUSED
    assert on.posts == 0


async def test_what_a_stop_leaves_is_gone_on_with_at_the_next_start(api: ScriptedAPI, tmp_path: Path) -> None:
    class WaitingChat(FakeChat):
        async def post(self, job: Job, upload: Upload, *, again: bool) -> Posted:
            if not posting.is_set():
                posting.set()
                await asyncio.sleep(60)
            return await super().post(job, upload, again=again)

    posting = asyncio.Event()
    chat = WaitingChat()
    async with harness(api, tmp_path, chat=chat) as on:
        first = Runner(on.context)
        first.start(await on.kept(a_job(state=State.COMPLETED, openrouter_id="remote-1")))
        await posting.wait()
        await first.stop(1)
        assert (await on.store.get(a_job().id)).state is State.DELIVERING
        assert await Runner(replace(on.context, gate=Gate())).resume() == 1
        (job,) = await ended(on, a_job().id)
    assert job.state is State.DELIVERED
    assert chat.searched == [True]


async def test_a_job_that_ends_during_the_stop_keeps_its_end(api: ScriptedAPI, tmp_path: Path) -> None:
    class StubbornChat(FakeChat):
        async def post(self, job: Job, upload: Upload, *, again: bool) -> Posted:
            posting.set()
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                return Posted(77)  # Discord's answer was there already
            return Posted(0)

    posting = asyncio.Event()
    chat = StubbornChat()
    async with harness(api, tmp_path, chat=chat) as on:
        runner = Runner(on.context)
        runner.start(await on.kept(a_job(state=State.COMPLETED, openrouter_id="remote-1")))
        await posting.wait()
        await runner.stop(5)
        job = await on.store.get(a_job().id)
    assert job.state is State.DELIVERED
    assert chat.shown[-1].state is State.DELIVERED


async def test_a_chat_that_hangs_does_not_hold_the_stop_up(api: ScriptedAPI, tmp_path: Path) -> None:
    class HangingChat(FakeChat):
        async def show(self, job: Job) -> bool:
            if job.ended:
                await asyncio.sleep(60)
            return True

    async with harness(api, tmp_path, chat=HangingChat()) as on:
        runner = Runner(on.context)
        await on.kept(a_job(state=State.SUBMITTED, openrouter_id="remote-1"))
        async with asyncio.timeout(30):
            await runner.stop(0.1)


async def test_a_stop_without_jobs_is_immediate(api: ScriptedAPI, tmp_path: Path) -> None:
    async with harness(api, tmp_path) as on:
        runner = Runner(on.context)
        async with asyncio.timeout(1):
            await runner.stop(20)
        assert runner.stopping


async def test_a_bug_is_told_in_the_status_and_the_job_is_kept_for_the_next_start(
    api: ScriptedAPI, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    class BuggyChat(FakeChat):
        async def post(self, job: Job, upload: Upload, *, again: bool) -> Posted:
            raise ZeroDivisionError

    chat = BuggyChat()
    async with harness(api, tmp_path, chat=chat) as on:
        Runner(on.context).start(await on.kept(a_job(state=State.RESERVED)))
        await until(lambda: bool(chat.shown) and chat.shown[-1].reason is not None)
        job = await on.store.get(a_job().id)
    assert job.state is State.DELIVERING
    assert "picks this job up again at its next start" in in_words(chat.shown[-1].reason)
    assert "ZeroDivisionError" in caplog.text


async def test_a_bug_before_the_record_of_the_request_is_said_to_be_free(api: ScriptedAPI, tmp_path: Path) -> None:
    class BuggyChat(FakeChat):
        async def show(self, job: Job) -> bool:
            if not job.ended:
                raise ZeroDivisionError
            return True

    async with harness(api, tmp_path, chat=BuggyChat()) as on:
        Runner(on.context).start(await on.kept(a_job(state=State.RESERVED)))
        (job,) = await ended(on, a_job().id)
    assert job.state is State.REFUSED
    assert on.posts == 0


async def test_a_bug_between_the_record_and_the_request_is_not_said_to_be_free(
    api: ScriptedAPI, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(_: object, sending: Callable[[], Awaitable[None]]) -> None:
        await sending()
        raise ZeroDivisionError

    async with harness(api, tmp_path) as on:
        monkeypatch.setattr(on.context.openrouter, "submit", broken)
        Runner(on.context).start(await on.kept(a_job(state=State.RESERVED)))
        (job,) = await ended(on, a_job().id)
    assert job.state is State.UNKNOWN  # saved as submitting just before
    assert on.posts == 0


async def test_a_job_that_is_ready_when_the_stop_began_is_sent_at_the_next_start(
    api: ScriptedAPI, tmp_path: Path
) -> None:
    async with harness(api, tmp_path) as on:
        runner = Runner(on.context)
        await runner.stop(1)
        runner.start(await on.kept(a_job(state=State.RESERVED)))
        await asyncio.sleep(0.1)
        assert (await on.store.get(a_job().id)).state is State.RESERVED
        assert on.posts == 0
        assert await Runner(replace(on.context, gate=Gate())).resume() == 1
        (job,) = await ended(on, a_job().id)
    assert job.state is State.DELIVERED
    assert on.posts == 1


async def test_a_bug_after_the_end_does_not_change_the_end(api: ScriptedAPI, tmp_path: Path) -> None:
    class BuggyChat(FakeChat):
        async def show(self, job: Job) -> bool:
            if job.ended:
                raise ZeroDivisionError
            return True

    async with harness(api, tmp_path, chat=BuggyChat()) as on:
        Runner(on.context).start(await on.kept(a_job(state=State.RESERVED)))
        await until(lambda: all(task.get_name() != f"job {a_job().id}" for task in asyncio.all_tasks()))
        job = await on.store.get(a_job().id)
    assert job.state is State.DELIVERED
