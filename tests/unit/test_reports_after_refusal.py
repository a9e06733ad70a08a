"""A report of OpenRouter's revives a job that was told as unpaid, whatever its status said before."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
import pytest_asyncio

from cogs.status.view import status_view
from dailies.job import Job, State
from dailies.reason import Reason, ReasonCode
from tests.support.reasons import worded
from tests.unit.job_context import ACCEPTED, ScriptedAPI, harness
from tests.unit.kit import a_job
from tests.unit.test_cancel import until, until_refused
from tests.unit.test_ledger import entries
from tests.unit.test_reports import SAID, THEN, Receiver
from tests.unit.test_runner import ended
from tests.unit.test_send_again import refusal


@pytest_asyncio.fixture
async def receiver(api: ScriptedAPI, tmp_path: Path) -> AsyncGenerator[Receiver]:
    async with harness(api, tmp_path) as on:
        yield Receiver(on)


def told(state: State, **changes: object) -> Job:
    """Make a job that was sent and ended without OpenRouter's id."""
    given: dict[str, object] = {
        "state": state,
        "reason": worded("why"),
        "told": True,
        "submitted_at": THEN - 5,
        "ended_at": THEN,
        "key": a_job().id,
    }
    return a_job(**(given | changes))


@pytest.mark.parametrize("state", [State.FAILED, State.REFUSED, State.UNKNOWN, State.UNREPORTED])
async def test_a_report_revives_what_was_told_as_unpaid(receiver: Receiver, state: State) -> None:
    job = await receiver.on.kept(told(state))
    await receiver.reports.told(job.id, SAID)
    (after,) = await ended(receiver.on, job.id)
    assert (after.state, after.openrouter_id, after.cost) == (State.DELIVERED, "remote-1", Decimal("0.25"))
    assert receiver.on.posts == 0
    going = [str(status_view(shown, []).to_components()) for shown in receiver.on.chat.shown]
    assert any("OpenRouter has the job after all." in text for text in going)


async def test_the_hold_is_taken_again(receiver: Receiver, api: ScriptedAPI) -> None:
    api.polls = [{"status": "in_progress"}]
    job = await receiver.on.kept(a_job())
    await receiver.on.store.save(told(State.FAILED))
    await receiver.reports.told(job.id, SAID)
    await until(receiver.on, job, State.SUBMITTED)
    rows = await entries(receiver.on.store._engine)  # pyright: ignore[reportPrivateUsage]
    assert [entry for entry, _, _ in rows] == ["hold", "release", "hold"]
    assert sum(held for _, held, _ in rows) > 0
    await receiver.runner.stop(1)


@pytest.mark.parametrize(
    "job",
    [
        told(State.FAILED, openrouter_id="remote-1"),
        told(State.CANCELLED, openrouter_id="remote-1"),
        told(State.EXPIRED, openrouter_id="remote-1"),
        told(State.DELIVERED, openrouter_id="remote-1"),
        told(State.FAILED, openrouter_id="remote-2"),
        told(State.REFUSED, submitted_at=None),
        told(State.FAILED, submitted_at=None),
    ],
    ids=["failed there", "cancelled there", "expired there", "delivered", "failed as another", "never sent", "no line"],
)
async def test_an_end_that_openrouter_knows_or_that_was_never_sent_stays(receiver: Receiver, job: Job) -> None:
    await receiver.on.kept(job)
    await receiver.reports.told(job.id, SAID)
    assert await receiver.kept(job) == job


@pytest.mark.parametrize("state", [State.FAILED, State.REFUSED])
async def test_a_replayed_report_of_another_job_s_video_revives_nothing(receiver: Receiver, state: State) -> None:
    await receiver.on.kept(a_job(id="other", key="other", state=State.DELIVERED, openrouter_id="remote-1", told=True))
    job = await receiver.on.kept(told(state))
    await receiver.reports.told(job.id, SAID)
    assert await receiver.kept(job) == job


async def test_a_job_that_waits_to_be_sent_again_is_not_sent_again(receiver: Receiver, api: ScriptedAPI) -> None:
    api.submits = [refusal(503, None, "600"), ACCEPTED]
    on = receiver.on
    context = replace(receiver.runner._context, sleep=asyncio.sleep)  # pyright: ignore[reportPrivateUsage]
    receiver.runner._context = context  # pyright: ignore[reportPrivateUsage]
    job = await on.kept(a_job(state=State.QUEUED))
    receiver.runner.start(job)
    await until_refused(on, job)
    await receiver.reports.told(job.id, SAID)
    (after,) = await ended(on, job.id)
    assert (after.state, after.openrouter_id, on.posts) == (State.DELIVERED, "remote-1", 1)


async def test_a_report_for_a_job_that_waits_in_another_process_is_recorded(receiver: Receiver) -> None:
    job = await receiver.on.kept(told(State.QUEUED, told=False, ended_at=None, reason=None, send_at=THEN + 60))
    await receiver.reports.told(job.id, SAID)
    (after,) = await ended(receiver.on, job.id)
    assert (after.state, after.send_at, after.trouble) == (State.DELIVERED, None, None)


def test_a_revived_job_says_so_while_it_is_made() -> None:
    job = a_job(state=State.SUBMITTED, submitted_at=THEN, activity=Reason(ReasonCode.REPORTED_AFTER_ALL))
    assert "OpenRouter has the job after all." in str(status_view(job, []).to_components())
