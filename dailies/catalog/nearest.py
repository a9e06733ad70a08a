"""Choices among the values that a model offers: the same in another spelling, the nearest, the default."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import TypeVar

from dailies.openrouter.pricing.frames import lines, shape
from dailies.reason import Reason, ReasonCode

T = TypeVar("T", int, str)

SAME_SHAPE = 0.03
"""Difference of two shapes that nobody sees; published sizes of one aspect ratio differ by as much."""


def spelled(value: str | None, offered: Sequence[str] | None) -> str | None:
    """Return a word in the model's own spelling: 4k is offered as 4K. An unknown one is returned as it is."""
    if value is None:
        return None
    return next((one for one in offered or () if _bare(one) == _bare(value)), value)


def nearest_seconds(wish: int, offered: Sequence[int] | None) -> int | None:
    """Return the nearest length, of two the shorter one; None when none is offered."""
    return min(offered, key=lambda seconds: (abs(seconds - wish), seconds)) if offered else None


def nearest(value: T, offered: Sequence[T]) -> T | None:
    """Return the one of several offered values that is nearest to one that is not; None where that cannot be said."""
    size = _size(value)
    if size is None or len(offered) < 2:
        return None
    sizes = [(abs(there - size), there, one) for one in offered if (there := _size(one)) is not None]
    return min(sizes)[2] if sizes else None


def closest(value: T, offered: Sequence[T]) -> T | None:
    """Return an offered value in place of any: the same, else the nearest, else the only one; None: cannot be said."""
    if value in offered:
        return value
    return offered[0] if len(offered) == 1 else nearest(value, offered)


def distance(first: int | str, second: int | str) -> float:
    """Return how far apart two values of one option look: the logarithm of their ratio; infinite: cannot be said."""
    sizes = [math.log(one) if isinstance(one, int) and one > 0 else _size(one) for one in (first, second)]
    return abs(sizes[0] - sizes[1]) if sizes[0] is not None and sizes[1] is not None else math.inf


def not_offered(value: T, offered: Sequence[T], model_id: str) -> Reason:
    """Return the reason that a model does not offer a value, with the nearest that it does."""
    near = nearest(value, offered)
    if near is None:
        return Reason(ReasonCode.NOT_OFFERED, model=model_id)
    return Reason(ReasonCode.NOT_OFFERED_NEAR, model=model_id, nearest=near)


def default_resolution(wish: str, offered: Sequence[str] | None) -> str | None:
    """Return the wished resolution, or else the smallest; those that cannot be read count as the largest."""
    if not offered:
        return None
    return spelled(wish, offered) if spelled(wish, offered) in offered else min(offered, key=_lines)


def default_ratio(wish: str, offered: Sequence[str] | None) -> str | None:
    """Return the wished aspect ratio, or else the first."""
    if not offered:
        return None
    return wish if wish in offered else offered[0]


def nearest_shape(wish: float, offered: Sequence[str] | None) -> str | None:
    """Return the offered aspect ratio that is nearest to a shape (width divided by height); None where none is read."""
    found = [(_apart(wide, wish), one) for one in offered or () if (wide := shape(one)) is not None]
    return min(found)[1] if found else None


def fits(picture: float, video: float) -> bool:
    """Tell if a picture has the shape of a video, as far as anybody sees. Both: width divided by height."""
    return _apart(picture, video) < 1 + SAME_SHAPE


def _apart(one: float, other: float) -> float:
    return max(one / other, other / one)


def _lines(resolution: str) -> float:
    return lines(resolution) or math.inf


def _size(value: int | str) -> float | None:
    """Return a number by which values of one option are compared; for words a logarithm, as eyes compare sizes."""
    if isinstance(value, int):
        return value
    if high := lines(value):
        return math.log(high)
    shape = re.fullmatch(r"([1-9][0-9]{0,3})[:x/]([1-9][0-9]{0,3})", _bare(value))
    return math.log(int(shape[1]) / int(shape[2])) if shape else None


def _bare(text: str) -> str:
    return "".join(text.split()).lower()
