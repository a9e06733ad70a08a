"""Cheaper variants of a job that fit into the budget left."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from decimal import Decimal

from dailies.catalog.guide import ModelGuide
from dailies.catalog.offers import quote_request
from dailies.job import Job
from dailies.openrouter.models import VideoModel
from dailies.openrouter.pricing.frames import lines


def at_most(job: Job) -> Decimal:
    """Return the most USD that a job should cost; infinity where nobody knows, because only what surely fits counts."""
    return Decimal("Infinity") if job.most is None else job.most


def cheaper(job: Job, guide: ModelGuide, left: Decimal, price: Callable[[Job], Decimal]) -> dict[str, int | str]:
    """Return what to change so that a job fits: the length, or else the resolution, too; empty: nothing does."""
    request, model = job.request, guide.model(job.request.model)
    if (seconds := longest_offered(job, guide, left, price)) is not None:
        return {"duration": seconds}
    high = lines(request.resolution or "")
    sizes = {one: lines(one) or 0 for one in (model and model.resolutions) or ()}
    smaller = [one for one in sizes if high and 0 < sizes[one] < high]
    for resolution in sorted(smaller, key=sizes.__getitem__, reverse=True):
        there = replace(job, request=replace(request, resolution=resolution))
        if (seconds := longest_offered(there, guide, left, price)) is not None:
            return {"resolution": resolution, "duration": seconds}
    return {}


def longest_offered(job: Job, guide: ModelGuide, left: Decimal, price: Callable[[Job], Decimal]) -> int | None:
    """Return `longest` of the lengths that today's list of models offers for this job."""
    model = guide.model(job.request.model)
    if model is None:
        return None
    referenced, resolution = job.images.references > 0, job.request.resolution
    offered = guide.references.durations(model, references=referenced, resolution=resolution) or ()
    return longest(job, model, offered, left, price)


def longest(
    job: Job, model: VideoModel, durations: Iterable[int], left: Decimal, price: Callable[[Job], Decimal]
) -> int | None:
    """Return the length in seconds of the longest offered video with the same settings that fits; None if none does."""
    references, frames = job.images
    for seconds in sorted(durations, reverse=True):
        request = replace(job.request, duration=seconds)
        quote = quote_request(model, request, references=references, frames=frames)
        if price(replace(job, request=request, quote=quote)) <= left:
            return seconds
    return None
