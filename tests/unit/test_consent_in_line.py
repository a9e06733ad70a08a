"""A consent that ends while a job waits for its turn: the job is refused before it is paid."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from dailies.cast.entry import CastEntry, CastPicture, Consent
from dailies.ids import new_id
from dailies.job import Job, Place, State
from dailies.jobs.life import live
from dailies.reason import ReasonCode
from dailies.references.reference import Reference
from dailies.store.cast import CastStore
from tests.unit.job_context import Harness, ScriptedAPI, harness
from tests.unit.kit import a_job, a_reference

NOW = 1_790_000_000.0
ENDS = NOW + 3600

FIRST = a_reference()


def an_entry(name: str, until: float | None, *, channel_id: int | None = None) -> CastEntry:
    """Make an entry of a real person with the first reference as its picture."""
    consent = Consent("Ann", until, 11, NOW)
    picture = CastPicture(FIRST.sha256, "ann.png")
    return CastEntry(new_id(NOW), 1, channel_id, name, (picture,), 11, NOW, NOW, consent=consent)


def kept_picture(folder: Path, name: str) -> Reference:
    """Write a picture of the cast to the disk."""
    path = folder / "references" / FIRST.sha256
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"a picture")
    return replace(FIRST, path=path, thumbnail=path, cast=(name,))


async def lived_after(
    on: Harness, engine: AsyncEngine, folder: Path, entries: list[CastEntry], seconds: float, name: str = "hero"
) -> Job:
    """Let a job wait in line for that long with a picture of the cast; return it as it came out."""
    cast = CastStore(engine, on.store, folder, now=on.now)
    for entry in entries:
        await cast.create(entry)
    queued = a_job(state=State.QUEUED, references=(kept_picture(folder, name),), place=Place(1, 2, 3, 4))
    job = await on.kept(queued)
    on.now.time = NOW + seconds
    return await live(job, replace(on.context, check_consent=cast.check_consent))


async def test_a_job_whose_consent_ended_in_line_is_not_paid(
    api: ScriptedAPI, tmp_path: Path, engine: AsyncEngine
) -> None:
    async with harness(api, tmp_path, engine=engine) as on:
        ended = await lived_after(on, engine, tmp_path, [an_entry("Hero", ENDS)], 3600)
        assert ended.state is State.REFUSED
        assert ended.reason
        assert ended.reason.code is ReasonCode.CONSENT_ENDED
        assert ended.reason.values["name"] == "@Hero"
        assert on.posts == 0


@pytest.mark.parametrize(
    "entries",
    [
        pytest.param(lambda: [an_entry("hero", None)], id="without an end"),
        pytest.param(lambda: [an_entry("hero", ENDS + 1)], id="a second before its end"),
        pytest.param(lambda: [an_entry("villain", ENDS)], id="of another name with the same picture"),
        pytest.param(
            lambda: [an_entry("hero", ENDS), an_entry("hero", None, channel_id=2)], id="renewed in the channel"
        ),
        pytest.param(list, id="of a removed entry"),
    ],
)
async def test_a_job_whose_consent_holds_is_sent(
    api: ScriptedAPI, tmp_path: Path, mp4: Path, engine: AsyncEngine, entries: Callable[[], list[CastEntry]]
) -> None:
    api.video = mp4.read_bytes()  # noqa: ASYNC240 (a small file)
    async with harness(api, tmp_path, engine=engine) as on:
        ended = await lived_after(on, engine, tmp_path, entries(), 3600)
        assert ended.state is State.DELIVERED
        assert on.posts == 1
