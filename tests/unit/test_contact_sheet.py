"""The contact sheet: a numbered frame of each video, whatever its shape, without those that cannot be read."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import cast

import pytest
from PIL import Image

from dailies.errors import MediaError
from dailies.job import Job, State
from dailies.jobs.life import live
from dailies.media.contact_sheet import GAP, contact_sheet
from dailies.takes import sheet_of
from tests.support.films import FFMPEG, X264, make
from tests.unit.job_context import ScriptedAPI, harness
from tests.unit.test_takes import a_set


def film(folder: Path, name: str, colour: str, size: str = "160x90") -> Path:
    """Make a film of one second that is black in the beginning, and then of one colour."""
    folder.mkdir(exist_ok=True)
    later = f"color=black:s={size}:r=24:d=0.4[a];color={colour}:s={size}:r=24:d=0.6[b];[a][b]concat=n=2"
    return make(folder / name, *X264, "-pix_fmt", "yuv420p", sound=False, picture=("-f", "lavfi", "-i", later))


def names(folder: Path) -> list[str]:
    return [one.name for one in folder.iterdir()]


async def sheet(folder: Path, videos: dict[int, Path]) -> Image.Image:
    """Make a sheet; it says that its frames are made with AI."""
    await contact_sheet(FFMPEG, videos, folder / "sheet.jpg", seconds=20)
    with Image.open(folder / "sheet.jpg") as picture:
        assert picture.info["comment"] == b"Made with AI"
        assert b"digitalsourcetype/trainedAlgorithmicMedia" in picture.info["xmp"]
        return picture.convert("RGB")


def near(pixel: object, colour: tuple[int, int, int]) -> bool:
    return all(abs(a - b) < 40 for a, b in zip(cast("tuple[int, ...]", pixel), colour, strict=True))


@pytest.mark.slow
async def test_frames_from_the_middle_stand_side_by_side_in_order(tmp_path: Path) -> None:
    videos = {1: film(tmp_path, "a.mp4", "red"), 3: film(tmp_path, "b.mp4", "lime"), 4: film(tmp_path, "c.mp4", "blue")}
    picture = await sheet(tmp_path, videos)
    assert picture.size == (2 * 160 + GAP, 2 * 90 + GAP)
    corners = [(150, 80), (160 + GAP + 150, 80), (150, 90 + GAP + 80)]
    colours = [(255, 0, 0), (0, 255, 0), (0, 0, 255)]
    assert all(near(picture.getpixel(at), colour) for at, colour in zip(corners, colours, strict=True))


@pytest.mark.slow
async def test_each_frame_has_its_number(tmp_path: Path) -> None:
    picture = await sheet(tmp_path, {1: film(tmp_path, "a.mp4", "red"), 2: film(tmp_path, "b.mp4", "red")})
    one, two = picture.crop((0, 0, 40, 40)), picture.crop((160 + GAP, 0, 200 + GAP, 40))
    assert near(one.getpixel((5, 5)), (0, 0, 0))
    assert one.tobytes() != two.tobytes()


@pytest.mark.slow
async def test_tall_videos_stand_in_one_row(tmp_path: Path) -> None:
    videos = {number: film(tmp_path, f"{number}.mp4", "red", "90x160") for number in (1, 2, 3)}
    assert (await sheet(tmp_path, videos)).size == (3 * 90 + 2 * GAP, 160)


async def test_a_file_that_is_no_video_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "broken.mp4").write_bytes(b"<html>")
    videos = {1: film(tmp_path, "a.mp4", "red"), 2: tmp_path / "broken.mp4"}
    assert (await sheet(tmp_path, videos)).size == (160, 90)


async def test_without_any_video_there_is_no_sheet(tmp_path: Path) -> None:
    (tmp_path / "broken.mp4").write_bytes(b"<html>")
    with pytest.raises(MediaError):
        await contact_sheet(FFMPEG, {1: tmp_path / "broken.mp4"}, tmp_path / "sheet.jpg", seconds=20)
    assert names(tmp_path) == ["broken.mp4"]


def done(job: Job, file: Path) -> Job:
    return replace(job, state=State.DELIVERED, file=file, cost=Decimal("0.25"), told=True, ended_at=job.created_at)


@pytest.mark.slow
async def test_the_last_take_to_end_makes_the_sheet_before_its_end_is_shown(api: ScriptedAPI, tmp_path: Path) -> None:
    async with harness(api, tmp_path) as on:
        first, second, third = a_set(3, state=State.RESERVED)
        await on.store.create_set((first, second, third))
        first = done(first, film(on.context.videos, f"{first.id}.mp4", "red"))
        await on.store.save(first)
        assert (await live(second, on.context)).state is State.DELIVERED
        target = first.file and first.file.with_name(f"{first.id}.sheet.jpg")
        assert target
        assert target.name not in names(on.context.videos)
        ended = await live(third, on.context)
        assert target.name in names(on.context.videos)
        assert sheet_of(await on.store.takes(first.id)) == target
        assert ended.told


@pytest.mark.parametrize("state", [State.FAILED, State.REFUSED])
async def test_one_video_alone_makes_no_sheet(api: ScriptedAPI, tmp_path: Path, state: State) -> None:
    async with harness(api, tmp_path) as on:
        first, second = a_set(2, state=State.RESERVED)
        await on.store.create_set((first, second))
        await on.store.save(replace(first, state=state, told=True))
        await live(second, on.context)
        assert names(on.context.videos) == [f"{second.id}.mp4"]
