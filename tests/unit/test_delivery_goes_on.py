"""While Discord is away, posting and telling go on by themselves: no start is needed, and nothing is lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from dailies.delivery.chat import Posted, Upload
from dailies.errors import ChatUnavailable, NotAllowed
from dailies.job import Job, Place, State
from dailies.jobs.later import AGAIN_SECONDS, RAREST_AGAIN_SECONDS
from dailies.jobs.life import live
from dailies.jobs.runner import Runner
from dailies.store.shards import Shards
from dailies.store.sql import SqlStore
from tests.support.reasons import in_words, worded
from tests.unit.job_context import LIMITS, Harness, ScriptedAPI, harness
from tests.unit.kit import FakeChat, a_job

COMPLETED = a_job(state=State.COMPLETED, openrouter_id="remote-1", polling_url="/x", submitted_at=1_790_000_000.0)
FAILED = a_job(state=State.FAILED, reason=worded("no"), ended_at=1_790_000_000.0)


class AwayChat(FakeChat):
    """A chat that a test takes away. Answers of posts may be lost, which the search then finds."""

    away = True
    loses_answers = False
    finds = 0

    async def show(self, job: Job) -> bool:
        if self.away:
            return not job.ended
        return await super().show(job)

    async def post(self, job: Job, upload: Upload, *, again: bool) -> Posted:
        if self.away:
            self.searched.append(again)
            if self.loses_answers and not self.found:
                self.posted.append(f"{job.id}.mp4")
                self.found = Posted(901)
            raise ChatUnavailable("503")
        return await super().post(job, upload, again=again)

    async def find(self, job: Job, *, direct: bool, channel_id: int | None = None, number: int = 1) -> Posted | None:
        self.finds += 1
        if self.away:
            raise ChatUnavailable("503")
        return await super().find(job, direct=direct, number=number)


@asynccontextmanager
async def outage(api: ScriptedAPI, folder: Path, job: Job) -> AsyncGenerator[tuple[Harness, AwayChat, Runner]]:
    """Run a job while Discord is away."""
    chat = AwayChat()
    async with harness(api, folder, chat=chat) as on:
        runner = Runner(on.context)
        runner.start(await on.kept(job))
        await idle(runner)
        yield on, chat, runner


async def idle(runner: Runner) -> None:
    """Wait until nothing runs."""
    async with asyncio.timeout(30):
        while runner.running:  # noqa: ASYNC110 (a run has no public event)
            await asyncio.sleep(0.005)


async def later(on: Harness, runner: Runner, seconds: float) -> None:
    """Let time pass, and let the sweep take up what is due."""
    on.now.time += seconds
    await runner.take_up()
    await idle(runner)


async def test_a_video_that_discord_did_not_take_stays_to_be_posted_and_says_so(
    api: ScriptedAPI, tmp_path: Path
) -> None:
    chat = FakeChat(troubles=[ChatUnavailable("503")] * 99)
    async with harness(api, tmp_path, chat=chat) as on:
        job = await live(await on.kept(COMPLETED), on.context)
        assert await on.store.get(job.id) == job
    assert (job.state, job.ended_at) == (State.DELIVERING, None)
    assert "posted automatically as soon as Discord does" in in_words(chat.shown[-1].trouble)


async def test_it_is_posted_once_discord_is_back_without_a_start(api: ScriptedAPI, tmp_path: Path) -> None:
    async with outage(api, tmp_path, COMPLETED) as (on, chat, runner):
        await later(on, runner, AGAIN_SECONDS)
        assert chat.posted == []
        chat.away = False
        await later(on, runner, RAREST_AGAIN_SECONDS)
        job = await on.store.get(COMPLETED.id)
        assert (job.state, job.told, job.trouble) == (State.DELIVERED, True, None)
        await later(on, runner, RAREST_AGAIN_SECONDS)
    assert chat.posted == [f"{COMPLETED.id}.mp4"]


async def test_one_that_was_posted_without_an_answer_is_found_and_not_posted_twice(
    api: ScriptedAPI, tmp_path: Path
) -> None:
    chat = AwayChat()
    chat.loses_answers = True
    async with harness(api, tmp_path, chat=chat) as on:
        runner = Runner(on.context)
        runner.start(await on.kept(COMPLETED))
        await idle(runner)
        chat.away = False
        await later(on, runner, 7200)
        job = await on.store.get(COMPLETED.id)
    assert (job.state, job.video_message_id) == (State.DELIVERED, 901)
    assert len(chat.posted) == 1


async def test_an_end_that_could_not_be_told_is_told_without_a_start(api: ScriptedAPI, tmp_path: Path) -> None:
    async with outage(api, tmp_path, FAILED) as (on, chat, runner):
        assert not (await on.store.get(FAILED.id)).told
        chat.away = False
        await later(on, runner, AGAIN_SECONDS)
        assert (await on.store.get(FAILED.id)).told
    assert chat.states == [State.FAILED]


@pytest.mark.slow
async def test_tries_become_rarer_up_to_ten_minutes(api: ScriptedAPI, tmp_path: Path) -> None:
    async with outage(api, tmp_path, COMPLETED) as (on, chat, runner):
        tried, step = list[float](), 15
        before = len(chat.searched)
        for passed in range(0, 7200, step):
            finds = chat.finds
            await later(on, runner, step)
            tried += [float(passed + step)] * (chat.finds - finds)
        assert len(chat.searched) == before  # nothing is sent before the search has been answered
    pauses = [after - first for first, after in pairwise(tried)]
    assert tried[0] <= AGAIN_SECONDS + step
    assert max(pauses) <= RAREST_AGAIN_SECONDS + step
    assert all(pause > 0.7 * RAREST_AGAIN_SECONDS for pause in pauses[-5:])


async def test_a_video_that_discord_never_took_is_undelivered_in_the_end(api: ScriptedAPI, tmp_path: Path) -> None:
    async with outage(api, tmp_path, COMPLETED) as (on, chat, runner):
        await later(on, runner, LIMITS.deliver_seconds)
        job = await on.store.get(COMPLETED.id)
        assert (job.state, job.told) == (State.UNDELIVERED, False)
        chat.away = False
        await later(on, runner, RAREST_AGAIN_SECONDS)
        assert (await on.store.get(COMPLETED.id)).told
    assert "The bot keeps it for a while" in in_words(chat.shown[-1].reason)


async def test_an_end_is_told_no_more_after_the_days_that_files_are_kept(api: ScriptedAPI, tmp_path: Path) -> None:
    async with outage(api, tmp_path, FAILED) as (on, _, runner):
        await later(on, runner, LIMITS.deliver_seconds)
        assert (await on.store.get(FAILED.id)).told


async def test_a_refusal_is_an_end_at_once(api: ScriptedAPI, tmp_path: Path) -> None:
    chat = FakeChat(troubles=[NotAllowed(worded("the channel is gone")), NotAllowed(worded("they take none"))])
    async with harness(api, tmp_path, chat=chat) as on:
        job = await live(await on.kept(COMPLETED), on.context)
    assert job.state is State.UNDELIVERED


async def test_a_follow_up_that_was_put_off_is_not_taken_for_one_that_may_have_been_posted(
    api: ScriptedAPI, tmp_path: Path
) -> None:
    chat = FakeChat(follow_up_troubles=[ChatUnavailable("429")])
    away = Place(guild_id=1, channel_id=2, requester_id=3, status_message_id=4, token_only=True)
    async with harness(api, tmp_path, chat=chat) as on:
        job = await live(await on.kept(replace(COMPLETED, place=away)), on.context)
        assert (job.state, job.follow_up_at) == (State.DELIVERING, None)
        job = await live(job, on.context)
    assert job.state is State.DELIVERED
    assert len(chat.followed_up) == 2


async def test_a_job_that_runs_or_that_a_bug_ended_is_not_taken_up(api: ScriptedAPI, tmp_path: Path) -> None:
    async with outage(api, tmp_path, COMPLETED) as (on, chat, runner):
        chat.away = False
        held = runner._broken  # pyright: ignore[reportPrivateUsage]
        held.add(COMPLETED.id)
        await later(on, runner, 7200)
        assert chat.posted == []


@pytest.mark.parametrize("guild", [1, 1 << 22])
async def test_each_process_takes_up_the_jobs_of_its_own_shards(store: SqlStore, tmp_path: Path, guild: int) -> None:
    job = a_job(place=Place(guild, 2, 3, 4), state=State.DELIVERING)
    await store.create(job)
    engine = store._engine  # pyright: ignore[reportPrivateUsage]
    for shard in (0, 1):
        own = SqlStore(engine, tmp_path, shards=Shards.of((shard,), 2))
        assert await own.outstanding() == ([job.id] if shard == guild >> 22 else [])


@pytest.mark.parametrize(
    ("changes", "outstanding"),
    [
        ({"state": State.SUBMITTED}, False),
        ({"state": State.DELIVERING}, True),
        ({"state": State.FAILED}, True),
        ({"state": State.FAILED, "told": True}, False),
    ],
)
async def test_outstanding_is_what_is_to_be_posted_or_told(
    store: SqlStore, changes: dict[str, object], *, outstanding: bool
) -> None:
    job = a_job(**changes)
    await store.create(job)
    assert job.outstanding is outstanding
    assert await store.outstanding() == ([job.id] if outstanding else [])
