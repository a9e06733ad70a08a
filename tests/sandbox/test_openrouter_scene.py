"""Without references a place is drawn, as the prompt says."""

from __future__ import annotations

import random
from itertools import pairwise
from typing import Any

import pytest
from PIL import Image

from sandbox.openrouter import air, scene
from sandbox.openrouter.catalog import models

SIZE = (160, 90)


def drawn(prompt: str, seed: int = 1) -> Image.Image:
    return scene.draw(prompt, SIZE, random.Random(seed))


def brightness(picture: Image.Image) -> float:
    counts = picture.convert("L").histogram()
    return sum(level * count for level, count in enumerate(counts)) / sum(counts)


def test_the_same_prompt_and_seed_draw_the_same_place() -> None:
    one, same, other = drawn("a sea", 1), drawn("a sea", 1), drawn("a sea", 2)
    assert one.tobytes() == same.tobytes()
    assert one.tobytes() != other.tobytes()


def test_night_is_darker_than_day() -> None:
    assert brightness(drawn("a forest at night")) + 60 < brightness(drawn("a forest on a sunny day"))


def test_every_ground_differs() -> None:
    places = ("sea", "town", "forest", "mountains", "desert", "room", "hills")
    assert len({drawn(f"{place} by day").tobytes() for place in places}) == len(places)


def test_a_place_has_edges_and_is_no_gradient() -> None:
    column: list[Any] = [drawn("hills at dusk").convert("L").getpixel((80, y)) for y in range(90)]
    assert max(abs(one - other) for one, other in pairwise(column)) > 12


@pytest.mark.parametrize("place", ["sea", "town", "room"])
def test_any_published_size_is_filled(place: str) -> None:
    for name in sorted({size for model in models().values() for size in model.sizes or ()})[::3]:
        width, height = (int(side) // 16 for side in name.split("x"))
        assert scene.draw(place, (width, height), random.Random(1)).size == (width, height)


@pytest.mark.parametrize("words", ["snow", "rain", "mist", "campfire", "a fox"])
def test_the_air_comes_round_without_a_seam(words: str) -> None:
    """Its picture is the frame twice, along the way that it moves."""
    kind = air.read(words)
    picture = air.draw(kind, SIZE, random.Random(1))
    one = picture.crop((0, 0, 160, 90))
    other = picture.crop((0, 90, 160, 180) if kind.down else (160, 0, 320, 90))
    assert one.tobytes() == other.tobytes()
    assert one.getchannel("A").getbbox() is not None
