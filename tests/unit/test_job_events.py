"""Changes of jobs reach the log and the metrics once each, from the store alone."""

from __future__ import annotations

import logging
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from dailies.job import Job, State
from dailies.log_fields import fields_of
from dailies.metrics.port import Metrics
from dailies.money.budget import BudgetAccounts
from dailies.reason import Reason, ReasonCode
from dailies.store.figures import read_figures
from dailies.store.job_events import JobEvents
from dailies.store.sql import SqlStore
from tests.unit.kit import a_job

ASKED = a_job().created_at


class Counted(Metrics):
    """Remembers what was counted of jobs."""

    def __init__(self) -> None:
        self.moves: list[str] = []
        self.seconds: dict[str, float] = {}

    def job_moved(self, state: str, model: str) -> None:
        """Remember a state."""
        assert model == "a/b"
        self.moves.append(state)

    def job_submitted(self, seconds: float) -> None:
        """Remember a time."""
        self.seconds["submit"] = seconds

    def job_finished(self, model: str, seconds: float) -> None:
        """Remember a time."""
        self.seconds["finish"] = seconds

    def job_delivered(self, seconds: float) -> None:
        """Remember a time."""
        self.seconds["deliver"] = seconds


def events_of(caplog: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    """Return the fields of the lines that have any, in order."""
    return [dict(given) for record in caplog.records if (given := fields_of(record))]


@pytest.fixture(autouse=True)
def at_info(caplog: pytest.LogCaptureFixture) -> None:
    """Let the log have all lines from INFO on."""
    caplog.set_level(logging.INFO)


@pytest.fixture
def counted() -> Counted:
    """Metrics of a process."""
    return Counted()


@pytest.fixture
def store(engine: AsyncEngine, tmp_path: Path, counted: Counted) -> SqlStore:
    """Make a store that tells of its jobs."""
    return SqlStore(engine, tmp_path, events=JobEvents(counted))


async def through(store: SqlStore) -> Job:
    """Take a job through its whole life, as it is stored on the way."""
    job = a_job()
    assert await store.create(job)
    job = await store.admit(replace(job, state=State.QUEUED))
    job = replace(job, state=State.SUBMITTING, submitted_at=ASKED + 4)
    assert await store.intend(job)
    job = job.alive("gen-1", None, "pending")
    await store.accept(job)
    job = replace(job, state=State.COMPLETED, completed_at=ASKED + 100, cost=Decimal("0.25"))
    await store.save(job)
    job = replace(job, state=State.DELIVERING)
    await store.save(job)
    await store.save(replace(job, follow_up_at=ASKED + 105))
    job = replace(job, state=State.DELIVERED, ended_at=ASKED + 110, video_message_id=99)
    await store.save(job)
    job = replace(job, told=True)
    await store.save(job)
    return job


async def test_a_life_is_counted_state_by_state(store: SqlStore, counted: Counted) -> None:
    await through(store)

    states = "checking reserved submitting submitted completed delivering delivered"
    assert counted.moves == states.split()
    assert counted.seconds == {"submit": 4, "finish": 96, "deliver": 10}


async def test_a_life_is_three_lines(store: SqlStore, caplog: pytest.LogCaptureFixture) -> None:
    await through(store)

    assert events_of(caplog) == [
        {"event": "job_asked", "user": 3, "guild": 1, "channel": 2, "model": "a/b", "pictures": 0},
        {"event": "job_submitted", "openrouter_id": "gen-1", "seconds": 4.0},
        {"event": "job_ended", "state": "delivered", "seconds": 110.0, "usd": 0.25, "video": 99},
    ]


@pytest.mark.parametrize(
    ("state", "level"),
    [(State.REFUSED, "INFO"), (State.FAILED, "WARNING"), (State.UNKNOWN, "ERROR"), (State.UNDELIVERED, "ERROR")],
)
async def test_an_end_has_the_codes_of_its_reason_and_nobody_s_words(
    store: SqlStore, caplog: pytest.LogCaptureFixture, state: State, level: str
) -> None:
    job = a_job()
    await store.create(job)
    why = Reason(ReasonCode.OPTION_REFUSED, value="a secret wish", problem=Reason(ReasonCode.NOT_OFFERED))
    await store.save(replace(job, state=state, reason=why, ended_at=ASKED + 1))

    assert events_of(caplog)[-1]["reason"] == "option_refused/not_offered"
    assert caplog.records[-1].levelname == level
    assert "a secret wish" not in caplog.text


async def test_a_job_that_an_earlier_process_left_is_counted_from_where_it_was(
    store: SqlStore, engine: AsyncEngine, tmp_path: Path
) -> None:
    job = a_job(state=State.DELIVERING, completed_at=ASKED + 100)
    await store.create(job)
    counted = Counted()
    later = SqlStore(engine, tmp_path, events=JobEvents(counted))

    (left,) = await later.unfinished()
    await later.save(replace(left, follow_up_at=ASKED + 105))
    await later.save(replace(left, state=State.DELIVERED, ended_at=ASKED + 110, told=True))

    assert counted.moves == ["delivered"]


async def test_an_end_that_is_only_told_later_is_not_a_second_one(
    store: SqlStore, engine: AsyncEngine, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    job = a_job(state=State.FAILED, ended_at=ASKED + 1)
    await store.create(job)
    caplog.clear()
    counted = Counted()
    later = SqlStore(engine, tmp_path, events=JobEvents(counted))

    for one in (*await later.unfinished(), job):
        await later.save(replace(one, told=True))

    assert counted.moves == []
    assert events_of(caplog) == []


async def test_a_revived_job_is_counted_again(store: SqlStore, counted: Counted) -> None:
    lost = a_job(state=State.UNKNOWN, ended_at=ASKED + 1)
    await store.create(lost)
    lost = replace(lost, told=True)
    await store.save(lost)

    assert await store.turn(lost.alive("gen-1"), was=lost)

    assert counted.moves == ["unknown", "submitted"]


async def test_a_record_that_was_not_changed_counts_nothing(store: SqlStore, counted: Counted) -> None:
    job = a_job(state=State.SUBMITTED, openrouter_id="gen-1")
    await store.create(job)

    assert not await store.intend(replace(job, state=State.SUBMITTING, submitted_at=ASKED))
    assert not await store.turn(replace(job, state=State.REFUSED), was=replace(job, state=State.QUEUED))
    assert await store.create(job, BudgetAccounts(2))  # the answer to the same commit was lost

    assert counted.moves == ["submitted"]


async def test_the_database_s_figures_are_those_of_all_processes(engine: AsyncEngine, tmp_path: Path) -> None:
    one, two = SqlStore(engine, tmp_path / "one"), SqlStore(engine, tmp_path / "two")
    await one.create(a_job())
    for number, state in enumerate((State.QUEUED, State.QUEUED, State.DELIVERED)):
        job = a_job(id=f"{number}", key=f"{number}")
        await two.create(job)
        await two.save(replace(job, state=state, cost=Decimal("0.5") if state is State.DELIVERED else None))

    figures = await read_figures(engine)

    assert figures.jobs == {("checking", "a/b"): 1, ("queued", "a/b"): 2}
    assert (figures.held, figures.spent) == (Decimal(15), Decimal("0.5"))
