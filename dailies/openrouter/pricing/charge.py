"""Applies one published price to a job: per second or per token, per image, and at least."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from dailies.formatting import count, price
from dailies.openrouter.models import VideoModel
from dailies.openrouter.pricing.frames import FRAME_RATE, frame
from dailies.openrouter.pricing.skus import Kind, Price, Sku, Unit


@dataclass(frozen=True)
class Work:
    """The charged properties of a job, all of them decided. None: the model publishes nothing about it."""

    seconds: int
    resolution: str | None
    aspect_ratio: str | None
    audio: bool
    references: int
    frames: int
    kind: Kind


@dataclass(frozen=True)
class Charge:
    """USD by one key. assumed: the picture's size was not published, so the usual one was taken."""

    sku: Sku
    usd: Decimal
    basis: str
    assumed: bool = False


def charge(model: VideoModel, work: Work, by: Price, prices: Sequence[Price]) -> Charge | str:
    """Return the whole price of a job by one key, with its extras; or why it is unknown."""
    if by.usd is None:
        return "the published price cannot be read"
    assumed = False
    if by.sku.unit is Unit.TOKEN:
        size = frame(model, work.resolution or "", work.aspect_ratio or "")
        if size is None:
            return "it is priced by the size of the picture, which is not known"
        assumed = not size.published
        tokens = Decimal(size.width * size.height * FRAME_RATE * work.seconds) / 1024
        usd, basis = tokens * by.usd, f"{tokens.normalize():,f} tokens × {price(by.usd)}"
        basis += f", if it is {size.width}x{size.height}" if assumed else ""
    else:
        usd, basis = by.usd * work.seconds, f"{work.seconds} s × {price(by.usd)}/s"
    if named := _named(by.sku, work):
        basis += f", {named}"
    for extra in prices:
        images = _images(extra.sku.unit, work)
        if images and extra.usd is None:
            return "the published price of an image cannot be read"
        if images and extra.usd:
            usd += extra.usd * images
            basis += f" + {count(images, 'image', 'images')} × {price(extra.usd)}"
    for least in (one.usd for one in prices if one.sku.unit is Unit.LEAST):
        if least is None:
            return "the published least price cannot be read"
        if usd < least:
            usd, basis = least, f"the least is {price(least)} ({basis} would be less)"
    return Charge(by.sku, usd, basis, assumed)


def _images(unit: Unit, work: Work) -> int:
    match unit:
        case Unit.IMAGE:
            return work.references + work.frames
        case Unit.REFERENCE:
            return work.references
        case _:
            return 0


def _named(sku: Sku, work: Work) -> str:
    """Describe the key's part of the job: 720p with sound."""
    sound = {True: "with sound", False: "without sound", None: ""}[sku.audio]
    return " ".join(filter(None, (sku.resolution and work.resolution, sku.kind, sound)))
