"""The last step of a job: its video, on the disk, reaches who asked for it."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace

from dailies.delivery.chat import Chat, Posted, Upload
from dailies.delivery.courier import DeliveryRequest, ResponsePoster
from dailies.errors import DeliveryError, FileTooLarge, NotAllowed, PerhapsPosted
from dailies.job import Job, State
from dailies.jobs.context import JobContext
from dailies.reason import Reason, ReasonCode

log = logging.getLogger(__name__)


async def deliver(job: Job, context: JobContext, *, search: bool) -> Job:
    """Post a job's video, and return the job as it ended: delivered, or not and why. That is not saved yet.

    search: an earlier process may have posted it.
    """
    await context.chat.show(job)

    async def say(activity: Reason | None) -> None:
        await context.chat.show(replace(job, activity=activity))

    async def mark(at: float | None) -> None:
        nonlocal job
        job = replace(job, follow_up_at=at)
        await context.store.save(job)

    try:
        if job.follow_up_at is not None:
            # An earlier process ended after it began to send it. It is not sent again blindly.
            raise PerhapsPosted
        response_poster = _with_token(job, context.chat, lambda: mark(context.now()), lambda: mark(None))
        done = await context.courier.deliver(
            job, DeliveryRequest((Reason(ReasonCode.READY),), job.id, search, response_poster=response_poster), say
        )
    except DeliveryError as error:
        log.error("job %s: could not be delivered: %r; the video stays in %s", job.id, error, job.file)  # noqa: TRY400
        return replace(job, state=State.UNDELIVERED, reason=error.reason)
    log.info("job %s: delivered as message %s", job.id, done.posted.message_id)
    return replace(
        job,
        state=State.DELIVERED,
        reason=None,
        video_message_id=done.posted.message_id,
        video_channel_id=done.posted.channel_id,
        delivery_note=done.note,
    )


def _with_token(
    job: Job, chat: Chat, begun: Callable[[], Awaitable[None]], refused: Callable[[], Awaitable[None]]
) -> ResponsePoster | None:
    """How a video is posted where only the command's token works; None where the bot's own does."""
    if not job.place.token_only:
        return None

    async def post(upload: Upload) -> Posted:
        # The platform knows no nonce here. So the record says that it was begun before it is, and for good unless the
        # platform says no.
        marked = False

        async def mark() -> None:
            nonlocal marked
            marked = True
            await begun()

        try:
            return await chat.follow_up(job, upload, mark)
        except (FileTooLarge, NotAllowed):
            if marked:
                await refused()
            raise

    return ResponsePoster(post, job.upload_limit)
