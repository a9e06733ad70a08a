"""Posting a kept video again, on request."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path

from dailies.delivery.chat import Chat, Posted
from dailies.delivery.courier import Courier
from dailies.delivery.request import Delivered, DeliveryRequest, ResponsePoster
from dailies.errors import DeliveryError, RefusedError
from dailies.fair_slots import FairSlots
from dailies.job import Job, State
from dailies.jobs.deliver import nonce as output_nonce
from dailies.jobs.deliver import output_words
from dailies.reason import Reason, ReasonCode
from dailies.store.library import Library

log = logging.getLogger(__name__)

HOUR = 3600.0
REPEATS_AT_ONCE = 2
"""In all, one for each person: the uploads and encodings of new videos need the rest of the machine."""
REPEAT_WAIT_SECONDS = 600.0
"""Discord takes the answer to a command for fifteen minutes."""


def can_go_on(job: Job) -> bool:
    """Tell if OpenRouter may have a video of an ended job that this bot never downloaded."""
    given_up = job.state in (State.UNDELIVERED, State.TIMED_OUT)
    return given_up and job.openrouter_id is not None and job.file is None and job.forgotten_at is None


class Repeats:
    """Turns of people who have a kept video posted again, or its file sent, beside the videos that are new.

    per_hour: for each person; 0: no limit. wait: longest wait for a turn in seconds. now: Unix seconds.
    """

    def __init__(
        self, per_hour: int, *, wait: float = REPEAT_WAIT_SECONDS, now: Callable[[], float] = time.time
    ) -> None:
        self._per_hour = per_hour
        self._wait = wait
        self._now = now
        self._slots = FairSlots(REPEATS_AT_ONCE, 1)
        self._times: dict[int, list[float]] = {}
        """Begin of each person's repeats of the last hour, the oldest first."""

    @asynccontextmanager
    async def turn(self, person: int) -> AsyncGenerator[None]:
        """Wait for a person's turn and hold it. Raises RefusedError when they have had too many, or wait too long."""
        began = self._count(person)
        async with AsyncExitStack() as held:
            try:
                async with asyncio.timeout(self._wait):
                    await held.enter_async_context(self._slots.one(person))
            except TimeoutError as error:
                self._times[person].remove(began)
                raise RefusedError(ReasonCode.REPEATS_BUSY, seconds=self._wait) from error
            yield

    def _count(self, person: int) -> float:
        now = self._now()
        recent = {one: [at for at in times if at > now - HOUR] for one, times in self._times.items()}
        self._times = {one: times for one, times in recent.items() if times}
        own = self._times.setdefault(person, [])
        if self._per_hour and len(own) >= self._per_hour:
            wait = own[-self._per_hour] + HOUR - now
            raise RefusedError(ReasonCode.REPEATS_SPENT, most=self._per_hour, wait=wait)
        own.append(now)
        return now


async def post_again(
    job: Job,
    nonce: str,
    *,
    library: Library,
    chat: Chat,
    courier: Courier,
    running: bool,
    response_poster: ResponsePoster | None = None,
) -> Posted:
    """Post a job's kept videos again and record it; return the message of the first.

    One that is refused does not hold back the others; what it was refused for is raised if none was posted.
    running: the job's own run is still going. Raises RefusedError.
    """
    kept = await kept_files(job, running=running)
    done: Delivered | None = None
    marks = dict(job.marks)
    problem: DeliveryError | None = None
    for number in kept:
        words = output_words(job, number, ReasonCode.POSTED_AGAIN, ReasonCode.OUTPUT_AGAIN)
        request = DeliveryRequest(
            words, output_nonce(nonce, number), more=True, response_poster=response_poster, number=number
        )
        try:
            found = await courier.deliver(job, request, _say_nothing)
        except DeliveryError as error:
            log.warning("job %s: could not be posted again: %s", job.id, error)
            problem = problem or error
        else:
            log.info("job %s: posted again as message %s", job.id, found.posted.message_id)
            done = done or found
            marks |= {number: found.marks} if found.marks else {}
    if done is None:
        assert problem
        raise RefusedError(ReasonCode.NOT_POSTED_AGAIN, error=problem.reason) from problem
    posted = done.posted
    delivered = replace(
        job,
        state=State.DELIVERED,
        reason=None,
        video_message_id=posted.message_id,
        video_channel_id=posted.channel_id,
        delivery_note=done.note,
        marks=marks,
    )
    recorded = await library.delivered(delivered)
    if recorded and job.state is not State.DELIVERED and not job.place.token_only:
        # Its status says that it was not delivered. Where the bot is not a member, that can no longer be changed.
        await chat.show(delivered)
    return posted


async def _say_nothing(_: Reason | None) -> None:
    """Ignore progress: the answer to the command already shows that it is being worked on."""


async def kept_files(job: Job, *, running: bool) -> dict[int, tuple[Path, int]]:
    """Return path and bytes of each of a job's videos on this disk, by its number. Raises RefusedError."""
    if running or not job.ended:
        raise RefusedError(ReasonCode.STILL_RUNNING)
    if job.file is None or job.file_removed_at is not None:
        raise RefusedError(_why_no_video(job))
    kept: dict[int, tuple[Path, int]] = {}
    for number, path in job.files.items():
        with contextlib.suppress(FileNotFoundError):
            kept[number] = path, (await asyncio.to_thread(path.stat)).st_size
    if not kept:
        raise RefusedError(ReasonCode.NOT_HERE)
    return kept


def _why_no_video(job: Job) -> ReasonCode:
    if job.forgotten_at is not None:
        return ReasonCode.VIDEO_FORGOTTEN
    if job.file_removed_at is not None:
        return ReasonCode.VIDEO_REMOVED
    return ReasonCode.NEVER_DOWNLOADED if job.state is State.UNDELIVERED else ReasonCode.WITHOUT_VIDEO
