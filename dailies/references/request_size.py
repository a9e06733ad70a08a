"""Fitting inline images into one request: over its size limit, all of them are scaled down evenly."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from dailies.catalog.facts import ANY, ModelImageLimits
from dailies.errors import ReferenceRefused
from dailies.openrouter.payload import Inline
from dailies.reason import Reason, ReasonCode
from dailies.references.inspector import InspectedPicture
from dailies.references.reference import Reference, sent_of
from dailies.references.roles import fit_of

REST = 256_000
"""Bytes of a request besides its images: a prompt of 6,000 characters, escaped, takes 72,000, thirty links 60,000."""
ROUNDS = 5
"""Maximum rounds of scaling. Each comes closer to the limit; the first is nearly always enough."""
TIGHTER = 0.95
"""Factor below the limit at which each round aims, because pixels and bytes do not shrink at the same rate."""
SMALLEST = 300
"""Pixels of the shorter side below which Seedance refuses a picture (dailies/catalog/models.toml)."""

Inspect = Callable[..., Awaitable[InspectedPicture]]
"""Inspector.inspect, for this model and person."""


async def fit(
    references: Sequence[Reference], inspect: Inspect, limit: int, takes: ModelImageLimits = ANY
) -> tuple[Reference, ...]:
    """Make references fit into a request of `limit` bytes, scaling those sent inline by one factor if necessary.

    takes: the model's limits on one image. Raises ReferenceRefused, naming the largest, if even small ones do not fit.
    """
    available, scale, least = max(limit - REST, 1), 1.0, takes.least_side or SMALLEST
    size = await asyncio.to_thread(_inline_size, references)
    if size <= available:
        return tuple(references)
    for _ in range(ROUNDS):
        scale *= (available / size) ** 0.5 * TIGHTER
        fitted = await _scaled(references, inspect, scale, limit)
        if any(_too_small(one, before, least) for one, before in zip(fitted, references, strict=True)):
            break
        size = await asyncio.to_thread(_inline_size, fitted)
        if size <= available:
            return fitted
    raise ReferenceRefused(
        await asyncio.to_thread(_largest, references),
        Reason(ReasonCode.REQUEST_FULL, bytes=limit),
    )


def _inline_size(references: Sequence[Reference]) -> int:
    return sum(sent.size() for one in references if isinstance(sent := one.to_send(), Inline))


def _too_small(one: Reference, before: Reference, least: int) -> bool:
    return one.link is None and min(one.width, one.height) < min(least, before.width, before.height)


def _largest(references: Sequence[Reference]) -> str:
    return max((one for one in references if one.link is None), key=lambda one: one.path.stat().st_size).name


async def _scaled(references: Sequence[Reference], inspect: Inspect, scale: float, limit: int) -> tuple[Reference, ...]:
    inline = [one for one in references if one.link is None]
    scaling = (_scaled_one(one, inspect, scale, limit) for one in inline)
    done = iter(await asyncio.gather(*scaling))
    return tuple(one if one.link else next(done) for one in references)


async def _scaled_one(one: Reference, inspect: Inspect, scale: float, limit: int) -> Reference:
    """Scale the original each time, so that nothing is encoded twice."""
    original = one.path.with_name(one.sha256)
    inspected = await inspect(original, one.name, scale=scale, fit=fit_of(one))
    why = Reason(ReasonCode.SCALED_TOGETHER, scale=scale, bytes=limit)
    return replace(
        one,
        path=sent_of(original, inspected.converted),
        media_type=inspected.media_type,
        width=inspected.width,
        height=inspected.height,
        converted=inspected.converted,
        notes=(*(note for note in inspected.notes if note.code is not ReasonCode.SCALED), why),
    )
