"""Transitions between the steps of a job's life: saving its record, ending it, and showing the end in its status."""

from __future__ import annotations

import logging
from dataclasses import replace

from dailies.job import Job, State
from dailies.jobs.context import JobContext
from dailies.jobs.sheet import make_sheet
from dailies.reason import Reason

log = logging.getLogger(__name__)


async def save(job: Job, context: JobContext, **changes: object) -> Job:
    """Save a job with changes, which are fields of Job."""
    job = replace(job, **changes)  # pyright: ignore[reportArgumentType] (replace checks the names)
    await context.store.save(job)
    return job


async def end(job: Job, context: JobContext, state: State, reason: Reason | None, **changes: object) -> Job:
    """End a job, save it, and show the end in its status. reason: None after a success."""
    if state is State.REFUSED:
        # Nothing was paid, so the key becomes free again: the button that stands for it may be pressed again.
        changes["key"] = job.id
    job = await save(
        job, context, state=state, reason=reason, ended_at=context.now(), trouble=None, told=False, **changes
    )
    context.queue_signal.move()
    if job.take_set:
        context.set_signal.move(job.take_set.id)
    return await tell(job, context)


async def tell(job: Job, context: JobContext) -> Job:
    """Show a job's end in its status. If that fails, Runner.sweep shows it later, and after limits.deliver_seconds
    nobody does: its files are to leave the disk at last.
    """
    await make_sheet(job, context)
    told = await context.chat.show(job)
    if not told and given_up(job.ended_at or job.created_at, context):
        log.error("job %s: its status could not be made to show its end, which is given up now", job.id)
        told = True
    return await save(job, context, told=True) if told else job


def given_up(since: float, context: JobContext) -> bool:
    """Return whether posting or telling has been tried for long enough. since: Unix seconds."""
    return context.now() - since >= context.limits.deliver_seconds
