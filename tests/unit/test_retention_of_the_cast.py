"""Pictures of the cast stay as long as their entry, and go with it; on SQLite and on PostgreSQL."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from dailies.cast.entry import CastEntry, CastPicture
from dailies.catalog.options import Options
from dailies.draft import DRAFT_SECONDS, new_draft
from dailies.ids import new_id
from dailies.job import Job, State
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
from tests.unit.test_retention import DAY, NOW, SHA, picture

ANN, BEN = 11, 12


@pytest.fixture
def now() -> Now:
    return Now(NOW)


@pytest.fixture
def cast(engine: AsyncEngine, store: SqlStore, tmp_path: Path, now: Now) -> CastStore:
    return CastStore(engine, store, tmp_path, now=now)


@pytest.fixture
def drafts(engine: AsyncEngine, store: SqlStore, tmp_path: Path, now: Now) -> DraftStore:
    return DraftStore(engine, store, tmp_path, now=now)


@pytest.fixture
def retention(
    engine: AsyncEngine, store: SqlStore, cast: CastStore, drafts: DraftStore, tmp_path: Path, now: Now
) -> Retention:
    others = ServerSettingStore(engine, store), ShotStore(engine, store.patiently)
    others = (*others, ReviewStore(engine, store.patiently), ScreeningStore(engine, store))
    return Retention(Library(engine, store), drafts, cast, *others, tmp_path, days=1, now=now)


async def an_entry(cast: CastStore, name: str = "hero", person: int = ANN) -> CastEntry:
    """Store an entry with one picture."""
    entry = CastEntry(new_id(NOW), 1, None, name, (CastPicture(SHA, "fox.png"),), person, NOW, NOW)
    await cast.create(entry)
    return entry


async def removed(cast: CastStore, retention: Retention, entry: CastEntry) -> None:
    """Remove an entry as the command does."""
    gone = await cast.remove(entry.id, entry.revision)
    assert gone
    await retention.release(gone.pictures)


def using(state: State, **changes: object) -> Job:
    """Make a job whose reference shows the entry."""
    return a_job(state=state, references=(replace(a_reference(), cast=("hero",)),), **changes)


def there(files: tuple[Path, ...]) -> bool:
    return all(path.exists() for path in files)


def gone(files: tuple[Path, ...]) -> bool:
    return not any(path.exists() for path in files)


async def test_a_picture_stays_longer_than_references_of_jobs_and_goes_with_its_entry(
    cast: CastStore, store: SqlStore, retention: Retention, tmp_path: Path, now: Now
) -> None:
    files = picture(tmp_path)
    entry = await an_entry(cast)
    await store.create(using(State.DELIVERED, told=True, ended_at=NOW))
    now.time += 100 * DAY
    assert await retention.tidy() == 0
    assert there(files)

    await removed(cast, retention, entry)
    assert gone(files)


async def test_a_running_job_keeps_the_picture_of_a_removed_entry_until_it_has_ended(
    cast: CastStore, store: SqlStore, retention: Retention, tmp_path: Path, now: Now
) -> None:
    files = picture(tmp_path)
    entry = await an_entry(cast)
    job = using(State.SUBMITTED)
    await store.create(job)
    await removed(cast, retention, entry)
    await retention.tidy()
    assert there(files)

    await store.save(replace(job, state=State.DELIVERED, told=True, ended_at=now.time))
    await retention.tidy()
    assert gone(files)


async def test_a_job_that_is_being_checked_keeps_the_picture_of_a_removed_entry(
    cast: CastStore, store: SqlStore, retention: Retention, tmp_path: Path, now: Now
) -> None:
    files = picture(tmp_path)
    entry = await an_entry(cast)
    checking = a_job(state=State.CHECKING, created_at=NOW)
    await store.create(checking)
    now.time += 5
    await removed(cast, retention, entry)
    assert there(files)

    await store.save(replace(checking, state=State.REFUSED, told=True, ended_at=now.time))
    await retention.tidy()
    assert gone(files)


async def test_another_entry_keeps_a_picture(cast: CastStore, retention: Retention, tmp_path: Path) -> None:
    files = picture(tmp_path)
    hero, twin = await an_entry(cast), await an_entry(cast, "twin")
    await removed(cast, retention, hero)
    await retention.tidy()
    assert there(files)

    await removed(cast, retention, twin)
    assert gone(files)


async def test_a_draft_keeps_a_picture_as_long_as_it_lives(
    cast: CastStore, drafts: DraftStore, retention: Retention, tmp_path: Path, now: Now
) -> None:
    files = picture(tmp_path)
    entry = await an_entry(cast)
    shown = Source("", "fox.png", attached=False, kept=tmp_path / "references" / SHA, cast=("hero",))
    await drafts.create(replace(new_draft(BEN, 1, 2, Options("@hero"), now=NOW), sources=(shown,)))
    await removed(cast, retention, entry)
    await retention.tidy()
    assert there(files)

    now.time += DRAFT_SECONDS + 1
    await retention.tidy()
    assert gone(files)


async def test_a_job_that_was_given_the_picture_by_itself_keeps_it(
    cast: CastStore, store: SqlStore, retention: Retention, tmp_path: Path
) -> None:
    files = picture(tmp_path)
    entry = await an_entry(cast)
    await store.create(a_job(state=State.DELIVERED, told=True, ended_at=NOW, references=(a_reference(),)))
    await removed(cast, retention, entry)
    await retention.tidy()
    assert there(files)


async def test_forgetting_who_added_an_entry_removes_it_with_its_pictures(
    cast: CastStore, retention: Retention, tmp_path: Path
) -> None:
    files = picture(tmp_path)
    mine, other = await an_entry(cast), await an_entry(cast, "fox", BEN)
    assert (await retention.held(ANN)).cast == 1

    await retention.forget(ANN, frozenset())
    assert await cast.get(mine.id) is None
    assert there(files)

    await retention.forget(BEN, frozenset())
    assert await cast.get(other.id) is None
    assert gone(files)


async def test_a_picture_that_a_crash_left_behind_goes_with_the_references_of_jobs(
    cast: CastStore, store: SqlStore, retention: Retention, tmp_path: Path, now: Now
) -> None:
    files = picture(tmp_path)
    entry = await an_entry(cast)
    await store.create(using(State.DELIVERED, told=True, ended_at=NOW))
    await cast.remove(entry.id, entry.revision)
    assert await retention.tidy() == 0

    now.time += 2 * DAY
    await retention.tidy()
    assert gone(files)
