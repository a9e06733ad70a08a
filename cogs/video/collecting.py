"""The pictures of a request's jobs, collected once for each model, which has its own limits on them, and its shape."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import TypeAlias

from cogs.video.command import VideoCommand
from dailies.catalog.references import ReferenceModels
from dailies.job import Job
from dailies.references.collect import Collector
from dailies.references.gathering import Gathering

Gatherings: TypeAlias = "dict[str, Gathering]"
"""Pictures that are being fetched, by the id of the model that they are for."""


async def gather(
    collector: Collector,
    known: ReferenceModels,
    command: VideoCommand,
    jobs: Sequence[Job],
    person_id: int,
    seconds: float,
) -> Gatherings:
    """Start to collect the images. Raises RefusedError for an attachment refused within these seconds."""
    gatherings: Gatherings = {}
    for model, job in {job.request.model: job for job in jobs}.items():
        begin = partial(collector.start, job.sources, shape=job.request.aspect_ratio)
        if command.references:
            begin = partial(collector.again, command.references)
        gatherings[model] = begin(requester=person_id, takes=known.bounds(model))
    early = [one.refused_early(seconds) for one in gatherings.values()]
    if refused := next(filter(None, await asyncio.gather(*early)), None):
        await cancel(gatherings)
        raise refused
    return gatherings


async def cancel(gatherings: Gatherings) -> None:
    """Stop what is still being fetched, of jobs that are not made."""
    for gathering in gatherings.values():
        await gathering.cancel()
