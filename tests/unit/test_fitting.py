"""A frame of another shape than the video's is cropped or padded as its person chose, and never silently."""

from __future__ import annotations

import io
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from dailies.errors import ReferenceRefused
from dailies.openrouter.payload import Fit, Fitting, Inline, Role
from dailies.references.collect import Collector, Sending
from dailies.references.fetch import Fetcher
from dailies.references.fitting import PADDED_SIDE, fitted
from dailies.references.inspector import DecodeLimits
from dailies.references.previews import previews
from dailies.references.reference import Reference, Source
from dailies.references.request_size import REST
from tests.support.images import corners, image, saved, turned
from tests.support.reasons import each_in_words, raises
from tests.support.servers import serving
from tests.unit.kit import Now

CROP, PAD = Fit("16:9", Fitting.CROP), Fit("16:9", Fitting.PAD)
TALL = saved(corners((300, 400)), "PNG")


@given(
    st.tuples(st.integers(1, 500), st.integers(1, 500)),
    st.sampled_from(["16:9", "9:16", "1:1", "4:3", "3:4", "21:9", "9:21", "3:2", "2:3"]),
)
def test_both_ways_give_the_shape_and_lose_nothing_more_than_they_must(size: tuple[int, int], shape: str) -> None:
    picture = Image.new("RGB", size, "white")
    wide, high = map(int, shape.split(":"))
    cropped, padded = (fitted(picture, Fit(shape, one)) for one in (Fitting.CROP, Fitting.PAD))
    for one in (cropped, padded):
        # To the pixel, where a side of less than one pixel would be right, too.
        assert abs(one.width * high - one.height * wide) <= max(wide, high) or 1 in one.size
    assert cropped.width == size[0] or cropped.height == size[1]
    assert cropped.width <= size[0]
    assert cropped.height <= size[1]
    assert padded.width == size[0] or padded.height == size[1]
    assert padded.width >= size[0]
    assert padded.height >= size[1]


def test_a_crop_keeps_the_middle() -> None:
    picture = fitted(corners((300, 400)), CROP)
    assert picture.size == (300, 169)
    assert [picture.getpixel(at) for at in ((0, 0), (299, 0), (0, 168), (299, 168))] == [
        (255, 0, 0),
        (0, 255, 0),
        (0, 0, 255),
        (255, 255, 255),
    ]


def test_bars_stand_on_both_sides() -> None:
    picture = fitted(corners((300, 400)), PAD)
    assert picture.size == (711, 400)
    assert [picture.getpixel(at) for at in ((204, 0), (205, 0), (504, 0), (505, 0))] == [
        (0, 0, 0),
        (255, 0, 0),
        (0, 255, 0),
        (0, 0, 0),
    ]


def test_bars_make_no_picture_larger_than_a_video() -> None:
    assert fitted(Image.new("L", (100, 6000)), PAD).width == PADDED_SIDE


def test_both_ways_are_drawn_as_squares_that_galleries_show_whole() -> None:
    drawn = previews(image("white", kind="JPEG", size=(192, 256)), "16:9")
    assert list(drawn) == [Fitting.CROP, Fitting.PAD]
    crop, pad = (grey(one) for one in drawn.values())
    assert crop.size == pad.size == (256, 256)
    below, inside, beside = (128, 250), (128, 128), (20, 150)
    # The part that is lost is dark, the rest is bright; bars are black, and the area around both is neither.
    assert [bright(crop, at) for at in (below, inside)] == pytest.approx([64, 255], abs=3)
    assert [bright(pad, at) for at in (below, inside, beside)] == pytest.approx([45, 255, 0], abs=3)


def grey(data: bytes) -> Image.Image:
    with Image.open(io.BytesIO(data)) as picture:
        return picture.convert("L")


def bright(picture: Image.Image, at: tuple[int, int]) -> int:
    return picture.tobytes()[at[1] * picture.width + at[0]]


@asynccontextmanager
async def collecting(folder: Path, picture: bytes, sending: Sending | None = None) -> AsyncGenerator[Frames]:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(body=picture, content_type="image/png")

    async with (
        serving(answer) as server,
        Fetcher(folder, trusted=frozenset({server.origin}), size=20_000_000, seconds=5) as fetcher,
    ):
        collector = Collector(fetcher, bounds=DecodeLimits(20), sending=sending, now=Now())
        yield Frames(collector, f"{server.origin}/fox.png")


class Frames:
    """Collects the same picture in different roles. collector: its collector."""

    def __init__(self, collector: Collector, url: str) -> None:
        self.collector = collector
        self._url = url

    def source(self, fitting: Fitting | None = None, role: Role = Role.FIRST) -> Source:
        return Source(self._url, "fox.png", attached=False, role=role, fitting=fitting)

    async def one(
        self, fitting: Fitting | None = None, role: Role = Role.FIRST, shape: str | None = "16:9"
    ) -> Reference:
        return await self.collector.one(self.source(fitting, role), shape=shape)


async def test_a_frame_of_another_shape_is_refused_until_somebody_chooses(tmp_path: Path) -> None:
    async with collecting(tmp_path, TALL) as frames:
        with raises(ReferenceRefused, match=r"it is 300 × 400, the video is 16:9\. Choose whether to crop or pad it"):
            await frames.one()


@pytest.mark.slow
async def test_a_chosen_fitting_is_sent_inline_said_and_recorded(tmp_path: Path) -> None:
    async with collecting(tmp_path, TALL) as frames:
        cropped, padded = await frames.one(Fitting.CROP), await frames.one(Fitting.PAD)
    assert (cropped.width, cropped.height, padded.width, padded.height) == (300, 169, 711, 400)
    assert "cropped to 16:9" in each_in_words(cropped.notes)
    assert "padded to 16:9" in each_in_words(padded.notes)
    for one in (cropped, padded):
        sent = one.to_send()
        assert isinstance(sent, Inline)
        assert sent.sha256 == one.converted
        assert one.fitting
        with Image.open(one.path) as picture:
            assert picture.size == (one.width, one.height)


async def test_what_has_the_shape_is_sent_as_it_is_whatever_was_chosen(tmp_path: Path) -> None:
    data = image("red", size=(864, 496))
    async with collecting(tmp_path, data) as frames:
        found = [await frames.one(fitting) for fitting in (None, *Fitting)]
    assert [one.path.read_bytes() for one in found] == [data] * 3
    assert not any(one.notes for one in found)


async def test_references_and_frames_of_a_video_of_unknown_shape_keep_theirs(tmp_path: Path) -> None:
    async with collecting(tmp_path, TALL) as frames:
        found = [await frames.one(role=Role.REFERENCE), await frames.one(shape=None)]
    assert [(one.width, one.height) for one in found] == [(300, 400)] * 2


async def test_the_shape_is_that_of_the_picture_turned_upright(tmp_path: Path) -> None:
    data = turned(corners((400, 225)), 6, "JPEG", quality=95)  # stored as 225 × 400
    async with collecting(tmp_path, data) as frames:
        found = await frames.one()
    assert (found.width, found.height) == (400, 225)


@pytest.mark.slow
async def test_the_same_picture_as_first_and_last_frame_makes_a_loop(tmp_path: Path) -> None:
    async with collecting(tmp_path, TALL) as frames:
        given_ = [frames.source(Fitting.CROP), frames.source(Fitting.PAD, Role.LAST)]
        found = await frames.collector.start(given_, shape="16:9").finish()
    assert [(one.role, one.fitting) for one in found] == [(Role.FIRST, Fitting.CROP), (Role.LAST, Fitting.PAD)]
    assert found[0].sha256 == found[1].sha256
    assert found[0].path != found[1].path


@pytest.mark.slow
async def test_a_frame_made_again_after_its_file_was_lost_is_the_same(tmp_path: Path) -> None:
    async with collecting(tmp_path, TALL) as frames:
        before = await frames.one(Fitting.PAD)
        before.path.unlink()
        (after,) = await frames.collector.again([before]).finish()
    assert after == replace(before, link=None)
    assert after.path.is_file()


@pytest.mark.slow
async def test_frames_that_are_scaled_to_fit_a_request_keep_their_shape(tmp_path: Path) -> None:
    noise = saved(Image.effect_noise((1200, 1600), 60), "JPEG", quality=95)
    async with collecting(tmp_path, noise, Sending("inline", REST + 400_000)) as frames:
        (found,) = await frames.collector.start([frames.source(Fitting.CROP)], shape="16:9").finish()
    assert found.width < 1200
    assert found.width / found.height == pytest.approx(16 / 9, rel=0.01)
    assert found.path.stat().st_size < 300_000
