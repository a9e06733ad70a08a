"""Delivery of a finished video to its requester: as it is, smaller, as a link, or in a direct message.

Start reading at `Courier.deliver`.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from dailies.delivery.chat import Chat, Posted, Upload
from dailies.delivery.limits import UNKNOWN, ClaimedLimits, Limit, ObservedLimits, UploadLimitStore, judge
from dailies.delivery.shares import Shares
from dailies.errors import ChatUnavailable, FileGone, FileTooLarge, MediaError, NotAllowed
from dailies.job import Job
from dailies.media.encode import Encoder, FittedVideo
from dailies.media.fit import changed
from dailies.media.probe import Video, probe
from dailies.reason import Reason, ReasonCode
from dailies.retry import retry

log = logging.getLogger(__name__)

ENCODINGS = 2
"""Maximum encodings: a video that was made to fit and is refused all the same is made smaller once more."""
SAY_SECONDS = 5.0
"""Shortest interval between two progress messages."""

Say = Callable[[Reason | None], Awaitable[None]]
"""Called with the current activity; None when it is over."""
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
    """words: of the message. nonce: the same one makes one message. search: an earlier process may have posted it.

    more: the video is posted once more on purpose, so an earlier message with it does not count.
    response_poster: posts it into an answer instead of the job's channel.
    """

    words: tuple[Reason, ...]
    nonce: str
    search: bool = False
    more: bool = False
    response_poster: ResponsePoster | None = None


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
            direct = replace(attempt, request=replace(request, words=(*request.words, elsewhere)), direct=True)
            try:
                return await self._deliver(direct)
            except NotAllowed as second:
                raise NotAllowed(refusal.why, direct=second.why) from second

    async def _deliver(self, attempt: _Attempt) -> Delivered:
        if attempt.request.search and not attempt.response_poster and (found := await self._find(attempt)):
            return Delivered(found)
        try:
            size = (await asyncio.to_thread(attempt.source.stat)).st_size
        except FileNotFoundError as error:
            raise FileGone from error
        limit = await self._limit(attempt)
        if size <= limit.hoped:
            try:
                return Delivered(await self._upload(attempt, attempt.source, size, limit))
            except FileTooLarge:
                limit = await self._limit(attempt, size)
        for _ in range(ENCODINGS):
            fitted = await self._encoded(attempt, limit.sure)
            if fitted is None:
                break
            made, note = fitted
            try:
                return Delivered(await self._upload(attempt, made.path, made.video.size, limit, note), note)
            except FileTooLarge:
                limit = await self._limit(attempt, made.video.size)
            finally:
                await asyncio.to_thread(made.path.unlink, missing_ok=True)
        if self._tools.shares:
            return await self._link(attempt, self._tools.shares, size)
        raise FileTooLarge(size)

    async def _encoded(self, attempt: _Attempt, limit: int) -> tuple[FittedVideo, Reason] | None:
        """Return the video made to fit, and the change that was made; None when that is impossible."""
        target = attempt.source.with_name(f"{attempt.job.id}.fit.mp4")
        said = -SAY_SECONDS

        async def say(percent: int) -> None:
            nonlocal said
            if time.monotonic() - said >= SAY_SECONDS:
                said = time.monotonic()
                await attempt.say(Reason(ReasonCode.ENCODING, limit=limit, percent=percent))

        try:
            video: Video = await probe(self._tools.ffmpeg, attempt.source, seconds=self._tools.media_seconds)
            if self._tools.encoder.busy:
                await attempt.say(Reason(ReasonCode.ENCODING_QUEUED, limit=limit))
            else:
                await say(0)
            made = await self._tools.encoder.fit(attempt.source, video, limit, target, say)
        except MediaError as error:
            log.warning("job %s: it could not be made to fit %d bytes: %s", attempt.job.id, limit, error)
            return None
        finally:
            await attempt.say(None)
        note = changed(video, made.video)
        log.info("job %s: made to fit %d bytes: %s", attempt.job.id, limit, note)
        return made, note

    async def _upload(
        self, attempt: _Attempt, file: Path, size: int, limit: Limit, note: Reason | None = None
    ) -> Posted:
        """Post a file, and record what its success or refusal shows about the limit."""
        smaller = (Reason(ReasonCode.POSTED_SMALLER, change=note),) if note else ()
        words = (*attempt.request.words, *smaller)
        if attempt.response_poster:
            return await self._post(attempt, words, file)
        place, claim = attempt.place, self._claims(attempt).server
        try:
            posted = await self._post(attempt, words, file)
        except FileTooLarge:
            log.warning("job %s: %d bytes were refused as too large", attempt.job.id, size)
            await self._tools.upload_limits.refused(place, claim, size)
            raise
        if size > limit.sure:
            await self._tools.upload_limits.accepted(place, claim, size)
        return posted

    async def _link(self, attempt: _Attempt, shares: Shares, size: int) -> Delivered:
        url, ends = await shares.share(attempt.job)
        shown = f"||{url}||" if attempt.job.spoiler else url
        link = Reason(ReasonCode.POSTED_AS_LINK, size=size, url=shown, until=int(ends))
        posted = await self._post(attempt, (*attempt.request.words, link), None)
        return Delivered(posted, Reason(ReasonCode.SENT_AS_LINK, size=size))

    async def _post(self, attempt: _Attempt, words: tuple[Reason, ...], file: Path | None) -> Posted:
        upload = Upload(words, attempt.request.nonce, file, attempt.direct)
        request = attempt.request
        if attempt.response_poster:
            return await attempt.response_poster.post(upload)

        async def post(further: bool) -> Posted:
            return await self._chat.post(attempt.job, upload, again=(further or request.search) and not request.more)

        return await self._patiently(attempt, post)

    async def _find(self, attempt: _Attempt) -> Posted | None:
        return await self._patiently(attempt, lambda _: self._chat.find(attempt.job, direct=attempt.direct))

    async def _patiently(self, attempt: _Attempt, call: Callable[[bool], Awaitable[T]]) -> T:
        """Retry while Discord fails. The call is passed True on every further try."""
        what, tries = f"job {attempt.job.id}: posting", self._tools.tries
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

    @property
    def source(self) -> Path:
        if self.job.file is None:
            raise RuntimeError(f"job {self.job.id} is {self.job.state} without a file")
        return self.job.file

    @property
    def response_poster(self) -> ResponsePoster | None:
        return None if self.direct else self.request.response_poster

    @property
    def place(self) -> int | None:
        """The server whose limit counts; None for direct messages."""
        return None if self.direct else self.job.place.guild_id
