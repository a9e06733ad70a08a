"""Applies one published price to a job: per second or per token, per image, and at least."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from dailies.openrouter.models import VideoModel
from dailies.openrouter.pricing.frames import FRAME_RATE, frame
from dailies.openrouter.pricing.skus import Kind, Price, Sku, Unit
from dailies.reason import Reason, ReasonCode, Value


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
    basis: Reason
    assumed: bool = False


def charge(model: VideoModel, work: Work, by: Price, prices: Sequence[Price]) -> Charge | Reason:
    """Return the whole price of a job by one key, with its extras; or why it is unknown."""
    if by.usd is None:
        return Reason(ReasonCode.PRICE_UNREADABLE)
    assumed = False
    basis: dict[str, Value] = {"each": by.usd, **named(by.sku, work)}
    if by.sku.unit is Unit.TOKEN:
        size = frame(model, work.resolution or "", work.aspect_ratio or "")
        if size is None:
            return Reason(ReasonCode.PICTURE_SIZE_UNKNOWN)
        assumed = not size.published
        tokens = Decimal(size.width * size.height * FRAME_RATE * work.seconds) / 1024
        usd, code = tokens * by.usd, ReasonCode.BY_TOKEN
        width, height = (size.width, size.height) if assumed else (None, None)
        basis |= {"tokens": tokens, "width": width, "height": height}
    else:
        usd, code = by.usd * work.seconds, ReasonCode.BY_SECOND
        basis |= {"seconds": work.seconds}
    extras: list[tuple[int, Decimal]] = []
    for extra in prices:
        images = _images(extra.sku.unit, work)
        if images and extra.usd is None:
            return Reason(ReasonCode.IMAGE_PRICE_UNREADABLE)
        if images and extra.usd:
            usd += extra.usd * images
            extras.append((images, extra.usd))
    found = Reason(code, **basis, images=extras)
    for least in (one.usd for one in prices if one.sku.unit is Unit.LEAST):
        if least is None:
            return Reason(ReasonCode.LEAST_UNREADABLE)
        if usd < least:
            usd, found = least, Reason(ReasonCode.LEAST, least=least, basis=found)
    return Charge(by.sku, usd, found, assumed)


def _images(unit: Unit, work: Work) -> int:
    match unit:
        case Unit.IMAGE:
            return work.references + work.frames
        case Unit.REFERENCE:
            return work.references
        case _:
            return 0


def named(sku: Sku, work: Work) -> dict[str, Value]:
    """Describe the key's part of the job, as in 720p with sound."""
    return {"resolution": sku.resolution and work.resolution, "kind": sku.kind, "audio": sku.audio}
