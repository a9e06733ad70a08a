"""Sets of takes: made together or not at all, each with its own key, seed and hold."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from dailies.catalog.option_checks import SEED_MOST
from dailies.errors import OverBudget
from dailies.explain import explain
from dailies.job import How, Job, Origin, State
from dailies.money.budget import Budget, BudgetAccounts, Period, Policy, Scope
from dailies.money.ledger import Ledger
from dailies.openrouter.pricing import Quote
from dailies.store.budgets import BudgetStore
from dailies.store.sql import SqlStore
from dailies.takes import take_set
from tests.support.reasons import worded
from tests.unit.kit import REQUEST, a_job

NOW = 1_790_000_000.0
DAY = Budget(Scope.GUILD, Period.DAY, Decimal("1.00"))


def a_set(
    takes: int, *, price: str = "0.30", seeds: bool = True, seed: int | None = None, **changes: object
) -> tuple[Job, ...]:
    """Make the jobs of a set as the bot does, with changes of the first."""
    quote = Quote(Decimal(price), exact=True, at_most=None, basis=worded("as the test says"))
    job = a_job(request=replace(REQUEST, seed=seed), quote=quote, root_id="0123456789abcdef")
    return take_set(replace(job, **changes), takes, seeds=seeds)  # pyright: ignore[reportArgumentType]


def store_of(engine: AsyncEngine, folder: Path) -> SqlStore:
    return SqlStore(engine, folder, ledger=Ledger(Policy(budgets=(DAY,)), now=lambda: NOW))


async def left(engine: AsyncEngine, store: SqlStore) -> Decimal:
    (found,) = await BudgetStore(engine, store).budgets_left(a_job(), BudgetAccounts(2))
    return found.left


def test_takes_without_a_given_seed_have_different_ones_where_the_model_has_seeds() -> None:
    seeds = {job.request.seed for job in a_set(4)}
    assert len(seeds) == 4
    assert None not in seeds


def test_takes_count_on_from_a_given_seed() -> None:
    assert [job.request.seed for job in a_set(3, seed=7)] == [7, 8, 9]


def test_seeds_that_are_counted_on_stay_within_their_range() -> None:
    assert [job.request.seed for job in a_set(3, seed=SEED_MOST)] == [SEED_MOST, 0, 1]


def test_no_seed_is_sent_to_a_model_without_seeds() -> None:
    assert [job.request.seed for job in a_set(3, seeds=False)] == [None] * 3


def test_one_take_is_the_job_itself() -> None:
    (job,) = a_set(1)
    assert job == a_set(1)[0]
    assert job.take_set is None
    assert job.request.seed is None


def test_takes_are_listed_in_the_order_of_their_numbers() -> None:
    takes = a_set(4)
    assert [job.id for job in takes] == sorted({job.id for job in takes})
    assert [job.take_set and job.take_set.place for job in takes] == [1, 2, 3, 4]


async def test_a_set_is_stored_as_consecutive_takes_of_one_lineage(engine: AsyncEngine, tmp_path: Path) -> None:
    store, takes = store_of(engine, tmp_path), a_set(3)
    stored = await store.create_set(takes)
    assert stored == takes
    assert await store.takes(takes[0].id) == takes
    assert [(job.root_id, job.take) for job in takes] == [(takes[0].id, number) for number in (1, 2, 3)]


async def test_takes_of_an_earlier_job_count_on_in_its_lineage(engine: AsyncEngine, tmp_path: Path) -> None:
    store = SqlStore(engine, tmp_path)
    await store.create(a_job(id="first", key="first", root_id="first"))
    takes = a_set(3, root_id=None, origin=Origin("first", How.EDIT))
    stored = await store.create_set(takes)
    assert stored == await store.takes(takes[0].id)
    assert stored is not None
    assert [(job.root_id, job.take) for job in stored] == [("first", number) for number in (2, 3, 4)]


async def test_each_take_holds_its_price_and_gives_it_back_alone(engine: AsyncEngine, tmp_path: Path) -> None:
    store, takes = store_of(engine, tmp_path), a_set(3)
    await store.create_set(takes)
    assert await left(engine, store) == Decimal("0.10")
    await store.save(replace(takes[1], state=State.FAILED))
    await store.save(replace(takes[2], state=State.DELIVERED, cost=Decimal("0.25")))
    assert await left(engine, store) == Decimal("0.45")


async def test_a_set_that_does_not_fit_as_a_whole_stores_nothing_and_says_how_many_would_fit(
    engine: AsyncEngine, tmp_path: Path
) -> None:
    store, takes = store_of(engine, tmp_path), a_set(4)
    with pytest.raises(OverBudget) as refused:
        await store.create_set(takes)
    assert refused.value.takes_fit == 3
    assert "4 videos need $1.20" in explain(refused.value)
    assert "3 of them would fit." in explain(refused.value)
    assert await store.takes(takes[0].id) == ()
    assert await left(engine, store) == Decimal("1.00")


async def test_a_set_is_made_once_for_each_key(engine: AsyncEngine, tmp_path: Path) -> None:
    store, takes = store_of(engine, tmp_path), a_set(2)
    assert await store.create_set(takes)
    assert await store.create_set(a_set(2)) is None
    assert not await store.create(a_job(id="other"))
    assert await left(engine, store) == Decimal("0.40")


async def test_a_set_that_was_stored_already_by_a_lost_commit_counts_as_made(
    engine: AsyncEngine, tmp_path: Path
) -> None:
    store, takes = store_of(engine, tmp_path), a_set(2)
    await store.create_set(takes)
    assert await store.create_set(takes) == takes
    assert await left(engine, store) == Decimal("0.40")


async def test_no_other_set_is_made_while_one_take_still_has_a_key(engine: AsyncEngine, tmp_path: Path) -> None:
    store, takes = SqlStore(engine, tmp_path), a_set(2)
    await store.create_set(takes)
    await store.save(replace(takes[0], state=State.REFUSED, key=takes[0].id))
    assert not await store.create(a_job(id="other"))
    await store.save(replace(takes[1], state=State.REFUSED, key=takes[1].id))
    assert await store.create(a_job(id="other"))


async def test_of_two_presses_at_once_one_makes_the_set(engine: AsyncEngine, tmp_path: Path) -> None:
    one, other = store_of(engine, tmp_path), store_of(engine, tmp_path)
    made = await asyncio.gather(one.create_set(a_set(3)), other.create_set(a_set(3)))
    assert len([takes for takes in made if takes]) == 1
    assert await left(engine, one) == Decimal("0.10")
