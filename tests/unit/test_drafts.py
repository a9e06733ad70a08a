"""Drafts: what is kept of a request that is being composed, and how long."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from dailies.catalog.options import Options
from dailies.draft import DRAFT_SECONDS, Draft, new_draft
from dailies.job import How, Origin
from dailies.openrouter.payload import Fitting, Role
from dailies.references.reference import Source
from dailies.store.drafts import DraftStore
from dailies.store.sql import SqlStore
from tests.unit.kit import a_job

NOW = 1_700_000_000.0


class Clock:
    """Time that a test moves."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def jobs(engine: AsyncEngine, tmp_path: Path) -> SqlStore:
    return SqlStore(engine, tmp_path)


@pytest.fixture
def store(engine: AsyncEngine, jobs: SqlStore, tmp_path: Path, clock: Clock) -> DraftStore:
    return DraftStore(engine, jobs, tmp_path, now=clock)


def a_draft(folder: Path) -> Draft:
    first = Source("https://a.example/1.png", "1.png", attached=False, role=Role.FIRST, fitting=Fitting.CROP)
    kept = Source("", "fox.jpg", attached=False, spoiler=True, kept=folder / "references" / "0a")
    options = Options("The fox", "a/model", duration=8, seed=3, provider_options={"negative_prompt": "blur"})
    draft = new_draft(1, 2, 3, options, now=NOW)
    return replace(draft, sources=(first, kept), takes=3, origin=Origin("0job", How.LAST_FRAME, 2), age_restricted=True)


async def test_a_draft_comes_back_as_it_was_stored(store: DraftStore, tmp_path: Path) -> None:
    draft = a_draft(tmp_path)
    await store.create(draft)
    assert await store.get(draft.id) == draft


async def test_a_change_names_the_revision_that_it_was_made_from(store: DraftStore, tmp_path: Path) -> None:
    draft = a_draft(tmp_path)
    await store.create(draft)
    changed = await store.change(replace(draft, takes=1))
    assert changed is not None
    assert (changed.revision, changed.takes) == (2, 1)
    assert await store.change(replace(draft, takes=4)) is None
    assert await store.get(draft.id) == changed


async def test_the_newest_draft_of_a_person_and_channel_is_the_one_changed_last(
    store: DraftStore, clock: Clock
) -> None:
    drafts = [new_draft(1, 2, 3, Options(text), now=NOW + number) for number, text in enumerate("ab")]
    for draft in [
        *drafts,
        new_draft(9, 2, 3, Options("c"), now=NOW + 5),
        new_draft(1, 2, 8, Options("d"), now=NOW + 5),
    ]:
        await store.create(draft)
    clock.now = NOW + 20
    changed = await store.change(drafts[0])
    assert await store.newest(1, 3) == changed
    assert await store.newest(7, 3) is None


async def test_a_draft_ends_a_day_after_its_last_change(store: DraftStore, clock: Clock, tmp_path: Path) -> None:
    draft = a_draft(tmp_path)
    await store.create(draft)
    clock.now = NOW + DRAFT_SECONDS - 1
    assert await store.pictures() == {"0a"}
    await store.tidy()
    assert await store.get(draft.id) == draft
    clock.now += 2
    assert await store.get(draft.id) is None
    assert await store.pictures() == set()


async def test_forgetting_a_person_removes_their_drafts_alone(store: DraftStore, tmp_path: Path) -> None:
    mine, other = a_draft(tmp_path), replace(a_draft(tmp_path), id="other", person_id=5)
    for one in (mine, other):
        await store.create(one)
    await store.forget(1)
    assert (await store.get(mine.id), await store.get(other.id)) == (None, other)


async def test_a_draft_knows_the_job_that_has_its_key_and_is_not_reopened_then(
    store: DraftStore, jobs: SqlStore, tmp_path: Path
) -> None:
    made, older = a_draft(tmp_path), replace(a_draft(tmp_path), id="older", changed_at=NOW - 9)
    for draft in (made, older):
        await store.create(draft)
    assert await store.newest(1, 3) == made
    job = a_job(key=made.key)
    await jobs.create(job)
    assert await store.get(made.id) == replace(made, job_id=job.id)
    assert await store.newest(1, 3) == older


async def test_of_changes_at_the_same_time_one_is_stored(store: DraftStore, tmp_path: Path) -> None:
    draft = a_draft(tmp_path)
    await store.create(draft)
    changes = await asyncio.gather(*(store.change(replace(draft, takes=takes)) for takes in (1, 2, 3, 4)))
    (stored,) = [one for one in changes if one]
    assert await store.get(draft.id) == stored


async def test_of_clicks_at_the_same_time_one_makes_the_job(store: DraftStore, jobs: SqlStore, tmp_path: Path) -> None:
    draft = a_draft(tmp_path)
    await store.create(draft)
    made = await asyncio.gather(*(jobs.create(a_job(id=f"job{n}", key=draft.key)) for n in range(5)))
    assert sorted(made) == [False, False, False, False, True]
    found = await store.get(draft.id)
    assert found
    assert found.job_id == f"job{made.index(True)}"
