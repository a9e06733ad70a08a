"""OpenRouter's reports bring jobs back to life; its long silence ends the doubt about a paid request."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio

from dailies.errors import NotYet
from dailies.job import Job, State
from dailies.jobs.reports import TRIED_SECONDS, Reports
from dailies.jobs.runner import Runner
from dailies.openrouter.webhook import WebhookDelivery
from dailies.store.library import Library
from dailies.store.shards import Shards
from dailies.store.sql import SqlStore
from tests.support.reasons import in_words, worded
from tests.unit.job_context import Harness, ScriptedAPI, harness
from tests.unit.kit import Now, a_job
from tests.unit.test_runner import ended

WAIT = 3600.0
THEN = Now().time
SAID = WebhookDelivery(
    key="remote-1-completed", type="video.generation.completed", openrouter_id="remote-1", status="completed"
)


def address(job_id: str) -> str:
    """Address at which the bot of these tests gets its reports."""
    return f"https://bot.example/{job_id}"


def doubtful(**changes: object) -> Job:
    """Make a job whose paid request got no answer."""
    given: dict[str, object] = {
        "state": State.UNKNOWN,
        "reason": worded("why"),
        "told": True,
        "submitted_at": THEN - 5,
        "ended_at": THEN,
        "callback_url": address(a_job().id),
    }
    return a_job(**(given | changes))


class Receiver:
    """Reports, and the parts that they act on."""

    def __init__(self, on: Harness, shards: Shards | None = None) -> None:
        context = replace(on.context, callback_url=address)
        self.runner = Runner(context)
        self.reports = Reports(context, self.runner, shards or Shards(), wait=WAIT)
        self.on = on

    async def kept(self, job: Job) -> Job:
        """Return the job as it stands in the database."""
        return await self.on.store.get(job.id)


@pytest_asyncio.fixture
async def receiver(api: ScriptedAPI, tmp_path: Path) -> AsyncGenerator[Receiver]:
    async with harness(api, tmp_path) as on:
        yield Receiver(on)


@pytest.mark.parametrize("state", [State.UNKNOWN, State.UNREPORTED])
async def test_a_report_brings_a_job_back_to_life(receiver: Receiver, state: State) -> None:
    job = await receiver.on.kept(doubtful(state=state))
    await receiver.reports.told(job.id, SAID)
    (after,) = await ended(receiver.on, job.id)
    assert (after.state, after.openrouter_id) == (State.DELIVERED, "remote-1")
    assert receiver.on.posts == 0


async def test_a_report_of_a_request_on_its_way_has_to_come_again(receiver: Receiver) -> None:
    job = await receiver.on.kept(a_job(state=State.SUBMITTING))
    with pytest.raises(NotYet):
        await receiver.reports.told(job.id, SAID)


async def test_a_report_under_another_jobs_id_changes_nothing(receiver: Receiver) -> None:
    job = await receiver.on.kept(a_job(state=State.TIMED_OUT, openrouter_id="remote-2", told=True))
    await receiver.reports.told(job.id, SAID)
    assert (await receiver.kept(job)).state is State.TIMED_OUT


async def test_a_report_of_one_job_is_not_taken_for_another_s_lost_answer(receiver: Receiver) -> None:
    await receiver.on.kept(a_job(id="other", key="other", state=State.DELIVERED, openrouter_id="remote-1", told=True))
    job = await receiver.on.kept(doubtful())
    await receiver.reports.told(job.id, SAID)
    assert await receiver.kept(job) == job


async def test_a_report_does_not_bring_back_words_that_are_being_forgotten(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = await receiver.on.kept(doubtful())
    read = SqlStore.get

    async def read_and_forgotten(store: SqlStore, job_id: str) -> Job:
        found = await read(store, job_id)
        library = Library(store._engine, store)  # pyright: ignore[reportPrivateUsage]
        assert (await library.forget(job.place.requester_id, (), THEN)).count == 1
        return found

    monkeypatch.setattr(SqlStore, "get", read_and_forgotten)
    with pytest.raises(NotYet):
        await receiver.reports.told(job.id, SAID)
    monkeypatch.undo()
    after = await receiver.kept(job)
    assert (after.state, after.request.prompt, after.forgotten_at) == (State.UNKNOWN, "", THEN)
    # OpenRouter reports it again: the paid video is posted, without the words.
    await receiver.reports.told(job.id, SAID)
    (after,) = await ended(receiver.on, job.id)
    assert (after.state, after.request.prompt) == (State.DELIVERED, "")


async def test_silence_for_long_enough_ends_the_doubt(receiver: Receiver) -> None:
    job = await receiver.on.kept(doubtful())
    listened = 0.0
    while (await receiver.kept(job)).state is State.UNKNOWN:
        await receiver.reports.doubt(listened=listened)
        listened += 300
        receiver.on.now.time += 300
        assert listened < 2 * WAIT
    (after,) = await ended(receiver.on, job.id)
    assert listened > WAIT
    assert after.state is State.UNREPORTED
    assert after.told
    assert "it most likely never accepted it" in in_words(after.reason)


async def test_silence_since_the_last_start_does_not_end_the_doubt(receiver: Receiver) -> None:
    job = await receiver.on.kept(doubtful(ended_at=THEN - 2 * WAIT, submitted_at=THEN - 2 * WAIT))
    await receiver.reports.doubt(listened=60)
    assert (await receiver.kept(job)).state is State.UNKNOWN


@pytest.mark.parametrize(
    "job",
    [
        doubtful(callback_url=None),
        doubtful(callback_url="https://another.example/"),
        doubtful(submitted_at=THEN - TRIED_SECONDS),
        doubtful(forgotten_at=THEN),
    ],
    ids=["not asked to report", "asked to report elsewhere", "too long ago", "forgotten"],
)
async def test_silence_says_nothing_where_a_report_may_have_been_missed(receiver: Receiver, job: Job) -> None:
    await receiver.on.kept(job)
    for _ in range(20):
        await receiver.reports.doubt(listened=3 * WAIT)
        receiver.on.now.time += 300
    assert (await receiver.kept(job)).state is State.UNKNOWN


async def test_a_report_to_another_shards_process_is_acted_on_by_the_jobs_own(api: ScriptedAPI, tmp_path: Path) -> None:
    async with harness(api, tmp_path) as on:
        theirs, own = Receiver(on, Shards((1,), 2)), Receiver(on, Shards((0,), 2))
        job = await on.kept(doubtful())
        await theirs.reports.told(job.id, SAID)
        assert (await own.kept(job)).state is State.SUBMITTED
        assert not theirs.runner.running
        await own.reports.adopt()
        (after,) = await ended(on, job.id)
    assert after.state is State.DELIVERED


async def test_a_report_that_was_kept_but_not_acted_on_is_acted_on(receiver: Receiver) -> None:
    # The caller may go away, or the database answer late, between the record and the run.
    await receiver.on.kept(doubtful())
    await receiver.on.store.turn(a_job(state=State.SUBMITTED, openrouter_id="remote-1"), was=doubtful())
    await receiver.reports.adopt()
    (after,) = await ended(receiver.on, a_job().id)
    assert after.state is State.DELIVERED


async def test_a_job_that_runs_is_not_adopted(api: ScriptedAPI, tmp_path: Path) -> None:
    api.polls = [{"status": "in_progress"}]
    async with harness(api, tmp_path) as on:
        own = Receiver(on, Shards((0,), 2))
        job = await on.kept(a_job(state=State.SUBMITTED, openrouter_id="remote-1"))
        own.runner.start(job)
        running = set(own.runner.running)
        await own.reports.adopt()
        assert own.runner.running == running
        await own.runner.stop(1)
