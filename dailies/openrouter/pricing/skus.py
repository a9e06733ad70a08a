"""The meaning of the keys of `pricing_skus`. A key that is not understood is logged once and never guessed.

The units are those of the live list of models, which differ from the published guide: some keys are US cents.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum, auto
from functools import lru_cache

from dailies.openrouter.fields import USD_MOST

log = logging.getLogger(__name__)


class Unit(StrEnum):
    """The unit of a price."""

    SECOND = "second of the video"
    TOKEN = "video token"  # noqa: S105 (the unit of a price)
    IMAGE = "image sent along, reference or frame"
    REFERENCE = "reference image"
    LEAST = "video at least"
    MEGAPIXEL_SECOND = "megapixel and second of a video that is made larger"


class Kind(StrEnum):
    """The input of a job; the words are those of a quote."""

    TEXT = auto()
    FRAMES = auto()
    REFERENCES = auto()
    CONTINUATION = auto()


@dataclass(frozen=True)
class Sku:
    """A parsed key. None: the key does not mention it. scale: the price times this is USD.

    resolution: lower case. video_input: only for jobs that are given a video.
    """

    unit: Unit
    scale: Decimal = Decimal(1)
    kind: Kind | None = None
    resolution: str | None = None
    audio: bool | None = None
    video_input: bool | None = None

    @property
    def conditions(self) -> frozenset[object]:
        """Conditions of this price."""
        named = {"kind": self.kind, "resolution": self.resolution, "audio": self.audio, "video": self.video_input}
        return frozenset((name, value) for name, value in named.items() if value is not None)


@dataclass(frozen=True)
class Price:
    """A key with its price in USD; None: the price cannot be read."""

    sku: Sku
    usd: Decimal | None


PLACES_MOST = 30
"""Decimal places of a price; one with more is a mistake, and could be a line of a million digits."""
_CENT = Decimal("0.01")
_WHOLE: Mapping[str, Sku] = {
    "reference_images": Sku(Unit.REFERENCE),
    "cents_per_image_input": Sku(Unit.IMAGE, _CENT),
    "minimum_cents_per_generation": Sku(Unit.LEAST, _CENT),
}
_BEGINNINGS: Mapping[str, Sku] = {
    "duration_seconds": Sku(Unit.SECOND),
    "text_to_video_duration_seconds": Sku(Unit.SECOND, kind=Kind.TEXT),
    "image_to_video_duration_seconds": Sku(Unit.SECOND, kind=Kind.FRAMES),
    "reference_duration_seconds": Sku(Unit.SECOND, kind=Kind.REFERENCES),
    "cents_per_second_output": Sku(Unit.SECOND, _CENT),
    "cents_per_video_output_second": Sku(Unit.SECOND, _CENT),
    "cents_per_second_video_continuation": Sku(Unit.SECOND, _CENT, Kind.CONTINUATION),
    "video_tokens": Sku(Unit.TOKEN),
    "cents_per_megapixel_second": Sku(Unit.MEGAPIXEL_SECOND, _CENT),
}
_KEY = re.compile(rf"(?P<beginning>{'|'.join(_BEGINNINGS)})(?P<rest>(?:_[a-z0-9_]+)?)")
_CONDITION = re.compile(
    r"_(?:(?P<video>with_video_input)|(?P<audio>with|without)_audio|(?P<resolution>[0-9]{1,5}[pk]))(?=_|$)"
)
_AMOUNT = re.compile(r"[0-9]{1,12}(\.[0-9]{1,20})?(e[+-]?[0-9]{1,2})?", re.IGNORECASE)


@lru_cache(maxsize=1024)
def read_key(key: str) -> Sku | None:
    """Return the meaning of a key; None, and a line in the log the first time, when it is unknown."""
    # Resolutions are written both ways: 4k in the keys so far, 4K in supported_resolutions.
    sku = _WHOLE.get(key.lower()) or _read_parts(key.lower())
    if sku is None:
        log.warning("OpenRouter has a kind of price that this version does not know: %.80r; it is not used", key)
    return sku


def _read_parts(key: str) -> Sku | None:
    found = _KEY.fullmatch(key)
    if not found:
        return None
    base, rest = _BEGINNINGS[found["beginning"]], found["rest"]
    if base.unit is Unit.MEGAPIXEL_SECOND:
        return base  # the rest names a quality; no such job is ever quoted
    conditions: dict[str, str] = {}
    while rest:
        condition = _CONDITION.match(rest)
        new = {name: value for name, value in condition.groupdict().items() if value} if condition else {}
        if not condition or new.keys() & conditions:
            return None
        conditions |= new
        rest = rest[condition.end() :]
    audio = conditions.get("audio")
    return Sku(
        base.unit,
        base.scale,
        base.kind,
        conditions.get("resolution"),
        audio == "with" if audio else None,
        True if "video" in conditions else None,
    )


def read_prices(published: Mapping[str, object]) -> Iterator[Price | None]:
    """Read every price of a model; None in the place of one whose key is not understood."""
    for key, value in published.items():
        sku = read_key(key)
        amount = _amount(value)
        yield Price(sku, None if amount is None else amount * sku.scale) if sku else None


def _amount(value: object) -> Decimal | None:
    """Return a number that is not negative; None for any other value. Floats are refused: they have been rounded."""
    if isinstance(value, str) and _AMOUNT.fullmatch(value.strip()):
        value = Decimal(value.strip())
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        return None
    amount = Decimal(value)
    if not amount.is_finite() or not 0 <= amount < USD_MOST:
        return None
    exponent = amount.as_tuple().exponent
    # copy_abs: JSON has a negative zero.
    return amount.copy_abs() if isinstance(exponent, int) and exponent >= -PLACES_MOST else None
