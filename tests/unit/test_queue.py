"""The order of the queue: round after round one job of each user, the oldest first."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncEngine

from cogs.status.view import status_view
from dailies.formatting import ordinal
from dailies.job import Job, Place, QueuePosition, State
from dailies.jobs.life import live
from dailies.jobs.queue import QUEUE_SECONDS
from dailies.jobs.runner import Runner
from dailies.money.budget import Policy
from dailies.money.credits import CreditGate
from dailies.money.ledger import Ledger
from dailies.money.queue_order import Waiting, in_order, may_run
from dailies.openrouter.pricing import Quote
from dailies.store.budgets import BudgetStore
from dailies.store.sql import SqlStore
from tests.support.reasons import in_words, worded
from tests.unit.job_context import ScriptedAPI, harness
from tests.unit.kit import a_job


def line(text: str) -> list[Waiting]:
    """Make jobs in the order of asking; a letter is a user."""
    return [Waiting(f"{number:03}{user}", ord(user)) for number, user in enumerate(text)]


@pytest.mark.parametrize(
    ("asked", "running", "order"),
    [
        ("aaab", {}, "abaa"),
        ("aaabbc", {}, "abcaba"),
        ("aab", {"a": 1}, "baa"),
        ("ab", {"a": 2}, "ba"),
        ("cba", {}, "cba"),
    ],
)
def test_each_user_has_a_turn_before_anybody_has_a_second(asked: str, running: dict[str, int], order: str) -> None:
    counts = {ord(user): number for user, number in running.items()}
    assert "".join(one.job_id[-1] for one in in_order(line(asked), counts)) == order


@given(
    st.text("abcd", max_size=30),
    st.integers(1, 4),
    st.integers(1, 8),
    st.dictionaries(st.sampled_from("abcd"), st.integers(0, 3)),
)
def test_no_limit_is_passed_and_no_turn_is_wasted(
    asked: str, per_user: int, per_guild: int, running: dict[str, int]
) -> None:
    counts = {ord(user): number for user, number in running.items()}
    order = in_order(line(asked), counts)
    chosen = may_run(order, counts, per_user=per_user, per_guild=per_guild)
    after = {
        user: counts.get(user, 0) + sum(one.user_id == user for one in order if one.job_id in chosen)
        for user in map(ord, "abcd")
    }
    assert all(after[user] <= max(per_user, counts.get(user, 0)) for user in after)
    assert not chosen or sum(after.values()) <= per_guild
    if sum(after.values()) < per_guild:
        assert all(after[one.user_id] >= per_user for one in order if one.job_id not in chosen)


def a_queued(number: int, user: int = 3, state: State = State.QUEUED) -> Job:
    return a_job(id=f"job-{number:03}", key=str(number), state=state, place=Place(1, 2, user, 4))


async def test_a_job_over_the_limit_is_told_its_place(engine: AsyncEngine, tmp_path: Path) -> None:
    store = SqlStore(engine, tmp_path, ledger=Ledger(Policy(user_jobs=2)))
    for number in range(5):
        await store.create(a_queued(number))
    admitted = [await store.admit(a_queued(number)) for number in range(4)]

    assert [job.state for job in admitted] == [State.RESERVED, State.RESERVED, State.QUEUED, State.QUEUED]
    assert [job.queue_position for job in admitted[2:]] == [QueuePosition(1, 2), QueuePosition(2, 2)]
    assert (await store.get("job-000")).state is State.RESERVED


@pytest.mark.parametrize("state", State)
async def test_a_job_takes_up_a_place_from_its_turn_until_its_model_has_finished(
    engine: AsyncEngine, tmp_path: Path, state: State
) -> None:
    store = SqlStore(engine, tmp_path, ledger=Ledger(Policy(guild_jobs=1)))
    await store.create(a_queued(0, state=state))
    await store.create(a_queued(1, user=5))
    running = state in {State.RESERVED, State.SUBMITTING, State.SUBMITTED}
    # One that waits is older, and its turn comes first.
    waits = running or state is State.QUEUED
    assert (await store.admit(a_queued(1, user=5))).state is (State.QUEUED if waits else State.RESERVED)


async def test_a_server_s_own_limit_lowers_the_operator_s(engine: AsyncEngine, tmp_path: Path) -> None:
    store = SqlStore(engine, tmp_path, ledger=Ledger(Policy(guild_jobs=2)))
    await store.create(a_queued(0, state=State.SUBMITTED))
    await store.create(a_queued(1, user=5))
    await BudgetStore(engine, store).set_jobs(1, {"per_guild": 1}, by=9)
    assert (await store.admit(a_queued(1, user=5))).queue_position == QueuePosition(1, 0)
    await BudgetStore(engine, store).set_jobs(1, {"per_guild": None}, by=9)
    assert (await store.admit(a_queued(1, user=5))).state is State.RESERVED


async def test_a_job_that_the_key_cannot_pay_does_not_hold_up_the_line(engine: AsyncEngine, tmp_path: Path) -> None:
    store = SqlStore(engine, tmp_path, ledger=Ledger(Policy(guild_jobs=1)))
    dear = replace(a_queued(0), quote=Quote(Decimal(8), True, None, worded("")))
    cheap = replace(a_queued(1, user=5), quote=Quote(Decimal(2), True, Decimal(2), worded("")))
    for job in (dear, cheap):
        await store.create(job)
    assert (await store.admit(cheap)).queue_position == QueuePosition(2, 0)

    credit_gate = CreditGate(left=Decimal(3))
    credit_gate.refused(Decimal(8))
    assert (await store.admit(cheap, able=credit_gate.affords)).state is State.RESERVED


@pytest.mark.slow
async def test_fifty_jobs_at_once_do_not_pass_the_limit(engine: AsyncEngine, tmp_path: Path) -> None:
    store = SqlStore(engine, tmp_path, ledger=Ledger(Policy(guild_jobs=7)))
    for number in range(50):
        await store.create(a_queued(number, user=number % 5))
    admitted = await asyncio.gather(*(store.admit(a_queued(number, user=number % 5)) for number in range(50)))
    assert sum(job.state is State.RESERVED for job in admitted) == 7


@pytest.mark.slow
async def test_a_job_waits_in_line_and_starts_when_the_one_before_it_ends(api: ScriptedAPI, tmp_path: Path) -> None:
    async with harness(api, tmp_path, policy=Policy(user_jobs=1)) as on:
        runner = Runner(on.context)
        for number in range(3):
            runner.start(await on.kept(a_queued(number)))
        tasks = [task for task in asyncio.all_tasks() if task.get_name().startswith("job ")]
        async with asyncio.timeout(20):
            await asyncio.gather(*tasks)
        ended = [await on.store.get(f"job-{number:03}") for number in range(3)]
    assert [job.state for job in ended] == [State.DELIVERED] * 3
    assert on.posts == 3
    waited = [job for job in on.chat.shown if job.state is State.QUEUED]
    assert {(job.id, job.queue_position) for job in waited} >= {("job-002", QueuePosition(2, 1))}


async def test_a_job_that_waits_for_a_day_is_given_up_unpaid(api: ScriptedAPI, tmp_path: Path) -> None:
    async with harness(api, tmp_path, policy=Policy(user_jobs=1)) as on:
        await on.kept(a_queued(0, state=State.SUBMITTED))
        job = await on.kept(a_queued(1))
        on.now.time += QUEUE_SECONDS + 1
        ended = await live(job, on.context)
    assert ended.state is State.REFUSED
    assert in_words(ended.reason) == "Its turn didn't come within 24 h. Run the command again. You weren't charged."
    assert on.posts == 0


def test_the_status_says_the_place_in_line() -> None:
    job = replace(a_queued(1), queue_position=QueuePosition(3, 2))
    assert "3rd in line, with 2 of your videos generating. Starts automatically. No charge yet." in str(
        status_view(job, []).to_components()
    )


@pytest.mark.parametrize(
    ("number", "word"), [(1, "1st"), (2, "2nd"), (3, "3rd"), (4, "4th"), (11, "11th"), (22, "22nd"), (113, "113th")]
)
def test_ordinals(number: int, word: str) -> None:
    assert ordinal(number) == word
