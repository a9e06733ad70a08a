"""Usual lengths of jobs, and times of checks: no more of them than at a fixed interval, but better placed."""

from __future__ import annotations

import math
import random
from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from statistics import fmean

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.lengths import ODD
from benchmarks.wait import fixed, series
from dailies import database
from dailies.formatting import span
from dailies.job import State
from dailies.jobs.durations import ENOUGH, KEPT, RENEWED_SECONDS, Estimates, quantile, turned
from dailies.jobs.schedule import LEAST_SECONDS, MOST, SPARSEST, next_poll, usual_checks
from dailies.store.library import Library
from dailies.store.model_history import JobDuration
from dailies.store.sql import SqlStore
from tests.unit.kit import a_job

KIND = ("a/b", 5, None)
SECONDS = st.floats(1, 5000, allow_nan=False)


def taken(ends: Iterable[float]) -> tuple[JobDuration, ...]:
    """Make jobs that took this long, as the fixed interval sees them."""
    checks = [math.ceil(end / 30) for end in sorted(ends)]
    return tuple(JobDuration(30.0 * (number - 1), 30.0 * number, number) for number in checks)


def exactly(ends: Iterable[float]) -> tuple[JobDuration, ...]:
    """Make jobs whose ends are known to ten seconds."""
    return tuple(JobDuration(end - 5, end + 5, math.ceil(end / 30)) for end in sorted(ends))


HISTORY = st.lists(SECONDS, min_size=ENOUGH, max_size=12).map(taken)


def _around(middle: float, shares: list[float]) -> tuple[JobDuration, ...]:
    return taken(middle * share for share in shares)


ALIKE = st.builds(
    _around,
    st.floats(15, 1000),
    st.lists(st.floats(0.7, 1.4), min_size=ENOUGH, max_size=12),
)


def checks(history: tuple[JobDuration, ...], interval: float, until: float) -> list[float]:
    """Return the times at which a job that never ends is checked."""
    at: list[float] = []
    elapsed = 0.0
    while elapsed < until:
        elapsed += next_poll(elapsed, len(at), history, interval)
        at.append(elapsed)
    return at


def overdrawn(count: int) -> tuple[JobDuration, ...]:
    """Make jobs of about 100 s that took five checks instead of four."""
    return tuple(JobDuration(95.0 + number / 10, 105.0 + number / 10, 5) for number in range(count))


def test_a_kind_that_took_too_many_checks_gets_fewer_until_they_are_saved() -> None:
    jobs = overdrawn(20)
    made = sum(at <= 100 for at in checks(jobs, 30.0, until=100))
    assert made < usual_checks(jobs[10], 30.0) - 1


def test_no_job_of_an_overdrawn_kind_is_ahead_of_the_fixed_interval() -> None:
    at = checks(overdrawn(20), 30.0, until=600)
    assert all(when >= 30 * number for number, when in enumerate(at, start=1))


@pytest.mark.parametrize("name", ODD)
def test_lengths_that_a_plan_can_be_fooled_by_cost_no_more_than_the_fixed_interval(name: str) -> None:
    rng = random.Random(name)
    ours = series([ODD[name](rng, number / 120) for number in range(120)], next_poll)
    # Over many more jobs, because 120 at the fixed interval may wait a tenth less by chance.
    usual = series([ODD[name](rng, number / 12_000) for number in range(12_000)], fixed)
    assert fmean(ours.waits) <= 1.05 * fmean(usual.waits)
    assert ours.polls / 120 <= 1.05 * usual.polls / 12_000


@settings(deadline=None, max_examples=20)  # a busy machine takes its time
@given(HISTORY | ALIKE, st.floats(10, 120))
def test_a_job_gets_at_no_moment_more_than_twice_the_checks_of_the_fixed_interval(
    history: tuple[JobDuration, ...], interval: float
) -> None:
    for number, at in enumerate(checks(history, interval, until=40 * interval), start=1):
        assert at >= number * interval / MOST * (1 - 1e-9)


def test_a_job_that_outlasts_all_others_is_checked_at_the_fixed_interval() -> None:
    at = checks(taken(100.0 + number for number in range(20)), 30.0, until=1000)
    late = [when for when in at if when > 300]
    assert all(later - earlier == 30 for earlier, later in pairwise(late))


def test_a_full_history_is_renewed_once_a_minute_at_most() -> None:
    estimates = Estimates()
    for _ in range(KEPT + 1):
        estimates.finished(a_job(submitted_at=1000.0, checked_at=1100.0))
    before = estimates.history(a_job())
    for _ in range(KEPT):
        estimates.finished(a_job(submitted_at=1000.0, checked_at=1100.0))
    assert estimates.history(a_job()) is before
    estimates.finished(a_job(submitted_at=1000.0, checked_at=1100.0 + RENEWED_SECONDS))
    assert estimates.history(a_job())[-1].by == 100 + RENEWED_SECONDS


@settings(deadline=None, max_examples=20)  # a busy machine takes its time
@given(HISTORY, st.floats(10, 120), st.floats(0, 10_000), st.integers(0, 500))
def test_a_wait_is_never_too_short_or_too_long(
    history: tuple[JobDuration, ...], interval: float, elapsed: float, polls: int
) -> None:
    wait = next_poll(elapsed, polls, history, interval)
    assert LEAST_SECONDS <= wait <= max(SPARSEST * interval, LEAST_SECONDS) * (1 + 1e-9)


@given(st.floats(10, 120), st.floats(0, 10_000), st.integers(0, 500))
def test_without_history_the_interval_is_fixed(interval: float, elapsed: float, polls: int) -> None:
    assert next_poll(elapsed, polls, (), interval) == interval


def test_checks_are_sparse_at_first_and_dense_around_the_expected_end() -> None:
    at = checks(exactly(170.0 + number for number in range(20)), 30.0, until=400)
    gaps = [later - earlier for earlier, later in zip([0.0, *at], at, strict=False)]
    around = [gap for gap, when in zip(gaps, at, strict=True) if 165 <= when <= 200]
    assert gaps[0] >= 90
    assert len(around) >= 3
    assert max(around[1:]) <= 15


@pytest.mark.parametrize(("middle", "spread", "share"), [(90.0, 0.1, 0.5), (180.0, 0.1, 0.5), (180.0, 0.2, 0.5)])
def test_a_finished_job_waits_less_with_fewer_checks(middle: float, spread: float, share: float) -> None:
    rng = random.Random(3)
    lengths = [rng.lognormvariate(math.log(middle), spread) for _ in range(300)]
    at = checks(exactly(lengths[:KEPT]), 30.0, until=2000)
    noticed = [next(when for when in at if when >= length) for length in lengths]
    fixed = [math.ceil(length / 30) * 30 for length in lengths]
    waits = fmean(when - length for when, length in zip(noticed, lengths, strict=True))
    assert waits <= share * fmean(when - length for when, length in zip(fixed, lengths, strict=True))
    assert sum(at.index(when) + 1 for when in noticed) <= sum(fixed) / 30


def test_a_few_jobs_are_no_history() -> None:
    estimates = Estimates()
    estimates.read([(KIND, JobDuration(30.0, 60.0, 2))] * (ENOUGH - 1))
    assert estimates.usual(a_job()) is None
    estimates.finished(a_job(submitted_at=1000.0, checked_at=1100.0))
    assert [one.by for one in estimates.history(a_job())] == [60.0, 60.0, 60.0, 60.0, 100.0]


def test_other_models_lengths_and_sizes_are_not_mixed() -> None:
    estimates = Estimates()
    estimates.read(
        [(kind, JobDuration(30.0, 60.0, 2)) for kind in (("a/b", 10, None), ("a/b", 5, "720p"), ("a/c", 5, None))]
        * ENOUGH
    )
    assert estimates.usual(a_job()) is None


def test_only_the_newest_jobs_count() -> None:
    estimates = Estimates()
    estimates.read([(KIND, JobDuration(570.0, 600.0, 20))] * 100 + [(KIND, JobDuration(30.0, 60.0, 2))] * KEPT)
    usual = estimates.usual(a_job())
    assert usual is not None
    assert (usual.half, usual.most) == (60, 60)


def test_five_jobs_that_are_all_unlike_those_before_begin_a_new_history() -> None:
    estimates = Estimates()
    before = [JobDuration(170.0 + number, 180.0 + number, 5) for number in range(20)]
    estimates.read((KIND, one) for one in [*before, *[JobDuration(0.0, 90.0, 1)] * ENOUGH])
    assert [one.by for one in estimates.history(a_job())] == [90.0] * ENOUGH
    assert not turned([*before, *[JobDuration(0.0, 90.0, 1)] * (ENOUGH - 1)])


@given(st.lists(SECONDS, min_size=1), st.floats(0, 1))
def test_a_quantile_lies_between_the_least_and_the_most(values: list[float], share: float) -> None:
    ascending = sorted(values)
    assert ascending[0] <= quantile(ascending, share) * (1 + 1e-9)
    assert quantile(ascending, share) <= ascending[-1] * (1 + 1e-9)


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [(41, 53, "40–55 s"), (3, 4, "5 s"), (60, 115, "1–2 min"), (42, 100, "1–2 min"), (240, 240, "4 min")],
)
def test_two_lengths_of_time_are_said_roughly(low: float, high: float, words: str) -> None:
    assert span(low, high) == words


async def test_the_history_is_read_from_the_kept_jobs(tmp_path: Path) -> None:
    done = a_job(
        state=State.DELIVERED, told=True, remote_status="completed", submitted_at=1000.0, checked_at=1060.0, polls=2
    )
    rows = [
        done,
        replace(done, id="1", key="1", running_at=1070.0, checked_at=1090.0),
        replace(done, id="2", key="2", state=State.FAILED, remote_status="failed"),
        replace(done, id="3", key="3", checked_at=None),
    ]
    async with database.opened(database.sqlite_url(tmp_path / "a.sqlite")) as engine:
        store = SqlStore(engine, tmp_path)
        for job in rows:
            await store.create(job)
        # The first was kept before the check that found it unfinished was.
        expected = [(KIND, JobDuration(30.0, 60.0, 2)), (KIND, JobDuration(70.0, 90.0, 2))]
        assert await Library(engine, store).taken() == expected
