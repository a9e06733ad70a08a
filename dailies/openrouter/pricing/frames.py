"""Width and height of a video, as far as they can be known before it is made."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from dailies.openrouter.models import VideoModel

FRAME_RATE = 24
"""Frames a second in OpenRouter's formula for tokens: width x height x 24 x seconds / 1024."""

_SAME_SHAPE = 0.03
"""Published sizes are rounded: 752x560 is offered as 4:3."""
_LINES_OF_K = {1: 1024, 2: 1440, 4: 2160, 8: 4320}


@dataclass(frozen=True)
class Frame:
    """Pixels. published: the model names this size; otherwise it is the usual one."""

    width: int
    height: int
    published: bool


def lines(resolution: str) -> int | None:
    """Return pixels of the shorter side of a usual picture: 720p is 720, 4K is 2160. None for an unknown word."""
    found = re.fullmatch(r"([0-9]{1,5})([pk])", resolution.strip().lower())
    if not found:
        return None
    number = int(found[1])
    return (number or None) if found[2] == "p" else _LINES_OF_K.get(number)


def frame(model: VideoModel, resolution: str, aspect_ratio: str) -> Frame | None:
    """Return the size of a video; None when the words cannot be read.

    Of the sizes that the model publishes in this shape: the one with the resolution's lines on its shorter side, or,
    where there is one for each resolution, the one in the same place when both are sorted (Seedance 2.5 makes
    960x960 of 720p in 1:1). Else the usual size.
    """
    short, pair = lines(resolution), _pair(aspect_ratio)
    if short is None or pair is None:
        return None
    wide, high = pair
    sizes = sorted(_in_shape(model.sizes or (), wide / high), key=lambda size: size[0] * size[1])
    for width, height in sizes:
        if min(width, height) == short:
            return Frame(width, height, published=True)
    ladder = sorted(filter(None, (lines(one) for one in model.resolutions or ())))
    if len(sizes) == len(ladder) and short in ladder:
        return Frame(*sizes[ladder.index(short)], published=True)
    long = -(-short * max(pair) // min(pair))
    long += long % 2  # encoders halve both sides: 480p in 16:9 is 854x480
    return Frame(*((long, short) if wide >= high else (short, long)), published=False)


def shape(aspect_ratio: str) -> float | None:
    """Return width divided by height: 16:9 is 1.78. None for an unknown word."""
    pair = _pair(aspect_ratio)
    return pair and pair[0] / pair[1]


def _pair(aspect_ratio: str) -> tuple[int, int] | None:
    found = re.fullmatch(r"([1-9][0-9]{0,3}):([1-9][0-9]{0,3})", aspect_ratio.strip())
    return (int(found[1]), int(found[2])) if found else None


def _in_shape(sizes: Sequence[str], shape: float) -> list[tuple[int, int]]:
    found = (re.fullmatch(r"([1-9][0-9]{1,4})x([1-9][0-9]{1,4})", size) for size in sizes)
    pairs = {(int(one[1]), int(one[2])) for one in found if one}
    return [(width, height) for width, height in pairs if abs(width / height / shape - 1) < _SAME_SHAPE]
