"""A database that takes its time with a job's record: the command is answered, and the job made when it is recorded."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from decimal import Decimal
from typing import cast

import pytest
from sqlalchemy.exc import OperationalError

from dailies.errors import OverBudget
from dailies.job import Job, State
from dailies.money.budget import BudgetAccounts, Period, Scope
from dailies.schema import jobs
from dailies.store.sql import SqlStore
from tests.bot.conftest import BotApp

pytestmark = pytest.mark.settings(LOOK_SECONDS="0.1")

Create = Callable[[Sequence[Job], BudgetAccounts | None], Awaitable[tuple[Job, ...] | None]]
ANSWERED, EDITED = "callback {'type': 4", "PATCH /webhooks"


class SlowRecord:
    """Records no job before Discord has got a request, the answer with the status at first."""

    def __init__(self, app: BotApp, monkeypatch: pytest.MonkeyPatch) -> None:
        self.store = cast("SqlStore", app.bot.intake._store)  # pyright: ignore[reportPrivateUsage]
        self.until = ANSWERED
        self.sent_before = -1
        self._app = app
        self.then: Create = self.store.create_set
        monkeypatch.setattr(self.store, "create_set", self.create)

    async def create(self, takes: Sequence[Job], accounts: BudgetAccounts | None = None) -> tuple[Job, ...] | None:
        """Record it, as late as that."""
        while self.until not in self._app.env.transcript():  # noqa: ASYNC110 (Discord has no event)
            await asyncio.sleep(0.02)
        self.sent_before = len(self._app.openrouter.submits)
        return await self.then(takes, accounts)

    def fails(self, error: Exception) -> None:
        """Fail instead."""

        async def fail(_: Sequence[Job], __: BudgetAccounts | None) -> tuple[Job, ...] | None:
            raise error

        self.then = fail

    async def states(self) -> list[State]:
        """Return the states of the jobs that are recorded."""
        return [one.state for one in await self.store.load(jobs.c.id.is_not(None))]


@pytest.fixture
def slow(app: BotApp, monkeypatch: pytest.MonkeyPatch) -> SlowRecord:
    """Slow the database down."""
    return SlowRecord(app, monkeypatch)


@pytest.mark.slow
async def test_the_status_is_the_answer_and_the_job_is_made_when_it_is_recorded(app: BotApp, slow: SlowRecord) -> None:
    result = await app.video(resolution="480p", duration=4)

    assert not result.ephemeral
    assert slow.sent_before == 0
    assert "Done" in await app.finish(result)
    assert len(app.openrouter.submits) == 1


async def test_a_budget_that_was_used_up_meanwhile_turns_the_status_into_the_refusal(
    app: BotApp, slow: SlowRecord
) -> None:
    amounts = {"usd": Decimal(1), "left": Decimal(0), "needed": Decimal(1)}
    slow.fails(OverBudget(scope=Scope.EACH, period=Period.DAY, renews_in=3600.0, **amounts))

    result = await app.video(resolution="480p", duration=4)

    assert "### Not started" in app.text(result)
    assert "your own budget here has $0.00 left of $1.00 a day" in app.text(result)
    assert app.openrouter.submits == []


@pytest.mark.slow
async def test_a_database_that_takes_it_too_late_turns_the_status_into_the_refusal(
    app: BotApp, slow: SlowRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app.bot.intake._creator, "_seconds", 0.3)  # pyright: ignore[reportPrivateUsage]
    slow.until = EDITED

    result = await app.video(resolution="480p", duration=4)

    assert "### Not started" in app.text(result)
    assert "isn't responding. Try again in a minute. You weren't charged." in app.text(result)
    async with asyncio.timeout(10):
        while await slow.states() != [State.REFUSED]:  # noqa: ASYNC110 (the store has no event)
            await asyncio.sleep(0.02)
    assert app.openrouter.submits == []


async def test_a_database_that_fails_at_once_is_a_refusal_for_the_requester_alone(
    app: BotApp, slow: SlowRecord
) -> None:
    slow.until = ""
    slow.fails(OperationalError("INSERT", None, Exception("database is locked")))

    result = await app.video(resolution="480p", duration=4)

    assert result.ephemeral
    assert "isn't responding" in app.text(result)


async def test_a_bug_in_the_late_record_is_said_in_the_status(app: BotApp, slow: SlowRecord) -> None:
    slow.fails(LookupError("nobody thought of this"))

    result = await app.video(resolution="480p", duration=4)

    assert "### Not started" in app.text(result)
    assert "Something went wrong in the bot" in app.text(result)
    assert "nobody thought of this" in str(app.env.errors[-1])
    assert app.openrouter.submits == []


async def test_a_job_that_was_made_meanwhile_leaves_no_second_status(app: BotApp, slow: SlowRecord) -> None:
    async def exists(_: Sequence[Job], __: BudgetAccounts | None) -> None:
        return None

    slow.then = exists

    await app.video(resolution="480p", duration=4)

    assert "DELETE /webhooks" in app.env.transcript()
    assert app.openrouter.submits == []
