"""Delivery of a finished video to its requester: as it is, smaller, as a link, or in a direct message.

Start reading at `Courier.deliver`.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from dailies.delivery.chat import Chat, Posted, Upload
from dailies.delivery.films import Film, Films, Say
from dailies.delivery.limits import UNKNOWN, ClaimedLimits, Limit, ObservedLimits, UploadLimitStore, judge
from dailies.delivery.request import Delivered, DeliveryRequest, ResponsePoster
from dailies.delivery.shares import Shares
from dailies.errors import ChatUnavailable, FileGone, FileTooLarge, NotAllowed
from dailies.fair_slots import FairSlots, Turn
from dailies.job import Job
from dailies.marks import FileMarks
from dailies.media.container import MP4
from dailies.media.encode import Encoder
from dailies.reason import Reason, ReasonCode
from dailies.retry import retry

log = logging.getLogger(__name__)

ENCODINGS = 2
"""Maximum encodings: a video that was made to fit and is refused all the same is made smaller once more."""
POSTS_AT_ONCE, POSTS_EACH = 8, 3
"""Posts at the same time, in all and for one person: uploads share the line, and a channel takes few in a second."""
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


class Courier:
    """Delivers videos through Chat."""

    def __init__(
        self, chat: Chat, tools: DeliveryTools, *, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    ) -> None:
        self._chat = chat
        self._tools = tools
        self._films = Films(tools.encoder, tools.ffmpeg, probe_seconds=tools.media_seconds)
        self._slots = FairSlots(POSTS_AT_ONCE, POSTS_EACH)
        self._sleep = sleep

    async def deliver(self, job: Job, request: DeliveryRequest, say: Say) -> Delivered:
        """Post a job's video in the post of its shot, if it has one; if that is refused, in its channel; if that is
        refused as well, as a direct message to the requester.

        Raises FileTooLarge, NotAllowed, FileGone or ChatUnavailable if it was not posted anywhere, and PerhapsPosted.
        """
        attempt = _Attempt(job, request, direct=False, say=say)
        if job.post_id is None or request.more or request.response_poster:
            return await self._deliver_here(attempt)
        if request.search:
            # The post may have refused an earlier process.
            with suppress(NotAllowed):
                if found := await self._find(attempt):
                    return Delivered(found)
        try:
            return await self._deliver(replace(attempt, channel_id=job.post_id))
        except NotAllowed as refusal:
            log.warning("job %s: not posted in the post of its shot (%s)", job.id, refusal)
            elsewhere = Reason(ReasonCode.POSTED_ELSEWHERE, channel=job.post_id, why=refusal.why)
            done = await self._deliver_here(replace(attempt, elsewhere=(elsewhere,)))
            return replace(done, post_refusal=refusal.why)

    async def _deliver_here(self, attempt: _Attempt) -> Delivered:
        """Post a job's video in its own channel; if that is refused, as a direct message. Raises as `deliver`."""
        job = attempt.job
        try:
            return await self._deliver(attempt)
        except NotAllowed as refusal:
            log.warning("job %s: not posted where it was asked for (%s); trying a direct message", job.id, refusal)
            elsewhere = Reason(ReasonCode.POSTED_ELSEWHERE, channel=job.place.channel_id, why=refusal.why)
            direct = replace(attempt, elsewhere=(*attempt.elsewhere, elsewhere), direct=True)
            try:
                return await self._deliver(direct)
            except NotAllowed as second:
                raise NotAllowed(refusal.why, direct=second.why) from second

    async def hand(self, job: Job, request: DeliveryRequest) -> Delivered:
        """Give a job's video to the request's poster alone: as it is, smaller, or as a link.

        Raises FileTooLarge, NotAllowed, FileGone and ChatUnavailable if it was not posted.
        """
        assert request.response_poster
        return await self._deliver(_Attempt(job, request, direct=False, say=_nothing))

    async def together(self, takes: Sequence[Job], nonce: str, *, search: bool) -> Posted | None:
        """Post the videos of a comparison in one message in its channel; None, and nothing posted, when they do not go
        into one: they are too large together, or one is no video that plays everywhere.

        search: an earlier process may have posted it. Raises NotAllowed, FileGone and ChatUnavailable.
        """
        first = _Attempt(takes[0], DeliveryRequest((), nonce, search), direct=False, say=_nothing)
        if search and (found := await self._patiently(first, lambda _: self._chat.find_together(takes[0]))):
            return found
        films = [await self._prepared(job, 1, _nothing, first.turn) for job in takes]
        size, limit = sum(film.size for film in films), await self._limit(first)
        plain = all(film.video is not None and film.extension == MP4 and not film.words for film in films)
        if size > limit.hoped or not plain:
            return None

        async def post(further: bool) -> Posted:
            async with self._slots.one(first.turn.person):
                paths = [film.path for film in films]
                return await self._chat.post_together(takes, paths, nonce, again=further or search)

        try:
            return await self._patiently(first, post)
        except FileTooLarge:
            log.warning("job %s: %d bytes in one message were refused as too large", takes[0].id, size)
            return None

    async def marks(self, job: Job) -> FileMarks | None:
        """Return the marks of a job's video as `together` posts it; None: they cannot be read."""
        try:
            return (await self._prepared(job, 1, _nothing, Turn(job.place.requester_id))).marks
        except FileGone:
            return None

    async def _deliver(self, attempt: _Attempt) -> Delivered:
        if attempt.request.search and not attempt.response_poster and (found := await self._find(attempt)):
            return Delivered(found)
        job = attempt.job
        film = await self._prepared(job, attempt.request.number, attempt.say, attempt.turn)
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
            return Delivered(await self._post(attempt, words, film), film.note, film.marks)
        place, claim = attempt.place, self._claims(attempt).server
        try:
            posted = await self._post(attempt, words, film)
        except FileTooLarge:
            log.warning("job %s: %d bytes were refused as too large", attempt.job.id, film.size)
            await self._tools.upload_limits.refused(place, claim, film.size)
            raise
        if film.size > limit.sure:
            await self._tools.upload_limits.accepted(place, claim, film.size)
        return Delivered(posted, film.note, film.marks)

    async def _prepared(self, job: Job, number: int, say: Say, turn: Turn) -> Film:
        """Return what is posted for an output of a job. Raises FileGone."""
        model = job.request.model_name
        return await self._films.prepare(job.id, job.files[number], say, turn, model=model, blind=job.blind)

    async def _link(self, attempt: _Attempt, shares: Shares, film: Film) -> Delivered:
        url, ends = await shares.link(attempt.job, film.path, film.extension)
        shown = f"||{url}||" if attempt.job.spoiler else url
        link = Reason(ReasonCode.POSTED_AS_LINK, size=film.size, url=shown, until=int(ends))
        posted = await self._post(attempt, (*attempt.words(film), link), None)
        sent = Reason(ReasonCode.SENT_AS_LINK, size=film.size)
        note = Reason(ReasonCode.CHANGED_TWICE, first=film.note, then=sent) if film.note else sent
        return Delivered(posted, note, film.marks)

    async def _post(self, attempt: _Attempt, words: tuple[Reason, ...], film: Film | None) -> Posted:
        file = (film.path, film.extension) if film else (None, MP4)
        request, where = attempt.request, attempt.channel_id
        upload = Upload(words, request.nonce, *file, direct=attempt.direct, channel_id=where, number=request.number)
        if attempt.response_poster:
            return await attempt.response_poster.post(upload)

        async def post(further: bool) -> Posted:
            again = (further or request.search) and not request.more
            async with self._slots.one(attempt.turn.person, later=attempt.turn.later):
                return await self._chat.post(attempt.job, upload, again=again)

        return await self._patiently(attempt, post)

    async def _find(self, attempt: _Attempt) -> Posted | None:
        number, direct, where = attempt.request.number, attempt.direct, attempt.channel_id
        return await self._patiently(
            attempt, lambda _: self._chat.find(attempt.job, direct=direct, channel_id=where, number=number)
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


async def _nothing(_: Reason | None) -> None:
    """Ignore progress: several videos share it."""


@dataclass(frozen=True)
class _Attempt:
    """A request for one destination: the post of the job's shot, its channel, or a direct message.

    elsewhere: words about the places that refused the video. channel_id: of the post; None: it is another destination.
    """

    job: Job
    request: DeliveryRequest
    direct: bool
    say: Say
    elsewhere: tuple[Reason, ...] = ()
    channel_id: int | None = None

    def words(self, film: Film) -> tuple[Reason, ...]:
        """Return the words of the message with this film."""
        first = (film.instead,) if film.instead else self.request.words
        # While nobody may know the model, what it signs with would tell.
        loss = film.marks.loss if film.marks and not self.job.blind else None
        return (*first, *self.elsewhere, *film.words, *((loss,) if loss else ()))

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
