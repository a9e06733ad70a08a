"""A request that OpenRouter refuses as busy is sent again by itself, for a time, and never if it may have been paid."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncEngine

from cogs.status.view import status_view
from dailies.errors import Overtaken
from dailies.explain.sentences import NOTHING_PAID
from dailies.job import Job, Place, State
from dailies.jobs.life import live
from dailies.money.budget import Policy
from dailies.money.credits import PAUSE_SECONDS, CreditState
from dailies.money.ledger import Ledger
from dailies.openrouter.pricing import Quote
from dailies.reason import ReasonCode
from dailies.store.sql import SqlStore
from tests.support.reasons import in_words, worded
from tests.unit.job_context import ACCEPTED, LIMITS, Harness, ScriptedAPI, Step, harness
from tests.unit.kit import Now, a_job, said

QUEUED = a_job(state=State.QUEUED)
IN_FLIGHT = {"reason": "in_flight_budget_exhausted", "limit_source": "openrouter_in_flight_budget"}


def refusal(
    status: int = 402, metadata: dict[str, Any] | None = IN_FLIGHT, after: str | None = None, body: bytes | None = None
) -> Callable[[], Awaitable[web.StreamResponse]]:
    """Make a step that answers with OpenRouter's error, or with a body of somebody else's."""

    async def answer() -> web.StreamResponse:
        headers = {} if after is None else {"Retry-After": after}
        if body is not None:
            return web.Response(status=status, body=body, headers=headers, content_type="text/html")
        return said({"error": {"code": status, "message": "no", "metadata": metadata}}, status, headers)

    return answer


class Passing:
    """Sleeps that move the clock."""

    def __init__(self, on: Harness) -> None:
        self.on = on
        self.seconds: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)
        self.on.now.time += seconds
        await asyncio.sleep(0)


@pytest_asyncio.fixture
async def on(api: ScriptedAPI, tmp_path: Path) -> AsyncGenerator[Harness]:
    async with harness(api, tmp_path) as made:
        sleeps = Passing(made)
        made.context = replace(made.context, sleep=sleeps)
        made.context.credit_gate.now = made.now
        yield made


def waits(on: Harness) -> list[float]:
    """Return the announced waits, in seconds since the one before."""
    shown = [job for job in on.chat.shown if job.state is State.QUEUED and job.send_at is not None]
    return [job.busy_seconds for job in shown]


async def lived(on: Harness, api: ScriptedAPI, *steps: Step, job: Job = QUEUED) -> Job:
    api.submits = list(steps)
    return await live(await on.kept(job), on.context)


@pytest.mark.parametrize(
    "busy",
    [
        refusal(after="4"),
        refusal(403, IN_FLIGHT, "4"),
        refusal(402, {"reason": "IN_FLIGHT_BUDGET_EXHAUSTED"}, "4"),
        refusal(402, {"limit_source": "openrouter_in_flight_budget"}, "4"),
        refusal(429, None, "4"),
        refusal(503, None, "4"),
    ],
    ids=["in flight", "403", "capitals", "source alone", "429", "503"],
)
async def test_a_busy_openrouter_is_asked_again_after_its_retry_after(
    on: Harness, api: ScriptedAPI, busy: Step
) -> None:
    job = await lived(on, api, busy, busy, ACCEPTED)
    assert job.state is State.DELIVERED
    assert on.posts == 3
    first, second = waits(on)
    assert 4 <= first <= 4.5
    assert 8 <= second <= 9
    assert on.context.credit_gate.state is CreditState.AVAILABLE


@pytest.mark.parametrize("after", [None, "soon", "-3"])
async def test_without_a_readable_retry_after_the_pauses_grow(on: Harness, api: ScriptedAPI, after: str | None) -> None:
    job = await lived(on, api, *[refusal(429, None, after)] * 5, ACCEPTED)
    assert job.state is State.DELIVERED
    totals = waits(on)
    pauses = [later - earlier for earlier, later in zip([0.0, *totals], totals, strict=False)]
    assert 3 <= pauses[0] <= 7
    assert pauses[-1] > 3 * pauses[0]


@pytest.mark.slow
async def test_a_retry_after_of_zero_does_not_flood_openrouter(on: Harness, api: ScriptedAPI) -> None:
    job = await lived(on, api, refusal(429, None, "0"))
    assert job.state is State.FAILED
    assert on.posts < 100
    assert waits(on)[0] >= 1


async def test_the_status_says_when_it_is_sent_again_and_offers_to_cancel(on: Harness, api: ScriptedAPI) -> None:
    await lived(on, api, refusal(after="4"), ACCEPTED)
    waiting = next(job for job in on.chat.shown if job.send_at is not None)
    components = str(status_view(waiting, []).to_components())
    assert waiting.send_at is not None
    assert "Waiting to retry" in components
    assert f"OpenRouter is busy with earlier videos. Retrying <t:{int(waiting.send_at)}:R>." in components
    assert f"cancel:{waiting.id}" in components


@pytest.mark.slow
async def test_when_the_time_is_over_the_refusal_says_that_nothing_was_paid_and_what_to_do(
    on: Harness, api: ScriptedAPI
) -> None:
    job = await lived(on, api, refusal(429, None))
    assert (job.state, job.key, job.told) == (State.FAILED, job.id, True)
    assert job.busy_seconds == pytest.approx(900, abs=1)
    assert "still busy after 15 min, so the bot stopped trying" in in_words(job.reason)
    assert "Run the command again" in in_words(job.reason)
    assert in_words(job.reason).endswith(NOTHING_PAID)


@pytest.mark.parametrize("after", ["901", "86400", "9" * 60])
async def test_a_retry_after_beyond_the_time_ends_it_at_once_with_when_to_come_back(
    on: Harness, api: ScriptedAPI, after: str
) -> None:
    job = await lived(on, api, refusal(after=after))
    assert (job.state, on.posts, waits(on)) == (State.FAILED, 1, [])
    assert "Run the command again in " in in_words(job.reason)
    assert in_words(job.reason).endswith(NOTHING_PAID)


async def test_a_retry_after_beyond_what_is_left_ends_it_too(on: Harness, api: ScriptedAPI) -> None:
    job = await lived(on, api, refusal(after="600"), refusal(after="600"))
    assert (job.state, on.posts) == (State.FAILED, 2)
    assert "Run the command again in 10 min" in in_words(job.reason)


async def test_zero_seconds_switch_it_off(on: Harness, api: ScriptedAPI) -> None:
    on.context = replace(on.context, limits=replace(LIMITS, busy_seconds=0))
    job = await lived(on, api, refusal(429, None, "7"))
    assert (job.state, on.posts) == (State.FAILED, 1)
    assert "Run the command again in 7 s" in in_words(job.reason)


@pytest.mark.parametrize("status", [402, 429, 502, 503])
async def test_a_gateways_page_is_never_a_reason_to_send_again(on: Harness, api: ScriptedAPI, status: int) -> None:
    job = await lived(on, api, refusal(status, after="2", body=b"<html>Service Unavailable</html>"), ACCEPTED)
    assert (job.state, on.posts) == (State.UNKNOWN, 1)
    assert NOTHING_PAID not in in_words(job.reason)


async def test_a_restart_waits_for_the_rest_only_and_counts_what_was_waited(on: Harness, api: ScriptedAPI) -> None:
    waited = replace(
        QUEUED, send_at=on.now.time + 30, busy_seconds=880.0, submitted_at=on.now.time - 5, trouble=worded("busy")
    )
    job = await lived(on, api, refusal(429, None), job=waited)
    assert (job.state, on.posts) == (State.FAILED, 2)
    sleeps = on.context.sleep
    assert isinstance(sleeps, Passing)
    assert sleeps.seconds[0] == 30


async def test_a_crash_while_it_is_sent_again_leaves_it_unknown(on: Harness, api: ScriptedAPI) -> None:
    waited = replace(QUEUED, state=State.SUBMITTING, busy_seconds=8.0, submitted_at=on.now.time - 5)
    job = await lived(on, api, ACCEPTED, job=waited)
    assert (job.state, on.posts) == (State.UNKNOWN, 0)


async def test_every_sending_is_recorded_before_its_last_byte(on: Harness, api: ScriptedAPI) -> None:
    states: list[State] = []

    async def busy() -> web.StreamResponse:
        states.append((await on.store.get(QUEUED.id)).state)
        return await refusal(after="4")()

    async def accepted() -> web.StreamResponse:
        states.append((await on.store.get(QUEUED.id)).state)
        return web.json_response(ACCEPTED)

    await lived(on, api, busy, accepted)
    assert states == [State.SUBMITTING] * 2


async def test_a_job_that_waits_to_be_sent_again_holds_up_nobody(engine: AsyncEngine, tmp_path: Path) -> None:
    now = Now()
    store = SqlStore(engine, tmp_path, ledger=Ledger(Policy(guild_jobs=1), now=now))
    busy = a_job(id="a", key="a", state=State.QUEUED, send_at=now.time + 60)
    other = a_job(id="b", key="b", state=State.QUEUED, place=Place(1, 2, 5, 4))
    for job in (busy, other):
        await store.create(job)
    assert (await store.admit(other)).state is State.RESERVED
    assert (await store.admit(replace(busy, send_at=None))).state is State.QUEUED


@pytest.mark.slow
async def test_two_processes_do_not_send_one_job_again_at_the_same_time(engine: AsyncEngine, tmp_path: Path) -> None:
    one, two = (SqlStore(engine, tmp_path / name) for name in ("one", "two"))
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
    job = a_job(state=State.QUEUED, busy_seconds=8.0)
    await one.create(job)
    reserved = await one.admit(job)
    assert await one.intend(replace(reserved, state=State.SUBMITTING, submitted_at=5.0))
    with pytest.raises(Overtaken):
        await two.admit(job)
    assert (await two.get(job.id)).state is State.SUBMITTING


async def test_a_video_that_the_account_can_never_pay_ends_alone(on: Harness, api: ScriptedAPI) -> None:
    dear = replace(QUEUED, quote=Quote(Decimal(8), True, Decimal(8), worded("")))

    def longest(_: Job, left: Decimal) -> int:
        return int(left * 2)

    on.context = replace(on.context, longest=longest)
    on.context.credit_gate.left = Decimal("2.50")
    job = await lived(on, api, refusal(402, {"reason": "weight_exceeds_budget"}), job=dear)
    assert (job.state, job.key, on.posts) == (State.FAILED, job.id, 1)
    text = in_words(job.reason)
    assert "needs about $8.00, but the bot's OpenRouter account has $2.50 left. A video of 5 s would fit." in text
    assert text.endswith(NOTHING_PAID)
    assert on.context.credit_gate.state is CreditState.AVAILABLE


async def test_without_a_known_price_and_balance_it_says_what_is_sure(on: Harness, api: ScriptedAPI) -> None:
    job = await lived(on, api, refusal(402, {"reason": "weight_exceeds_budget"}))
    assert in_words(job.reason).startswith("This video needs more than the bot's OpenRouter account has. Choose")


async def test_a_video_that_can_never_be_paid_gives_the_trial_to_the_next(on: Harness, api: ScriptedAPI) -> None:
    gate = on.context.credit_gate
    gate.refused(None)
    on.now.time += PAUSE_SECONDS
    await lived(on, api, refusal(402, {"reason": "weight_exceeds_budget"}))
    assert gate.state is CreditState.PROBING
    assert gate.may_send("a cheaper one", Decimal("0.10"))


@pytest.mark.slow
async def test_a_spent_limit_closes_the_gate_until_it_renews(on: Harness, api: ScriptedAPI) -> None:
    resets_at = int(on.now.time) + 1200
    metadata = {"limit_source": "openrouter_key_limit", "limit_usd": 20, "resets_at": resets_at}
    began = on.now.time

    async def look(seconds: float, _: object) -> None:
        on.now.time += seconds

    on.context.queue_signal.wait = look  # type: ignore[method-assign]
    job = await lived(on, api, refusal(403, metadata), ACCEPTED)
    assert job.state is State.DELIVERED
    assert on.now.time - began >= 1200
    waiting = next(job for job in on.chat.shown if job.state is State.QUEUED and job.trouble)
    assert waiting.trouble
    assert waiting.trouble.code is ReasonCode.LIMIT_SPENT
    components = str(status_view(waiting, []).to_components())
    assert f"the bot's OpenRouter key has reached its limit of $20.00; it renews on <t:{resets_at}:f>" in components


async def test_a_renewal_in_the_past_is_no_reason_to_wait_for_ever(on: Harness, api: ScriptedAPI) -> None:
    async def look(seconds: float, _: object) -> None:
        on.now.time += seconds

    on.context.queue_signal.wait = look  # type: ignore[method-assign]
    began = on.now.time
    metadata = {"limit_source": "openrouter_workspace_budget", "resets_at": "2020-01-01T00:00:00Z"}
    assert (await lived(on, api, refusal(403, metadata), ACCEPTED)).state is State.DELIVERED
    assert on.now.time - began < 2 * PAUSE_SECONDS
