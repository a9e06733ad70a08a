"""The rendered MP4 is as requested, and shows its references."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from sandbox.openrouter.caption import draw_caption
from sandbox.openrouter.render import RenderError, Shot, render
from tests.sandbox.openrouter_kit import body, data_url, image, reference, running
from tests.sandbox.video_kit import FFMPEG, near, pixel, probe

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
    await render(replace(SHOT, references=(picture,), seconds=1), target)
    colours = [await asyncio.to_thread(pixel, target, 0.5, (0.5, y)) for y in (0.15, 0.4, 0.6)]
    assert near(colours[0], BLUE)
    assert near(colours[1], RED)
    assert near(colours[2], RED)


async def test_without_references_a_picture_moves(tmp_path: Path) -> None:
    target = tmp_path / "a.mp4"
    await render(replace(SHOT, seconds=3), target)
    corners = [(0.1, 0.1), (0.9, 0.1), (0.1, 0.6), (0.9, 0.6)]
    first = [await asyncio.to_thread(pixel, target, 0.1, place) for place in corners]
    last = [await asyncio.to_thread(pixel, target, 2.8, place) for place in corners]
    assert not all(near(one, other) for one, other in zip(first, last, strict=True))


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
        request = body(duration=4, resolution="480p", generate_audio=False)
        first, second = await asyncio.gather(client.finish(request), client.finish(request))
        assert first["id"] != second["id"]
        assert len({job.path for job in client.server.jobs.values()}) == 1
