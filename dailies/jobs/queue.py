"""A job whose checks are done waits in line until its turn comes."""

from __future__ import annotations

from dataclasses import replace

from dailies.job import Job, State
from dailies.jobs.context import JobContext
from dailies.money.credits import CreditState
from dailies.reason import Reason, ReasonCode

QUEUE_LOOK_SECONDS = 15.0
"""Between two looks at whose turn it is; the end of a job in the same process is noticed at once."""
QUEUE_SECONDS = 86_400.0
"""How long a job waits for its turn at most. References that are sent as links outlive it; references/collect.py."""


async def wait_in_line(job: Job, context: JobContext) -> Job:
    """Until its turn comes: a person and a server may have only so many jobs running, and it takes credits.

    Returns the job reserved; still queued when it waited as long as a job may.
    """
    while context.now() <= job.created_at + QUEUE_SECONDS:
        before = job
        if context.credit_gate.may_send(job.id, job.most):
            job = await context.store.admit(replace(job, trouble=None), able=context.credit_gate.affords)
            if job.state is State.RESERVED:
                return job
            context.credit_gate.give_back(job.id)
        else:
            too_dear = context.credit_gate.state is CreditState.ONLY_CHEAPER
            job = replace(job, trouble=Reason(ReasonCode.TOO_DEAR if too_dear else ReasonCode.WAITS_FOR_CREDITS))
        if job != before:
            await context.chat.show(job)
        await context.queue_signal.wait(QUEUE_LOOK_SECONDS, context.sleep)
    return job
