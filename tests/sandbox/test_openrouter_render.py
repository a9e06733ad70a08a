"""The rendered MP4 is as requested, and shows its references."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from sandbox.openrouter.caption import draw_caption
from sandbox.openrouter.render import RenderError, Shot, last_frame, render
from tests.sandbox.openrouter_kit import body, data_url, image, reference, running
from tests.sandbox.video_kit import FFMPEG, near, pixel, probe

pytestmark = pytest.mark.slow

RED, BLUE = (200, 30, 30), (30, 60, 200)
SHOT = Shot("a lantern in the rain", "sandbox", width=480, height=270, seconds=2, audio=False, seed=None)


def plain(colour: tuple[int, int, int], size: tuple[int, int] = (640, 480)) -> Image.Image:
    return Image.new("RGBA", size, (*colour, 255))


@pytest.mark.parametrize(("size", "seconds"), [((854, 480), 4), ((480, 480), 1), ((270, 480), 3)])
async def test_size_length_and_frame_rate_are_right(tmp_path: Path, size: tuple[int, int], seconds: int) -> None:
    target = tmp_path / "a.mp4"
    await render(replace(SHOT, width=size[0], height=size[1], seconds=seconds, references=(plain(RED),)), target)
    found = await asyncio.to_thread(probe, target)
    assert found.size == size
    assert found.seconds == pytest.approx(seconds, abs=0.1)
    assert found.frame_rate == 24
    assert "h264" in found.video
    assert "yuv420p(" in found.video


@pytest.mark.parametrize("audio", [True, False])
async def test_sound_is_there_when_it_was_asked_for(tmp_path: Path, audio: bool) -> None:
    target = tmp_path / "a.mp4"
    await render(replace(SHOT, audio=audio), target)
    found = await asyncio.to_thread(probe, target)
    assert found.audio is audio
    assert found.seconds == pytest.approx(2, abs=0.1)


async def test_the_sound_is_soft_and_not_silent(tmp_path: Path) -> None:
    target = tmp_path / "a.mp4"
    await render(replace(SHOT, audio=True, seconds=3), target)
    command = [FFMPEG, "-hide_banner", "-i", str(target), "-af", "volumedetect", "-vn", "-f", "null", "-"]
    ran = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, check=True)
    loudest = re.search(r"max_volume: (-?[\d.]+) dB", ran.stderr)
    assert loudest, ran.stderr
    assert -30 < float(loudest[1]) < -6


async def test_playing_can_begin_before_the_end_has_arrived(tmp_path: Path) -> None:
    target = tmp_path / "a.mp4"
    await render(SHOT, target)
    data = await asyncio.to_thread(target.read_bytes)
    assert data[4:8] == b"ftyp"
    assert 0 < data.index(b"moov") < data.index(b"mdat")


async def test_a_reference_fills_the_frames(tmp_path: Path) -> None:
    target = tmp_path / "a.mp4"
    await render(replace(SHOT, references=(plain(RED),)), target)
    for at in (0.1, 1.0, 1.9):
        assert near(await asyncio.to_thread(pixel, target, at), RED)


async def test_two_references_appear_one_after_the_other(tmp_path: Path) -> None:
    target = tmp_path / "a.mp4"
    await render(replace(SHOT, references=(plain(RED), plain(BLUE))), target)
    assert near(await asyncio.to_thread(pixel, target, 0.1), RED)
    assert near(await asyncio.to_thread(pixel, target, 1.9), BLUE)


async def test_an_upright_reference_is_whole_in_a_wide_frame(tmp_path: Path) -> None:
    picture = plain(RED, (400, 1200))
    picture.paste((*BLUE, 255), (0, 0, 400, 300))
    target = tmp_path / "a.mp4"
    await render(replace(SHOT, prompt="static", references=(picture,), seconds=1), target)
    colours = [await asyncio.to_thread(pixel, target, 0.95, (0.5, y)) for y in (0.15, 0.4, 0.6)]
    assert near(colours[0], BLUE)
    assert near(colours[1], RED)
    assert near(colours[2], RED)


async def test_the_caption_is_gone_at_the_end_so_that_a_video_which_goes_on_from_there_has_one_only(
    tmp_path: Path,
) -> None:
    target, words = tmp_path / "a.mp4", replace(SHOT, prompt="static", first=plain((255, 255, 255)), last=None)
    await render(replace(words, references=(plain((255, 255, 255)),)), target)
    assert not near(await asyncio.to_thread(pixel, target, 0.2, (0.08, 0.06)), (255, 255, 255))
    assert near(await asyncio.to_thread(pixel, target, 1.9, (0.08, 0.06)), (255, 255, 255))


async def test_the_same_prompt_and_seed_make_the_same_video(tmp_path: Path) -> None:
    files = [tmp_path / f"{name}.mp4" for name in ("one", "same", "other")]
    for file, seed in zip(files, (1, 1, 2), strict=True):
        await render(replace(SHOT, seconds=1, seed=seed), file)
    one, same, other = [await asyncio.to_thread(file.read_bytes) for file in files]
    assert one == same
    assert one != other


WHITE, BLACK = (255, 255, 255), (0, 0, 0)


def spotted() -> Image.Image:
    """A white spot in the middle of black."""
    picture = plain(BLACK, (480, 270))
    picture.paste((*WHITE, 255), (180, 101, 300, 169))
    return picture


async def spot(target: Path, at: float) -> tuple[int, int, int, int]:
    """The box of the white spot in a picture of the video, below its caption: left, top, right, bottom."""
    file = target.with_name(f"{at}.png")
    command = [FFMPEG, "-loglevel", "error", "-y", "-ss", str(at), "-i", str(target), "-frames:v", "1", str(file)]
    await asyncio.to_thread(subprocess.run, command, check=True)
    with Image.open(file) as frame:
        bright = frame.convert("L").point([0] * 200 + [255] * 56)
    bright.paste(0, (0, 0, 480, 50))
    box = bright.getbbox()
    assert box is not None
    return box


@pytest.mark.parametrize(
    "words", ["pan left", "pan right", "tilt up", "tilt down", "dolly in", "zoom out", "orbit left"]
)
async def test_what_is_filmed_moves_as_the_camera_does(tmp_path: Path, words: str) -> None:
    """A thing leaves on the side that the camera turns away from, and grows as it comes closer."""
    target = tmp_path / "a.mp4"
    await render(replace(SHOT, prompt=words, seconds=1, references=(spotted(),)), target)
    (left, top, right, bottom), (left2, top2, right2, bottom2) = await spot(target, 0), await spot(target, 0.95)
    across, down, wider = (
        left2 + right2 - left - right,
        top2 + bottom2 - top - bottom,
        (right2 - left2) - (right - left),
    )
    moves = {"pan left": across, "pan right": -across, "tilt up": down, "tilt down": -down, "dolly in": wider}
    moves |= {"zoom out": -wider, "orbit left": across}
    assert moves[words] > 20


async def test_a_static_camera_holds_while_snow_falls(tmp_path: Path) -> None:
    target = tmp_path / "a.mp4"
    await render(replace(SHOT, prompt="Static shot, snow", seconds=1), target)
    first, last = await asyncio.to_thread(levels, target, 0), await asyncio.to_thread(levels, target, 0.6)
    changed = sum(abs(one - other) > 24 for one, other in zip(first, last, strict=True)) / len(first)
    assert 0 < changed < 0.1


def levels(target: Path, at: float) -> bytes:
    """The brightness of a picture of the video, below its caption."""
    cut = ["-frames:v", "1", "-vf", "crop=iw:ih*0.7:0:ih*0.3", "-pix_fmt", "gray", "-f", "rawvideo", "-"]
    command = [FFMPEG, "-loglevel", "error", "-ss", str(at), "-i", str(target), *cut]
    return subprocess.run(command, check=True, capture_output=True).stdout


async def test_nine_references_fit_into_the_shortest_video(tmp_path: Path) -> None:
    references = tuple(plain((index * 28, 40, 255 - index * 28), (320, 320)) for index in range(9))
    target = tmp_path / "a.mp4"
    await render(replace(SHOT, references=references, seconds=1), target)
    assert (await asyncio.to_thread(probe, target)).seconds == pytest.approx(1, abs=0.1)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "🎬🧑‍🚀 только эмодзи",
        "שלום עולם",
        "مرحبا بالعالم",
        "日本語のプロンプト",
        "word " * 1200,
        "x" * 6000,
        "a\x00b\ud800c\u202ed\nnew line\ttab",
        "it's 100% [safe]: 'quotes'; \\ {braces} $HOME",
    ],
    ids=["empty", "emoji", "hebrew", "arabic", "japanese", "long", "one-word", "controls", "quotes"],
)
def test_any_text_makes_a_caption_of_at_most_three_lines(text: str) -> None:
    strip = draw_caption(text, "label", 480, 270)
    assert strip.width == 480
    assert 0 < strip.height < 135


def test_a_caption_is_legible_against_white_and_black() -> None:
    strip = draw_caption("A lantern", "label", 480, 270)
    for ground in ("white", "black"):
        frame = Image.new("RGB", strip.size, ground)
        frame.paste(strip, (0, 0), strip)
        levels = frame.convert("L").crop((40, 5, 200, strip.height - 15)).getextrema()
        darkest, brightest = json.loads(json.dumps(levels))
        assert brightest - darkest > 100


async def test_a_picture_ffmpeg_cannot_make_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(RenderError, match="ffmpeg ended with"):
        await render(replace(SHOT, width=481), tmp_path / "a.mp4")
    assert await asyncio.to_thread(lambda: list(tmp_path.iterdir())) == []


async def test_a_job_completes_with_a_video_of_its_references_and_its_size(tmp_path: Path) -> None:
    async with running() as client:
        request = body(
            duration=4,
            resolution="480p",
            aspect_ratio="1:1",
            generate_audio=True,
            input_references=[reference(data_url(image(colour))) for colour in ("rgb(200,30,30)", "rgb(30,60,200)")],
        )
        job = await client.finish(request)
        target = tmp_path / "got.mp4"
        data = (await client.get(job["unsigned_urls"][0])).data
        await asyncio.to_thread(target.write_bytes, data)
    found = await asyncio.to_thread(probe, target)
    assert (found.size, found.audio) == ((480, 480), True)
    assert found.seconds == pytest.approx(4, abs=0.1)
    assert near(await asyncio.to_thread(pixel, target, 0.2), RED)
    assert near(await asyncio.to_thread(pixel, target, 3.8), BLUE)


async def test_jobs_that_look_the_same_share_a_rendering() -> None:
    async with running() as client:
        client.server.faults.job(seconds=1, size=(320, 180), times=2)  # quick to draw
        request = body(duration=4, resolution="480p", generate_audio=False)
        first, second = await asyncio.gather(client.finish(request), client.finish(request))
        assert first["id"] != second["id"]
        assert len({job.path for job in client.server.jobs.values()}) == 1


def halves(left: tuple[int, int, int], right: tuple[int, int, int]) -> Image.Image:
    """A picture of two colours side by side."""
    whole = plain(left)
    whole.paste(plain(right, (320, 480)), (320, 0))
    return whole


@pytest.mark.parametrize("with_last", [True, False])
async def test_a_video_begins_with_its_first_frame(tmp_path: Path, with_last: bool) -> None:
    """The whole picture stands in it, to the edge."""
    target = tmp_path / "a.mp4"
    await render(replace(SHOT, first=halves(RED, BLUE), last=plain(BLUE) if with_last else None), target)
    for across, colour in ((0.03, RED), (0.44, RED), (0.56, BLUE), (0.97, BLUE)):
        assert near(await asyncio.to_thread(pixel, target, 0, (across, 0.95)), colour)


@pytest.mark.parametrize("with_first", [True, False])
async def test_a_video_ends_with_its_last_frame(tmp_path: Path, with_first: bool) -> None:
    target = tmp_path / "a.mp4"
    await render(replace(SHOT, last=halves(RED, BLUE), first=plain(BLUE) if with_first else None), target)
    frame = await last_frame(target)
    assert frame.size == (480, 270)
    for across, colour in ((0.03, RED), (0.44, RED), (0.56, BLUE), (0.97, BLUE)):
        seen: Any = frame.convert("RGB").getpixel((int(480 * across), 10))
        assert near(seen, colour)


async def test_frames_are_fetched_and_shown() -> None:
    """A job's video from a first and a last frame."""
    frames = [reference(data_url(image(colour))) for colour in ("red", "blue")]
    kinds = ("last_frame", "first_frame")
    asked = body(
        frame_images=[frame | {"frame_type": kind} for frame, kind in zip(frames, kinds, strict=True)],
        resolution="480p",
        duration=4,
    )
    async with running() as client:
        client.server.faults.job(seconds=1, size=(320, 180))  # quick to draw
        job = await client.finish(asked)
        path = client.server.jobs[job["id"]].path
        assert path is not None
        assert near(await asyncio.to_thread(pixel, path, 0), (0, 0, 255))
        assert near(await asyncio.to_thread(pixel, path, 0.95), (255, 0, 0))


async def test_a_continued_video_begins_where_the_one_before_ended() -> None:
    """`previous_job_id` needs no picture: OpenRouter has the video."""
    red = reference(data_url(image("red"))) | {"frame_type": "last_frame"}
    flux = {"model": "black-forest-labs/flux-3-video", "resolution": "720p", "duration": 5}
    async with running() as client:
        for _ in range(2):
            client.server.faults.job(seconds=1, size=(320, 180))  # quick to draw
        before = await client.finish(body(**flux, frame_images=[red]))
        after = await client.finish(body(**flux, previous_job_id=before["id"]))
        path = client.server.jobs[after["id"]].path
        assert path is not None
        assert near(await asyncio.to_thread(pixel, path, 0), (255, 0, 0))
        assert not near(await asyncio.to_thread(pixel, path, 0.9), (255, 0, 0))
        assert after["usage"]["cost"] == pytest.approx(0.41 * 5)
