"""The cost of a job, from the model's `pricing_skus`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from sandbox.openrouter.catalog import Model

Kind = Literal["text", "image", "reference"]

FRAME_RATE = 24
"""Frames a second, in the videos and in the token formula."""

_CENT = Decimal("0.01")
_RESOLUTION = r"(?:_(?P<resolution>\d+p|\dk))?"
_KEYS = (
    ("second", re.compile(
        r"(?:(?P<kind>text_to_video|image_to_video|reference)_)?duration_seconds"
        rf"(?:_(?P<audio>with|without)_audio)?{_RESOLUTION}$")),
    ("cent_second", re.compile(rf"cents_per_(?:second_output|video_output_second){_RESOLUTION}$")),
    ("cent_second", re.compile(rf"cents_per_second_video_(?P<continuation>continuation){_RESOLUTION}$")),
    ("token", re.compile(
        rf"video_tokens{_RESOLUTION}(?:_(?P<audio>without)_audio)?(?P<video_input>_with_video_input)?$")),
)  # fmt: skip
_KINDS: dict[Kind, tuple[str, ...]] = {
    "text": ("any", "text_to_video"),
    "image": ("any", "image_to_video"),
    "reference": ("any", "image_to_video", "reference"),
}


@dataclass(frozen=True)
class Work:
    """The parts of a job that are charged for."""

    kind: Kind
    seconds: int
    width: int
    height: int
    resolution: str | None
    audio: bool
    images: int
    references: int
    video_input: bool = False
    continuation: bool = False

    @property
    def tokens(self) -> Decimal:
        """Video tokens: width x height x frames / 1024."""
        return Decimal(self.width * self.height * FRAME_RATE * self.seconds) / 1024


def cost(model: Model, work: Work) -> Decimal | None:
    """Return the USD of a job; None where the catalogue has no price that fits (an upscaler, no prices at all)."""
    fitting = [
        (_specificity(conditions, work), unit, Decimal(price))
        for key, price in model.prices.items()
        for unit, conditions in _parsed(key)
        if _fits(conditions, work)
    ]
    if not fitting:
        return None
    _, unit, price = max(fitting, key=lambda entry: entry[0])
    amount = {"second": price * work.seconds, "cent_second": price * work.seconds * _CENT}.get(
        unit, price * work.tokens
    )
    amount += Decimal(model.prices.get("reference_images", 0)) * work.references
    amount += Decimal(model.prices.get("cents_per_image_input", 0)) * _CENT * work.images
    floor = Decimal(model.prices.get("minimum_cents_per_generation", 0)) * _CENT
    return max(amount, floor)


def _parsed(key: str) -> list[tuple[str, dict[str, str]]]:
    for unit, pattern in _KEYS:
        if match := pattern.match(key):
            return [(unit, {name: value for name, value in match.groupdict().items() if value})]
    return []


def _fits(conditions: dict[str, str], work: Work) -> bool:
    audio = "with" if work.audio else "without"
    return (
        conditions.get("kind", "any") in _KINDS[work.kind]
        and conditions.get("audio", audio) == audio
        and conditions.get("resolution", (work.resolution or "").lower()) == (work.resolution or "").lower()
        and ("video_input" not in conditions or work.video_input)
        and ("continuation" not in conditions or work.continuation)
    )


def _specificity(conditions: dict[str, str], work: Work) -> tuple[bool, int, bool]:
    # A price for sound comes before a price for a resolution: Kling's 720p prices say nothing of sound,
    # and are those without it.
    # Among equally specific ones, the one for the resolution: Seedance's price without sound names none, 4K's does.
    return ("audio" in conditions and work.audio, len(conditions), "resolution" in conditions)
