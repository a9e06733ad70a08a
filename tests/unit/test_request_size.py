"""Inline images fit into one request: over its limit all are scaled by one factor, and it is said."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from PIL import Image

from dailies.errors import ReferenceRefused
from dailies.references.inspector import DecodeLimits, Inspector
from dailies.references.reference import Reference, sent_of, thumbnail_of
from dailies.references.request_size import REST, fit
from tests.support.images import saved
from tests.support.reasons import in_words, raises


async def given(
    folder: Path, inspector: Inspector, *sizes: tuple[int, int], link: str | None = None
) -> list[Reference]:
    """Make references of noise, which no encoder makes small."""
    found: list[Reference] = []
    for size in sizes:
        data = saved(Image.effect_noise(size, 60), "JPEG", quality=95)
        path = folder / hashlib.sha256(data).hexdigest()
        path.write_bytes(data)
        inspect = await inspector.inspect(path, f"{size[0]}.jpg")
        sent, small = sent_of(path, inspect.converted), thumbnail_of(path)
        one = Reference(
            f"{size[0]}.jpg", path.name, sent, small, inspect.media_type, inspect.width, inspect.height, link
        )
        found.append(one)
    return found


def inline_bytes(references: tuple[Reference, ...] | list[Reference]) -> int:
    return sum(one.path.stat().st_size for one in references if one.link is None)


async def test_what_fits_is_left_alone(tmp_path: Path) -> None:
    inspector = Inspector(DecodeLimits(80))
    references = await given(tmp_path, inspector, (600, 400))
    assert await fit(references, inspector.inspect, 1_000_000) == tuple(references)


@pytest.mark.slow
async def test_over_the_limit_all_become_smaller_by_one_factor(tmp_path: Path) -> None:
    inspector = Inspector(DecodeLimits(80))
    references = await given(tmp_path, inspector, (1600, 1200), (1200, 900))
    limit = REST + inline_bytes(references) * 4 // 3 * 2 // 3
    fitted = await fit(references, inspector.inspect, limit)
    assert inline_bytes(fitted) * 4 / 3 <= limit - REST
    factors = [one.width / before.width for one, before in zip(fitted, references, strict=True)]
    assert factors[0] == pytest.approx(factors[1], abs=0.01)
    assert 0.5 < factors[0] < 0.95
    assert all("with the others, to keep the request under" in in_words(one.notes[-1]) for one in fitted)
    for one in fitted:
        with Image.open(one.path) as picture:
            assert picture.size == (one.width, one.height)


@pytest.mark.slow
async def test_links_do_not_count_and_are_not_scaled(tmp_path: Path) -> None:
    inspector = Inspector(DecodeLimits(80))
    references = await given(tmp_path, inspector, (1600, 1200), link="https://a.example/1600.jpg")
    assert await fit(references, inspector.inspect, REST + 1000) == tuple(references)


@pytest.mark.slow
async def test_what_would_become_too_small_is_refused(tmp_path: Path) -> None:
    inspector = Inspector(DecodeLimits(80))
    references = await given(tmp_path, inspector, (600, 400), (1600, 1200))
    with raises(ReferenceRefused, match=r"fit into a request of 0\.3 MB") as caught:
        await fit(references, inspector.inspect, 300_000)
    assert caught.value.name == "1600.jpg"


async def test_nothing_fits_everywhere(tmp_path: Path) -> None:
    assert await fit([], Inspector(DecodeLimits(80)).inspect, 10) == ()
