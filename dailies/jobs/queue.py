"""The queue in which checked jobs wait for their turn, and in which refused requests wait to be sent again."""

from __future__ import annotations

import logging
from dataclasses import replace

from dailies.errors import Overtaken
from dailies.job import UNSENT, Job, State
from dailies.jobs.context import JobContext
from dailies.jobs.transitions import end, tell
from dailies.money.credits import CreditState
from dailies.reason import Reason, ReasonCode

log = logging.getLogger(__name__)

QUEUE_LOOK_SECONDS = 15.0
"""Pause between two checks for a turn; the end of a job in the same process triggers one at once."""
LONGEST_LOOK_SECONDS = 3600.0
"""Most that counts as waited from one look to the next, which waits to send again and outages delay."""
QUEUE_SECONDS = 86_400.0
"""Longest wait for a turn. References sent as links outlive it (LASTING_SECONDS of dailies/references/collect.py)."""


async def wait_for_turn(job: Job, context: JobContext) -> Job:
    """Wait until the limits on running jobs and the credits let the job run.

    Return the job as reserved, or refused after QUEUE_SECONDS. Raises Overtaken when its record waits no longer.
    """
    seen = context.now()
    left = min(QUEUE_SECONDS, QUEUE_SECONDS - (seen - job.created_at))
    while left >= 0:
        if job.send_at is not None:
            job = await _wait_to_send(job, context)
        before = job
        if context.credit_gate.may_send(job.id, job.most):
            try:
                job = await context.store.admit(replace(job, trouble=None), able=context.credit_gate.affords)
            finally:
                if job.state is not State.RESERVED:
                    context.credit_gate.give_back(job.id)
            if job.state is State.RESERVED:
                return job
        else:
            job = replace(job, trouble=_what_it_waits_for(context))
            if (await context.store.get(job.id)).state not in UNSENT:
                raise Overtaken
        if job != before:
            await context.chat.show(job)
        await context.queue_signal.wait(QUEUE_LOOK_SECONDS, context.sleep)
        # Within a run the clock is believed only as far as a wait may take: it may jump.
        looked, seen = seen, context.now()
        left -= min(max(0.0, seen - looked), LONGEST_LOOK_SECONDS)
    return await end(job, context, State.REFUSED, Reason(ReasonCode.QUEUED_TOO_LONG, seconds=QUEUE_SECONDS))


async def _wait_to_send(job: Job, context: JobContext) -> Job:
    """Wait until a request that was refused as busy may be sent again."""
    await context.chat.show(job)
    # Bounded, because the clock may have been set back.
    seconds = min((job.send_at or 0.0) - context.now(), context.limits.busy_seconds)
    if seconds > 0:
        await context.end_signal.wait(job.id, seconds, context.sleep)
    return replace(job, send_at=None)


def _what_it_waits_for(context: JobContext) -> Reason:
    if context.credit_gate.state is CreditState.ONLY_CHEAPER:
        return Reason(ReasonCode.TOO_DEAR)
    return context.credit_gate.limit or Reason(ReasonCode.WAITS_FOR_CREDITS)


async def overtaken(job: Job, context: JobContext) -> Job:
    """Return a job whose record waits no longer, as it goes on here: its cancellation is told, and what OpenRouter
    reported of an earlier sending after all is carried on. Whatever another process made of it is left to that one.
    """
    kept = await context.store.get(job.id)
    if kept.ended:
        return kept if kept.told else await tell(kept, context)
    if kept.state is State.SUBMITTED and kept.submitted_at is not None and kept.submitted_at == job.submitted_at:
        context.end_signal.set(job.id)
        return replace(kept, activity=Reason(ReasonCode.REPORTED_AFTER_ALL))
    log.error("job %s: not sent, because another process has taken it over", job.id)
    return job
