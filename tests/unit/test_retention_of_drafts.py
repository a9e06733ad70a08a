"""Drafts end a day after their last change, and their pictures with them; on SQLite and on PostgreSQL."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from dailies.catalog.options import Options
from dailies.draft import DRAFT_SECONDS, Draft, new_draft
from dailies.job import State
from dailies.references.reference import Source
from dailies.retention import Retention
from dailies.store.cast import CastStore
from dailies.store.drafts import DraftStore
from dailies.store.library import Library
from dailies.store.reviews import ReviewStore
from dailies.store.screenings import ScreeningStore
from dailies.store.server_settings import ServerSettingStore
from dailies.store.shots import ShotStore
from dailies.store.sql import SqlStore
from tests.unit.kit import Now, a_job, a_reference
from tests.unit.test_retention import NOW, SHA, picture

DAYS = 0.5
"""Less than a draft is kept, so that only the draft keeps its pictures."""
ANN, BEN = 1, 2


@pytest.fixture
def now() -> Now:
    return Now(NOW)


@pytest.fixture
def drafts(engine: AsyncEngine, store: SqlStore, tmp_path: Path, now: Now) -> DraftStore:
    return DraftStore(engine, store, tmp_path, now=now)


@pytest.fixture
def retention(engine: AsyncEngine, store: SqlStore, drafts: DraftStore, tmp_path: Path, now: Now) -> Retention:
    kept = drafts, CastStore(engine, store, tmp_path, now=now), ServerSettingStore(engine, store)
    kept = (*kept, ShotStore(engine, store.patiently))
    kept = (*kept, ReviewStore(engine, store.patiently), ScreeningStore(engine, store))
    return Retention(Library(engine, store), *kept, tmp_path, days=DAYS, now=now)


async def a_draft(drafts: DraftStore, folder: Path, person: int = ANN) -> Draft:
    """Store a draft with one picture."""
    draft = new_draft(person, 2, 3, Options("The fox"), now=NOW)
    source = Source("", "fox.jpg", attached=False, kept=folder / "references" / SHA)
    draft = replace(draft, sources=(source,))
    await drafts.create(draft)
    return draft


async def test_a_picture_stays_as_long_as_its_draft_and_goes_with_it(
    drafts: DraftStore, retention: Retention, tmp_path: Path, now: Now
) -> None:
    files = picture(tmp_path)
    draft = await a_draft(drafts, tmp_path)
    now.time += DRAFT_SECONDS - 1
    assert await retention.tidy() == 0
    assert all(path.exists() for path in files)

    now.time += 2
    assert await retention.tidy() == 2
    assert not any(path.exists() for path in files)
    assert await drafts.get(draft.id) is None
    assert await drafts.count(ANN) == 0


async def test_a_draft_keeps_the_picture_of_a_job_whose_time_is_over(
    store: SqlStore, drafts: DraftStore, retention: Retention, tmp_path: Path
) -> None:
    files = picture(tmp_path)
    over = a_job(state=State.FAILED, told=True, ended_at=0.0, references=(a_reference(),))
    await store.create(over)
    await a_draft(drafts, tmp_path)

    assert await retention.tidy() == 0
    assert all(path.exists() for path in files)


async def test_a_picture_stays_for_the_job_that_was_made_of_its_draft(
    store: SqlStore, drafts: DraftStore, retention: Retention, tmp_path: Path, now: Now
) -> None:
    files = picture(tmp_path)
    await a_draft(drafts, tmp_path)
    await store.create(a_job(state=State.SUBMITTED, references=(a_reference(),)))
    now.time += DRAFT_SECONDS + 1

    assert await retention.tidy() == 0
    assert all(path.exists() for path in files)


async def test_forgetting_a_person_removes_their_drafts_with_the_pictures(
    drafts: DraftStore, retention: Retention, tmp_path: Path
) -> None:
    files = picture(tmp_path)
    draft = await a_draft(drafts, tmp_path)
    assert (await retention.held(ANN)).drafts == 1

    assert await retention.forget(ANN, frozenset()) == (0, 0)

    assert await drafts.get(draft.id) is None
    assert not any(path.exists() for path in files)


async def test_a_forgotten_picture_stays_while_another_person_s_draft_has_it_and_goes_with_that(
    store: SqlStore, drafts: DraftStore, retention: Retention, tmp_path: Path, now: Now
) -> None:
    files = picture(tmp_path)
    job = a_job(state=State.FAILED, told=True, ended_at=NOW, references=(a_reference(),))
    await store.create(job)
    await a_draft(drafts, tmp_path, job.place.requester_id)
    other = await a_draft(drafts, tmp_path, BEN)

    await retention.forget(job.place.requester_id, frozenset())
    await retention.tidy()
    assert all(path.exists() for path in files)
    assert await drafts.get(other.id) is not None

    now.time += DRAFT_SECONDS + 1
    await retention.tidy()
    assert not any(path.exists() for path in files)
