"""Cancelling a job that OpenRouter has not taken: it has no way to cancel one that it has."""

from __future__ import annotations

from dataclasses import replace

from dailies.job import UNSENT, Job, State
from dailies.jobs.context import JobContext
from dailies.jobs.runner import Runner
from dailies.reason import Reason, ReasonCode


async def cancel(job: Job, context: JobContext, runner: Runner, *, own: bool) -> Reason:
    """Cancel a job, unless it is sent meanwhile, and return the answer to the person. own: the job is theirs.

    The record decides: a request goes out only while it is reserved (JobStore.intend). A cancelled job's run tells.
    """
    while job.state in UNSENT:
        cancelled = replace(
            job,
            state=State.REFUSED,
            reason=Reason(ReasonCode.CANCELLED_WAITING, own=own),
            key=job.id,  # as `end` in transitions.py
            ended_at=context.now(),
            send_at=None,
            trouble=None,
            told=False,
        )
        if await context.store.turn(cancelled, was=job):
            context.end_signal.set(job.id)
            context.queue_signal.move()
            runner.start(cancelled)
            return Reason(ReasonCode.CANCEL_DONE)
        job = await context.store.get(job.id)
    if job.reason and job.reason.code is ReasonCode.CANCELLED_WAITING:
        return Reason(ReasonCode.CANCEL_DONE)
    return Reason(ReasonCode.CANCEL_ENDED if job.ended else ReasonCode.CANCEL_TOO_LATE)
