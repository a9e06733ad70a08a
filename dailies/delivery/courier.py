"""Getting a finished video to who asked for it: as it is, smaller, as a link, or as a direct message.

`Courier.deliver` is the one function to read.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from dailies.delivery.chat import Chat, Parcel, Posted
from dailies.delivery.limits import UNKNOWN, Claims, Limit, LimitBook, Shown, judge
from dailies.delivery.shares import Shares
from dailies.errors import ChatUnavailable, FileGone, FileTooLarge, MediaError, NotAllowed
from dailies.formatting import megabytes
from dailies.job import Job
from dailies.media.encode import Encoder, Fitted
from dailies.media.fit import changed
from dailies.media.probe import Video, probe

log = logging.getLogger(__name__)

ENCODINGS = 2
"""A video that was made to fit and is refused all the same is made smaller once more."""
SAY_SECONDS = 5.0
"""Progress is said no more often than this."""

Say = Callable[[str | None], Awaitable[None]]
"""Gets what is being done, in words; None when it is over."""
T = TypeVar("T")


@dataclass(frozen=True)
class Depot:
    """What a courier works with. shares: None where there is no web server for links. media_seconds: of one probe."""

    book: LimitBook
    encoder: Encoder
    shares: Shares | None
    ffmpeg: str
    media_seconds: float
    tries: int


@dataclass(frozen=True)
class Answering:
    """Posting as the answer to a command, where only its token works. limit: bytes that the platform says it may have.

    post: raises as Chat.follow_up.
    """

    post: Callable[[Parcel], Awaitable[Posted]]
    limit: int | None


@dataclass(frozen=True)
class Errand:
    """words: of the message. nonce: the same one makes one message. search: an earlier process may have posted it.
    more: it is to be posted once more, so that an earlier message with it does not count.
    answering: how it is posted instead of in the job's channel.
    """

    words: str
    nonce: str
    search: bool = False
    more: bool = False
    answering: Answering | None = None


@dataclass(frozen=True)
class Delivered:
    """note: what was changed, None when nothing was."""

    posted: Posted
    note: str | None = None


class Courier:
    """Delivers through a chat platform, with what the depot has."""

    def __init__(self, chat: Chat, depot: Depot, *, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        self._chat = chat
        self._depot = depot
        self._sleep = sleep

    async def deliver(self, job: Job, errand: Errand, say: Say) -> Delivered:
        """Post a job's video where it was asked for; where that is refused, as a direct message to the requester.

        Raises FileTooLarge, NotAllowed, FileGone, ChatUnavailable; then it was not posted anywhere. Raises
        PerhapsPosted.
        """
        trip = _Trip(job, errand, direct=False, say=say)
        try:
            return await self._deliver(trip)
        except NotAllowed as refusal:
            log.warning("job %s: not posted where it was asked for (%s); trying a direct message", job.id, refusal)
            words = f"{errand.words} It could not be posted in <#{job.place.channel_id}>: {refusal}."
            aside = replace(trip, errand=replace(errand, words=words), direct=True)
            try:
                return await self._deliver(aside)
            except NotAllowed as second:
                raise NotAllowed(f"{refusal}; and a direct message was refused: {second}") from second

    async def _deliver(self, trip: _Trip) -> Delivered:
        if trip.errand.search and not trip.answering and (found := await self._find(trip)):
            return Delivered(found)
        try:
            size = (await asyncio.to_thread(trip.source.stat)).st_size
        except FileNotFoundError as error:
            raise FileGone from error
        limit = await self._limit(trip)
        if size <= limit.hoped:
            try:
                return Delivered(await self._upload(trip, trip.source, size, limit))
            except FileTooLarge:
                limit = await self._limit(trip, size)
        for _ in range(ENCODINGS):
            fitted = await self._encoded(trip, limit.sure)
            if fitted is None:
                break
            made, note = fitted
            try:
                return Delivered(await self._upload(trip, made.path, made.video.size, limit, note), note)
            except FileTooLarge:
                limit = await self._limit(trip, made.video.size)
            finally:
                await asyncio.to_thread(made.path.unlink, missing_ok=True)
        if self._depot.shares:
            return await self._link(trip, self._depot.shares, size)
        raise FileTooLarge(size)

    async def _encoded(self, trip: _Trip, limit: int) -> tuple[Fitted, str] | None:
        """The video made to fit, and what was changed; None when that cannot be done."""
        target = trip.source.with_name(f"{trip.job.id}.fit.mp4")
        said = -SAY_SECONDS

        async def say(percent: int) -> None:
            nonlocal said
            if time.monotonic() - said >= SAY_SECONDS:
                said = time.monotonic()
                await trip.say(f"Making it fit {megabytes(limit)}: {percent} % encoded")

        try:
            video: Video = await probe(self._depot.ffmpeg, trip.source, seconds=self._depot.media_seconds)
            if self._depot.encoder.busy:
                await trip.say(f"Making it fit {megabytes(limit)}: waiting until other videos are encoded")
            else:
                await say(0)
            made = await self._depot.encoder.fit(trip.source, video, limit, target, say)
        except MediaError as error:
            log.warning("job %s: it could not be made to fit %d bytes: %s", trip.job.id, limit, error)
            return None
        finally:
            await trip.say(None)
        note = changed(video, made.video)
        log.info("job %s: made to fit %d bytes: %s", trip.job.id, limit, note)
        return made, note

    async def _upload(self, trip: _Trip, file: Path, size: int, limit: Limit, note: str | None = None) -> Posted:
        """Post a file, and remember what that says about the limit."""
        words = f"{trip.errand.words} Made to fit: {note}." if note else trip.errand.words
        if trip.answering:
            return await self._post(trip, words, file)
        place, claim = trip.place, self._claims(trip).server
        try:
            posted = await self._post(trip, words, file)
        except FileTooLarge:
            log.warning("job %s: %d bytes were refused as too large", trip.job.id, size)
            await self._depot.book.refused(place, claim, size)
            raise
        if size > limit.sure:
            await self._depot.book.accepted(place, claim, size)
        return posted

    async def _link(self, trip: _Trip, shares: Shares, size: int) -> Delivered:
        url, ends = await shares.share(trip.job)
        why = f"It has {megabytes(size)}, too much for an upload here"
        words = f"{trip.errand.words} {why}: {url} (until <t:{int(ends)}:f>)"
        return Delivered(await self._post(trip, words, None), f"{megabytes(size)}, as a link")

    async def _post(self, trip: _Trip, words: str, file: Path | None) -> Posted:
        parcel = Parcel(words, trip.errand.nonce, file, trip.direct)
        errand = trip.errand
        if trip.answering:
            return await trip.answering.post(parcel)

        async def post(further: bool) -> Posted:
            return await self._chat.post(trip.job, parcel, again=(further or errand.search) and not errand.more)

        return await self._patiently(trip, post)

    async def _find(self, trip: _Trip) -> Posted | None:
        return await self._patiently(trip, lambda _: self._chat.find(trip.job, direct=trip.direct))

    async def _patiently(self, trip: _Trip, call: Callable[[bool], Awaitable[T]]) -> T:
        """Again while the platform fails. The call hears whether it is a further try."""
        for attempt in range(self._depot.tries):
            try:
                return await call(attempt > 0)
            except ChatUnavailable as error:
                log.warning("job %s: posting failed, try %d: %s", trip.job.id, attempt + 1, error)
                if attempt + 1 == self._depot.tries:
                    raise
            await self._sleep(backoff(attempt + 1))
        raise AssertionError("unreachable: the last try returns or raises")

    async def _limit(self, trip: _Trip, refused: int | None = None) -> Limit:
        """refused: bytes that were just refused; for answers, whose limit is the person's, nothing is remembered."""
        if trip.answering:
            return judge(Claims(None, trip.answering.limit), Shown(refused=refused))
        claims = self._claims(trip)
        return judge(claims, await self._depot.book.shown(trip.place, claims.server))

    def _claims(self, trip: _Trip) -> Claims:
        # What the requester may upload in the server says little about direct messages of the bot.
        return Claims(UNKNOWN, trip.job.upload_limit) if trip.direct else self._chat.claims(trip.job)


@dataclass(frozen=True)
class _Trip:
    """One errand to one place."""

    job: Job
    errand: Errand
    direct: bool
    say: Say

    @property
    def source(self) -> Path:
        if self.job.file is None:
            raise RuntimeError(f"job {self.job.id} is {self.job.state} without a file")
        return self.job.file

    @property
    def answering(self) -> Answering | None:
        return None if self.direct else self.errand.answering

    @property
    def place(self) -> int | None:
        """The server whose limit counts; None for direct messages."""
        return None if self.direct else self.job.place.guild_id


def backoff(attempt: int) -> float:
    """Seconds before a further try: 2, 4, 8 … at most 60, spread by a quarter."""
    return min(60.0, 2.0**attempt) * (1 + random.random() / 4)
