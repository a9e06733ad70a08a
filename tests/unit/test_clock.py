"""Clocks that change: budgets count each day and month once, and a clock that jumps closes nothing."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncEngine

from dailies.errors import OverBudget
from dailies.job import Job, State
from dailies.jobs.life import live
from dailies.jobs.queue import QUEUE_SECONDS
from dailies.money.budget import Budget, Period, Policy, Scope
from dailies.money.credits import PAUSE_SECONDS, CreditGate, CreditState
from dailies.money.ledger import Ledger
from dailies.openrouter.pricing import Quote
from dailies.reason import Reason, ReasonCode
from dailies.store.sql import SqlStore
from tests.unit.job_context import Harness, ScriptedAPI, Step, harness
from tests.unit.kit import Now, a_job

DAY = 86_400.0
ZONES = st.sampled_from(sorted(available_timezones())).map(ZoneInfo)
MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2037, 12, 31)).map(lambda one: one.replace(tzinfo=UTC))  # noqa: DTZ001


@given(ZONES, MOMENTS, st.sampled_from(Period))
def test_every_moment_is_in_one_period_and_the_next_begins_where_it_ends(
    zone: ZoneInfo, moment: datetime, period: Period
) -> None:
    at = moment.timestamp()
    began, renews = period.began(at, zone), period.renews(at, zone)
    assert began <= at < renews
    assert period.began(began, zone) == period.began(renews - 0.001, zone) == began
    assert period.renews(began, zone) == renews == period.began(renews, zone)


class Commands:
    """Makes jobs of $0.60 each under a budget of $1.00 a day."""

    def __init__(self, engine: AsyncEngine, folder: Path, zone: str = "UTC") -> None:
        self.now = Now()
        policy = Policy(zone=ZoneInfo(zone), budgets=(Budget(Scope.EACH, Period.DAY, Decimal(1)),))
        self.store = SqlStore(engine, folder, ledger=Ledger(policy, now=self.now))
        self._made = 0

    async def __call__(self) -> bool:
        """Return whether the budget has room for one more."""
        self._made += 1
        usd = Decimal("0.60")
        job: Job = a_job(
            id=f"{self._made}",
            key=f"{self._made}",
            created_at=self.now(),
            quote=Quote(usd, True, usd, Reason(ReasonCode.TEXT, text="x")),
        )
        try:
            return await self.store.create(job)
        except OverBudget:
            return False


async def test_a_clock_that_jumps_back_a_day_and_forward_again_doubles_no_budget(
    engine: AsyncEngine, tmp_path: Path
) -> None:
    command = Commands(engine, tmp_path)
    assert [await command(), await command()] == [True, False]
    command.now.time -= DAY
    assert [await command(), await command()] == [True, False]  # the day before had spent nothing
    command.now.time += DAY
    assert await command() is False
    command.now.time -= DAY
    assert await command() is False


@pytest.mark.parametrize(
    ("zone", "moments"),
    [
        ("Europe/Berlin", ("2026-10-25T02:30+02:00", "2026-10-25T02:30+01:00", "2026-10-25T23:59+01:00")),
        ("Europe/Berlin", ("2026-03-29T01:59+01:00", "2026-03-29T03:00+02:00", "2026-03-29T23:59+02:00")),
        ("America/Havana", ("2026-11-01T00:30-04:00", "2026-11-01T00:30-05:00", "2026-11-01T23:59-05:00")),
        ("Australia/Lord_Howe", ("2026-04-05T01:45+11:00", "2026-04-05T01:45+10:30", "2026-04-05T23:59+10:30")),
    ],
)
async def test_a_day_on_which_the_clock_changes_has_one_budget(
    engine: AsyncEngine, tmp_path: Path, zone: str, moments: tuple[str, ...]
) -> None:
    command = Commands(engine, tmp_path, zone)
    found: list[bool] = []
    for moment in moments:
        command.now.time = datetime.fromisoformat(moment).timestamp()
        found.append(await command())
    command.now.time += 60
    assert [*found, await command()] == [True, False, False, True]


@pytest.mark.parametrize("jump", [-DAY, DAY, 40 * DAY])
@pytest.mark.parametrize("step", ["submits", "polls", "downloads"])
async def test_a_clock_that_jumps_ends_no_running_job(api: ScriptedAPI, tmp_path: Path, jump: float, step: str) -> None:
    async with harness(api, tmp_path) as on:
        steps: list[Step] = getattr(api, step) or [api.video]

        async def jumping() -> object:
            on.now.time += jump
            setattr(api, step, steps)
            return await api._step(steps)  # pyright: ignore[reportPrivateUsage]

        setattr(api, step, [jumping])
        job = await live(await on.kept(a_job(state=State.QUEUED, created_at=on.now())), on.context)
        assert (job.state, on.posts, len(on.chat.posted)) == (State.DELIVERED, 1, 1)


async def test_a_clock_that_jumps_gives_up_no_job_that_waits_in_line(api: ScriptedAPI, tmp_path: Path) -> None:
    policy = Policy(user_jobs=1)
    async with harness(api, tmp_path, policy=policy) as on:
        running = await on.kept(a_job(id="first", key="first", state=State.SUBMITTED, submitted_at=on.now()))
        waiting = await on.kept(a_job(state=State.QUEUED, created_at=on.now()))
        run = asyncio.create_task(live(waiting, on.context))
        await _waits(on, run)
        on.now.time += QUEUE_SECONDS + 60
        await _waits(on, run)
        await on.store.save(_over(running))
        job = await run
    assert job.state is State.DELIVERED


async def _waits(on: Harness, run: asyncio.Task[Job]) -> None:
    """Let a waiting job look at its turn three times more."""
    seen = len(on.sleeps.seconds)
    while len(on.sleeps.seconds) < seen + 3 and not run.done():  # noqa: ASYNC110 (a look has no event)
        await asyncio.sleep(0.01)


def _over(job: Job) -> Job:
    return a_job(id=job.id, key=job.id, state=State.FAILED, told=True)


async def test_a_clock_that_is_set_back_makes_no_pause_longer() -> None:
    now = Now()
    gate = CreditGate(now=now)
    gate.refused(Decimal(1))
    assert gate.state is CreditState.PAUSED
    now.time -= DAY
    assert gate.state is CreditState.PROBING
    assert gate.may_send("a", Decimal(1))
    assert not gate.may_send("b", Decimal(1))
    now.time += PAUSE_SECONDS
    assert gate.state is CreditState.PROBING
