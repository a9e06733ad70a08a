"""Each step of a job's life ends with its record saved, and its end with the status that says so."""

from __future__ import annotations

from dataclasses import replace

from dailies.job import Job, State
from dailies.jobs.context import JobContext
from dailies.reason import Reason


async def save(job: Job, context: JobContext, **changes: object) -> Job:
    """Keep what has become of a job. changes: fields of Job."""
    job = replace(job, **changes)  # pyright: ignore[reportArgumentType] (replace checks the names)
    await context.store.save(job)
    return job


async def end(job: Job, context: JobContext, state: State, reason: Reason | None, **changes: object) -> Job:
    """Keep that nothing more will happen, and tell it. reason: None after a success."""
    if state is State.REFUSED:
        # What its key stands for was not done, and nothing was paid: a button pressed for it may be pressed again.
        changes["key"] = job.id
    job = await save(
        job, context, state=state, reason=reason, ended_at=context.now(), trouble=None, told=False, **changes
    )
    context.queue_signal.move()
    return await tell(job, context)


async def tell(job: Job, context: JobContext) -> Job:
    """An end that could not be told is told at the next start."""
    return await save(job, context, told=True) if await context.chat.show(job) else job
