"""The paid request: never repeated, unless OpenRouter itself says that it began nothing."""

from __future__ import annotations

import asyncio
import logging
import random
from contextlib import ExitStack
from dataclasses import replace

from dailies.errors import (
    AnswerLost,
    Busy,
    LimitSpent,
    NoCredits,
    OpenRouterError,
    Overtaken,
    RefusedError,
    ServerFault,
    Stopping,
    Unaffordable,
)
from dailies.job import Job, State
from dailies.jobs.context import JobContext
from dailies.jobs.queue import overtaken, wait_for_turn
from dailies.jobs.transitions import end, save
from dailies.openrouter.payload import FileDamaged, Role
from dailies.reason import Reason, ReasonCode

log = logging.getLogger(__name__)

FIRST_PAUSE, LONGEST_PAUSE = 5.0, 120.0
"""Seconds before a busy OpenRouter is asked again, where it does not say how long to wait. The pauses double."""
LEAST_PAUSE, LEAST_SHARE = 1.0, 0.1
"""The same where it does say: at least a second and a tenth of the time waited so far, whatever it says."""


async def send(job: Job, context: JobContext) -> Job:
    """Carry a queued or reserved job until OpenRouter has taken it or it has ended.

    Return it as it was if the gate is closed or another process has taken it over.
    """
    try:
        while job.state in (State.QUEUED, State.RESERVED):
            job = await (wait_for_turn if job.state is State.QUEUED else submit)(job, context)
    except Overtaken:
        job = await overtaken(job, context)
    except Stopping:
        pass
    return job


async def submit(job: Job, context: JobContext) -> Job:
    """Send a reserved job; return it queued again if it has to wait.

    Raises Stopping if the gate is closed, Overtaken if its record is not reserved any more.
    """
    try:
        return await _submit(job, context)
    finally:
        # If it was the one that tries while credits are short, and says nothing of them, the next one tries.
        context.credit_gate.give_back(job.id)


async def _submit(job: Job, context: JobContext) -> Job:
    try:
        await context.check_disk()
        await context.check_consent(job)
        _check_price(job, context)
        provider = context.provider(job.request)
    except RefusedError as error:
        return await end(job, context, State.REFUSED, error.reason)
    await context.chat.show(job)
    callback_url = context.callback_url(job.id)
    body = job.request.body(
        [one.to_send() for one in job.references if one.role is Role.REFERENCE],
        callback_url,
        frames={one.role: one.to_send() for one in job.references if one.role is not Role.REFERENCE},
        provider=provider,
        session_id=job.id,
        user=context.pseudonym(job.place.requester_id),
    )
    with ExitStack() as inside:

        async def sending() -> None:
            # Called right before the last byte of the POST: a job found in this state after a crash may have been
            # paid. A job found in an earlier state has not, whatever part of its request was sent.
            nonlocal job
            inside.enter_context(context.gate.passing())
            going = replace(job, state=State.SUBMITTING, submitted_at=context.now(), callback_url=callback_url)
            if not await context.store.intend(going):
                raise Overtaken
            job = going

        try:
            submitted = await context.openrouter.submit(body, sending)
        except FileDamaged as error:
            log.error("job %s: not sent: %s", job.id, error)  # noqa: TRY400 (the disk's, no bug)
            await asyncio.to_thread(error.path.unlink, missing_ok=True)
            return await end(job, context, State.REFUSED, Reason(ReasonCode.REFERENCE_DAMAGED))
        except OSError as error:
            log.error("job %s: a reference cannot be read: %s", job.id, error)  # noqa: TRY400 (the disk's, no bug)
            gone = isinstance(error, FileNotFoundError)
            unread = Reason(ReasonCode.REFERENCE_UNREADABLE, problem=error.strerror or str(error))
            return await end(job, context, State.REFUSED, Reason(ReasonCode.REFERENCE_GONE) if gone else unread)
        except OpenRouterError as error:
            return await _not_submitted(job, context, error)
        context.credit_gate.accepted(job.most)
        job = job.alive(submitted.id, submitted.polling_url, submitted.status)
        await context.store.accept(job)
        return job


def _check_price(job: Job, context: JobContext) -> None:
    """Check that a job costs no more than was held and agreed to: it may have waited for hours. Raises RefusedError."""
    most = replace(job, quote=context.quote(job.request, *job.images)).most
    if job.most is not None and most is not None and most > job.most:
        raise RefusedError(ReasonCode.DEARER, before=job.most, now=most)


async def _not_submitted(job: Job, context: JobContext, error: OpenRouterError) -> Job:
    reason = error.reason.plus(advice=context.advise(error.cause, job.request, *job.images))
    if isinstance(error, (AnswerLost, ServerFault)):
        # After a 5xx the provider may have started all the same.
        return await end(job, context, State.UNKNOWN, reason.plus(session=job.id))
    if isinstance(error, NoCredits):
        _close_gate(job, context, error)
        return await _queue_again(replace(job, state=State.QUEUED), context, error, was=job)
    if isinstance(error, Busy):
        if again := _send_later(job, context, error):
            return await _queue_again(again, context, error, was=job)
        if waited := job.busy_seconds:
            reason = Reason(ReasonCode.BUSY_TOO_LONG, cause=error.code, seconds=waited, retry_after=error.retry_after)
    if isinstance(error, Unaffordable):
        reason = _unaffordable(job, context, error)
    # Nothing was paid, as with our own refusals, so its key becomes free again.
    return await end(job, context, State.FAILED, reason, key=job.id)


def _close_gate(job: Job, context: JobContext, error: NoCredits) -> None:
    if not isinstance(error, LimitSpent):
        context.credit_gate.refused(job.most)
        return
    resets_at, now = error.own["resets_at"], context.now()
    if not isinstance(resets_at, int) or resets_at <= now:
        resets_at = error.own["resets_at"] = None  # it should have renewed by now
    context.credit_gate.refused(job.most, error.reason, None if resets_at is None else resets_at - now)


def _send_later(job: Job, context: JobContext, error: Busy) -> Job | None:
    """Return a job as it waits to be sent again; None if it has waited, or would have to wait, for too long."""
    waited = job.busy_seconds
    left = context.limits.busy_seconds - waited
    if left < LEAST_PAUSE or (error.retry_after or 0.0) > left:
        return None
    if error.retry_after is None:
        pause = min(max(FIRST_PAUSE, waited), LONGEST_PAUSE) * random.uniform(0.75, 1.25)
    else:
        pause = max(error.retry_after, LEAST_PAUSE, min(waited * LEAST_SHARE, LONGEST_PAUSE)) * random.uniform(1, 1.1)
    pause = min(pause, left)
    return replace(
        job,
        state=State.QUEUED,
        send_at=context.now() + pause,
        busy_seconds=waited + pause,
        trouble=Reason(ReasonCode.SENDS_AGAIN, cause=error.code),
    )


async def _queue_again(job: Job, context: JobContext, error: OpenRouterError, *, was: Job) -> Job:
    """Save a job that was not taken as queued. Raises Overtaken if it was cancelled before its last byte was sent."""
    log.warning("job %s: OpenRouter did not take it, and it waits: %s", job.id, error)
    if was.state is State.SUBMITTING:
        return await save(job, context)
    if not await context.store.turn(job, was=was) and (await context.store.get(job.id)).state is not State.QUEUED:
        raise Overtaken
    return job


def _unaffordable(job: Job, context: JobContext, error: Unaffordable) -> Reason:
    left = context.credit_gate.left
    if left is None or job.most is None or not 0 <= left < job.most:
        left = None  # it is not the key's limit that is too small, but the account's credits, which nobody tells
    error.own |= {"needed": job.most, "left": left, "fits": left and context.longest(job, left)}
    return error.reason
