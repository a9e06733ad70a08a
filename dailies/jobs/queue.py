"""A job whose checks are done waits in line until its turn comes."""

from __future__ import annotations

from dataclasses import replace

from dailies import explain
from dailies.job import Job, State
from dailies.jobs.context import Crew

QUEUE_LOOK_SECONDS = 15.0
"""Between two looks at whose turn it is; the end of a job in the same process is noticed at once."""
QUEUE_SECONDS = 86_400.0
"""How long a job waits for its turn at most. References that are sent as links outlive it; references/collect.py."""


async def wait_in_line(job: Job, crew: Crew) -> Job:
    """Until its turn comes: a person and a server may have only so many jobs running, and it takes credits.

    Returns the job reserved; still queued when it waited as long as a job may.
    """
    while crew.now() <= job.created_at + QUEUE_SECONDS:
        before = job
        if crew.purse.may_pass(job.id, job.most):
            job = await crew.store.admit(replace(job, trouble=None), able=crew.purse.able)
            if job.state is State.RESERVED:
                return job
            crew.purse.give_back(job.id)
        else:
            job = replace(job, trouble=explain.no_credits(too_dear=crew.purse.only_dear))
        if job != before:
            await crew.chat.show(job)
        await crew.line.pause(QUEUE_LOOK_SECONDS, crew.sleep)
    return job
