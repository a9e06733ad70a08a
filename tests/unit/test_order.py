"""A delivery is held against what was ordered: one line names both, and nothing is said of what nobody ordered."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import imageio_ffmpeg
import pytest

from cogs.jobs.views import job_view
from dailies import explain
from dailies.catalog.options import VideoRequest
from dailies.job import Job, Output, State
from dailies.jobs.order import difference
from dailies.media.loudness import has_sound
from dailies.media.probe import probe
from dailies.openrouter.pricing import Quote
from dailies.openrouter.pricing.frames import frame
from dailies.reason import Reason, ReasonCode
from tests.support import films
from tests.unit.job_context import DONE, ScriptedAPI, lived
from tests.unit.kit import a_job, catalog

WIDE = Output(12.0, 1280, 720, sound=True)


def ordered(
    output: Output, *outputs: Output, cost: str | None = None, quote: Quote | None = None, **wishes: Any
) -> Job:
    """Make a delivered job with these wishes, of which these files came."""
    request = VideoRequest(prompt="a kite", model="a/b", model_name="A: B", **wishes)
    usd = None if cost is None else Decimal(cost)
    return a_job(request=request, outputs=(output, *outputs), cost=usd, quote=quote, state=State.DELIVERED)


def priced(usd: str | None, at_most: str | None) -> Quote:
    """Make a quote."""
    amounts = [None if one is None else Decimal(one) for one in (usd, at_most)]
    return Quote(amounts[0], False, amounts[1], Reason(ReasonCode.NO_PRICE))


def said(job: Job) -> str | None:
    """Return the line about a job."""
    found = difference(job)
    return found and explain.sentence(found)


def test_a_short_clip_without_sound_is_named_beside_the_order_and_the_bill() -> None:
    quote = priced("0.45", "0.45")
    job = ordered(Output(4.0, 1280, 720, sound=False), duration=12, audio=True, cost="0.45", quote=quote)
    expected = "Ordered: 12 s, with sound. Received: 4 s, without sound. Billed $0.45 of about $0.45."
    assert said(job) == expected


@pytest.mark.parametrize("seconds", [0.04, 4.0, 11.3, 13.0])
def test_another_length_is_named(seconds: float) -> None:
    job = ordered(Output(seconds, 1280, 720, sound=True), duration=12)
    assert said(job) == f"Ordered: 12 s. Received: {seconds:g} s."


@pytest.mark.parametrize(
    ("duration", "seconds"), [(5, 5.06), (6, 5.875), (12, 12.1), (10, 10.47), (30, 28.6), (1, 1.04), (2, 2.4)]
)
def test_the_rounding_of_frames_is_no_difference(duration: int, seconds: float) -> None:
    assert said(ordered(Output(seconds, 1280, 720, sound=True), duration=duration)) is None


def test_half_of_a_very_short_clip_is_a_difference() -> None:
    assert said(ordered(Output(0.5, 1280, 720, sound=True), duration=1)) == "Ordered: 1 s. Received: 0.5 s."


def test_what_the_model_chose_is_no_difference() -> None:
    assert said(ordered(Output(3.1, 400, 300, sound=False))) is None


def test_sound_that_nobody_ordered_is_not_mentioned() -> None:
    assert said(ordered(WIDE, duration=12, audio=False)) is None


def test_a_file_that_could_not_be_read_is_no_difference() -> None:
    assert said(ordered(Output(), duration=12, audio=True, resolution="720p")) is None


@pytest.mark.parametrize(
    ("resolution", "shape", "width", "height", "line"),
    [
        ("720p", "16:9", 640, 360, "Ordered: 720p. Received: 640 × 360 pixels."),
        ("1080p", "9:16", 720, 1280, "Ordered: 1080p. Received: 720 × 1280 pixels."),
        ("720p", "9:16", 1280, 720, "Ordered: 9:16. Received: 1280 × 720 pixels."),
        ("1080p", "1:1", 1280, 720, "Ordered: 1080p in 1:1. Received: 1280 × 720 pixels."),
        ("480p", "16:9", 1920, 1080, "Ordered: 480p. Received: 1920 × 1080 pixels."),
        ("4K", "16:9", 1920, 1080, "Ordered: 4K. Received: 1920 × 1080 pixels."),
        (None, "4:3", 1280, 720, "Ordered: 4:3. Received: 1280 × 720 pixels."),
    ],
)
def test_another_picture_is_named(resolution: str | None, shape: str, width: int, height: int, line: str) -> None:
    job = ordered(Output(12.0, width, height, sound=True), resolution=resolution, aspect_ratio=shape)
    assert said(job) == line


@pytest.mark.parametrize(
    ("resolution", "shape", "width", "height"),
    [
        ("480p", "16:9", 832, 480),
        ("480p", "16:9", 864, 496),
        ("720p", "16:9", 1248, 704),
        ("720p", "1:1", 960, 960),
        ("720p", "21:9", 1470, 630),
        ("768p", "16:9", 1366, 768),
        ("1080p", "16:9", 1920, 1088),
        ("2K", "16:9", 1920, 1080),
        ("2K", "16:9", 2048, 1152),
        ("4K", "16:9", 4096, 2160),
        ("adaptive", "auto", 400, 300),
    ],
)
def test_sizes_as_providers_mean_them_are_no_difference(resolution: str, shape: str, width: int, height: int) -> None:
    job = ordered(Output(12.0, width, height, sound=True), resolution=resolution, aspect_ratio=shape)
    assert said(job) is None


def test_every_size_that_a_model_publishes_is_as_ordered() -> None:
    for model in catalog():
        for resolution in model.resolutions or ():
            for ratio in model.aspect_ratios or ():
                size = frame(model, resolution, ratio)
                assert size
                job = ordered(
                    Output(12.0, size.width, size.height, sound=True), resolution=resolution, aspect_ratio=ratio
                )
                assert said(job) is None, (model.id, resolution, ratio)


@pytest.mark.parametrize(
    ("cost", "quote", "line"),
    [
        ("1.20", priced("0.45", "0.45"), "Billed $1.20, more than the $0.45 quoted."),
        ("1.20", priced(None, "0.90"), "Billed $1.20, more than the $0.90 quoted."),
        ("1.20", priced("0.45", None), "Billed $1.20, more than the $0.45 quoted."),
        ("0.46", priced("0.45", "0.45"), None),
        ("0.60", priced("0.45", None), None),
        ("0.10", priced("0.45", "0.45"), None),
        ("1.20", priced(None, None), None),
        ("1.20", None, None),
    ],
)
def test_a_bill_above_the_price_is_named_and_no_other(cost: str, quote: Quote | None, line: str | None) -> None:
    assert said(ordered(WIDE, duration=12, cost=cost, quote=quote)) == line


def test_jobs_show_has_the_line_once() -> None:
    job = ordered(Output(4.0, 1280, 720, sound=True), duration=12, cost="0.45")
    text = str([one.to_component_dict() for one in job_view(job, "record.txt").children])
    assert text.count("Ordered: 12 s. Received: 4 s. Billed $0.45.") == 1


async def test_the_figures_are_kept_and_the_message_names_the_difference(tmp_path: Path) -> None:
    film = films.make(tmp_path / "film.mp4", *films.FINE, sound=False)
    api = ScriptedAPI(film.read_bytes(), polls=[DONE])
    request = VideoRequest(prompt="a kite", model="a/b", model_name="A: B", duration=5, audio=True)
    job, on = await lived(a_job(state=State.SUBMITTED, openrouter_id="remote-1", request=request), api, tmp_path)

    assert job.outputs == (Output(1.0, 128, 72, sound=False, came=True, message_id=job.video_message_id),)
    (upload,) = on.chat.uploads
    words = "your video is ready Ordered: 5 s, with sound. Received: 1 s, without sound. Billed $0.25."
    assert explain.sentences(upload.words) == words


@pytest.mark.parametrize(
    ("track", "heard"), [("sine=d=1", True), ("anullsrc=d=1", False), ("sine=d=1,volume=-50dB", True)]
)
async def test_a_track_without_an_audible_sample_is_no_sound(track: str, heard: bool, tmp_path: Path) -> None:
    inputs = [*films.PICTURE, "-f", "lavfi", "-i", track]
    film = films.run(tmp_path / "film.mp4", *inputs, *films.FINE, "-t", "1")
    ffmpeg = imageio_ffmpeg.get_ffmpeg_exe()
    assert await has_sound(ffmpeg, film, await probe(ffmpeg, film, seconds=20), seconds=20) is heard
