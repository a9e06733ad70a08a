"""Usual lengths of jobs, by the bot's own history of each kind."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dailies import database
from dailies.formatting import span
from dailies.job import State
from dailies.jobs.durations import ENOUGH, KEPT, Estimates, Usual, quantile, turned
from dailies.store.library import Library
from dailies.store.model_history import seconds_taken
from dailies.store.sql import SqlStore
from tests.unit.kit import a_job

KIND = ("a/b", 5, None)
SECONDS = st.floats(1, 5000, allow_nan=False)


def test_a_few_jobs_are_no_history() -> None:
    estimates = Estimates()
    estimates.read([(KIND, 60.0)] * (ENOUGH - 1))
    assert estimates.usual(a_job()) is None
    estimates.finished(a_job(submitted_at=1000.0, running_at=1090.0, checked_at=1110.0, polls=5))
    usual = estimates.usual(a_job())
    assert usual is not None
    assert (usual.half, usual.most) == (60, pytest.approx(84))


def test_other_models_lengths_and_sizes_are_not_mixed() -> None:
    estimates = Estimates()
    estimates.read([(kind, 60.0) for kind in (("a/b", 10, None), ("a/b", 5, "720p"), ("a/c", 5, None))] * ENOUGH)
    assert estimates.usual(a_job()) is None
    assert estimates.usual(a_job(request=replace(a_job().request, duration=10))) == Usual(60, 60)


def test_only_the_newest_jobs_count() -> None:
    estimates = Estimates()
    estimates.read([(KIND, 600.0)] * 100 + [(KIND, 60.0)] * KEPT)
    usual = estimates.usual(a_job())
    assert usual is not None
    assert (usual.half, usual.most) == (60, 60)


def test_a_full_history_takes_the_newest_job_in_at_once() -> None:
    estimates = Estimates()
    estimates.read([(KIND, 100.0)] * KEPT)
    for _ in range(ENOUGH - 1):
        estimates.finished(a_job(submitted_at=1000.0, running_at=1300.0, checked_at=1300.5))
    before = estimates.usual(a_job())
    estimates.finished(a_job(submitted_at=1000.0, running_at=1300.0, checked_at=1300.5))
    after = estimates.usual(a_job())
    assert before is not None
    assert after is not None
    assert (before.half, after.half) == (100, 300.25)


def test_five_jobs_that_are_all_unlike_those_before_begin_a_new_history() -> None:
    estimates = Estimates()
    before = [175.0 + number for number in range(20)]
    estimates.read((KIND, one) for one in [*before, *[45.0] * ENOUGH])
    assert estimates.usual(a_job()) == Usual(45, 45)
    assert not turned([*before, *[45.0] * (ENOUGH - 1)])


def test_jobs_that_took_longer_or_shorter_by_turns_are_no_change() -> None:
    before = [100.0 + number for number in range(20)]
    assert turned([*before, *[300.0] * ENOUGH])
    assert not turned([*before, 300.0, 300.0, 20.0, 300.0, 300.0])


def test_a_job_ended_midway_between_two_checks() -> None:
    assert seconds_taken(1000.0, 1070.0, 1090.0, 8) == 80


def test_checks_that_were_not_kept_are_taken_for_evenly_spread() -> None:
    assert seconds_taken(1000.0, None, 1060.0, 2) == 45
    assert seconds_taken(1000.0, None, 1010.0, 1) == 5


def test_times_that_contradict_each_other_count_for_nothing() -> None:
    estimates = Estimates()
    for _ in range(ENOUGH):
        estimates.finished(a_job(submitted_at=1000.0, running_at=1090.0, checked_at=1080.0, polls=3))
        estimates.finished(a_job(submitted_at=1000.0, running_at=None, checked_at=900.0, polls=3))
    assert estimates.usual(a_job()) is None


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
        assert await Library(engine, store).taken() == [(KIND, 45.0), (KIND, 80.0)]
