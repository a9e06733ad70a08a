"""The queue in which checked jobs wait for their turn."""

from __future__ import annotations

from dataclasses import replace

from dailies.job import Job, State
from dailies.jobs.context import JobContext
from dailies.money.credits import CreditState
from dailies.reason import Reason, ReasonCode

QUEUE_LOOK_SECONDS = 15.0
"""Pause between two checks for a turn; the end of a job in the same process triggers one at once."""
QUEUE_SECONDS = 86_400.0
"""Longest wait for a turn. References sent as links outlive it (LASTING_SECONDS of dailies/references/collect.py)."""


async def wait_for_turn(job: Job, context: JobContext) -> Job:
    """Wait until the limits on running jobs and the credits let the job run.

    Return the job as reserved, or still queued after QUEUE_SECONDS.
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
