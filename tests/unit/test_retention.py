"""Removal of files by the records of their jobs; on SQLite and on PostgreSQL."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from dailies.job import State
from dailies.retention import Retention
from dailies.screening import Entry, Kind, Screening, Wanted
from dailies.store.cast import CastStore
from dailies.store.drafts import DraftStore
from dailies.store.library import Library
from dailies.store.reviews import ReviewStore
from dailies.store.screenings import ScreeningStore
from dailies.store.server_settings import ServerSettingStore
from dailies.store.shards import Shards
from dailies.store.shots import ShotStore
from dailies.store.sql import SqlStore
from tests.unit.kit import Now, a_job, a_reference

DAY = 86400
NOW = 1_790_000_000.0
SHA = a_reference().sha256


@pytest.fixture
def retention(engine: AsyncEngine, store: SqlStore, tmp_path: Path) -> Retention:
    """Keep files for 14 days."""
    return Retention(
        Library(engine, store),
        DraftStore(engine, store, tmp_path),
        CastStore(engine, store, tmp_path),
        ServerSettingStore(engine, store),
        ShotStore(engine, store.patiently),
        ReviewStore(engine, store.patiently),
        ScreeningStore(engine, store),
        tmp_path,
        days=14,
        now=lambda: NOW,
    )


def put(folder: Path, name: str, *, days: float = 100) -> Path:
    """Write a file below the data folder, changed so many days ago."""
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("x")
    os.utime(path, (NOW - days * DAY, NOW - days * DAY))
    return path


def picture(folder: Path, sha256: str = SHA, *, days: float = 100) -> tuple[Path, Path]:
    """Write a reference and its thumbnail."""
    return put(folder, f"references/{sha256}", days=days), put(folder, f"references/{sha256}.jpg", days=days)


async def job_with_video(store: SqlStore, video: Path, *, ended: float, state: State = State.DELIVERED) -> None:
    """Make a job that ended so many days ago, unless it runs."""
    over = NOW - ended * DAY
    await store.create(a_job(file=video, state=state, told=True, ended_at=over))


async def test_a_video_goes_when_its_job_ended_long_ago(store: SqlStore, retention: Retention, tmp_path: Path) -> None:
    video = put(tmp_path, "videos/0123456789abcdef.mp4")
    await job_with_video(store, video, ended=15)

    assert await retention.tidy() == 1
    assert not video.exists()
    assert (await store.get(a_job().id)).file_removed_at == NOW
    assert await retention.tidy() == 0


async def test_a_video_stays_while_its_job_is_young_however_old_the_file_is(
    store: SqlStore, retention: Retention, tmp_path: Path
) -> None:
    video = put(tmp_path, "videos/0123456789abcdef.mp4")
    await job_with_video(store, video, ended=13)

    assert await retention.tidy() == 0
    assert video.exists()


@pytest.mark.parametrize("state", [State.COMPLETED, State.DELIVERING])
async def test_the_files_of_a_job_that_has_not_ended_stay(
    store: SqlStore, retention: Retention, tmp_path: Path, state: State
) -> None:
    files = [put(tmp_path, f"videos/{a_job().id}.mp4"), put(tmp_path, f"videos/{a_job().id}.mp4.part")]
    files += picture(tmp_path)
    file = files[0] if state is State.DELIVERING else None
    await store.create(a_job(state=State.RESERVED, references=(a_reference(),)))
    await store.save(a_job(state=state, file=file, references=(a_reference(),)))

    assert await retention.tidy() == 0
    assert all(path.exists() for path in files)


async def test_a_video_that_is_gone_already_is_recorded(store: SqlStore, retention: Retention, tmp_path: Path) -> None:
    await job_with_video(store, tmp_path / "videos" / "0123456789abcdef.mp4", ended=15)

    assert await retention.tidy() == 0
    assert (await store.get(a_job().id)).file_removed_at == NOW


async def test_a_reference_goes_with_its_thumbnail_when_every_job_ended_long_ago(
    store: SqlStore, retention: Retention, tmp_path: Path
) -> None:
    files = picture(tmp_path)
    over = a_job(state=State.FAILED, told=True, ended_at=NOW - 15 * DAY, references=(a_reference(),))
    await store.create(over)

    assert await retention.tidy() == 2
    assert not any(path.exists() for path in files)


@pytest.mark.parametrize(("state", "ended"), [(State.DELIVERED, 13.0), (State.SUBMITTED, None)])
async def test_a_reference_stays_while_a_young_or_running_job_uses_it(
    store: SqlStore, retention: Retention, tmp_path: Path, state: State, ended: float | None
) -> None:
    files = picture(tmp_path)
    old = a_job(state=State.FAILED, told=True, ended_at=NOW - 15 * DAY, references=(a_reference(),))
    await store.create(old)
    ended_at = None if ended is None else NOW - ended * DAY
    await store.create(replace(old, id="other", key="78", state=state, ended_at=ended_at))

    assert await retention.tidy() == 0
    assert all(path.exists() for path in files)


async def test_a_reference_that_was_fetched_again_for_a_job_without_record_stays(
    store: SqlStore, retention: Retention, tmp_path: Path
) -> None:
    files = picture(tmp_path, days=10 / DAY)
    over = a_job(state=State.FAILED, told=True, ended_at=NOW - 15 * DAY, references=(a_reference(),))
    await store.create(over)
    await store.create(a_job(id="new", key="78", created_at=NOW - 20))

    assert await retention.tidy() == 0
    assert all(path.exists() for path in files)


@pytest.mark.parametrize("name", ["videos/lost.mp4", "videos/lost.mp4.part", "references/x.part", "references/abc"])
async def test_files_that_nobody_knows_go_by_their_own_age(retention: Retention, tmp_path: Path, name: str) -> None:
    young = put(tmp_path, name, days=13)
    assert await retention.tidy() == 0
    old = put(tmp_path, name, days=15)
    assert await retention.tidy() == 1
    assert not old.exists()
    assert young == old


async def test_a_part_of_an_ended_job_s_download_goes_by_its_age(
    store: SqlStore, retention: Retention, tmp_path: Path
) -> None:
    part = put(tmp_path, f"videos/{a_job().id}.mp4.part", days=15)
    await store.create(a_job(state=State.UNDELIVERED, told=True, ended_at=NOW))
    assert await retention.tidy() == 1
    assert not part.exists()


async def test_another_shard_s_videos_are_not_called_removed(
    engine: AsyncEngine, store: SqlStore, tmp_path: Path
) -> None:
    there = a_job(
        place=replace(a_job().place, guild_id=1 << 22), file=tmp_path / "videos" / "a.mp4", state=State.DELIVERED,
        told=True, ended_at=0.0,
    )  # fmt: skip
    await store.create(there)
    library = Library(engine, store, Shards((0,), 2))
    await Retention(
        library,
        DraftStore(engine, store, tmp_path),
        CastStore(engine, store, tmp_path),
        ServerSettingStore(engine, store),
        ShotStore(engine, store.patiently),
        ReviewStore(engine, store.patiently),
        ScreeningStore(engine, store),
        tmp_path,
        days=14,
        now=lambda: NOW,
    ).tidy()
    assert (await store.get(there.id)).file_removed_at is None


async def test_folders_that_are_not_there_are_tidy(retention: Retention) -> None:
    assert await retention.tidy() == 0


async def test_forgetting_removes_video_and_references_from_the_disk(
    store: SqlStore, retention: Retention, tmp_path: Path
) -> None:
    files = [put(tmp_path, f"videos/{a_job().id}.mp4"), *picture(tmp_path)]
    await store.create(a_job(file=files[0], state=State.DELIVERED, told=True, references=(a_reference(),)))

    assert await retention.forget(a_job().place.requester_id, frozenset()) == (1, 0)
    assert not any(path.exists() for path in files)


async def test_a_reference_that_was_just_fetched_is_removed_later_the_same_day_once_it_is_forgotten(
    engine: AsyncEngine, store: SqlStore, tmp_path: Path
) -> None:
    """It may belong to another job's command just then."""
    now = Now(NOW)
    retention = Retention(
        Library(engine, store),
        DraftStore(engine, store, tmp_path),
        CastStore(engine, store, tmp_path),
        ServerSettingStore(engine, store),
        ShotStore(engine, store.patiently),
        ReviewStore(engine, store.patiently),
        ScreeningStore(engine, store),
        tmp_path,
        days=14,
        now=now,
    )
    files = picture(tmp_path, days=10 / DAY)
    await store.create(a_job(state=State.FAILED, told=True, ended_at=NOW, references=(a_reference(),)))
    await retention.forget(a_job().place.requester_id, frozenset())
    await retention.tidy()
    assert all(path.exists() for path in files)

    now.time += 3600
    await retention.tidy()
    assert not any(path.exists() for path in files)


async def test_a_forgotten_video_that_was_still_there_goes_at_the_next_round(
    engine: AsyncEngine, store: SqlStore, retention: Retention, tmp_path: Path
) -> None:
    """The state after a crash between the record and the removal, or on another process's disk."""
    video = put(tmp_path, f"videos/{a_job().id}.mp4", days=0)
    await store.create(a_job(file=video, state=State.DELIVERED, told=True))
    await Library(engine, store).forget(a_job().place.requester_id, frozenset(), NOW)

    assert await retention.tidy() == 1
    assert not video.exists()


def below(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir()}


async def test_what_a_cut_off_process_left_goes_at_the_next_start(retention: Retention, tmp_path: Path) -> None:
    stay = {"answers/one.json", f"references/{SHA}", f"references/{SHA}.jpg", "videos/one.mp4"}
    left = {"last-sent.json.1.part", "answers/one.json.1.part", "references/tmp1.part", f"references/{SHA}.1.part"}
    left |= {f"references/{SHA}.1.part.jpg", "videos/one.mp4.part", "videos/one.fit.mp4", "videos/fit-1/part.mp4"}
    (tmp_path / "videos").mkdir()
    before = below(tmp_path)
    for name in stay | left:
        put(tmp_path, name, days=0)

    await retention.clear_leftovers()

    assert below(tmp_path) == before | stay
    assert not (tmp_path / "videos" / "fit-1").exists()


async def test_a_first_start_has_no_leftovers(retention: Retention) -> None:
    await retention.clear_leftovers()


async def test_films_of_several_takes_stay_as_long_as_videos_and_go_with_a_take_that_is_forgotten(
    retention: Retention, engine: AsyncEngine, store: SqlStore, tmp_path: Path
) -> None:
    screenings = ScreeningStore(engine, store)
    await store.create(
        a_job(id="j1", file=tmp_path / "videos" / "j1.mp4", state=State.DELIVERED, ended_at=NOW, told=True)
    )
    put(tmp_path, "videos/j1.mp4", days=0)

    async def film(name: str, days: float, *job_ids: str) -> list[Path]:
        entries = tuple(Entry(one, 1, 1) for one in job_ids)
        at = NOW - days * DAY
        made = Screening(name, Kind.CUT, 1, 2, 3, Wanted(), entries, at, files=(f"{name}.mp4",), ended_at=at)
        await screenings.begin(made)
        return [put(tmp_path, f"videos/{name}.{end}", days=days) for end in ("mp4", "otio")]

    old, fresh, theirs = await film("s1", 15, "j9"), await film("s2", 13, "j9"), await film("s3", 1, "j9", "j1")
    await retention.tidy()
    assert [path.is_file() for path in (*old, *fresh, *theirs)] == [False, False, True, True, True, True]
    assert (await retention.held(3)).screenings == 3
    await retention.forget(3, frozenset())
    assert [path.is_file() for path in (*fresh, *theirs)] == [True, True, False, False]
    assert (await retention.held(3)).screenings == 0
