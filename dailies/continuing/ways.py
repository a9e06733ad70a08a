"""The ways in which a finished video goes on, with what each keeps and what it costs today."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace

from dailies.catalog.continuation import continues
from dailies.catalog.guide import ModelGuide
from dailies.catalog.options import Options
from dailies.catalog.prompt_numbers import without_numbers
from dailies.continuing.last_frames import kept_video
from dailies.errors import RefusedError
from dailies.job import How, Job, Origin, State
from dailies.lineage import origin_of
from dailies.openrouter.payload import Role
from dailies.openrouter.pricing import Quote
from dailies.reason import Reason, ReasonCode
from dailies.references.reference import Reference

FINISHED = frozenset({State.COMPLETED, State.DELIVERING, State.DELIVERED, State.UNDELIVERED})
"""States of jobs that OpenRouter has finished."""
_WORDS = {How.CONTINUATION: "the earlier video", How.LAST_FRAME: "the first frame"}
"""Words in place of {1}, where the reference images do not go along."""


@dataclass(frozen=True)
class Way:
    """A way in which a video goes on. options: of its draft, with the pictures counted.

    references: pictures of the earlier job that go along. quote: the price; None: not known.
    model_name: of the model that makes it. changes: what differs from the earlier video, a few words each.
    problem: why it is not possible; None: it is.
    """

    options: Options
    origin: Origin
    model_name: str
    references: tuple[Reference, ...] = ()
    quote: Quote | None = None
    changes: tuple[Reason, ...] = ()
    problem: Reason | None = None

    @property
    def how(self) -> How:
        """Kind of the way."""
        return self.origin.how


async def ways(job: Job, number: int, guide: ModelGuide) -> list[Way]:
    """Return the ways in which an output of a job goes on, counted from 1. Those that its model or its pictures never
    allow are left out.

    Raises RefusedError if the job made no video, and CatalogMissing.
    """
    if job.forgotten_at is not None:
        raise RefusedError(ReasonCode.JOB_FORGOTTEN)
    if job.state not in FINISHED:
        raise RefusedError(ReasonCode.NOTHING_TO_CONTINUE)
    found = [_continuation(job, guide), await _from_last_frame(job, number, guide), await _next_shot(job, guide)]
    return [_priced(way, guide) for way in found if way]


def _continuation(job: Job, guide: ModelGuide) -> Way | None:
    model = guide.catalog.get(job.request.model)
    if model is None or job.openrouter_id is None or not continues(model):
        return None
    options = _options(job, How.CONTINUATION)
    options = replace(options, continues=job.openrouter_id, continues_model=model.id)
    return Way(options, origin_of(job, How.CONTINUATION), model.name)


async def _from_last_frame(job: Job, number: int, guide: ModelGuide) -> Way:
    # The frame decides the shape, and goes along alone.
    size = job.outputs[number - 1] if number <= len(job.outputs) else None
    shape = size.width / size.height if size and size.width and size.height else None
    options = replace(_options(job, How.LAST_FRAME), aspect_ratio=None, frames=(Role.FIRST,), shape=shape)
    way = Way(options, origin_of(job, How.LAST_FRAME), job.request.model_name)
    kept = await kept_video(job, number)
    return way if kept else replace(way, problem=Reason(ReasonCode.VIDEO_NOT_KEPT))


async def _next_shot(job: Job, guide: ModelGuide) -> Way | None:
    references = tuple(one for one in job.references if one.role is Role.REFERENCE)
    if not references:
        return None
    options = replace(_options(job, How.NEXT_SHOT), references=len(references))
    way = Way(options, origin_of(job, How.NEXT_SHOT), job.request.model_name, references)
    originals = [one.path.with_name(one.sha256) for one in references]
    if await asyncio.to_thread(lambda: all(path.is_file() for path in originals)):
        return way
    return replace(way, problem=Reason(ReasonCode.IMAGES_GONE))


def _options(job: Job, how: How) -> Options:
    """Return the job's options with its prompt to begin with, and no seed: that would make the same video again."""
    options = replace(job.request.options, seed=None, continues=None, continues_model=None)
    words = _WORDS.get(how)
    return replace(options, prompt=without_numbers(options.prompt, words)) if words else options


def _priced(way: Way, guide: ModelGuide) -> Way:
    """Return a way with its price, carried over to the nearest model that makes it where the earlier one does not."""
    model_id: str | None = None
    tried = {way.options.model}
    while (carried := guide.carry(way.options, model_id)).refused:
        others = [one for one in (*carried.refused.offers, guide.default_model) if one not in tried]
        model_id = next((one for one in others if isinstance(one, str) and guide.model(one)), None)
        if model_id is None:
            return replace(way, problem=way.problem or carried.refused.reason)
        tried.add(model_id)
    request = guide.check(carried.options)
    quote = guide.quote(request, way.options.references, len(way.options.frames))
    return replace(way, options=carried.options, changes=carried.changes, quote=quote, model_name=request.model_name)
