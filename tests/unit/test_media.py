"""A downloaded file is a whole MP4 with a picture, or it is refused."""

# ruff: noqa: ASYNC240 (tests look at small files of their own)
from __future__ import annotations

import asyncio
import time
from pathlib import Path

import imageio_ffmpeg
import pytest

from dailies.errors import MediaError
from dailies.media import probe as media
from tests.support.children import children
from tests.support.images import image
from tests.support.reasons import in_words, raises
from tests.support.videos import render, render_sound

FFMPEG = imageio_ffmpeg.get_ffmpeg_exe()


CANNOT_READ = "ffmpeg can't read it to its end as a video"


async def refused(path: Path) -> str:
    with pytest.raises(MediaError) as caught:
        await media.probe(FFMPEG, path, seconds=20)
    return in_words(caught.value.reason)


async def test_a_whole_video_is_measured(mp4: Path) -> None:
    video = await media.probe(FFMPEG, mp4, seconds=20)
    assert (video.width, video.height) == (320, 180)
    assert 0.9 < video.seconds < 1.2
    assert video.size == mp4.stat().st_size


async def test_a_silent_video_is_fine(tmp_path: Path) -> None:
    silent = await asyncio.to_thread(render, tmp_path / "silent.mp4", seconds=0.3, sound=False)
    assert (await media.probe(FFMPEG, silent, seconds=20)).width == 320


async def test_a_video_whose_index_comes_last_is_fine(tmp_path: Path) -> None:
    video = await asyncio.to_thread(render, tmp_path / "late.mp4", seconds=0.3, faststart=False)
    assert (await media.probe(FFMPEG, video, seconds=20)).width == 320


async def test_an_odd_file_name_is_no_option_and_no_pattern(tmp_path: Path, mp4: Path) -> None:
    odd = tmp_path / "-i %03d 'x'.mp4"
    odd.write_bytes(mp4.read_bytes())
    assert (await media.probe(FFMPEG, odd, seconds=20)).width == 320


@pytest.mark.parametrize("part", [0.2, 0.5, 0.8, 0.97])
async def test_a_truncated_video_is_refused(tmp_path: Path, mp4: Path, part: float) -> None:
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(mp4.read_bytes()[: int(mp4.stat().st_size * part)])
    await refused(cut)


@pytest.mark.parametrize(
    "data",
    [b"", b"<!DOCTYPE html><title>Sign in</title>", image("red"), image("red", kind="GIF"), bytes(5000)],
    ids=["empty", "html", "png", "gif", "zeros"],
)
async def test_what_is_only_called_mp4_is_refused(tmp_path: Path, data: bytes) -> None:
    fake = tmp_path / "video.mp4"
    fake.write_bytes(data)
    assert await refused(fake) in (CANNOT_READ, "it is a single picture")


async def test_a_playlist_called_mp4_does_not_open_other_files(tmp_path: Path, mp4: Path) -> None:
    playlist = tmp_path / "list.mp4"
    playlist.write_text(f"ffconcat version 1.0\nfile '{mp4}'\n")
    await refused(playlist)


async def test_sound_alone_is_no_video(tmp_path: Path) -> None:
    await refused(await asyncio.to_thread(render_sound, tmp_path / "sound.mp4"))


async def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    await refused(tmp_path / "missing.mp4")


@pytest.mark.slow
async def test_a_file_is_read_once_until_it_changes(tmp_path: Path) -> None:
    video = await asyncio.to_thread(render, tmp_path / "video.mp4", seconds=0.3)
    program = script(tmp_path, f'exec {FFMPEG} "$@"')
    first = await media.probe(program, video, seconds=20)
    script(tmp_path, "exit 1")
    assert await media.probe(program, video, seconds=20) == first

    script(tmp_path, f'exec {FFMPEG} "$@"')
    await asyncio.to_thread(render, video, seconds=0.6)
    assert (await media.probe(program, video, seconds=20)).seconds > first.seconds
    video.write_bytes(video.read_bytes()[:2000])
    with pytest.raises(MediaError):
        await media.probe(program, video, seconds=20)


def script(folder: Path, text: str) -> str:
    """Write an executable that takes ffmpeg's place."""
    path = folder / "ffmpeg"
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return str(path)


async def test_an_ffmpeg_that_hangs_is_ended(tmp_path: Path, mp4: Path) -> None:
    hanging = script(tmp_path, "kill -STOP $$")  # it may start nothing, and signal itself alone
    others, started = children(), time.monotonic()
    with raises(MediaError, match=r"over 0\.5 s"):
        await media.probe(hanging, mp4, seconds=0.5)
    assert time.monotonic() - started < 30
    assert children(others) == []


async def test_a_cancelled_look_ends_ffmpeg(tmp_path: Path, mp4: Path) -> None:
    others = children()
    look = asyncio.create_task(media.probe(script(tmp_path, "kill -STOP $$"), mp4, seconds=30))
    async with asyncio.timeout(30):
        while not children(others):  # noqa: ASYNC110 (the process appears there by itself)
            await asyncio.sleep(0.01)
    look.cancel()
    with pytest.raises(asyncio.CancelledError):
        await look
    assert children(others) == []


async def test_an_ffmpeg_that_is_missing_is_a_media_error(tmp_path: Path, mp4: Path) -> None:
    with raises(MediaError, match="can't be run"):
        await media.probe(str(tmp_path / "no-ffmpeg"), mp4, seconds=5)


async def test_a_duration_of_nothing_is_refused(tmp_path: Path, mp4: Path) -> None:
    text = 'echo "Duration: 00:00:00.00, start"; echo "  Stream #0:0: Video: h264, yuv420p, 320x180, 24 fps"'
    with raises(MediaError, match="duration is 0"):
        await media.probe(script(tmp_path, text), mp4, seconds=5)


async def test_the_version_is_ffmpegs_first_line() -> None:
    assert (await media.version(FFMPEG)).startswith("ffmpeg version")


async def test_an_ffmpeg_that_fails_has_no_version(tmp_path: Path) -> None:
    with raises(MediaError, match="code 3"):
        await media.version(script(tmp_path, "exit 3"))


def test_without_a_setting_the_installed_ffmpeg_is_found() -> None:
    assert media.find_ffmpeg(None) == FFMPEG


def test_a_named_ffmpeg_is_found(tmp_path: Path) -> None:
    named = script(tmp_path, "")
    assert media.find_ffmpeg(named) == named


def test_a_named_ffmpeg_that_is_not_there_is_a_media_error() -> None:
    with raises(MediaError, match="FFMPEG names"):
        media.find_ffmpeg("/no/such/ffmpeg")
