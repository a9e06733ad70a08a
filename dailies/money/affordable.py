"""Cheaper variants of a job that fit into the budget left."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from decimal import Decimal

from dailies.catalog.guide import ModelGuide
from dailies.catalog.offers import quote_request
from dailies.job import Job
from dailies.openrouter.models import VideoModel


def at_most(job: Job) -> Decimal:
    """Return the most USD that a job should cost; infinity where nobody knows, because only what surely fits counts."""
    return Decimal("Infinity") if job.most is None else job.most


def longest_offered(job: Job, guide: ModelGuide, left: Decimal, price: Callable[[Job], Decimal]) -> int | None:
    """Return `longest` of the lengths that today's list of models offers for this job."""
    model = guide.model(job.request.model)
    if model is None:
        return None
    referenced, resolution = bool(job.references or job.sources), job.request.resolution
    offered = guide.references.durations(model, references=referenced, resolution=resolution) or ()
    return longest(job, model, offered, left, price)


def longest(
    job: Job, model: VideoModel, durations: Iterable[int], left: Decimal, price: Callable[[Job], Decimal]
) -> int | None:
    """Return the length in seconds of the longest offered video with the same settings that fits; None if none does."""
    references = len(job.references) or len(job.sources)
    for seconds in sorted(durations, reverse=True):
        request = replace(job.request, duration=seconds)
        quote = quote_request(model, request, references=references)
        if price(replace(job, request=request, quote=quote)) <= left:
            return seconds
    return None
