"""Costs settled by hand for jobs whose bill never came."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from dailies.job import Job, Place, State
from dailies.jobs.runner import Runner
from dailies.jobs.settle import can_settle, settle
from dailies.openrouter.pricing import Quote
from dailies.schema import ledger
from dailies.store.budgets import BudgetStore
from dailies.store.library import Library
from dailies.store.sql import SqlStore
from tests.support.reasons import in_words, worded
from tests.unit.job_context import ScriptedAPI, harness
from tests.unit.kit import a_job

MODERATOR = 9
QUOTE = Quote(Decimal("0.40"), True, Decimal("0.40"), worded(""))
LOOKED = "Someone who manages this server checked:"


def in_doubt(state: State = State.UNKNOWN, **changes: object) -> Job:
    return a_job(**({"state": state, "quote": QUOTE, "reason": worded("Perhaps."), "told": True} | changes))


async def rows(engine: AsyncEngine) -> list[tuple[str, Decimal, Decimal, int | None]]:
    async with engine.connect() as connection:
        found = (await connection.execute(select(ledger).order_by(ledger.c.id))).all()
    return [(row.entry, row.held, row.spent, row.said_by) for row in found]


@pytest.mark.parametrize(
    ("state", "cost", "entry", "held", "spent"),
    [
        (State.UNKNOWN, "0.25", "settlement", "-0.40", "0.25"),
        (State.UNKNOWN, "0", "release", "-0.40", "0"),
        (State.TIMED_OUT, "0.41", "settlement", "-0.40", "0.41"),
        # Its hold ended when it was assumed unpaid; the person who confirms that is noted all the same.
        (State.UNREPORTED, "0", "release", "0", "0"),
        (State.UNREPORTED, "0.25", "settlement", "0", "0.25"),
    ],
)
async def test_the_ledger_keeps_what_a_person_found_and_who_it_was(
    engine: AsyncEngine, tmp_path: Path, state: State, cost: str, entry: str, held: str, spent: str
) -> None:
    store = SqlStore(engine, tmp_path)
    job = in_doubt(State.UNKNOWN)
    await store.create(job)
    job = replace(job, state=state)
    await store.save(job)

    assert await store.turn(replace(job, cost=Decimal(cost)), was=job, said_by=MODERATOR)
    assert (await rows(engine))[-1] == (entry, Decimal(held), Decimal(spent), MODERATOR)
    # Another one was a moment too late.
    assert not await store.turn(replace(job, cost=Decimal(9)), was=job, said_by=8)


async def test_a_bill_that_comes_after_all_counts_instead(engine: AsyncEngine, tmp_path: Path) -> None:
    store = SqlStore(engine, tmp_path)
    job = in_doubt()
    await store.create(job)
    settled = replace(job, cost=Decimal(0))
    assert await store.turn(settled, was=job, said_by=MODERATOR)
    alive = replace(settled, state=State.SUBMITTED)
    assert await store.turn(alive, was=settled)
    await store.save(replace(alive, state=State.DELIVERED, cost=Decimal("0.36")))
    assert [(spent, who) for _, _, spent, who in await rows(engine)] == [
        (0, None),
        (0, MODERATOR),
        (Decimal("0.36"), None),
    ]


async def test_silence_says_nothing_of_a_job_that_a_person_settled(engine: AsyncEngine, tmp_path: Path) -> None:
    store = SqlStore(engine, tmp_path)
    job = in_doubt(callback_url="https://bot.example/hook")
    await store.create(job)
    assert await store.unanswered() == [job]
    assert await store.turn(replace(job, cost=Decimal("0.36")), was=job, said_by=MODERATOR)
    assert await store.unanswered() == []


async def test_what_is_held_without_a_bill_is_counted_and_listed(engine: AsyncEngine, tmp_path: Path) -> None:
    store = SqlStore(engine, tmp_path)
    states = [State.UNKNOWN, State.TIMED_OUT, State.UNREPORTED, State.FAILED, State.SUBMITTED, State.DELIVERED]
    for number, state in enumerate(states):
        job = in_doubt(State.QUEUED, id=f"job-{number}", key=str(number))
        await store.create(job)
        await store.save(replace(job, state=state, cost=Decimal(1) if state is State.DELIVERED else None))
    budget_store, library = BudgetStore(engine, store), Library(engine, store)

    assert await budget_store.without_bill({1}) == (2, Decimal("0.8"))
    assert await budget_store.without_bill({7}) == (0, 0)
    assert await budget_store.held("job-0") == Decimal("0.4")
    assert [job.id for job in await library.without_bill({1}, "", limit=25)] == ["job-2", "job-1", "job-0"]
    assert [job.id for job in await library.without_bill({1}, "JOB-1", limit=25)] == ["job-1"]
    assert await library.without_bill({7}, "", limit=25) == []


async def test_what_is_held_for_direct_messages_belongs_to_no_server(engine: AsyncEngine, tmp_path: Path) -> None:
    store = SqlStore(engine, tmp_path)
    for number, guild in enumerate((1, None)):
        await store.create(in_doubt(id=f"job-{number}", key=str(number), place=Place(guild, 2, 3)))
    budget_store, library = BudgetStore(engine, store), Library(engine, store)

    assert await budget_store.without_bill({None}) == (1, Decimal("0.4"))
    assert await budget_store.without_bill({1, None}) == (2, Decimal("0.8"))
    assert [job.id for job in await library.without_bill({None}, "", limit=25)] == ["job-1"]
    assert [job.id for job in await library.without_bill({1, None}, "", limit=25)] == ["job-1", "job-0"]


@pytest.mark.parametrize(
    ("cost", "said"),
    [("0", f"Perhaps. {LOOKED} it wasn't charged."), ("0.36", f"Perhaps. {LOOKED} it was charged $0.36.")],
)
async def test_the_status_says_what_was_found(api: ScriptedAPI, tmp_path: Path, cost: str, said: str) -> None:
    async with harness(api, tmp_path) as on:
        job = await on.kept(in_doubt())
        assert await settle(job, Decimal(cost), MODERATOR, store=on.store, runner=Runner(on.context))
        await asyncio.gather(*(task for task in asyncio.all_tasks() if task.get_name().startswith("job ")))
        kept = await on.store.get(job.id)
    assert [in_words(one.reason) for one in on.chat.shown] == [said]
    assert (kept.state, kept.cost, kept.told) == (State.UNKNOWN, Decimal(cost), True)
    assert not can_settle(kept)
    assert on.posts == 0


async def test_in_a_direct_message_it_was_an_operator_who_looked(api: ScriptedAPI, tmp_path: Path) -> None:
    async with harness(api, tmp_path) as on:
        job = await on.kept(in_doubt(place=Place(None, 2, 3, 4)))
        assert await settle(job, Decimal(0), MODERATOR, store=on.store, runner=Runner(on.context))
        await asyncio.gather(*(task for task in asyncio.all_tasks() if task.get_name().startswith("job ")))
    (shown,) = on.chat.shown
    assert in_words(shown.reason) == "Perhaps. An operator of the bot checked: it wasn't charged."


@pytest.mark.parametrize("changes", [{"forgotten_at": 1.0}, {"state": State.DELIVERED, "reason": None}])
async def test_a_status_that_left_nothing_in_doubt_stays(
    api: ScriptedAPI, tmp_path: Path, changes: dict[str, object]
) -> None:
    async with harness(api, tmp_path) as on:
        job = await on.kept(in_doubt(**changes))  # pyright: ignore[reportArgumentType] (the table has fields of Job)
        runner = Runner(on.context)
        assert await settle(job, Decimal("0.36"), MODERATOR, store=on.store, runner=runner)
        assert runner.running == frozenset()
        assert await on.store.get(job.id) == replace(job, cost=Decimal("0.36"))
