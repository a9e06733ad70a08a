"""The status messages of all jobs: the newest state of each, as fast as Discord takes the edits."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from http import HTTPStatus

import discord

from cogs.interactions.discord_errors import BROKEN, DEAD_TOKEN, passing, reason
from cogs.interactions.pause import Pause
from cogs.interactions.tokens import Tokens
from cogs.status.edit_queue import EditQueue, Key, Urgency
from cogs.status.message import tell_directly
from cogs.status.rate_limits import RATE_LIMIT_HEADERS, RateLimitHeaders
from cogs.status.set_view import representative
from cogs.status.tracked import TrackedStatus, place_of, status_name
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
"""Saves the id of the message that is the status of a job, or of a set, now; gets the (first) job's id first."""
TakesOf = Callable[[str], Awaitable[Sequence[Job]]]
"""Returns the takes of a set, as they are stored."""


class StatusEditor:
    """Edits with the interaction's token while that lives, and then by channel and message id with the bot's.

    A deleted status is posted again, once: deleting that one too asks for silence. The takes of a set have one status.
    seconds: limit of one edit. usual: the usual duration of such jobs. takes: of a set. now: Unix seconds.
    """

    def __init__(
        self,
        client: discord.Client,
        tokens: Tokens,
        *,
        seconds: float,
        usual: UsualOf,
        moved: Moved,
        takes: TakesOf,
        pause: Pause | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._client = client
        self._tokens = tokens
        self._seconds = seconds
        self._usual = usual
        self._moved = moved
        self._takes = takes
        self._now = now
        self._queue = EditQueue(self._send, pause)
        self._statuses: dict[str, TrackedStatus] = {}

    async def show(self, job: Job) -> bool:
        """Show the job's state, as Chat requires. Waits only for a job's end: until it was told, or could not be."""
        if self._client.is_closed():
            return False  # Discord has closed the connection; the next start tells
        name = status_name(job)
        others = await self._takes(name) if job.take_set and name not in self._statuses else ()
        status = self._statuses.get(name)
        if status is None:
            status = self._statuses[name] = TrackedStatus(name)
        for one in others:
            status.jobs.setdefault(place_of(one), one)  # unless it has shown a state since, which is newer
        status.jobs[place_of(job)] = job
        if not job.ended:
            self._offer(status)
            return True
        told = status.told.setdefault(job.id, asyncio.get_running_loop().create_future())
        status.tries, status.until = 0, 0.0
        self._offer(status)
        # One waiting caller may be cancelled while others still wait.
        return await asyncio.shield(told)

    def placed(self, job: Job) -> Job:
        """Return the job with its current status message; its run does not hear of a new one."""
        status = self._statuses.get(status_name(job))
        new_id = status and status.message.new_id
        return replace(job, place=replace(job.place, new_status_id=new_id)) if new_id else job

    async def drain(self, seconds: float) -> None:
        """Wait, at most this long, until every known end was told."""
        if ends := [told for status in self._statuses.values() for told in status.told.values()]:
            await asyncio.wait(ends, timeout=seconds)

    async def close(self) -> None:
        """Stop editing."""
        await self._queue.close()

    def _offer(self, status: TrackedStatus) -> None:
        if (urgency := self._urgency(status)) is not None:
            self._queue.offer(self._key(status), status.name, urgency)

    def _urgency(self, status: TrackedStatus) -> Urgency | None:
        now = asyncio.get_running_loop().time()
        if status.told or status.ended:
            return Urgency.END
        if now < status.until:
            return None
        if status.news:
            return Urgency.CHANGE
        old = self._now() - status.latest[0].created_at > OLD_SECONDS
        due = status.shown_at + (OLD_CHECKED_SECONDS if old else CHECKED_SECONDS)
        return Urgency.CHECK if now >= due and not status.refused else None

    def _key(self, status: TrackedStatus) -> Key:
        """Return a status's lane: its token's, or its channel's once the token is dead and has nothing on its way."""
        name, place = status.name, status.latest[0].place
        own = self._tokens.get(name) is not None or place.token_only
        return name if own or self._queue.occupied(name) else place.channel_id

    async def _send(self, key: Key, name: str) -> RateLimitHeaders | None:
        """Send the newest state of a message, for EditQueue."""
        status = self._statuses.get(name)
        if status is None:
            return None
        urgency = self._urgency(status)
        if urgency is None or self._client.is_closed():
            return None  # back to what it says already, or nobody to tell any more
        jobs, webhook = status.latest, self._tokens.get(name)
        job = jobs[0]
        if webhook is None and key == name and not job.place.token_only:
            # The token died while this waited: now it is the channel's turn.
            self._queue.offer(job.place.channel_id, name, urgency)
            return None
        headers = RateLimitHeaders()
        RATE_LIMIT_HEADERS.set(headers)
        try:
            async with asyncio.timeout(self._seconds) as headers.alarm:
                await status.message.edit(self._client, jobs, webhook, self._usual(representative(jobs)))
        except BROKEN as error:
            log.warning("job %s: the status could not be edited: %s", job.id, type(error).__name__)
            self._failed(status, headers)
        except discord.HTTPException as error:
            if error.code == DELETED and status.replaceable(jobs):
                await self._replace(status, jobs)
            elif _to_tell_apart(status, jobs, error, with_token=webhook is not None):
                await self._tell_apart(status, jobs, error)
            else:
                self._refused(status, jobs, headers, error, with_token=webhook is not None)
        else:
            self._shown(status, jobs)
        return headers

    async def _replace(self, status: TrackedStatus, jobs: tuple[Job, ...]) -> None:
        """Post a deleted status again, and save the new message's id."""
        RATE_LIMIT_HEADERS.set(None)  # the lane counts edits; this has its own limits, which discord.py keeps
        name = status.name
        try:
            async with asyncio.timeout(self._seconds):
                message_id = await status.message.replace(self._client, jobs, self._usual(representative(jobs)))
        except BROKEN as error:
            log.warning("job %s: its status is gone; a new one could not be posted: %s", name, type(error).__name__)
            self._failed(status, RateLimitHeaders())
        except discord.HTTPException as error:
            if _to_tell_apart(status, jobs, error, with_token=False):
                await self._tell_apart(status, jobs, error)
            else:
                self._refused(status, jobs, RateLimitHeaders(), error, with_token=False)
        else:
            log.info("job %s: its status is gone; it is message %s now", name, message_id)
            for job in jobs:
                self._tokens.drop(job.id)  # it edits its own answers only
            try:
                await self._moved(name, message_id)
            finally:
                self._shown(status, jobs)

    async def _tell_apart(self, status: TrackedStatus, jobs: tuple[Job, ...], refusal: discord.HTTPException) -> None:
        """Tell the requester alone how jobs ended, because the status cannot be reached."""
        log.warning("job %s: Discord refused the status: %s; its end is told directly", status.name, reason(refusal))
        RATE_LIMIT_HEADERS.set(None)  # as in _replace
        try:
            async with asyncio.timeout(self._seconds):
                for job in status.untold(jobs):
                    await tell_directly(self._client, job)
        except BROKEN as error:
            log.warning("job %s: its end could not be told directly: %s", status.name, type(error).__name__)
            self._failed(status, RateLimitHeaders())
        except discord.HTTPException as error:
            self._refused(status, jobs, RateLimitHeaders(), error, with_token=False)
        else:
            self._shown(status, jobs)

    def _shown(self, status: TrackedStatus, jobs: tuple[Job, ...]) -> None:
        status.shown, status.shown_at, status.refused = jobs, asyncio.get_running_loop().time(), False
        self._done(status, jobs)

    def _done(self, status: TrackedStatus, jobs: tuple[Job, ...]) -> None:
        """Record that states were shown, or never can be."""
        for job in jobs:
            if job.ended and (told := status.told.pop(job.id, None)) and not told.done():
                told.set_result(True)
        if status.latest != jobs:  # among others: an ended one was brought back to life meanwhile
            self._offer(status)
        elif status.ended:
            self._forget(status)

    def _refused(
        self,
        status: TrackedStatus,
        jobs: tuple[Job, ...],
        headers: RateLimitHeaders,
        error: discord.HTTPException,
        *,
        with_token: bool,
    ) -> None:
        if passing(error):
            log.warning("job %s: Discord does not take the status just now: %s", status.name, reason(error))
            self._failed(status, headers)
            return
        if with_token and _dead(error):
            log.info("job %s: Discord does not take the command's token any more", status.name)
            self._tokens.drop(status.name)
            status.shown = None
            self._offer(status)
            return
        # Deleted, no access: logged, and the job goes on.
        log.warning("job %s: Discord refused the status: %s", status.name, reason(error))
        # Repeated requests would count as invalid ones.
        status.shown, status.refused = jobs, True
        self._done(status, jobs)

    def _failed(self, status: TrackedStatus, headers: RateLimitHeaders) -> None:
        """Plan another try: at the next check, or soon when the job has ended."""
        loop = asyncio.get_running_loop()
        wait = headers.limited or 0.0
        if headers.remaining:
            # There was room in the channel: the limit is this message's own.
            status.until = loop.time() + wait
        if not status.told and not status.ended:
            if headers.limited and not headers.remaining:
                self._offer(status)
            return
        status.tries += 1
        if status.tries < FINAL_TRIES and wait < self._seconds:
            loop.call_later(max(wait, 2.0**status.tries), self._offer, status)
            return
        for told in status.told.values():
            if not told.done():
                told.set_result(False)
        status.told, status.tries = {}, 0
        if status.ended:
            self._statuses.pop(status.name, None)  # its token may still serve the next time

    def _forget(self, status: TrackedStatus) -> None:
        self._statuses.pop(status.name, None)
        for job in status.latest:
            self._tokens.drop(job.id)


def _to_tell_apart(
    status: TrackedStatus, jobs: tuple[Job, ...], error: discord.HTTPException, *, with_token: bool
) -> bool:
    """Return whether ends that Discord refuses to show are told to the requester: the channel is gone or closed.

    Not if the status was deleted twice, nor if a further try or the bot's own token may still show it.
    """
    further = passing(error) or (with_token and _dead(error))
    return bool(status.untold(jobs)) and error.code != DELETED and not (further or jobs[0].place.token_only)


def _dead(error: discord.HTTPException) -> bool:
    return error.code in DEAD_TOKEN or error.status == HTTPStatus.UNAUTHORIZED
