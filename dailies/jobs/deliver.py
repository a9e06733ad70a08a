"""The last step of a job: delivering its downloaded video to the requester."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace

from dailies.delivery.chat import Chat, Posted, Upload
from dailies.delivery.courier import DeliveryRequest, ResponsePoster
from dailies.errors import ChatUnavailable, DeliveryError, FileTooLarge, NotAllowed, PerhapsPosted
from dailies.job import Job, State
from dailies.jobs.context import JobContext
from dailies.jobs.order import difference
from dailies.jobs.transitions import given_up
from dailies.reason import Reason, ReasonCode

log = logging.getLogger(__name__)


async def deliver(job: Job, context: JobContext, *, search: bool) -> Job:
    """Post a job's video, and return the job as delivered, or undelivered with the reason. That is not saved yet.

    While Discord is away it stays as it is, with a trouble: until it has been tried for limits.deliver_seconds.

    search: look for the video first, because an earlier process may have posted it.
    """
    await context.chat.show(job)

    async def say(activity: Reason | None) -> None:
        await context.chat.show(replace(job, activity=activity))

    async def mark(at: float | None) -> None:
        nonlocal job
        job = replace(job, follow_up_at=at)
        await context.store.save(job)

    differs = difference(job)
    words = (Reason(ReasonCode.READY), *((differs,) if differs else ()))
    try:
        if job.follow_up_at is not None:
            # An earlier process may have sent it before it ended. It is not sent again blindly.
            raise PerhapsPosted
        response_poster = _with_token(job, context.chat, lambda: mark(context.now()), lambda: mark(None))
        done = await context.courier.deliver(
            job, DeliveryRequest(words, job.id, search, response_poster=response_poster), say
        )
    except DeliveryError as error:
        if isinstance(error, ChatUnavailable) and not given_up(job.completed_at or job.created_at, context):
            log.warning("job %s: Discord does not take its video just now; it is tried again", job.id)
            return replace(job, trouble=Reason(ReasonCode.CHAT_AWAY))
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
    """Return a poster with the command's token, where only that works; None where the bot's own token does."""
    if not job.place.token_only:
        return None

    async def post(upload: Upload) -> Posted:
        # Discord has no nonce for follow-ups. So the record marks the post before it is sent, and keeps the mark unless
        # Discord refuses it.
        marked = False

        async def mark() -> None:
            nonlocal marked
            marked = True
            await begun()

        try:
            return await chat.follow_up(job, upload, mark)
        except (ChatUnavailable, FileTooLarge, NotAllowed):
            if marked:
                await refused()
            raise

    return ResponsePoster(post, job.upload_limit)
