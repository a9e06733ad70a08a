"""The paid request: the one step of a job's life that is never repeated."""

from __future__ import annotations

import logging
from contextlib import ExitStack
from dataclasses import replace

from dailies.errors import AnswerLost, DiskFull, NoCredits, OpenRouterError, Overtaken, ServerFault, Stopping
from dailies.job import Job, State
from dailies.jobs.context import JobContext
from dailies.jobs.transitions import end, save
from dailies.reason import Reason, ReasonCode

log = logging.getLogger(__name__)


async def submit(job: Job, context: JobContext) -> Job:
    """Send a reserved job. Return it unchanged if the gate is closed or another process has taken it over, and queued
    again if credits are short.
    """
    try:
        await context.check_disk()
    except DiskFull as error:
        log.warning("job %s: not sent: %s", job.id, error)
        return await end(job, context, State.REFUSED, error.reason)
    most = replace(job, quote=context.quote(job.request, len(job.references))).most
    if job.most is not None and most is not None and most > job.most:
        # After hours in the queue, or a restart: the new price is neither held nor agreed to.
        log.warning("job %s: not sent: its price rose from %s to %s USD", job.id, job.most, most)
        return await end(job, context, State.REFUSED, Reason(ReasonCode.DEARER, before=job.most, now=most))
    await context.chat.show(job)
    callback_url = context.callback_url(job.id)
    body = job.request.body([reference.to_send() for reference in job.references], callback_url)
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
        except Stopping:
            return job
        except Overtaken:
            log.error("job %s: not sent, because another process has taken it over", job.id)  # noqa: TRY400 (no bug)
            return job
        except OSError as error:
            log.error("job %s: a reference cannot be read: %s", job.id, error)  # noqa: TRY400 (the disk's, no bug)
            gone = isinstance(error, FileNotFoundError)
            unread = Reason(ReasonCode.REFERENCE_UNREADABLE, problem=error.strerror or str(error))
            return await end(job, context, State.REFUSED, Reason(ReasonCode.REFERENCE_GONE) if gone else unread)
        except OpenRouterError as error:
            return await _not_submitted(job, context, error)
        context.credit_gate.accepted(job.most)
        log.info("job %s: submitted as %s", job.id, submitted.id)
        job = job.alive(submitted.id, submitted.polling_url, submitted.status)
        await context.store.accept(job)
        return job


async def _not_submitted(job: Job, context: JobContext, error: OpenRouterError) -> Job:
    if isinstance(error, (AnswerLost, ServerFault)):
        # After a 5xx the provider may have started all the same.
        log.error("job %s: the paid request was sent and no job was named in answer: %s", job.id, error)
        return await end(job, context, State.UNKNOWN, error.reason)
    log.warning("job %s: OpenRouter refused the request: %s", job.id, error)
    if isinstance(error, NoCredits):
        context.credit_gate.refused(job.most)
        return await save(job, context, state=State.QUEUED)
    # Nothing was paid, as with our own refusals, so its key becomes free again.
    return await end(job, context, State.FAILED, error.reason, key=job.id)
