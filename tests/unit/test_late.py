"""A job that takes longer than usual is looked at less often, for a day, and takes no place away from others."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncEngine

from cogs.status.view import status_view
from dailies.job import LATE_SECONDS, Job, Place, QueuePosition, State
from dailies.jobs.life import live
from dailies.jobs.schedule import RAREST_SECONDS, late_interval, time_left
from dailies.money.budget import Budget, BudgetAccounts, Period, Policy, Scope
from dailies.money.ledger import Ledger
from dailies.reason import Reason, ReasonCode
from dailies.store.sql import SqlStore
from tests.support.reasons import in_words, worded
from tests.unit.job_context import DONE, LIMITS, ScriptedAPI, Step, harness
from tests.unit.kit import FakeChat, Sleeps, a_job

BEGAN = 1_790_000_000.0
DAY = replace(LIMITS, poll_interval=10, check_seconds=86_400)
RUNNING: Step = {"status": "in_progress"}
SUBMITTED = a_job(state=State.SUBMITTED, openrouter_id="remote-1", submitted_at=BEGAN)


def text(job: Job) -> str:
    return str(status_view(job, []).to_components())


@given(st.floats(10, 3600), st.floats(0, LATE_SECONDS))
def test_the_interval_stays_as_it_is_for_half_an_hour(seconds: float, age: float) -> None:
    assert late_interval(seconds, age) == seconds


@given(st.floats(10, 30), st.floats(0, 1e6), st.floats(0, 1e6))
def test_checks_become_rarer_and_not_rarer_than_every_five_minutes(seconds: float, age: float, more: float) -> None:
    assert seconds <= late_interval(seconds, age) <= late_interval(seconds, age + more) <= RAREST_SECONDS


@given(st.floats(60, 1e6), st.floats(-1e9, 1e9))
def test_a_start_looks_for_half_an_hour_at_least_and_for_a_whole_wait_at_most(whole: float, passed: float) -> None:
    assert min(whole, LATE_SECONDS) <= time_left(whole, passed) <= whole


class Ends(Sleeps):
    """Time that moves with every wait, and an OpenRouter that finishes the job at a time."""

    def __init__(self, api: ScriptedAPI, after: float) -> None:
        super().__init__()
        self.api = api
        self.after = after

    async def __call__(self, seconds: float) -> None:
        await super().__call__(seconds)
        if sum(self.seconds) >= self.after:
            self.api.polls = [DONE]


@pytest.mark.slow
@pytest.mark.parametrize("minutes", [35, 90, 23 * 60])
async def test_a_late_job_is_delivered_when_it_comes(api: ScriptedAPI, tmp_path: Path, minutes: int) -> None:
    api.polls = [RUNNING]
    sleeps = Ends(api, minutes * 60)
    async with harness(api, tmp_path, job_limits=DAY) as on:
        job = await live(await on.kept(a_job(state=State.RESERVED)), replace(on.context, sleep=sleeps))
    assert job.state is State.DELIVERED
    waited = sum(sleeps.seconds)
    assert minutes * 60 <= waited <= minutes * 60 + min(RAREST_SECONDS, 10 + 6 * (minutes - 30))
    assert on.posts == 1


@pytest.mark.slow
async def test_a_day_of_checks_is_a_few_hundred(api: ScriptedAPI, tmp_path: Path) -> None:
    api.polls = [RUNNING]
    async with harness(api, tmp_path, job_limits=DAY) as on:
        job = await live(await on.kept(SUBMITTED), on.context)
    assert job.state is State.TIMED_OUT
    assert sum(on.sleeps.seconds) == pytest.approx(86_400)
    assert 400 < job.polls < 600
    assert "OpenRouter hadn't finished this video" in in_words(job.reason)
    assert "/jobs resend checks again" in in_words(job.reason)


@pytest.mark.slow
@pytest.mark.parametrize("failure", [404, 401, 500, b"<html>"])
async def test_checks_that_fail_make_no_end_and_take_no_time_away(
    api: ScriptedAPI, tmp_path: Path, failure: Step
) -> None:
    api.polls = [failure]
    sleeps = Ends(api, 5 * 3600)
    async with harness(api, tmp_path, job_limits=DAY) as on:
        job = await live(await on.kept(SUBMITTED), replace(on.context, sleep=sleeps))
    assert job.state is State.DELIVERED
    assert on.chat.troubles_said


async def test_a_check_that_is_put_off_by_openrouter_waits_so_long(api: ScriptedAPI, tmp_path: Path) -> None:
    async def busy() -> web.StreamResponse:
        return web.json_response({"error": {"message": "slow down"}}, status=400, headers={"Retry-After": "77"})

    api.polls = [busy, DONE]
    async with harness(api, tmp_path, job_limits=DAY) as on:
        await live(await on.kept(a_job(state=State.RESERVED)), on.context)
    assert on.sleeps.seconds[:2] == [10, 77]


@pytest.mark.parametrize("jump", [86_400.0, -86_400.0])
async def test_a_clock_that_jumps_a_day_closes_no_job(api: ScriptedAPI, tmp_path: Path, jump: float) -> None:
    api.polls = [RUNNING]
    sleeps = Ends(api, 600)
    async with harness(api, tmp_path, job_limits=DAY) as on:

        async def sleep(seconds: float) -> None:
            await sleeps(seconds)
            on.now.time += jump

        job = await live(await on.kept(a_job(state=State.RESERVED)), replace(on.context, sleep=sleep))
    assert job.state is State.DELIVERED


@pytest.mark.parametrize(("hours", "left"), [(10, 14 * 3600), (23.9, LATE_SECONDS), (500, LATE_SECONDS)])
async def test_a_start_goes_on_with_the_time_that_is_left(
    api: ScriptedAPI, tmp_path: Path, hours: float, left: float
) -> None:
    api.polls = [RUNNING]
    async with harness(api, tmp_path, job_limits=DAY) as on:
        on.now.time += hours * 3600
        job = await live(await on.kept(SUBMITTED), on.context)
    assert job.state is State.TIMED_OUT
    assert sum(on.sleeps.seconds) == pytest.approx(left)
    # The first check comes within one ordinary interval, however late the job is.
    assert on.sleeps.seconds[0] <= DAY.poll_interval


async def test_a_report_ends_the_wait_of_a_late_job_at_once(api: ScriptedAPI, tmp_path: Path) -> None:
    api.polls = [DONE]
    async with harness(api, tmp_path, job_limits=DAY) as on:
        on.now.time += 3 * 3600
        on.context.end_signal.set(SUBMITTED.id)
        job = await live(await on.kept(SUBMITTED), on.context)
    assert job.state is State.DELIVERED
    assert on.sleeps.seconds == []


def test_the_status_of_a_late_job_says_that_it_goes_on() -> None:
    late = replace(SUBMITTED, checked_at=BEGAN + LATE_SECONDS, polls=180)
    assert "This is taking longer than usual. The bot keeps checking" in text(late)
    assert "longer than usual" not in text(replace(late, checked_at=BEGAN + LATE_SECONDS - 10))
    assert "longer than usual" not in text(replace(late, state=State.DELIVERING))


def test_the_status_of_a_delayed_download_counts_down_to_the_next_try() -> None:
    delayed = Reason(ReasonCode.DOWNLOAD_DELAYED, error=worded("OpenRouter answered HTTP 404"), at=BEGAN + 120.5)
    words = text(replace(SUBMITTED, state=State.COMPLETED, trouble=delayed)).replace("\\", "")
    assert "copy can't be fetched yet: OpenRouter answered HTTP 404. Trying again <t:1790000120:R>." in words


NOW = BEGAN + 10_000


@pytest_asyncio.fixture
async def store(engine: AsyncEngine, tmp_path: Path) -> AsyncGenerator[SqlStore]:
    """A store that lets one job of each person run."""
    yield SqlStore(engine, tmp_path, ledger=Ledger(Policy(user_jobs=1), now=lambda: NOW))


def a_job_of_ann(number: int, **changes: object) -> Job:
    return a_job(id=f"job-{number:03}", key=str(number), place=Place(1, 2, 3, 4), **changes)


@pytest.mark.parametrize(
    ("age", "state"),
    [(LATE_SECONDS - 1, State.QUEUED), (LATE_SECONDS + 1, State.RESERVED), (9000, State.RESERVED)],
)
async def test_a_late_job_takes_no_place(store: SqlStore, age: float, state: State) -> None:
    await store.create(a_job_of_ann(0, state=State.SUBMITTED, openrouter_id="a", submitted_at=NOW - age))
    waiting = a_job_of_ann(1, state=State.QUEUED)
    await store.create(waiting)
    admitted = await store.admit(waiting)
    assert admitted.state is state
    assert admitted.queue_position == (None if state is State.RESERVED else QueuePosition(1, 1))


@pytest.mark.parametrize("state", [State.RESERVED, State.SUBMITTING])
async def test_a_job_that_is_not_sent_yet_keeps_its_place_however_old_it_is(store: SqlStore, state: State) -> None:
    await store.create(a_job_of_ann(0, state=state, submitted_at=NOW - 9000))
    waiting = a_job_of_ann(1, state=State.QUEUED)
    await store.create(waiting)
    assert (await store.admit(waiting)).state is State.QUEUED


async def test_a_late_job_keeps_its_hold_on_the_budgets(engine: AsyncEngine, tmp_path: Path) -> None:
    budget = Budget(Scope.EACH, Period.DAY, Decimal(7))
    ledger = Ledger(Policy(budgets=(budget,), unknown_usd=Decimal(5)), now=lambda: NOW)
    store = SqlStore(engine, tmp_path, ledger=ledger)
    late = a_job_of_ann(0, state=State.SUBMITTED, openrouter_id="a", submitted_at=NOW - 9000)
    await store.create(late)
    async with engine.connect() as connection:
        (left,) = await ledger.budgets_left(connection, late, BudgetAccounts(2))
    assert left.left == Decimal(2)


@pytest.mark.slow
async def test_a_late_job_is_told_where_the_chat_is(api: ScriptedAPI, tmp_path: Path) -> None:
    api.polls = [RUNNING]
    chat = FakeChat()
    sleeps = Ends(api, 35 * 60)
    async with harness(api, tmp_path, job_limits=DAY, chat=chat) as on:

        async def sleep(seconds: float) -> None:
            await sleeps(seconds)
            on.now.time += seconds

        await live(await on.kept(a_job(state=State.RESERVED)), replace(on.context, sleep=sleep))
    late = [job.late for job in chat.shown if job.state is State.SUBMITTED]
    assert late.count(True) >= 3
    assert late == sorted(late)
