"""Cancel ends a job for which nothing was paid, and never one that OpenRouter may have taken."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio

from dailies.explain.sentences import NOTHING_PAID
from dailies.job import UNSENT, Job, State
from dailies.jobs.cancel import cancel
from dailies.jobs.life import live
from dailies.jobs.runner import Runner
from dailies.money.budget import Policy
from dailies.reason import ReasonCode
from tests.support.reasons import in_words
from tests.unit.job_context import ACCEPTED, Harness, ScriptedAPI, harness
from tests.unit.kit import a_job
from tests.unit.test_ledger import entries
from tests.unit.test_runner import ended
from tests.unit.test_runner import until as eventually
from tests.unit.test_send_again import refusal

QUEUED = a_job(state=State.QUEUED)


@pytest_asyncio.fixture
async def on(api: ScriptedAPI, tmp_path: Path) -> AsyncGenerator[Harness]:
    async with harness(api, tmp_path, policy=Policy(user_jobs=1)) as made:
        yield made


async def until(on: Harness, job: Job, *states: State) -> Job:
    """Wait until the record of a job is in one of these states."""
    async with asyncio.timeout(20):
        while (kept := await on.store.get(job.id)).state not in states:  # noqa: ASYNC110 (the store has no event)
            await asyncio.sleep(0.005)
    return kept


async def until_refused(on: Harness, job: Job) -> Job:
    """Wait until a job waits to be sent again."""
    async with asyncio.timeout(20):
        while (kept := await on.store.get(job.id)).send_at is None:  # noqa: ASYNC110 (the store has no event)
            await asyncio.sleep(0.005)
    return kept


@pytest.mark.parametrize("state", sorted(UNSENT))
async def test_a_job_that_waits_is_cancelled_and_its_status_says_so(on: Harness, state: State) -> None:
    job = await on.kept(a_job(state=state))
    answer = await cancel(job, on.context, Runner(on.context), own=True)
    assert answer.code is ReasonCode.CANCEL_DONE
    (after,) = await ended(on, job.id)
    assert (after.state, after.key, after.told) == (State.REFUSED, job.id, True)
    assert in_words(after.reason).startswith("Cancelled by the person who requested it.")
    assert in_words(after.reason).endswith(NOTHING_PAID)
    assert on.posts == 0


async def test_a_moderator_s_cancellation_is_told_as_one(on: Harness) -> None:
    job = await on.kept(QUEUED)
    await cancel(job, on.context, Runner(on.context), own=False)
    (after,) = await ended(on, job.id)
    assert "Cancelled by someone who can manage this server or its messages" in in_words(after.reason)


async def test_a_cancelled_job_holds_nothing_of_its_budgets(on: Harness) -> None:
    job = await on.kept(QUEUED)
    await cancel(job, on.context, Runner(on.context), own=True)
    await ended(on, job.id)
    assert sum(held for _, held, _ in await entries(on.store._engine)) == 0  # pyright: ignore[reportPrivateUsage]


async def test_a_job_that_waits_to_be_sent_again_wakes_up_and_ends(on: Harness, api: ScriptedAPI) -> None:
    api.submits = [refusal(after="600"), ACCEPTED]
    on.context = replace(on.context, sleep=asyncio.sleep)
    runner = Runner(on.context)
    runner.start(await on.kept(QUEUED))
    waiting = await until_refused(on, QUEUED)
    await cancel(waiting, on.context, runner, own=True)
    (after,) = await ended(on, QUEUED.id)
    assert (after.state, after.told, on.posts) == (State.REFUSED, True, 1)
    assert on.chat.shown[-1].state is State.REFUSED


async def test_a_job_in_line_leaves_it_and_the_next_one_starts(on: Harness) -> None:
    first = await on.kept(a_job(id="1", key="1", state=State.SUBMITTED, openrouter_id="r1"))
    on.context = replace(on.context, sleep=asyncio.sleep)
    runner = Runner(on.context)
    second, third = [await on.kept(a_job(id=name, key=name, state=State.QUEUED)) for name in "23"]
    for job in (second, third):
        runner.start(job)
    await asyncio.sleep(0.1)
    await cancel(await on.store.get("2"), on.context, runner, own=True)
    assert (await until(on, second, State.REFUSED)).key == "2"
    await on.store.save(replace(first, state=State.FAILED, told=True))
    on.context.queue_signal.move()
    assert (await until(on, third, State.DELIVERED, State.SUBMITTED)).openrouter_id == "remote-1"
    await runner.stop(1)


async def test_while_credits_are_short_a_job_can_be_cancelled_too(on: Harness) -> None:
    on.context.credit_gate.refused(None)
    on.context = replace(on.context, sleep=asyncio.sleep)
    runner = Runner(on.context)
    runner.start(await on.kept(QUEUED))
    await asyncio.sleep(0.05)
    await cancel(await on.store.get(QUEUED.id), on.context, runner, own=True)
    (after,) = await ended(on, QUEUED.id)
    assert (after.state, on.posts) == (State.REFUSED, 0)
    assert on.chat.shown[-1].state is State.REFUSED


@pytest.mark.parametrize("state", [State.SUBMITTING, State.SUBMITTED, State.COMPLETED, State.DELIVERING])
async def test_a_job_that_was_sent_goes_on_and_the_answer_says_why(on: Harness, state: State) -> None:
    queued = await on.kept(replace(QUEUED, state=state))
    answer = await cancel(QUEUED, on.context, Runner(on.context), own=True)
    assert "Too late to cancel: the request is already at OpenRouter" in in_words(answer)
    assert (await on.store.get(queued.id)).state is state


async def test_an_ended_job_stays_as_it_is(on: Harness) -> None:
    job = await on.kept(a_job(state=State.DELIVERED, told=True))
    assert (await cancel(job, on.context, Runner(on.context), own=True)).code is ReasonCode.CANCEL_ENDED
    assert await on.store.get(job.id) == job


async def test_two_presses_have_the_same_answer(on: Harness) -> None:
    job = await on.kept(QUEUED)
    runner = Runner(on.context)
    answers = [await cancel(one, on.context, runner, own=True) for one in (job, job, await on.store.get(job.id))]
    assert {answer.code for answer in answers} == {ReasonCode.CANCEL_DONE}
    await ended(on, job.id)


@pytest.mark.slow
async def test_a_press_at_any_moment_either_cancels_or_pays_once(api: ScriptedAPI, tmp_path: Path) -> None:
    for number in range(12):
        (tmp_path / str(number)).mkdir()
        async with harness(api, tmp_path / str(number)) as on:
            api.submits = [refusal(429, None, "0"), ACCEPTED]
            runner = Runner(on.context)
            job = await on.kept(QUEUED)
            runner.start(job)
            await asyncio.sleep(number * 0.004)
            answer = await cancel(await on.store.get(job.id), on.context, runner, own=True)
            (after,) = await ended(on, job.id)
            await eventually(lambda runner=runner: not runner.running)  # it saves its job last
            posts = on.posts
            if answer.code is ReasonCode.CANCEL_DONE:
                assert (after.state, after.openrouter_id) == (State.REFUSED, None)
                assert posts <= 1
            else:
                assert (after.state, posts) == (State.DELIVERED, 2)
            assert after.told


async def test_a_cancelled_job_is_told_after_a_restart(on: Harness) -> None:
    job = await on.kept(QUEUED)
    stopped = Runner(on.context)
    await cancel(job, on.context, stopped, own=True)
    stopped.abandon()
    await asyncio.sleep(0)
    assert not (await on.store.get(job.id)).told
    after = await live(await on.store.get(job.id), on.context)
    assert (after.state, after.told) == (State.REFUSED, True)
    assert on.chat.shown[-1].state is State.REFUSED
