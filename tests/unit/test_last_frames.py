"""Last frames of the bot's own videos: from the file as it came, taken once, kept as references are."""

# ruff: noqa: ASYNC240 (tests look at small files of their own)
from __future__ import annotations

import asyncio
import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dailies.continuing import last_frames
from dailies.continuing.last_frames import LastFrames
from dailies.errors import RefusedError
from dailies.job import Job, Output, State, output_name
from dailies.media.last_frame import LastFrame
from dailies.reason import ReasonCode
from dailies.retention import LEFTOVERS
from tests.support.films import FFMPEG
from tests.support.videos import render
from tests.unit.kit import a_job, a_reference


def taker(folder: Path, ffmpeg: str = FFMPEG) -> LastFrames:
    return LastFrames(ffmpeg, folder / "references", most=20_000_000, seconds=20)


@pytest.fixture
def job(tmp_path: Path, mp4: Path) -> Job:
    """A delivered job with its video."""
    made = a_job(state=State.DELIVERED, take=3, outputs=(Output(came=True),))
    file = tmp_path / "videos" / output_name(made.id, 1)
    file.parent.mkdir()
    file.write_bytes(mp4.read_bytes())
    return replace(made, file=file)


async def refused(frames: LastFrames, job: Job, *, wait: float = 20) -> ReasonCode:
    with pytest.raises(RefusedError) as caught:
        await frames.source(job, 1, requester=3, wait=wait)
    return caught.value.reason.code


async def test_a_frame_is_kept_among_the_references_by_its_sha256(tmp_path: Path, job: Job) -> None:
    source = await taker(tmp_path).source(job, 1, requester=3, wait=20)
    assert source.kept is not None
    assert source.kept == tmp_path / "references" / hashlib.sha256(source.kept.read_bytes()).hexdigest()
    assert (source.width, source.height) == (320, 180)
    assert source.name == "last frame of take 3"
    assert [path.name for path in source.kept.parent.iterdir()] == [source.kept.name]


@pytest.mark.slow
async def test_the_frame_of_a_second_is_another_picture_with_a_name_of_its_own(tmp_path: Path, job: Job) -> None:
    taken = taker(tmp_path)
    last = await taken.source(job, 1, requester=3, wait=20)
    first = await taken.source(job, 1, requester=3, wait=20, at=0)
    assert first.kept != last.kept
    assert first.name == "take 3 at 0 s"
    with pytest.raises(RefusedError) as caught:
        await taken.source(job, 1, requester=3, wait=20, at=12)
    assert caught.value.reason.code is ReasonCode.PAST_THE_END


async def test_it_comes_from_the_file_as_it_came_and_never_from_a_copy(tmp_path: Path, job: Job) -> None:
    assert job.file is not None
    smaller = job.file.with_name(f"{job.file.stem}.play.mp4")
    smaller.write_bytes(b"not even a film")
    assert (await taker(tmp_path).source(job, 1, requester=3, wait=20)).width == 320


@pytest.mark.slow
async def test_each_output_has_its_own_and_an_unknown_one_is_the_first(tmp_path: Path, job: Job) -> None:
    assert job.file is not None
    await asyncio.to_thread(render, job.file.with_name(output_name(job.id, 2)), seconds=0.5)
    several = replace(job, outputs=(Output(came=True), Output(came=True)))
    frames = taker(tmp_path)
    first, second, other = [await frames.source(several, number, requester=3, wait=20) for number in (1, 2, 9)]
    assert first.kept != second.kept
    assert other.kept == first.kept


async def test_a_frame_is_taken_once(tmp_path: Path, job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = counted(monkeypatch)
    frames = taker(tmp_path)
    await frames.begin(job, 1, requester=3)
    found = await asyncio.gather(*(frames.source(job, 1, requester=person, wait=20) for person in (3, 4)))
    assert len(calls) == 1
    assert found[0] == found[1]


@pytest.mark.slow
async def test_one_that_was_removed_meanwhile_is_taken_again(tmp_path: Path, job: Job) -> None:
    frames = taker(tmp_path)
    source = await frames.source(job, 1, requester=3, wait=20)
    assert source.kept is not None
    source.kept.unlink()
    assert (await frames.source(job, 1, requester=3, wait=20)).kept == source.kept
    assert source.kept.is_file()


async def test_who_waits_too_long_is_told_so_and_finds_it_next_time(
    tmp_path: Path, job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = counted(monkeypatch)
    frames = taker(tmp_path)
    assert await refused(frames, job, wait=0) is ReasonCode.LAST_FRAME_SLOW
    (task,) = frames._tasks.values()  # pyright: ignore[reportPrivateUsage]
    await task
    assert (await frames.source(job, 1, requester=3, wait=20)).width == 320
    assert len(calls) == 1


async def test_a_video_that_is_not_kept_is_refused(tmp_path: Path, job: Job) -> None:
    assert job.file is not None
    frames = taker(tmp_path)
    for gone in (replace(job, file_removed_at=1.0), replace(job, forgotten_at=1.0), replace(job, file=None)):
        assert await refused(frames, gone) is ReasonCode.VIDEO_NOT_KEPT
    job.file.unlink()
    assert await refused(frames, job) is ReasonCode.VIDEO_NOT_KEPT


async def test_a_file_without_frames_is_refused_and_tried_again_when_it_came_anew(
    tmp_path: Path, job: Job, mp4: Path
) -> None:
    assert job.file is not None
    job.file.write_bytes(b"no film")
    frames = taker(tmp_path)
    assert await refused(frames, job) is ReasonCode.LAST_FRAME_UNREADABLE
    assert list((tmp_path / "references").iterdir()) == []
    job.file.write_bytes(mp4.read_bytes())
    assert (await frames.source(job, 1, requester=3, wait=20)).width == 320


async def test_an_ffmpeg_that_is_gone_is_told(tmp_path: Path, job: Job) -> None:
    assert await refused(taker(tmp_path, "/nowhere/ffmpeg"), job) is ReasonCode.LAST_FRAME_UNREADABLE


async def test_what_was_hidden_stays_hidden(tmp_path: Path, job: Job) -> None:
    hidden = replace(job, references=(replace(a_reference(), spoiler=True),))
    assert (await taker(tmp_path).source(hidden, 1, requester=3, wait=20)).spoiler


async def test_what_a_crash_leaves_is_removed_at_the_next_start(tmp_path: Path) -> None:
    async with last_frames._part(tmp_path / "references") as folder:  # pyright: ignore[reportPrivateUsage]
        assert folder in [path for pattern in LEFTOVERS for path in tmp_path.glob(pattern)]
    assert not folder.exists()


def counted(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Count the files that are decoded."""
    calls: list[Path] = []
    real = last_frames.last_frame

    async def counting(ffmpeg: str, path: Path, folder: Path, **limits: Any) -> LastFrame:
        calls.append(path)
        return await real(ffmpeg, path, folder, **limits)

    monkeypatch.setattr(last_frames, "last_frame", counting)
    return calls
