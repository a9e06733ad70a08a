"""A reel joins takes of every kind with their slates, at one size, one rate and one loudness."""

# ruff: noqa: ASYNC240 (tests look at small files of their own)
from __future__ import annotations

import asyncio
import re
import subprocess
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import pytest
import pytest_asyncio

from dailies.errors import MediaError
from dailies.media.canvas import Canvas, cut_canvas, reel_canvas
from dailies.media.container import read_film
from dailies.media.encode import Encoder
from dailies.media.joining import Joining
from dailies.media.normalise import conversion
from dailies.media.probe import Video, probe
from dailies.media.reel import MOST_TAKES, REEL_QUALITY, Clip, Reel, Reels
from dailies.media.slate import SECONDS, Slate
from dailies.media.streams import Track
from dailies.reason import ReasonCode
from tests.support.films import FFMPEG, decoded, pixel, x265
from tests.support.reasons import raises
from tests.support.takes import H264, apart, kinds, take
from tests.support.takes import SECONDS as TAKE_SECONDS

pytestmark = pytest.mark.slow

NAMES = ("wide", "broken", "tall", "hevc", "vfr")


@dataclass
class Made:
    """A reel that was made of takes of all kinds, in the folder where it was made, with what was said meanwhile."""

    reel: Reel
    said: list[int]
    files: list[str]


async def _nothing(_: int) -> None:
    """Ignore progress."""


def reels(seconds: float = 120) -> Reels:
    return Reels(FFMPEG, Encoder(FFMPEG, jobs=1, seconds=seconds))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def made(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Made]:
    """Make a reel once."""
    folder, said = tmp_path_factory.mktemp("reel"), list[int]()

    async def say(percent: int) -> None:
        said.append(percent)

    takes = await asyncio.to_thread(kinds, tmp_path_factory.mktemp("takes"))
    takes["broken"] = folder.with_name("broken.mp4")
    takes["broken"].write_bytes(takes["wide"].read_bytes()[:50_000])
    clips = [Clip(takes[name], Slate(f"Shot 12 · {name}", ("Veo 3.1 · 15 s",))) for name in NAMES]
    reel = await reels().reel(clips, folder / "reel.mp4", say=say, models=["Veo 3.1"])
    yield Made(reel, said, [one.name for one in folder.iterdir()])


def starts(made: Made) -> dict[str, float]:
    return {NAMES[entry.index]: entry.start for entry in made.reel.entries}


@pytest.mark.slow
def test_a_reel_plays_everywhere_to_its_end(made: Made) -> None:
    assert conversion(made.reel.video) is None
    decoded(made.reel.path)
    assert made.reel.seconds == pytest.approx(4 * (SECONDS + TAKE_SECONDS), abs=0.2)


def test_it_has_the_commonest_shape_at_its_largest_and_the_commonest_rate(made: Made) -> None:
    assert (made.reel.video.width, made.reel.video.height) == (128, 72)
    assert made.reel.video.frames == 24


def test_each_take_begins_after_its_slate(made: Made) -> None:
    found = starts(made)
    for name, (red, green, blue) in {"wide": (0, 128, 0), "hevc": (128, 0, 0), "vfr": (128, 0, 128)}.items():
        assert max(pixel(made.reel.path, found[name] - SECONDS + 0.1, "2:2")) < 40
        shown = pixel(made.reel.path, found[name] + 1, "64:36")
        assert all(abs(one - other) < 30 for one, other in zip(shown, (red, green, blue), strict=True)), name


def test_a_tall_take_stands_between_black_bars(made: Made) -> None:
    at = starts(made)["tall"] + 1
    assert max(pixel(made.reel.path, at, "10:36")) < 20
    assert pixel(made.reel.path, at, "64:4")[2] > 200


def test_a_broken_take_is_named_and_left_out(made: Made) -> None:
    assert [(index, reason.code) for index, reason in made.reel.left_out] == [(1, ReasonCode.NO_VIDEO_FILE)]
    assert [entry.index for entry in made.reel.entries] == [0, 2, 3, 4]


@pytest.mark.slow
def test_sound_and_picture_stay_together(made: Made) -> None:
    found = apart(made.reel.path, 24)
    assert len(found) == 3
    assert max(map(abs, found)) <= 0.04


def test_takes_are_equally_loud_and_one_without_sound_is_silent(made: Made) -> None:
    loud = {name: loudness(made.reel.path, start) for name, start in starts(made).items()}
    assert loud.pop("tall") < -60
    assert max(loud.values()) - min(loud.values()) < 2


def loudness(path: Path, start: float) -> float:
    """Return the mean loudness of a take's quiet part in dB."""
    command = [FFMPEG, "-nostdin", "-hide_banner", "-ss", str(start + 2), "-t", "5", "-i", str(path), "-vn"]
    said = subprocess.run([*command, "-af", "volumedetect", "-f", "null", "-"], capture_output=True, check=True).stderr
    found = re.search(rb"mean_volume: (-?[\d.]+|-inf) dB", said)
    assert found
    return float(found[1])


def test_progress_is_told_and_only_the_reel_is_left(made: Made) -> None:
    assert made.said == sorted(set(made.said))
    assert made.said[-1] >= 90
    assert made.files == ["reel.mp4"]


async def test_without_a_take_that_can_be_read_there_is_no_reel(tmp_path: Path) -> None:
    (tmp_path / "broken.mp4").write_bytes(b"<html>")
    with raises(MediaError, match="can't read it"):
        await reels().reel([Clip(tmp_path / "broken.mp4")] * 2, tmp_path / "reel.mp4", say=_nothing)
    assert [one.name for one in tmp_path.iterdir()] == ["broken.mp4"]


async def test_a_reel_that_is_cancelled_leaves_nothing(mp4: Path, tmp_path: Path) -> None:
    begun = asyncio.Event()

    async def say(_: int) -> None:
        begun.set()
        await asyncio.sleep(30)

    making = asyncio.create_task(reels().reel([Clip(mp4)], tmp_path / "reel.mp4", say=say))
    await asyncio.wait_for(begun.wait(), 30)
    assert [one.name[:4] for one in tmp_path.iterdir()] == ["fit-"]
    making.cancel()
    with pytest.raises(asyncio.CancelledError):
        await making
    assert list(tmp_path.iterdir()) == []


async def test_a_reel_that_takes_too_long_ends(mp4: Path, tmp_path: Path) -> None:
    async def stuck(_: int) -> None:
        await asyncio.sleep(30)

    with raises(MediaError, match="took over"):
        await reels(seconds=2).reel([Clip(mp4)], tmp_path / "reel.mp4", say=stuck)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
async def test_a_reel_waits_for_an_encoding_and_begins_after_others_who_wait(mp4: Path, tmp_path: Path) -> None:
    encoder, order = Encoder(FFMPEG, jobs=1, seconds=60), list[str]()

    async def deliver() -> None:
        async with encoder.room.one(None):
            order.append("delivery")

    async def say(_: int) -> None:
        order.append("reel")

    async with encoder.room.one(None):
        film = asyncio.create_task(Reels(FFMPEG, encoder).reel([Clip(mp4)], tmp_path / "reel.mp4", say=say))
        await asyncio.sleep(0)
        delivery = asyncio.create_task(deliver())
        await asyncio.sleep(0)
    await asyncio.gather(film, delivery)
    assert order[:2] == ["delivery", "reel"]


async def test_a_reel_of_too_many_takes_is_not_made(mp4: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="26 takes"):
        await reels().reel([Clip(mp4)] * (MOST_TAKES + 1), tmp_path / "reel.mp4", say=_nothing)


@pytest.mark.slow
async def test_parts_of_odd_takes_have_one_header(tmp_path: Path) -> None:
    odd = {
        "full": ("-vf", "format=yuvj420p", "-color_range", "pc", "-c:v", "libx264", "-preset", "ultrafast"),
        "colours": ("-colorspace", "bt470bg", "-color_primaries", "bt470bg", *H264),
        "places": ("-chroma_sample_location", "topleft", *H264),
        "interlaced": ("-vf", "setfield=tff", "-flags", "+ilme+ildct", *H264),
        "deep": x265("yuv420p10le"),
        "pixels": ("-vf", "setsar=4/3", "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv444p"),
    }
    joining = Joining(FFMPEG, tmp_path, Canvas(64, 36, "24"), REEL_QUALITY, tone_maps=False)
    for number, (name, arguments) in enumerate(odd.items()):
        path = await asyncio.to_thread(take, tmp_path / f"{name}.mp4", *arguments, sound=None, seconds=1)
        slate = Slate(name) if name == "full" else None
        await joining.keep(await joining.make(number, path, await probe(FFMPEG, path, seconds=20), slate))
    films = [await asyncio.to_thread(read_film, part) for part in tmp_path.glob("0*.mp4")]
    assert len(films) == 7
    assert len({film.config for film in films if film}) == 1
    assert joining.seconds == 6 + Fraction(42, 24)


def video(width: int, height: int, rate: float = 24.0) -> Video:
    return Video(5.0, width, height, 1, track=Track(width=width, height=height, frames=rate, exact=rate))


@pytest.mark.parametrize(
    ("videos", "reel", "cut"),
    [
        ([video(1280, 720)], Canvas(1280, 720, "24"), Canvas(1280, 720, "24")),
        ([video(1920, 1080, 60)], Canvas(1280, 720, "30"), Canvas(1920, 1080, "60")),
        ([video(864, 496), video(1280, 720), video(1080, 1920)], Canvas(1280, 720, "24"), Canvas(1280, 720, "24")),
        ([video(720, 1280, 23.98), video(720, 1280, 30)], Canvas(720, 1280, "30"), Canvas(720, 1280, "30")),
        ([video(2560, 1080, 29.97)], Canvas(1280, 540, "30000/1001"), Canvas(2560, 1080, "30000/1001")),
        ([video(1024, 1024, 50)], Canvas(720, 720, "25"), Canvas(1024, 1024, "50")),
        ([video(321, 181)], Canvas(320, 180, "24"), Canvas(320, 180, "24")),
    ],
)
def test_size_and_rate_follow_the_takes(videos: list[Video], reel: Canvas, cut: Canvas) -> None:
    assert (reel_canvas(videos), cut_canvas(videos)) == (reel, cut)


def test_a_picture_takes_whole_ticks_of_the_clock() -> None:
    for rate in ("24", "30", "24000/1001", "12.5", "60"):
        assert (Canvas(2, 2, rate).ticks / Fraction(rate)).denominator == 1
        assert Canvas(2, 2, rate).ticks >= 10_000
