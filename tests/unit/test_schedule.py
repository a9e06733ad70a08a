"""Running jobs are looked at every ten seconds, less often when there are many, and each of them in time."""

from __future__ import annotations

import asyncio
import heapq
from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from dailies.job import Job, State
from dailies.jobs import schedule
from dailies.jobs.life import live
from dailies.jobs.runner import Runner
from dailies.jobs.schedule import LONGEST_SECONDS, LOOKS_PER_SECOND, interval
from tests.unit.job_context import DONE, LIMITS, ScriptedAPI, harness, lived
from tests.unit.kit import a_job

LEAST = st.floats(10, 3600)
RUNNING = st.integers(0, 100_000)
BEGAN = 1_790_000_000.0
DEFAULTS = replace(LIMITS, poll_interval=10, check_seconds=86_400)


@given(LEAST, RUNNING, RUNNING)
def test_more_jobs_never_make_the_interval_shorter(least: float, running: int, more: int) -> None:
    assert interval(least, running) <= interval(least, running + more)


@given(RUNNING)
def test_the_interval_is_what_openrouter_asks_for(running: int) -> None:
    assert 10 <= interval(10, running) <= LONGEST_SECONDS


@given(st.integers(0, 600))
def test_up_to_six_hundred_jobs_are_looked_at_twenty_times_a_second_at_most(running: int) -> None:
    assert running / interval(10, running) <= LOOKS_PER_SECOND * (1 + 1e-9)


@given(st.integers(0, 200))
def test_up_to_two_hundred_jobs_leave_the_interval_as_it_is_set(running: int) -> None:
    assert interval(10, running) == 10


@given(st.floats(LONGEST_SECONDS, 3600), RUNNING)
def test_a_longer_interval_that_was_set_stands(least: float, running: int) -> None:
    assert interval(least, running) == least


@given(LEAST, RUNNING)
def test_with_webhooks_jobs_are_looked_at_four_times_less_often(least: float, running: int) -> None:
    assert interval(least, running, webhooks=True) == 4 * interval(least, running)


@dataclass
class World:
    """A clock that jumps to the next wake-up when all jobs wait, and a api whose jobs end by it."""

    ends: dict[str, float]
    time: float = BEGAN
    looks: dict[str, list[float]] = field(default_factory=lambda: defaultdict[str, list[float]](list))
    waits: list[float] = field(default_factory=list[float])
    _sleepers: list[tuple[float, int, asyncio.Event]] = field(default_factory=list[tuple[float, int, asyncio.Event]])

    def now(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        woken = asyncio.Event()
        heapq.heappush(self._sleepers, (self.time + seconds, len(self.waits), woken))
        await woken.wait()

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """A check: failed once the job has ended, so that nothing is downloaded."""
        name = request.path.rpartition("/")[2]
        self.looks[name].append(self.time)
        if self.time < self.ends[name]:
            return web.json_response({"status": "in_progress"})
        return web.json_response({"status": "failed", "error": "no"})

    async def run(self, running: set[asyncio.Task[Job]]) -> None:
        while left := sum(not task.done() for task in running):
            if len(self._sleepers) < left:  # somebody checks, or writes how it ended
                await asyncio.sleep(0.001)
                continue
            self.time, _, woken = heapq.heappop(self._sleepers)
            woken.set()


class Scripted(ScriptedAPI):
    """A api that answers by a world."""

    world: World

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        """Answer one request."""
        return await self.world.answer(request)


def submitted(number: int) -> Job:
    return a_job(
        id=f"{number:016x}",
        key=str(number),
        state=State.SUBMITTED,
        openrouter_id=f"remote-{number}",
        polling_url=f"/api/v1/videos/remote-{number}",
        submitted_at=BEGAN,
    )


async def resumed(jobs: int, folder: Path, lengths: list[float], *, webhooks: bool = False) -> World:
    """So many jobs, resumed together and looked at until all have ended."""
    world = World({f"remote-{number}": BEGAN + length for number, length in enumerate(lengths)})
    api = Scripted(b"")
    api.world = world
    async with harness(api, folder, job_limits=replace(DEFAULTS, webhooks=webhooks)) as on:
        context = replace(on.context, sleep=world.sleep, now=world.now)
        kept = [await on.kept(submitted(number)) for number in range(jobs)]
        running = {asyncio.create_task(live(job, context)) for job in kept}
        async with asyncio.timeout(120):
            await world.run(running)
        assert Counter(task.result().state for task in running) == {State.FAILED: jobs}
        assert context.polling == set()
    return world


@pytest.fixture
def fewer_looks(monkeypatch: pytest.MonkeyPatch) -> int:
    """A tenth of the looks in a second, so that a tenth of the jobs fills them: 20 jobs stand for 200, 60 for 600."""
    fewer = LOOKS_PER_SECOND // 10
    monkeypatch.setattr(schedule, "LOOKS_PER_SECOND", fewer)
    return fewer


@pytest.mark.slow
@pytest.mark.parametrize(("jobs", "seconds"), [(1, 10), (20, 10), (60, 30)])
async def test_a_job_is_looked_at_in_time_beside_so_many_others(
    jobs: int, seconds: float, tmp_path: Path, fewer_looks: int
) -> None:
    lengths = [45 + number % 40 for number in range(jobs)]
    world = await resumed(jobs, tmp_path, [float(length) for length in lengths])
    assert len(world.looks) == jobs
    for name, looks in world.looks.items():
        assert looks[0] - BEGAN <= seconds
        assert looks[-1] - world.ends[name] <= seconds
        assert all(10 - 1e-6 <= later - earlier <= seconds + 1e-6 for earlier, later in pairwise(looks))
    # All of them run for the first 45 seconds.
    whole = [at for looks in world.looks.values() for at in looks if at < BEGAN + seconds]
    assert len(whole) == jobs <= fewer_looks * seconds


@pytest.mark.slow
async def test_jobs_that_are_resumed_together_spread_their_looks_over_the_interval(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schedule, "LOOKS_PER_SECOND", 8)
    world = await resumed(120, tmp_path, [40.0] * 120)
    for start in (0, 15):  # two rounds, at an interval of fifteen seconds
        thirds = Counter(
            int((at - BEGAN - start) // 5)
            for looks in world.looks.values()
            for at in looks
            if 0 <= at - BEGAN - start < 15
        )
        assert sum(thirds.values()) == 120
        assert all(16 <= thirds[third] <= 64 for third in range(3))


@pytest.mark.slow
async def test_the_first_wait_knows_of_all_jobs_that_a_start_resumes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schedule, "LOOKS_PER_SECOND", 4)
    assert interval(10, 120) == 120 / 4 == 30
    world = World({f"remote-{number}": BEGAN + 40 for number in range(120)})
    api = Scripted(b"")
    api.world = world
    async with harness(api, tmp_path, job_limits=DEFAULTS) as on:
        runner = Runner(replace(on.context, sleep=world.sleep, now=world.now))
        for number in range(120):
            await on.kept(submitted(number))
        assert await runner.resume() == 120
        await asyncio.sleep(0.01)
        assert len(world.waits) == 120
        assert sum(seconds > 20 for seconds in world.waits) >= 18
        assert sum(seconds < 10 for seconds in world.waits[:40]) <= 30
        runner.abandon()
        await asyncio.sleep(0.01)


async def test_with_webhooks_a_job_that_nobody_reports_is_looked_at_four_times_less_often(tmp_path: Path) -> None:
    world = await resumed(1, tmp_path, [100.0], webhooks=True)
    (looks,) = world.looks.values()
    assert all(later - earlier == pytest.approx(40) for earlier, later in pairwise(looks))
    assert looks[-1] - BEGAN >= 100


async def test_the_limit_is_the_same_time_however_many_jobs_run(api: ScriptedAPI, tmp_path: Path) -> None:
    api.polls = [{"status": "in_progress"}]
    async with harness(api, tmp_path, job_limits=replace(DEFAULTS, check_seconds=1000)) as on:
        context = replace(on.context, polling={str(number) for number in range(599)})
        job = await live(await on.kept(a_job(state=State.RESERVED)), context)
    assert job.state is State.TIMED_OUT
    assert on.sleeps.seconds == [30] * 33 + [10]


async def test_a_job_counts_among_the_running_ones_only_while_it_is_looked_at(api: ScriptedAPI, tmp_path: Path) -> None:
    seen: list[int] = []
    async with harness(api, tmp_path) as on:

        async def look() -> web.StreamResponse:
            seen.append(len(on.context.polling))
            return web.json_response(DONE)

        api.polls = [look]
        job = await live(await on.kept(a_job(state=State.RESERVED)), on.context)
    assert job.state is State.DELIVERED
    assert seen == [1]
    assert on.context.polling == set()


async def test_a_new_job_is_first_looked_at_after_one_interval(api: ScriptedAPI, tmp_path: Path) -> None:
    _, on = await lived(a_job(state=State.RESERVED), api, tmp_path)
    assert on.sleeps.seconds == [LIMITS.poll_interval]
