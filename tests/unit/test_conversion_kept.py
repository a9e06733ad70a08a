"""A conversion leaves the disk with the file that it was made of, and not before."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from dailies.media.playable import playable
from dailies.retention import Retention
from dailies.store.cast import CastStore
from dailies.store.drafts import DraftStore
from dailies.store.library import Library
from dailies.store.reviews import ReviewStore
from dailies.store.screenings import ScreeningStore
from dailies.store.server_settings import ServerSettingStore
from dailies.store.shots import ShotStore
from dailies.store.sql import SqlStore
from tests.unit.kit import a_job
from tests.unit.test_retention import NOW, job_with_video, put


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


def pair(folder: Path, *, days: float = 100) -> tuple[Path, Path]:
    """Write a video and its conversion."""
    video = put(folder, f"videos/{a_job().id}.mp4", days=days)
    return video, put(folder, f"videos/{playable(video).name}", days=days)


@pytest.mark.parametrize(("ended", "stays"), [(13, True), (15, False)])
async def test_a_conversion_stays_as_long_as_its_video(
    store: SqlStore, retention: Retention, tmp_path: Path, *, ended: float, stays: bool
) -> None:
    files = pair(tmp_path)
    await job_with_video(store, files[0], ended=ended)
    await retention.tidy()
    assert [path.exists() for path in files] == [stays, stays]


async def test_forgetting_a_person_removes_conversions_at_once(
    store: SqlStore, retention: Retention, tmp_path: Path
) -> None:
    files = pair(tmp_path, days=0)
    await job_with_video(store, files[0], ended=1)
    await retention.forget(a_job().place.requester_id, frozenset())
    assert [path.exists() for path in files] == [False, False]
