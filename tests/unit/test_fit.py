"""A video is planned and made to fit a size, and nothing is left running."""

# ruff: noqa: ASYNC240 (tests look at small files of their own)
from __future__ import annotations

import asyncio
import subprocess
from dataclasses import replace
from pathlib import Path

import imageio_ffmpeg
import pytest

from dailies.errors import MediaError
from dailies.media.encode import Encoder, FittedVideo
from dailies.media.fit import POOR, changed, plan
from dailies.media.probe import Video, probe
from tests.support.reasons import in_words, raises

FFMPEG = imageio_ffmpeg.get_ffmpeg_exe()
CLIP = Video(10.0, 1920, 1080, 31_000_000, 24.0, "h264", 24_000, "aac", 128)


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make two seconds that are hard to encode, of an odd size, with sound."""
    target = tmp_path_factory.mktemp("fit") / "busy.mp4"
    command = [FFMPEG, "-nostdin", "-loglevel", "error", "-f", "lavfi", "-i", "testsrc2=s=321x181:r=24:d=2"]
    command += ["-f", "lavfi", "-i", "sine=d=2", "-vf", "noise=alls=30:allf=t", "-c:v", "libx264", "-preset"]
    command += ["ultrafast", "-pix_fmt", "yuv444p", "-qp", "20", "-c:a", "aac", str(target)]
    subprocess.run(command, check=True, timeout=60)
    return target


async def fitted(source: Path, limit: int, target: Path, said: list[int] | None = None) -> FittedVideo:
    async def say(percent: int) -> None:
        if said is not None:
            said.append(percent)

    video = await probe(FFMPEG, source, seconds=20)
    return await Encoder(FFMPEG, jobs=1, seconds=60).fit(source, video, limit, target, say)


@pytest.mark.parametrize(
    ("video", "limit", "size"),
    [
        (CLIP, 10_000_000, (1920, 1080)),
        (replace(CLIP, width=1080, height=1920), 10_000_000, (1080, 1920)),
        (replace(CLIP, width=3840, height=2160), 10_000_000, (2560, 1440)),
        (replace(CLIP, seconds=60.0), 10_000_000, (1280, 720)),
        (replace(CLIP, width=641, height=361, sound=None), 10_000_000, (640, 360)),
        (replace(CLIP, width=864, height=496, seconds=400.0), 10_000_000, (418, 240)),
    ],
)
def test_the_picture_gets_smaller_only_when_its_bits_are_too_few(
    video: Video, limit: int, size: tuple[int, int]
) -> None:
    made = plan(video, limit)
    assert (made.width, made.height) == size
    if made.height > 240:
        assert made.kbps * 1000 / (made.width * made.height * made.frames) >= POOR * 0.99


def test_the_sound_stays_as_good_as_the_bits_allow() -> None:
    assert plan(CLIP, 10_000_000).sound_kbps == 128
    assert plan(replace(CLIP, seconds=200.0), 10_000_000).sound_kbps == 45
    assert plan(replace(CLIP, sound=None), 10_000_000).sound_kbps == 0


def test_a_video_that_is_too_long_for_the_limit_is_said_to_be() -> None:
    with raises(MediaError, match=r"too long \(3600 s\) to be made to fit 1\.0 MB"):
        plan(replace(CLIP, seconds=3600.0), 1_000_000)


def test_what_was_changed_is_said_in_few_words() -> None:
    assert (
        in_words(changed(CLIP, replace(CLIP, width=1280, height=720, size=9_600_000))) == "1080p → 720p, 31 MB → 9.6 MB"
    )
    assert in_words(changed(CLIP, replace(CLIP, size=9_600_000))) == "31 MB → 9.6 MB"


@pytest.mark.slow
async def test_a_video_is_made_to_fit_and_plays_on_phones(busy: Path, tmp_path: Path) -> None:
    said: list[int] = []
    limit = busy.stat().st_size // 3
    made = await fitted(busy, limit, tmp_path / "made.mp4", said)

    assert 0.93 * limit <= made.video.size <= limit
    assert (made.video.codec, made.video.sound) == ("h264", "aac")
    assert (made.video.width % 2, made.video.height % 2) == (0, 0)
    head = made.path.read_bytes()
    assert head.index(b"moov") < head.index(b"mdat")
    assert said == sorted(said)
    assert 90 <= said[-1] <= 100
    assert list(tmp_path.iterdir()) == [made.path]


@pytest.mark.slow
async def test_what_phones_cannot_play_becomes_what_they_can(busy: Path, tmp_path: Path) -> None:
    made = await fitted(busy, busy.stat().st_size // 2, tmp_path / "made.mp4")
    shown = subprocess.run(  # noqa: ASYNC221 (a tenth of a second)
        [FFMPEG, "-hide_banner", "-i", str(made.path)], capture_output=True, check=False
    ).stderr
    assert b"yuv420p" in shown


async def test_an_encoding_that_takes_too_long_ends_with_everything_it_started(busy: Path, tmp_path: Path) -> None:
    video = await probe(FFMPEG, busy, seconds=20)

    async def stuck(_: int) -> None:
        await asyncio.sleep(30)

    with raises(MediaError, match=r"took over 0\.5 s"):
        await Encoder(FFMPEG, jobs=1, seconds=0.5).fit(busy, video, 60_000, tmp_path / "made.mp4", stuck)
    assert list(tmp_path.iterdir()) == []
    assert not await asyncio.to_thread(_running, tmp_path)


@pytest.mark.slow
async def test_no_more_than_the_given_number_are_encoded_at_once(busy: Path, tmp_path: Path) -> None:
    video = await probe(FFMPEG, busy, seconds=20)
    encoder = Encoder(FFMPEG, jobs=1, seconds=60)
    running, most = set[int](), 0

    def saying(number: int):  # noqa: ANN202
        async def say(percent: int) -> None:
            nonlocal most
            running.add(number)
            assert encoder.busy
            most = max(most, len(running))
            if percent >= 95:
                running.discard(number)

        return say

    await asyncio.gather(*(encoder.fit(busy, video, 60_000, tmp_path / f"{n}.mp4", saying(n)) for n in range(2)))
    assert most == 1


async def test_a_picture_of_a_monstrous_size_is_not_decoded(tmp_path: Path) -> None:
    bomb = replace(CLIP, width=60_000, height=60_000)
    with raises(MediaError, match="too large a picture"):
        await Encoder(FFMPEG, jobs=1, seconds=5).fit(tmp_path / "a.mp4", bomb, 10_000, tmp_path / "b.mp4", _nothing)


async def _nothing(_: int) -> None:
    """Ignore progress."""


def _running(folder: Path) -> bool:
    """Return whether a process still works in a folder. Linux only; elsewhere nothing is checked."""
    commands = [path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline") if path.exists()]
    return any(str(folder).encode() in command for command in commands)
