"""Each step of a job's life ends with its record saved, and its end with the status that says so."""

from __future__ import annotations

from dataclasses import replace

from dailies.job import Job, State
from dailies.jobs.context import Crew


async def save(job: Job, crew: Crew, **changes: object) -> Job:
    """Keep what has become of a job. changes: fields of Job."""
    job = replace(job, **changes)  # pyright: ignore[reportArgumentType] (replace checks the names)
    await crew.store.save(job)
    return job


async def end(job: Job, crew: Crew, state: State, reason: str | None, **changes: object) -> Job:
    """Keep that nothing more will happen, and tell it. reason: what the requester reads, None after a success."""
    if state is State.REFUSED:
        # What its key stands for was not done, and nothing was paid: a button pressed for it may be pressed again.
        changes["key"] = job.id
    job = await save(job, crew, state=state, reason=reason, ended_at=crew.now(), trouble=None, told=False, **changes)
    crew.line.move()
    return await tell(job, crew)


async def tell(job: Job, crew: Crew) -> Job:
    """An end that could not be told is told at the next start."""
    return await save(job, crew, told=True) if await crew.chat.show(job) else job
