"""The status messages of all jobs: the newest state of each, as fast as Discord takes the edits."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from http import HTTPStatus

import discord

from cogs.interactions.discord_errors import BROKEN, DEAD_TOKEN, passing, reason
from cogs.interactions.pause import Pause
from cogs.interactions.tokens import Tokens
from cogs.status.edit_queue import EditQueue, Key, Urgency
from cogs.status.message import StatusMessage, tell_directly
from cogs.status.rate_limits import RATE_LIMIT_HEADERS, RateLimitHeaders
from dailies.job import Job
from dailies.jobs.durations import Usual

log = logging.getLogger(__name__)

FINAL_TRIES = 5
"""Attempts for the last state of a job until `show` returns; earlier states are superseded by the next check."""
CHECKED_SECONDS = 9.0
"""Minimum interval between edits that only update the time of the last check."""
OLD_SECONDS, OLD_CHECKED_SECONDS = 3600.0, 300.0
"""Discord limits the edits of a message older than an hour (code 30046); the figure is not published."""
DELETED = 10008
"""Discord's code for a message that does not exist."""

UsualOf = Callable[[Job], Usual | None]
"""Returns the usual duration of a job, if known."""
Moved = Callable[[str, int], Awaitable[None]]
"""Saves the id of the message that is a job's status now; gets the job's id first."""


@dataclass(slots=True)
class _Status:
    """A status message. latest: the state that it should show. shown: the state that it shows; None while unknown.

    told: set once the end was told. until: no edit before then, because Discord limited this message alone.
    """

    latest: Job
    shown: Job | None = None
    shown_at: float = 0.0
    refused: bool = False
    until: float = 0.0
    tries: int = 0
    told: asyncio.Future[bool] | None = None
    message: StatusMessage = field(default_factory=StatusMessage)

    @property
    def news(self) -> bool:
        """True if the message should change by more than the time of the last check."""
        shown, latest = self.shown, self.latest
        if shown is None:
            return True
        checked = replace(shown, polls=latest.polls, checked_at=latest.checked_at, running_at=latest.running_at)
        return checked != latest


class StatusEditor:
    """Edits with the interaction's token while that lives, and then by channel and message id with the bot's.

    A deleted status is posted again, once: deleting that one too asks for silence.
    seconds: limit of one edit. usual: the usual duration of such jobs. now: Unix seconds.
    """

    def __init__(
        self,
        client: discord.Client,
        tokens: Tokens,
        *,
        seconds: float,
        usual: UsualOf,
        moved: Moved,
        pause: Pause | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._client = client
        self._tokens = tokens
        self._seconds = seconds
        self._usual = usual
        self._moved = moved
        self._now = now
        self._queue = EditQueue(self._send, pause)
        self._statuses: dict[str, _Status] = {}

    async def show(self, job: Job) -> bool:
        """Show the job's state, as Chat requires. Waits only for a job's end: until it was told, or could not be."""
        if self._client.is_closed():
            return False  # Discord has closed the connection; the next start tells
        status = self._statuses.get(job.id)
        if status is None:
            status = self._statuses[job.id] = _Status(job)
        status.latest = job
        if not job.ended:
            self._offer(status)
            return True
        if status.told is None:
            status.told = asyncio.get_running_loop().create_future()
        status.tries, status.until = 0, 0.0
        self._offer(status)
        # One waiting caller may be cancelled while others still wait.
        return await asyncio.shield(status.told)

    def placed(self, job: Job) -> Job:
        """Return the job with its current status message; its run does not hear of a new one."""
        status = self._statuses.get(job.id)
        new_id = status and status.message.new_id
        return replace(job, place=replace(job.place, new_status_id=new_id)) if new_id else job

    async def drain(self, seconds: float) -> None:
        """Wait, at most this long, until every known end was told."""
        if ends := [status.told for status in self._statuses.values() if status.told]:
            await asyncio.wait(ends, timeout=seconds)

    async def close(self) -> None:
        """Stop editing."""
        await self._queue.close()

    def _offer(self, status: _Status) -> None:
        if (urgency := self._urgency(status)) is not None:
            self._queue.offer(self._key(status.latest), status.latest.id, urgency)

    def _urgency(self, status: _Status) -> Urgency | None:
        now = asyncio.get_running_loop().time()
        if status.latest.ended:
            return Urgency.END
        if now < status.until:
            return None
        if status.news:
            return Urgency.CHANGE
        old = self._now() - status.latest.created_at > OLD_SECONDS
        due = status.shown_at + (OLD_CHECKED_SECONDS if old else CHECKED_SECONDS)
        return Urgency.CHECK if now >= due and not status.refused else None

    def _key(self, job: Job) -> Key:
        """Return a job's lane: its token's, or its channel's once the token is dead and has nothing on its way."""
        own = self._tokens.get(job.id) is not None or job.place.token_only
        return job.id if own or self._queue.occupied(job.id) else job.place.channel_id

    async def _send(self, key: Key, job_id: str) -> RateLimitHeaders | None:
        """Send the newest state of a message, for EditQueue."""
        status = self._statuses.get(job_id)
        if status is None:
            return None
        urgency = self._urgency(status)
        if urgency is None or self._client.is_closed():
            return None  # back to what it says already, or nobody to tell any more
        job, webhook = status.latest, self._tokens.get(job_id)
        if webhook is None and key == job_id and not job.place.token_only:
            # The token died while this waited: now it is the channel's turn.
            self._queue.offer(job.place.channel_id, job_id, urgency)
            return None
        headers = RateLimitHeaders()
        RATE_LIMIT_HEADERS.set(headers)
        try:
            async with asyncio.timeout(self._seconds) as headers.alarm:
                await status.message.edit(self._client, job, webhook, self._usual(job))
        except BROKEN as error:
            log.warning("job %s: the status could not be edited: %s", job.id, type(error).__name__)
            self._failed(status, headers)
        except discord.HTTPException as error:
            if error.code == DELETED and _replaceable(status, job):
                await self._replace(status, job)
            elif _to_tell_apart(job, error, with_token=webhook is not None):
                await self._tell_apart(status, job, error)
            else:
                self._refused(status, headers, error, with_token=webhook is not None)
        else:
            self._shown(status, job)
        return headers

    async def _replace(self, status: _Status, job: Job) -> None:
        """Post a deleted status again, and save the new message's id."""
        RATE_LIMIT_HEADERS.set(None)  # the lane counts edits; this has its own limits, which discord.py keeps
        try:
            async with asyncio.timeout(self._seconds):
                message_id = await status.message.replace(self._client, job, self._usual(job))
        except BROKEN as error:
            log.warning("job %s: its status is gone; a new one could not be posted: %s", job.id, type(error).__name__)
            self._failed(status, RateLimitHeaders())
        except discord.HTTPException as error:
            if _to_tell_apart(job, error, with_token=False):
                await self._tell_apart(status, job, error)
            else:
                self._refused(status, RateLimitHeaders(), error, with_token=False)
        else:
            log.info("job %s: its status is gone; it is message %s now", job.id, message_id)
            self._tokens.drop(job.id)  # it edits its own answers only
            try:
                await self._moved(job.id, message_id)
            finally:
                self._shown(status, job)

    async def _tell_apart(self, status: _Status, job: Job, refusal: discord.HTTPException) -> None:
        """Tell the requester alone how the job ended, because the status cannot be reached."""
        log.warning("job %s: Discord refused the status: %s; its end is told directly", job.id, reason(refusal))
        RATE_LIMIT_HEADERS.set(None)  # as in _replace
        try:
            async with asyncio.timeout(self._seconds):
                await tell_directly(self._client, job)
        except BROKEN as error:
            log.warning("job %s: its end could not be told directly: %s", job.id, type(error).__name__)
            self._failed(status, RateLimitHeaders())
        except discord.HTTPException as error:
            self._refused(status, RateLimitHeaders(), error, with_token=False)
        else:
            self._shown(status, job)

    def _shown(self, status: _Status, job: Job) -> None:
        status.shown, status.shown_at, status.refused = job, asyncio.get_running_loop().time(), False
        self._done(status, job)

    def _done(self, status: _Status, job: Job) -> None:
        """Record that a state was shown, or never can be."""
        if not job.ended:
            if status.latest is not job:
                self._offer(status)
            return
        if status.told:
            if not status.told.done():
                status.told.set_result(True)
            status.told = None
        if status.latest is job:
            self._forget(job)
        else:  # brought back to life meanwhile
            self._offer(status)

    def _refused(
        self, status: _Status, headers: RateLimitHeaders, error: discord.HTTPException, *, with_token: bool
    ) -> None:
        job = status.latest
        if passing(error):
            log.warning("job %s: Discord does not take the status just now: %s", job.id, reason(error))
            self._failed(status, headers)
            return
        if with_token and _dead(error):
            log.info("job %s: Discord does not take the command's token any more", job.id)
            self._tokens.drop(job.id)
            status.shown = None
            self._offer(status)
            return
        # Deleted, no access: logged, and the job goes on.
        log.warning("job %s: Discord refused the status: %s", job.id, reason(error))
        # Repeated requests would count as invalid ones.
        status.shown, status.refused = job, True
        self._done(status, job)

    def _failed(self, status: _Status, headers: RateLimitHeaders) -> None:
        """Plan another try: at the next check, or soon when the job has ended."""
        loop = asyncio.get_running_loop()
        wait = headers.limited or 0.0
        if headers.remaining:
            # There was room in the channel: the limit is this message's own.
            status.until = loop.time() + wait
        if not status.latest.ended:
            if headers.limited and not headers.remaining:
                self._offer(status)
            return
        status.tries += 1
        if status.tries < FINAL_TRIES and wait < self._seconds:
            loop.call_later(max(wait, 2.0**status.tries), self._offer, status)
            return
        if status.told and not status.told.done():
            status.told.set_result(False)
        self._statuses.pop(status.latest.id, None)  # its token may still serve the next time

    def _forget(self, job: Job) -> None:
        self._statuses.pop(job.id, None)
        self._tokens.drop(job.id)


def _replaceable(status: _Status, job: Job) -> bool:
    """Return whether the status may be posted again: not a second time, and not once the job's end was told."""
    again = status.message.new_id is not None or job.place.new_status_id is not None
    return not (again or job.place.token_only or (job.ended and job.told))


def _to_tell_apart(job: Job, error: discord.HTTPException, *, with_token: bool) -> bool:
    """Return whether an end that Discord refuses to show is told to the requester: the channel is gone or closed.

    Not if the status was deleted twice, nor if a further try or the bot's own token may still show it.
    """
    further = passing(error) or (with_token and _dead(error))
    return job.ended and not job.told and error.code != DELETED and not (further or job.place.token_only)


def _dead(error: discord.HTTPException) -> bool:
    return error.code in DEAD_TOKEN or error.status == HTTPStatus.UNAUTHORIZED
