"""Delivery of a finished video to its requester: as it is, smaller, as a link, or in a direct message.

Start reading at `Courier.deliver`.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from dailies.delivery.chat import Chat, Posted, Upload
from dailies.delivery.films import Film, Films, Say
from dailies.delivery.limits import UNKNOWN, ClaimedLimits, Limit, ObservedLimits, UploadLimitStore, judge
from dailies.delivery.shares import Shares
from dailies.errors import ChatUnavailable, FileTooLarge, NotAllowed
from dailies.fair_slots import Turn
from dailies.job import Job
from dailies.media.container import MP4
from dailies.media.encode import Encoder
from dailies.reason import Reason, ReasonCode
from dailies.retry import retry

log = logging.getLogger(__name__)

ENCODINGS = 2
"""Maximum encodings: a video that was made to fit and is refused all the same is made smaller once more."""
T = TypeVar("T")


@dataclass(frozen=True)
class DeliveryTools:
    """Tools of a courier. upload_limits: as uploads have shown. shares: None without a web server for links.

    media_seconds: limit of one probe. tries: to post a video.
    """

    upload_limits: UploadLimitStore
    encoder: Encoder
    shares: Shares | None
    ffmpeg: str
    media_seconds: float
    tries: int


@dataclass(frozen=True)
class ResponsePoster:
    """Posts a video into the answer to a command. limit: in bytes, as Discord claims it; None: not known.

    post: raises the errors of Chat.follow_up.
    """

    post: Callable[[Upload], Awaitable[Posted]]
    limit: int | None


@dataclass(frozen=True)
class DeliveryRequest:
    """words: of the message about a finished video. nonce: the same one makes one message. search: an earlier process
    may have posted it.

    more: the video is posted once more on purpose, so an earlier message with it does not count.
    response_poster: posts it into an answer instead of the job's channel. number: of the job's output, from 1.
    """

    words: tuple[Reason, ...]
    nonce: str
    search: bool = False
    more: bool = False
    response_poster: ResponsePoster | None = None
    number: int = 1


@dataclass(frozen=True)
class Delivered:
    """Result of a delivery. note: change that was made to the video; None: none."""

    posted: Posted
    note: Reason | None = None


class Courier:
    """Delivers videos through Chat."""

    def __init__(
        self, chat: Chat, tools: DeliveryTools, *, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    ) -> None:
        self._chat = chat
        self._tools = tools
        self._films = Films(tools.encoder, tools.ffmpeg, probe_seconds=tools.media_seconds)
        self._sleep = sleep

    async def deliver(self, job: Job, request: DeliveryRequest, say: Say) -> Delivered:
        """Post a job's video in its channel; if that is refused, as a direct message to the requester.

        Raises FileTooLarge, NotAllowed, FileGone or ChatUnavailable if it was not posted anywhere, and PerhapsPosted.
        """
        attempt = _Attempt(job, request, direct=False, say=say)
        try:
            return await self._deliver(attempt)
        except NotAllowed as refusal:
            log.warning("job %s: not posted where it was asked for (%s); trying a direct message", job.id, refusal)
            elsewhere = Reason(ReasonCode.POSTED_ELSEWHERE, channel=job.place.channel_id, why=refusal.why)
            direct = replace(attempt, elsewhere=(elsewhere,), direct=True)
            try:
                return await self._deliver(direct)
            except NotAllowed as second:
                raise NotAllowed(refusal.why, direct=second.why) from second

    async def _deliver(self, attempt: _Attempt) -> Delivered:
        if attempt.request.search and not attempt.response_poster and (found := await self._find(attempt)):
            return Delivered(found)
        film = await self._films.prepare(attempt.job.id, attempt.source, attempt.say, attempt.turn)
        if not film.size:
            return Delivered(await self._post(attempt, attempt.words(film), None), film.note)
        limit = await self._limit(attempt)
        if film.size <= limit.hoped:
            try:
                return await self._upload(attempt, film, limit)
            except FileTooLarge:
                limit = await self._limit(attempt, film.size)
        target = attempt.source.with_name(f"{attempt.source.stem}.fit.mp4")
        for _ in range(ENCODINGS):
            fitted = await self._films.fit(film, limit.sure, target, attempt.say, attempt.turn)
            if fitted is None:
                break
            try:
                return await self._upload(attempt, fitted, limit)
            except FileTooLarge:
                limit = await self._limit(attempt, fitted.size)
            finally:
                await asyncio.to_thread(fitted.path.unlink, missing_ok=True)
        if self._tools.shares:
            return await self._link(attempt, self._tools.shares, film)
        raise FileTooLarge(film.size)

    async def _upload(self, attempt: _Attempt, film: Film, limit: Limit) -> Delivered:
        """Post a file, and record what its success or refusal shows about the limit."""
        words = attempt.words(film)
        if attempt.response_poster:
            return Delivered(await self._post(attempt, words, film), film.note)
        place, claim = attempt.place, self._claims(attempt).server
        try:
            posted = await self._post(attempt, words, film)
        except FileTooLarge:
            log.warning("job %s: %d bytes were refused as too large", attempt.job.id, film.size)
            await self._tools.upload_limits.refused(place, claim, film.size)
            raise
        if film.size > limit.sure:
            await self._tools.upload_limits.accepted(place, claim, film.size)
        return Delivered(posted, film.note)

    async def _link(self, attempt: _Attempt, shares: Shares, film: Film) -> Delivered:
        url, ends = await shares.share(attempt.job, film.path, film.extension)
        shown = f"||{url}||" if attempt.job.spoiler else url
        link = Reason(ReasonCode.POSTED_AS_LINK, size=film.size, url=shown, until=int(ends))
        posted = await self._post(attempt, (*attempt.words(film), link), None)
        sent = Reason(ReasonCode.SENT_AS_LINK, size=film.size)
        return Delivered(posted, Reason(ReasonCode.CHANGED_TWICE, first=film.note, then=sent) if film.note else sent)

    async def _post(self, attempt: _Attempt, words: tuple[Reason, ...], film: Film | None) -> Posted:
        file = (film.path, film.extension) if film else (None, MP4)
        upload = Upload(words, attempt.request.nonce, *file, direct=attempt.direct, number=attempt.request.number)
        request = attempt.request
        if attempt.response_poster:
            return await attempt.response_poster.post(upload)

        async def post(further: bool) -> Posted:
            return await self._chat.post(attempt.job, upload, again=(further or request.search) and not request.more)

        return await self._patiently(attempt, post)

    async def _find(self, attempt: _Attempt) -> Posted | None:
        number = attempt.request.number
        return await self._patiently(
            attempt, lambda _: self._chat.find(attempt.job, direct=attempt.direct, number=number)
        )

    async def _patiently(self, attempt: _Attempt, call: Callable[[bool], Awaitable[T]]) -> T:
        """Retry while Discord fails. The call is passed True on every further try.

        A search is a further try by itself: the job comes again by itself, at growing intervals (Runner.sweep).
        """
        what, tries = f"job {attempt.job.id}: posting", 1 if attempt.request.search else self._tools.tries
        return await retry(lambda number: call(number > 1), ChatUnavailable, what=what, tries=tries, sleep=self._sleep)

    async def _limit(self, attempt: _Attempt, refused: int | None = None) -> Limit:
        """Judge the limit. refused: bytes just refused; answers need them, because their limit is not recorded."""
        if attempt.response_poster:
            return judge(ClaimedLimits(None, attempt.response_poster.limit), ObservedLimits(refused=refused))
        claims = self._claims(attempt)
        return judge(claims, await self._tools.upload_limits.shown(attempt.place, claims.server))

    def _claims(self, attempt: _Attempt) -> ClaimedLimits:
        # The requester's upload limit in the server says little about the bot's direct messages.
        return ClaimedLimits(UNKNOWN, attempt.job.upload_limit) if attempt.direct else self._chat.claims(attempt.job)


@dataclass(frozen=True)
class _Attempt:
    """A request for one destination: the job's channel, or a direct message."""

    job: Job
    request: DeliveryRequest
    direct: bool
    say: Say
    elsewhere: tuple[Reason, ...] = ()
    """Words about the channel that refused the video."""

    def words(self, film: Film) -> tuple[Reason, ...]:
        """Return the words of the message with this film."""
        return (*((film.instead,) if film.instead else self.request.words), *self.elsewhere, *film.words)

    @property
    def turn(self) -> Turn:
        """Place in the queue of encodings: what is posted once more waits until new videos are."""
        return Turn(self.job.place.requester_id, later=self.request.more)

    @property
    def source(self) -> Path:
        if self.job.file is None:
            raise RuntimeError(f"job {self.job.id} is {self.job.state} without a file")
        return self.job.files[self.request.number]

    @property
    def response_poster(self) -> ResponsePoster | None:
        return None if self.direct else self.request.response_poster

    @property
    def place(self) -> int | None:
        """The server whose limit counts; None for direct messages."""
        return None if self.direct else self.job.place.guild_id
