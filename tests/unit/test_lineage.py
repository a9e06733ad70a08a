"""Lineage: the job that a job came from, and its number among the takes."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from dailies.job import How, Origin, State
from dailies.lineage import as_composed, origin_of, softens
from dailies.openrouter.payload import Role
from dailies.store.library import Library
from dailies.store.sql import SqlStore
from tests.support.descendants import descend
from tests.support.forked import forked
from tests.unit.kit import a_job


@pytest.mark.parametrize(
    ("how", "hops"),
    [
        (How.LAST_FRAME, 2),
        (How.AGAIN, 1),
        (How.EDIT, 1),
        (How.CONTINUATION, 1),
        (How.NEXT_SHOT, 0),
    ],
)
def test_last_frames_in_a_row_are_counted_until_other_pictures_come(how: How, hops: int) -> None:
    parent = replace(a_job(id="parent"), origin=Origin("first", How.LAST_FRAME, 1))
    assert origin_of(parent, how) == Origin("parent", how, hops)


def test_a_job_asked_for_anew_is_no_hop_away_from_its_pictures() -> None:
    assert origin_of(a_job(id="parent"), How.LAST_FRAME).hops == 1


def test_the_picture_counts_as_soft_from_the_third_last_frame_in_a_row_on() -> None:
    found = a_job(id="a")
    softened: list[bool] = []
    for _ in range(3):
        origin = origin_of(found, How.LAST_FRAME)
        softened.append(softens(origin))
        found = replace(found, origin=origin)
    assert softened == [False, False, True]


async def made(engine: AsyncEngine, name: str, origin: str) -> list[int]:
    """Make twelve jobs that come from a job in a process of their own; return their take numbers."""
    url = engine.url.render_as_string(hide_password=False)
    code, said = await forked(descend, url, name, origin, 4, 3)
    assert code == 0
    return [int(number) for number in said]


@pytest.mark.slow
async def test_two_processes_give_no_take_number_twice(engine: AsyncEngine, tmp_path: Path) -> None:
    store = SqlStore(engine, tmp_path)
    await store.create(a_job(id="root", key="root", root_id="root"))
    await store.create(a_job(id="child", key="child", origin=Origin("root", How.EDIT)))
    first, second = await asyncio.gather(made(engine, "first", "root"), made(engine, "second", "child"))
    assert sorted(first + second) == list(range(3, 27))


async def test_all_that_comes_from_a_job_counts_from_the_first_one(engine: AsyncEngine, tmp_path: Path) -> None:
    store = SqlStore(engine, tmp_path)
    await store.create(a_job(id="root", key="root", root_id="root"))
    for name, origin in (("second", "root"), ("third", "second"), ("fourth", "root")):
        await store.create(a_job(id=name, key=name, origin=Origin(origin, How.AGAIN)))
    found = [await store.get(name) for name in ("root", "second", "third", "fourth")]
    assert [(job.root_id, job.take) for job in found] == [("root", number) for number in (1, 2, 3, 4)]


async def test_a_job_older_than_lineages_becomes_the_first_of_its_own(engine: AsyncEngine, tmp_path: Path) -> None:
    store = SqlStore(engine, tmp_path)
    await store.create(a_job(id="old", key="old"))
    await store.create(a_job(id="new", key="new", origin=Origin("old", How.AGAIN)))
    found = [await store.get(name) for name in ("old", "new")]
    assert [(job.root_id, job.take) for job in found] == [("old", 1), ("old", 2)]


async def test_numbers_stay_when_jobs_are_saved_and_forgotten(engine: AsyncEngine, tmp_path: Path) -> None:
    store = SqlStore(engine, tmp_path)
    old = a_job(id="old", key="old", root_id="old", state=State.DELIVERED, told=True, ended_at=1.0)
    await store.create(old)
    child = a_job(id="child", key="child", origin=Origin("old", How.LAST_FRAME, 1))
    await store.create(child)
    await store.save(replace(child, state=State.QUEUED))
    await Library(engine, store).forget(old.place.requester_id, frozenset(), 5.0)
    forgotten, kept = await store.get("old"), await store.get("child")
    assert forgotten.forgotten_at == 5.0
    assert (kept.origin, kept.root_id, kept.take) == (child.origin, "old", 2)
    await store.create(a_job(id="next", key="next", origin=Origin("old", How.EDIT)))
    assert (await store.get("next")).take == 3


async def test_what_comes_from_a_job_that_nobody_knows_is_the_second_take(engine: AsyncEngine, tmp_path: Path) -> None:
    store = SqlStore(engine, tmp_path)
    await store.create(a_job(id="lost", key="lost", origin=Origin("gone", How.AGAIN)))
    found = await store.get("lost")
    assert (found.root_id, found.take) == ("gone", 2)


@pytest.mark.parametrize(
    ("how", "continues", "roles", "left"),
    [
        (How.LAST_FRAME, None, (Role.FIRST, Role.LAST), (How.LAST_FRAME, 2)),
        (How.LAST_FRAME, None, (Role.REFERENCE,), (How.EDIT, 0)),
        (How.CONTINUATION, "gen-1", (), (How.CONTINUATION, 2)),
        (How.CONTINUATION, None, (), (How.EDIT, 0)),
        (How.EDIT, None, (Role.FIRST,), (How.EDIT, 2)),
        (How.AGAIN, None, (), (How.AGAIN, 0)),
    ],
)
def test_what_was_taken_out_in_the_composer_is_no_origin_any_more(
    how: How, continues: str | None, roles: tuple[Role, ...], left: tuple[How, int]
) -> None:
    origin = as_composed(Origin("a", how, 2), continues=continues, roles=roles)
    assert origin == Origin("a", *left)
    assert as_composed(None, continues=continues, roles=roles) is None
