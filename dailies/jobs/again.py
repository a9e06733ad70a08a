"""A video that was paid for is posted once more, because somebody asks for it."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from typing import Protocol

from dailies import explain
from dailies.delivery.chat import Chat
from dailies.errors import ChatUnavailable, DeliveryError, RefusedError
from dailies.jobs.job import Job, State
from dailies.jobs.library import Library

log = logging.getLogger(__name__)

TRIES = 2
"""With the same nonce: a first try whose answer was lost is not posted twice."""


class Reposting(Chat, Protocol):
    """A chat platform that posts a video on purpose."""

    async def repost(self, job: Job, nonce: str) -> int:
        """Post the video as one more message; returns its id. nonce: the same one makes one message.

        Raises FileTooLarge, NotAllowed, ChatUnavailable.
        """
        ...


def can_go_on(job: Job) -> bool:
    """Whether OpenRouter may have a video of an ended job that this bot never downloaded."""
    given_up = job.state in (State.UNDELIVERED, State.TIMED_OUT)
    return given_up and job.openrouter_id is not None and job.file is None and job.forgotten_at is None


async def post_again(job: Job, nonce: str, *, library: Library, chat: Reposting, running: bool) -> int:
    """Post a kept video once more and keep that it was; returns the message's id.

    running: whether the job's own run goes on. Raises RefusedError whose text is written for who asked.
    """
    if running or not job.ended:
        raise RefusedError(explain.still_running())
    if job.file is None or job.file_removed_at is not None:
        paid = job.state is State.UNDELIVERED
        raise RefusedError(
            explain.no_video(forgotten=job.forgotten_at is not None, removed=job.file_removed_at is not None, paid=paid)
        )
    if not await asyncio.to_thread(job.file.is_file):
        raise RefusedError(explain.not_here())
    try:
        message_id = await _posted(job, nonce, chat)
    except DeliveryError as error:
        log.warning("job %s: could not be posted again: %s", job.id, error)
        raise RefusedError(explain.not_posted_again(error)) from error
    log.info("job %s: posted again as message %s", job.id, message_id)
    if await library.delivered(job.id, message_id) and job.state is not State.DELIVERED:
        # Its status said that it was not delivered.
        await chat.show(replace(job, state=State.DELIVERED, reason=None, video_message_id=message_id))
    return message_id


async def _posted(job: Job, nonce: str, chat: Reposting) -> int:
    for _ in range(TRIES - 1):
        try:
            return await chat.repost(job, nonce)
        except ChatUnavailable as error:
            log.warning("job %s: posting again failed: %s", job.id, error)
    return await chat.repost(job, nonce)
