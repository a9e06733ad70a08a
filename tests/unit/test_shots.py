"""Shots in the database, on SQLite and on PostgreSQL: their names, the numbers of their takes, who works on which."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from dailies.errors import RefusedError
from dailies.ids import new_id
from dailies.job import How, Origin
from dailies.reason import ReasonCode
from dailies.shot import SHOT_NAME_MOST, Shot, ShotTake, shot_name
from dailies.store.shots import ShotStore
from dailies.store.sql import SqlStore
from dailies.takes import take_set
from tests.unit.kit import a_job

NOW = 1_790_000_000.0
ANN, BEN = 11, 12
SERVER, CHANNEL, OTHER = 1, 2, 4


@pytest.fixture
def shots(engine: AsyncEngine, store: SqlStore) -> ShotStore:
    return ShotStore(engine, store.patiently)


async def named(shots: ShotStore, name: str = "12A", *, channel: int = CHANNEL, by: int = ANN) -> Shot:
    return await shots.named(channel, SERVER, name, by, NOW)


async def numbers(store: SqlStore, shot: Shot | None, takes: int = 1, origin: Origin | None = None) -> list[int | None]:
    """Make a set of takes of a shot; return their numbers within it."""
    job_id = new_id(NOW)
    job = a_job(id=job_id, key=job_id, origin=origin, shot=shot and ShotTake(shot.id, shot.name))
    made = await store.create_set(take_set(job, takes, seeds=True))
    assert made
    stored = [await store.get(one.id) for one in made]
    assert [one.shot for one in stored] == [one.shot for one in made]
    return [one.shot and one.shot.number for one in stored]


async def test_takes_of_a_shot_are_numbered_from_1_whatever_they_came_from(shots: ShotStore, store: SqlStore) -> None:
    shot = await named(shots)
    assert await numbers(store, shot) == [1]
    assert await numbers(store, shot, takes=3) == [2, 3, 4]
    assert await numbers(store, None) == [None]
    assert await numbers(store, await named(shots, "12B")) == [1]
    assert await numbers(store, shot, origin=Origin("elsewhere", How.EDIT)) == [5]


async def test_takes_that_are_made_at_the_same_time_never_share_a_number(shots: ShotStore, store: SqlStore) -> None:
    shot = await named(shots)
    made = await asyncio.gather(*(numbers(store, shot, takes=1 + number % 2) for number in range(8)))
    given = sorted(number for takes in made for number in takes if number)
    assert given == list(range(1, 13))
    assert (await shots.of_channel(CHANNEL))[0].takes == 12


async def test_a_job_that_is_stored_twice_keeps_its_number_and_takes_no_other(
    shots: ShotStore, store: SqlStore
) -> None:
    shot = await named(shots)
    job = a_job(shot=ShotTake(shot.id, shot.name))
    for _ in range(2):  # the answer to the first commit was lost
        made = await store.create_set([job])
        assert made
        assert made[0].shot == ShotTake(shot.id, "12A", 1)
    assert await store.create_set([replace(job, id=new_id(NOW))]) is None
    assert await numbers(store, shot) == [2]


async def test_a_shot_is_there_once_in_its_channel_whatever_its_case(shots: ShotStore) -> None:
    first = await named(shots, "Harbor")
    assert await named(shots, "HARBOR", by=BEN) == first
    assert (await named(shots, "Harbor", channel=OTHER)).id != first.id
    assert [one.name for one in await shots.of_channel(CHANNEL)] == ["Harbor"]


async def test_a_shot_that_two_people_name_at_the_same_time_is_one(shots: ShotStore) -> None:
    made = await asyncio.gather(*(named(shots, by=person) for person in range(20, 26)))
    assert len({one.id for one in made}) == 1


async def test_everybody_works_on_a_shot_of_their_own_in_each_channel(shots: ShotStore) -> None:
    first, second = await named(shots), await named(shots, "12B", by=BEN)
    assert await shots.chosen(CHANNEL, ANN) == first
    assert await shots.chosen(CHANNEL, BEN) == second
    assert await shots.chosen(OTHER, ANN) is None
    assert await named(shots, "12b") == second
    assert await shots.chosen(CHANNEL, ANN) == second
    await shots.leave(CHANNEL, ANN)
    assert await shots.chosen(CHANNEL, ANN) is None
    assert await shots.chosen(CHANNEL, BEN) == second


@pytest.mark.parametrize(("typed", "kept"), [("  12A ", "12A"), ("Harbor\n at  night", "Harbor at night"), ("é", "é")])
def test_a_name_is_kept_as_one_line_of_composed_characters(typed: str, kept: str) -> None:
    assert shot_name(typed) == kept


@pytest.mark.parametrize("typed", ["", " \n", "x" * (SHOT_NAME_MOST + 1), "🎬" * 31, "12\u202eA", "a\u0000b"])
def test_what_is_no_name_is_refused(typed: str) -> None:
    with pytest.raises(RefusedError) as refused:
        shot_name(typed)
    assert refused.value.reason.code is ReasonCode.SHOT_NAME_WRONG


async def test_forgetting_takes_a_person_s_name_from_shots_which_stay(shots: ShotStore) -> None:
    first, _ = await named(shots), await named(shots, "12B", by=BEN)
    await named(shots, "12B")
    assert [await shots.count(one) for one in (ANN, BEN, 13)] == [2, 1, 0]
    await shots.forget(ANN)
    assert [await shots.count(one) for one in (ANN, BEN, 13)] == [0, 1, 0]
    assert await shots.chosen(CHANNEL, ANN) is None
    assert await shots.get(first.id) == first
