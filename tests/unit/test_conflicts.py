"""Writes that come in each other's way: none is lost, and none ends a paid job."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import Table, func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from dailies.delivery.chat import Posted, Upload
from dailies.delivery.limits import ObservedLimits, UploadLimitStore
from dailies.errors import FileTooLarge, OverBudget
from dailies.job import Job, State
from dailies.jobs.runner import Runner
from dailies.money.budget import Budget, Period, Policy, Scope
from dailies.money.ledger import Ledger
from dailies.openrouter.pricing import Quote
from dailies.reason import Reason, ReasonCode
from dailies.schema import budgets, job_limits, job_references, upload_limits
from dailies.store.budgets import BudgetStore, ServerLimits
from dailies.store.sql import SqlStore
from tests.unit.job_context import ScriptedAPI, harness
from tests.unit.kit import FakeChat, Sleeps, a_job, a_reference
from tests.unit.test_runner import ended

TOO_LARGE = 12_000_000


async def rows(engine: AsyncEngine, table: Table) -> int:
    async with engine.connect() as connection:
        return await connection.scalar(select(func.count()).select_from(table)) or 0


async def test_uploads_that_are_refused_at_once_are_all_learned_from(engine: AsyncEngine) -> None:
    uploads = UploadLimitStore(engine)

    sizes = [TOO_LARGE + number for number in (5, 3, 1, 4, 2, 6)]
    await asyncio.gather(*(uploads.refused(1, 10, size) for size in sizes))

    assert await uploads.shown(1, 10) == ObservedLimits(None, TOO_LARGE + 1)
    assert await rows(engine, upload_limits) == 1


async def test_uploads_that_are_taken_and_refused_at_once_are_all_learned_from(engine: AsyncEngine) -> None:
    uploads = UploadLimitStore(engine)

    taken = [uploads.accepted(1, 10, size) for size in (5_000_000, 7_000_000, 6_000_000)]
    await asyncio.gather(*taken, *(uploads.refused(1, 10, TOO_LARGE + number) for number in range(3)))

    assert await uploads.shown(1, 10) == ObservedLimits(7_000_000, TOO_LARGE)


class RefusingChat(FakeChat):
    """Refuses the first upload of each of six jobs as too large, all at the same moment."""

    def __init__(self) -> None:
        super().__init__()
        self.refused = set[str]()
        self.all_here = asyncio.Barrier(6)

    async def post(self, job: Job, upload: Upload, *, again: bool) -> Posted:
        """Refuse a file, take words."""
        if upload.file and job.id not in self.refused:
            self.refused.add(job.id)
            await self.all_here.wait()
            raise FileTooLarge(TOO_LARGE)
        return await super().post(job, upload, again=again)


class FindingChat(FakeChat):
    """Finds what was posted, as a channel does."""

    async def find(self, job: Job, *, direct: bool, channel_id: int | None = None, number: int = 1) -> Posted | None:
        """Return the one message."""
        return Posted(901) if self.posted else None


@pytest.mark.slow
async def test_six_refused_uploads_at_once_strand_no_job(engine: AsyncEngine, api: ScriptedAPI, tmp_path: Path) -> None:
    async with harness(api, tmp_path, chat=RefusingChat(), engine=engine, public_url="https://bot.example") as on:
        runner = Runner(on.context)
        for number in range(6):
            id_ = f"{number:016}"
            remote = f"remote-{number}"
            job = a_job(id=id_, key=id_, state=State.COMPLETED, openrouter_id=remote)
            # Of six people: one has fewer posts at the same time.
            place = replace(job.place, requester_id=number)
            runner.start(await on.kept(replace(job, place=place)))
        made = await ended(on, *(f"{number:016}" for number in range(6)))
    assert [job.state for job in made] == [State.DELIVERED] * 6


async def test_a_budget_that_is_set_by_ten_at_once_is_set_once(engine: AsyncEngine, store: SqlStore) -> None:
    budget_store = BudgetStore(engine, store)

    amounts = [Decimal(number) for number in range(1, 11)]
    setting = (budget_store.set_budget(1, Budget(Scope.GUILD, Period.DAY, usd), 3) for usd in amounts)
    limits_of = [{"per_user": number, "per_guild": number} for number in range(1, 11)]
    await asyncio.gather(*setting, *(budget_store.set_jobs(1, one, 3) for one in limits_of))

    limits = await budget_store.limits(1)
    assert limits == ServerLimits(limits.budgets, limits.per_user, limits.per_user)
    assert [one.usd in amounts for one in limits.budgets] == [True]
    assert (await rows(engine, budgets), await rows(engine, job_limits)) == (1, 1)


async def test_fewer_references_leave_none_of_the_earlier_ones(engine: AsyncEngine, store: SqlStore) -> None:
    job = a_job(state=State.QUEUED, references=(a_reference(1), a_reference(2), a_reference(3)))
    await store.create(job)

    await store.save(replace(job, state=State.REFUSED, references=(a_reference(2),)))

    assert [one.sha256 for one in (await store.get(job.id)).references] == [a_reference(2).sha256]
    assert await rows(engine, job_references) == 1


async def test_a_job_whose_references_are_written_twice_at_once_keeps_them(store: SqlStore) -> None:
    job = a_job(state=State.QUEUED, references=(a_reference(1), a_reference(2)))
    await store.create(replace(job, references=()))

    await asyncio.gather(*(store.admit(job) for _ in range(6)))

    assert len((await store.get(job.id)).references) == 2


async def conflict(connection: AsyncConnection) -> None:
    """Insert a row that exists."""
    await connection.execute(text("INSERT INTO alembic_version SELECT version_num FROM alembic_version"))


async def test_a_write_that_met_another_one_is_tried_again(store: SqlStore) -> None:
    tries = 0

    async def write(connection: AsyncConnection) -> int:
        nonlocal tries
        tries += 1
        if tries < 3:
            await conflict(connection)
        return tries

    assert await store.patiently(write) == 3


class ConflictingStore(SqlStore):
    """Meets another write at one call of each name, as often as it is retried there."""

    def __init__(self, engine: AsyncEngine, folder: Path, sleep: Sleeps, state: str) -> None:
        super().__init__(engine, folder, sleep=sleep)
        self.state = state
        self.left = 3

    async def patiently(self, write: Callable[[AsyncConnection], Awaitable[object]], *, tries: int = 60) -> object:  # type: ignore[override]
        """Refuse the writes of a state."""

        async def conflicting(connection: AsyncConnection) -> object:
            result = await write(connection)
            query = text("SELECT count(*) FROM jobs WHERE state = :state")
            if self.left and await connection.scalar(query, {"state": self.state}):
                self.left -= 1
                await conflict(connection)
            return result

        return await super().patiently(conflicting, tries=tries)


@pytest.mark.parametrize("state", ["reserved", "submitting", "submitted", "completed", "delivering", "delivered"])
async def test_a_conflict_at_any_step_ends_no_job(
    engine: AsyncEngine, api: ScriptedAPI, tmp_path: Path, state: str
) -> None:
    async with harness(api, tmp_path, chat=FindingChat(), engine=engine) as on:
        job = await on.kept(a_job(state=State.QUEUED))
        conflicting = ConflictingStore(engine, tmp_path, on.sleeps, state)
        Runner(replace(on.context, store=conflicting)).start(job)
        (job,) = await ended(on, job.id)
        assert (job.state, on.posts, len(on.chat.posted)) == (State.DELIVERED, 1, 1)
    assert conflicting.left == 0


@pytest.mark.slow
async def test_fifty_commands_at_once_are_all_answered_and_the_budget_holds(
    engine: AsyncEngine, tmp_path: Path
) -> None:
    policy = Policy(budgets=(Budget(Scope.EACH, Period.DAY, Decimal("2.00")),))
    store = SqlStore(engine, tmp_path, ledger=Ledger(policy))
    quote = Quote(Decimal("0.10"), True, Decimal("0.10"), Reason(ReasonCode.TEXT, text="x"))

    made = await asyncio.gather(
        *(store.create(a_job(id=f"{n:016}", key=f"{n}", quote=quote)) for n in range(50)), return_exceptions=True
    )

    assert [one for one in made if one is not True and not isinstance(one, OverBudget)] == []
    assert made.count(True) == 20
    assert len(await store.unfinished()) == 20
