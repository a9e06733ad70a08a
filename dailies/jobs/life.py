"""The life of a job, from its first check to the posted video: start reading at `live`.

Each step starts from the record and saves it before the next begins, so the same function continues a job that an
earlier process left behind. Only the paid step is never repeated.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Sequence
from dataclasses import replace

from dailies.catalog.options import VideoRequest, sent_prompt
from dailies.catalog.prompt_numbers import check_numbers
from dailies.errors import OpenRouterError, RefusedError
from dailies.job import Job, State
from dailies.jobs.context import JobContext
from dailies.jobs.deliver import deliver
from dailies.jobs.download import download, listed
from dailies.jobs.schedule import RAREST_SECONDS, interval, late_interval, time_left
from dailies.jobs.submit import send
from dailies.jobs.transitions import end, save, tell
from dailies.openrouter.protocol import Poll
from dailies.reason import Reason, ReasonCode
from dailies.references.gathering import Gathering
from dailies.references.reference import Reference
from dailies.references.roles import counted, counts

log = logging.getLogger(__name__)

REPORTED_SECONDS = 1.0
"""Assumed seconds between a job's end and the check that OpenRouter's report of it triggers."""


async def live(job: Job, context: JobContext, gathering: Gathering | None = None) -> Job:
    """Carry a job from its current state to its end, and return it as far as it came.

    gathering: references being fetched, for a new job; a job resumed after a restart has none. Expected errors end the
    job with a reason; anything else is a bug and is raised. A job that the closed gate holds back stays reserved for
    the next start.
    """
    resumed = job.state is State.SUBMITTED
    # An earlier process may have posted it, and Discord has forgotten the nonce since.
    search = job.state is State.DELIVERING
    if job.ended and not job.told:
        return await tell(job, context)
    if job.state is State.CHECKING:
        job = await _check(job, context, gathering)
    if job.state is State.SUBMITTING:
        # An earlier process ended between the POST and its answer. It may have been paid.
        unanswered = Reason(ReasonCode.LEFT_UNANSWERED, cause="restart", session=job.id)
        job = await end(job, context, State.UNKNOWN, unanswered)
    job = await send(job, context)
    finished: Poll | None = None
    if job.state is State.SUBMITTED:
        job, finished = await _wait(job, context, resumed=resumed)
    if job.state is State.COMPLETED:
        job = await download(job, context, finished)
    if job.state is State.DELIVERING and search and not await _has_files(job):
        # Removed by hand, or on the disk of the process that ran the job before.
        job = await download(replace(job, completed_at=None), context)
    if job.state is State.DELIVERING:
        job = await deliver(job, context, search=search)
        if job.ended:
            job = await end(job, context, job.state, job.reason)
            if context.posts:
                await context.posts.tag(job)
            return job
        await context.store.save(job)
        await context.chat.show(job)
    return job


async def _check(job: Job, context: JobContext, gathering: Gathering | None) -> Job:
    if gathering is None:
        return await end(job, context, State.REFUSED, Reason(ReasonCode.LEFT_UNSENT, cause="restart"))
    try:
        references = await gathering.finish()
        request = _with_each_once(job, references, context)
    except RefusedError as error:
        return await end(job, context, State.REFUSED, error.reason, references=gathering.fetched())
    if pages := [one.page for one in references if one.page]:
        return await end(
            job, context, State.REFUSED, Reason(ReasonCode.PAGES_GIVEN, pages=pages), references=references
        )
    return replace(job, state=State.QUEUED, request=request, references=references)


def _with_each_once(job: Job, references: Sequence[Reference], context: JobContext) -> VideoRequest:
    """Return the request as it is once the same picture was dropped the second time. Raises OptionRefused."""
    before, now = (counts(given).references for given in (job.sources, references))
    check_numbers(job.request.prompt, before, now)
    if before == now or job.request.sent_prompt is None:
        return job.request
    options = counted(job.request.options, references)
    return replace(job.request, sent_prompt=sent_prompt(options, context.naming(job.request.model)))


async def _wait(job: Job, context: JobContext, *, resumed: bool) -> tuple[Job, Poll | None]:
    """Wait for the end of a job at OpenRouter; return it with the answer that told it, None if none did."""
    context.polling.add(job.id)
    try:
        job, poll = await _poll(job, context, resumed=resumed)
    finally:
        context.polling.discard(job.id)
    if poll:
        return await _ended_remotely(job, context, poll), poll
    reason = Reason(ReasonCode.CHECKS_ENDED, checks=job.polls, error=job.trouble)
    return await end(job, context, State.TIMED_OUT, reason), None


async def _poll(job: Job, context: JobContext, *, resumed: bool) -> tuple[Job, Poll | None]:
    """Poll a job until it has ended; return no Poll if CHECK_HOURS came first. Checks that fail make no end."""
    age = max(0.0, context.now() - (job.submitted_at or job.created_at)) if resumed else 0.0
    left = time_left(context.limits.check_seconds, age)
    if resumed:
        # Let all resumed jobs be counted first, then spread their checks, and with them their status edits.
        await asyncio.sleep(0)
        pause = _pause(context) * random.random()
    else:
        pause = _pause(context)
        await context.chat.show(job)
    while left > 0:
        pause = min(left, pause)
        reported = await context.end_signal.wait(job.id, pause, context.sleep)
        left, age, asked = left - pause, age + pause, 0.0
        try:
            poll = await context.openrouter.poll(_id(job), job.polling_url)
        except OpenRouterError as error:
            log.warning("job %s: check %d failed: %s", job.id, job.polls + 1, error)
            job = _checked(job, context, job.remote_status, error.reason)
            asked = min(error.retry_after or 0.0, RAREST_SECONDS)
        else:
            if not poll.ended or reported:
                # A report arrives right after the end.
                job = replace(job, running_at=context.now() - (REPORTED_SECONDS if poll.ended else 0))
            job = _checked(job, context, poll.status, None)
            if poll.ended:
                return job, poll
        await context.chat.show(job)
        pause = max(asked, late_interval(_pause(context), age))
    return job, None


def _pause(context: JobContext) -> float:
    """Return the seconds until the next check of a job that is not late."""
    return interval(context.limits.poll_interval, len(context.polling), webhooks=context.limits.webhooks)


def _checked(job: Job, context: JobContext, remote_status: str | None, trouble: Reason | None) -> Job:
    job = replace(job, polls=job.polls + 1, checked_at=context.now(), remote_status=remote_status, trouble=trouble)
    context.store.count(job)
    return job


async def _ended_remotely(job: Job, context: JobContext, poll: Poll) -> Job:
    if poll.cost is not None:
        # A revived job may have its cost already.
        job = replace(job, cost=poll.cost, is_byok=poll.is_byok)
    if poll.status == "completed":
        context.estimates.finished(job)
        job = await save(job, context, state=State.COMPLETED, completed_at=context.now(), outputs=listed(poll))
        context.queue_signal.move()  # its place is free, whatever delivery still does
        return job
    log.debug("job %s: %s at OpenRouter: %s", job.id, poll.status, poll.error)
    state = State(poll.status)
    advice = context.advise(poll.cause, job.request, *job.images) if state is State.FAILED else None
    reason = Reason(_ENDED_REMOTELY[state], said=poll.error, provider=poll.provider, advice=advice)
    return await end(job, context, state, reason)


_ENDED_REMOTELY = {
    State.FAILED: ReasonCode.JOB_FAILED,
    State.CANCELLED: ReasonCode.JOB_CANCELLED,
    State.EXPIRED: ReasonCode.JOB_EXPIRED,
}


async def _has_files(job: Job) -> bool:
    """Tell if every file is there that is still to be posted."""
    left = [path for number, path in job.files.items() if not job.outputs or not job.outputs[number - 1].message_id]
    return job.file is not None and await asyncio.to_thread(lambda: all(path.is_file() for path in left))


def _id(job: Job) -> str:
    if job.openrouter_id is None:
        raise RuntimeError(f"job {job.id} is {job.state} without OpenRouter's id")
    return job.openrouter_id
