"""Comparisons in the database: decided, posted and ended once, whoever writes first, with one vote a person."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from dailies.errors import OverBudget
from dailies.job import Job, State
from dailies.money.budget import Budget, Period, Policy, Scope
from dailies.money.ledger import Ledger
from dailies.openrouter.pricing import Quote
from dailies.store.comparisons import Wins
from dailies.store.library import Library
from dailies.store.shards import Shards
from dailies.store.sql import SqlStore
from dailies.takes import compared_set, letter
from tests.support.reasons import worded
from tests.unit.kit import REQUEST, a_job

NOW = 1_790_000_000.0
MODELS = ("a/one", "a/two", "a/three")
DAY = Budget(Scope.GUILD, Period.DAY, Decimal("1.00"))


def contenders(*prices: str, number: int = 0) -> tuple[Job, ...]:
    """Return the jobs of a comparison, one for each price, with other ids for each number."""
    base = a_job(id=f"{number:x}123456789abcdef", key=f"7{number}", root_id=f"{number:x}123456789abcdef")
    return compared_set(
        [
            replace(
                base,
                request=replace(REQUEST, model=model),
                quote=Quote(Decimal(price), exact=True, at_most=None, basis=worded("as the test says")),
            )
            for model, price in zip(MODELS, prices, strict=False)
        ]
    )


async def kept(store: SqlStore, *prices: str, number: int = 0, state: State = State.DELIVERED) -> tuple[Job, ...]:
    """Store a comparison whose jobs all ended in a state."""
    made = await store.create_set(contenders(*(prices or ("0.10", "0.10")), number=number))
    assert made
    for job in made:
        await store.save(replace(job, state=state, told=True, ended_at=NOW))
    return await store.takes(made[0].id)


def test_letters_are_drawn_by_lot() -> None:
    drawn = {tuple(job.request.model for job in contenders("0.10", "0.20", "0.30")) for _ in range(60)}
    assert len(drawn) > 1
    assert {letter(job) for job in contenders("0.10", "0.20", "0.30")} == {"A", "B", "C"}


def test_the_ids_of_a_comparison_s_jobs_say_nothing_of_the_order_in_which_models_were_named() -> None:
    takes = contenders("0.10", "0.20", "0.30")
    assert [job.id for job in takes] == sorted(job.id for job in takes)
    assert {job.request.model for job in takes} == set(MODELS)


async def test_each_job_holds_its_own_price(engine: AsyncEngine, tmp_path: Path) -> None:
    store = SqlStore(engine, tmp_path, ledger=Ledger(Policy(budgets=(DAY,)), now=lambda: NOW))
    assert await store.create_set(contenders("0.20", "0.70"))
    assert not await store.create_set(contenders("0.20", "0.70"))
    with pytest.raises(OverBudget) as refused:
        await store.create_set(contenders("0.05", "0.15", number=1))
    assert (refused.value.takes, refused.value.takes_fit) == (2, 1)


async def test_a_comparison_that_does_not_fit_leaves_no_record(engine: AsyncEngine, tmp_path: Path) -> None:
    store = SqlStore(engine, tmp_path, ledger=Ledger(Policy(budgets=(DAY,)), now=lambda: NOW))
    takes = contenders("0.50", "0.60")
    with pytest.raises(OverBudget):
        await store.create_set(takes)
    with pytest.raises(KeyError):
        await store.comparisons.get(takes[0].id)


async def test_takes_of_one_model_are_no_comparison(store: SqlStore) -> None:
    job = a_job()
    await store.create(job)
    with pytest.raises(KeyError):
        await store.comparisons.get(job.id)


async def test_of_two_decisions_at_once_one_holds(engine: AsyncEngine, tmp_path: Path) -> None:
    one, other = SqlStore(engine, tmp_path), SqlStore(engine, tmp_path)
    first, second = await kept(one)
    decided = await asyncio.gather(
        one.comparisons.decide(first.id, [first.id], together=False),
        other.comparisons.decide(first.id, [first.id, second.id], together=True),
    )
    assert decided[0] == decided[1] == await one.comparisons.get(first.id)


async def test_the_first_message_that_was_recorded_stays(store: SqlStore) -> None:
    first, _ = await kept(store)
    await store.comparisons.posted(first.id, 901, NOW)
    found = await store.comparisons.posted(first.id, 902, NOW + 5)
    assert (found.message_id, found.opened_at) == (901, NOW)


async def test_videos_that_were_posted_in_one_message_are_not_parted(store: SqlStore) -> None:
    first, second = await kept(store)
    await store.comparisons.decide(first.id, [first.id, second.id], together=True)
    await store.comparisons.posted(first.id, 901, NOW)
    assert (await store.comparisons.part(first.id)).together is True


async def test_a_person_has_one_vote_which_may_be_changed(store: SqlStore) -> None:
    first, second = await kept(store)
    assert await store.comparisons.vote(first.id, first.id, 5, NOW) == 1
    assert await store.comparisons.vote(first.id, second.id, 5, NOW + 1) == 1
    assert await store.comparisons.vote(first.id, second.id, 6, NOW + 2) == 2
    ended = await store.comparisons.end(first.id, NOW + 3)
    assert ended.winner_id == second.id
    votes = [job.take_set and job.take_set.votes for job in await store.takes(first.id)]
    assert votes == [0, 2]


async def test_votes_of_one_person_in_two_processes_are_one(engine: AsyncEngine, tmp_path: Path) -> None:
    one, other = SqlStore(engine, tmp_path), SqlStore(engine, tmp_path)
    first, second = await kept(one)
    await asyncio.gather(
        one.comparisons.vote(first.id, first.id, 5, NOW), other.comparisons.vote(first.id, second.id, 5, NOW)
    )
    assert await one.comparisons.votes_of(5) == 1


async def test_no_vote_is_taken_once_it_has_ended(store: SqlStore) -> None:
    first, _ = await kept(store)
    await store.comparisons.end(first.id, NOW)
    assert await store.comparisons.vote(first.id, first.id, 5, NOW + 1) is None
    assert await store.comparisons.votes_of(5) == 0


async def test_a_vote_ends_once(engine: AsyncEngine, tmp_path: Path) -> None:
    one, other = SqlStore(engine, tmp_path), SqlStore(engine, tmp_path)
    first, _ = await kept(one)
    ends = await asyncio.gather(one.comparisons.end(first.id, NOW), other.comparisons.end(first.id, NOW + 9))
    assert ends[0] == ends[1]


async def test_a_tie_has_no_winner(store: SqlStore) -> None:
    first, second = await kept(store)
    await store.comparisons.vote(first.id, first.id, 5, NOW)
    await store.comparisons.vote(first.id, second.id, 6, NOW)
    assert (await store.comparisons.end(first.id, NOW)).winner_id is None


async def test_models_are_secret_until_the_vote_has_ended(store: SqlStore) -> None:
    first, _ = await kept(store)
    assert all(job.blind for job in await store.takes(first.id))
    await store.comparisons.end(first.id, NOW)
    assert not any(job.blind for job in await store.takes(first.id))


async def test_a_run_that_knows_nothing_of_the_end_does_not_undo_it(store: SqlStore) -> None:
    first, _ = await kept(store)
    await store.comparisons.end(first.id, NOW)
    await store.save(first)
    assert not (await store.get(first.id)).blind


async def test_forgetting_a_person_removes_their_votes_but_not_the_count(engine: AsyncEngine, tmp_path: Path) -> None:
    store = SqlStore(engine, tmp_path)
    (ended, _), (open_, _) = await kept(store), await kept(store, number=1)
    await store.comparisons.vote(ended.id, ended.id, 5, NOW)
    await store.comparisons.end(ended.id, NOW)
    await store.comparisons.vote(open_.id, open_.id, 5, NOW)
    await Library(engine, store).forget(5, frozenset(), NOW)
    assert await store.comparisons.votes_of(5) == 0
    assert (await store.get(ended.id)).take_set == replace(ended.take_set, votes=1) if ended.take_set else False
    assert (await store.comparisons.end(open_.id, NOW)).winner_id is None


async def test_a_vote_is_due_when_its_time_is_over(store: SqlStore) -> None:
    first, _ = await kept(store)
    await store.comparisons.posted(first.id, 901, NOW)
    assert await store.comparisons.due(NOW) == []
    assert await store.comparisons.due(NOW + 1) == [first.id]


async def test_a_comparison_with_nothing_to_choose_from_is_due_at_once(store: SqlStore) -> None:
    first, _ = await kept(store, state=State.FAILED)
    assert await store.comparisons.due(NOW) == [first.id]


async def test_a_comparison_whose_videos_are_still_made_is_not_due(store: SqlStore) -> None:
    first, _ = await kept(store, state=State.SUBMITTED)
    await store.comparisons.posted(first.id, 901, NOW)
    assert await store.comparisons.due(NOW) == []


async def test_an_end_that_was_not_shown_is_due_until_it_is(store: SqlStore) -> None:
    first, _ = await kept(store)
    await store.comparisons.end(first.id, NOW)
    assert await store.comparisons.due(NOW) == [first.id]
    await store.comparisons.told(first.id)
    assert await store.comparisons.due(NOW) == []


async def test_only_the_process_of_its_shard_ends_a_vote(engine: AsyncEngine, tmp_path: Path) -> None:
    first, _ = await kept(SqlStore(engine, tmp_path))
    other = SqlStore(engine, tmp_path, shards=Shards((1,), 2))
    await other.comparisons.posted(first.id, 901, NOW)
    assert await other.comparisons.due(NOW + 1) == []


async def test_a_server_s_wins_count_the_comparisons_that_people_voted_on(store: SqlStore) -> None:
    for number in range(3):
        takes = await kept(store, "0.10", "0.10", number=number)
        if number < 2:
            chosen = next(job for job in takes if job.request.model == MODELS[number and 1])
            await store.comparisons.vote(takes[0].id, chosen.id, 5, NOW)
        await store.comparisons.end(takes[0].id, NOW)
    assert await store.comparisons.wins(1) == {"a/one": Wins(1, 2), "a/two": Wins(1, 2)}
    assert await store.comparisons.wins(2) == {}
