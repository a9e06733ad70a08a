"""The last step of a job: delivering its downloaded videos to the requester."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace

from dailies.delivery.chat import Chat, Posted, Upload
from dailies.delivery.request import Delivered, DeliveryRequest, ResponsePoster
from dailies.errors import ChatUnavailable, DeliveryError, FileTooLarge, NotAllowed, PerhapsPosted
from dailies.job import Job, Output, State
from dailies.jobs.compare import deliver_together, opened
from dailies.jobs.context import JobContext
from dailies.jobs.order import difference
from dailies.jobs.transitions import given_up
from dailies.reason import Reason, ReasonCode
from dailies.takes import letter

log = logging.getLogger(__name__)


async def deliver(job: Job, context: JobContext, *, search: bool) -> Job:
    """Post a job's videos, and return the job as delivered, or undelivered with the reason. That is not saved yet.

    Several are posted one after the other, and each is saved; one that is refused does not hold back the others. While
    Discord is away the job stays as it is, with a trouble: until it has been tried for limits.deliver_seconds.

    search: look for each video first, because an earlier process may have posted it.
    """
    await context.chat.show(job)
    job = job if job.outputs else replace(job, outputs=(Output(came=True),))
    try:
        job, unposted = await _with_post(job, context)
    except ChatUnavailable as error:
        if not given_up(job.completed_at or job.created_at, context):
            log.warning("job %s: whether its shot has a post is not known just now: %s", job.id, error)
            return replace(job, trouble=Reason(ReasonCode.CHAT_AWAY))
        unposted = None
    if job.take_set and job.take_set.compared:
        if together := await deliver_together(job, context, search=search):
            return together
        # The vote may have ended while it was on its way.
        job = replace(job, take_set=(await context.store.get(job.id)).take_set)
    return await _deliver_each(job, context, search=search, unposted=unposted)


async def _with_post(job: Job, context: JobContext) -> tuple[Job, Reason | None]:
    """Return a job with the post that its videos go into, saved before they do, or why it has none."""
    if context.posts is None:
        return job, None
    found, unposted = await context.posts.of(job, context.now())
    if found.post_id != job.post_id:
        await context.store.save(found)
    return found, unposted


async def _deliver_each(job: Job, context: JobContext, *, search: bool, unposted: Reason | None) -> Job:
    async def say(activity: Reason | None) -> None:
        await context.chat.show(replace(job, activity=activity))

    async def mark(at: float | None) -> None:
        nonlocal job
        job = replace(job, follow_up_at=at)
        await context.store.save(job)

    for number, path in job.files.items():
        output = job.outputs[number - 1]
        if output.message_id or output.problem:
            continue  # an earlier process was here
        try:
            if job.follow_up_at is not None:
                # An earlier process may have sent it before it ended. It is not sent again blindly.
                raise PerhapsPosted
            poster = _with_token(job, context.chat, lambda: mark(context.now()), lambda: mark(None))
            words, own = (*_words(job, number), *([unposted] if unposted else [])), nonce(job.id, number)
            request = DeliveryRequest(words, own, search, response_poster=poster, number=number)
            done = await context.courier.deliver(job, request, say)
        except DeliveryError as error:
            if isinstance(error, ChatUnavailable) and not given_up(job.completed_at or job.created_at, context):
                log.warning("job %s: Discord does not take its video just now; it is tried again", job.id)
                return replace(job, trouble=Reason(ReasonCode.CHAT_AWAY))
            log.error("job %s: could not be delivered: %r; the video stays in %s", job.id, error, path)  # noqa: TRY400
            refused = Reason(ReasonCode.OUTPUT_UNPOSTED, number=number, of=len(job.outputs), error=error.reason)
            job = _with_output(job, number, problem=refused)
        else:
            job = _with_first(_with_output(job, number, message_id=done.posted.message_id), done)
            job = replace(job, marks={**job.marks, number: done.marks}) if done.marks else job
            if context.posts and done.post_refusal and done.post_refusal.code is ReasonCode.POST_GONE:
                await context.posts.gone(job)
            if job.take_set and job.take_set.compared:
                await opened(job, context)
        if number != max(job.files):
            # The mark is of this one; the next follow-up has its own.
            job = replace(job, follow_up_at=None)
            await context.store.save(job)
    return _ended(job)


def _ended(job: Job) -> Job:
    """Return a job as delivered if any of its videos was posted, else as undelivered for the first one's reason."""
    if any(one.message_id for one in job.outputs):
        return replace(job, state=State.DELIVERED, reason=None)
    refused = [one.problem.values["error"] for one in job.outputs if one.came and one.problem]
    outputs = tuple(replace(one, problem=None) if one.came else one for one in job.outputs)
    return replace(job, state=State.UNDELIVERED, reason=refused[0], outputs=outputs)


def nonce(base: str, number: int) -> str:
    """Return the nonce of an output's message: of base, at most 22 characters, and its number, from 1."""
    return base if number == 1 else f"{base}-{number}"


def _words(job: Job, number: int) -> tuple[Reason, ...]:
    if job.blind and len(job.outputs) == 1:
        return (Reason(ReasonCode.COMPARE_LATE, letter=letter(job)),)
    words = output_words(job, number, ReasonCode.READY, ReasonCode.OUTPUT_READY)
    differs = difference(job, (job.outputs[number - 1],))
    return (*words, differs) if differs else words


def output_words(job: Job, number: int, only: ReasonCode, several: ReasonCode) -> tuple[Reason, ...]:
    """Return the words of the message with an output. only: of the one of a job; several: of one of several."""
    of = len(job.outputs)
    return (Reason(several, number=number, of=of) if of > 1 else Reason(only),)


def _with_output(job: Job, number: int, **changes: object) -> Job:
    """Return a job with changes of an output, which are fields of Output."""
    changed = replace(job.outputs[number - 1], **changes)  # pyright: ignore[reportArgumentType] (as in transitions.py)
    return replace(job, outputs=(*job.outputs[: number - 1], changed, *job.outputs[number:]))


def _with_first(job: Job, done: Delivered) -> Job:
    """Return a job with the message of its first video that was posted."""
    if job.video_message_id is not None:
        return job
    posted = done.posted
    return replace(job, video_message_id=posted.message_id, video_channel_id=posted.channel_id, delivery_note=done.note)


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
