"""Posting a film that the bot made itself, a screening or a cut: as it is, smaller, or as a link."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from dailies.delivery.courier import ENCODINGS, DeliveryTools
from dailies.delivery.films import Film, Films, Say
from dailies.delivery.limits import ClaimedLimits, judge
from dailies.errors import ChatUnavailable, FileTooLarge
from dailies.fair_slots import Turn
from dailies.reason import Reason, ReasonCode
from dailies.retry import retry

log = logging.getLogger(__name__)

Link = Callable[[], Awaitable[tuple[str, float]]]
"""Makes a link to the film; returns it and when it expires (Unix seconds)."""


@dataclass(frozen=True)
class FilmUpload:
    """A film as it is posted. file: None: as a link, which the words have. words: about what was done to it."""

    file: Path | None
    words: tuple[Reason, ...] = ()


@dataclass(frozen=True)
class FilmOrder:
    """A film to post. guild_id: whose upload limit holds; None: that of direct messages. link: None: there are none.

    whole: a link is better than a smaller copy. hidden: nothing of it is shown before somebody asks for it.
    post: posts it once and returns the message's id; True: an earlier try may have posted it. It raises FileTooLarge,
    FileGone, NotAllowed and ChatUnavailable.
    """

    film: Film
    guild_id: int | None
    claims: ClaimedLimits
    link: Link | None
    whole: bool
    hidden: bool
    post: Callable[[FilmUpload, bool], Awaitable[int]]


class FilmCourier:
    """Posts films that the bot made, after all videos that wait to be encoded."""

    def __init__(self, tools: DeliveryTools, *, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        self._tools = tools
        self._films = Films(tools.encoder, tools.ffmpeg, probe_seconds=tools.media_seconds)
        self._sleep = sleep

    async def deliver(self, order: FilmOrder, say: Say) -> int:
        """Post a film; return the message's id. Raises FileTooLarge when there is no way, and as `post` does."""
        limits, film = self._tools.upload_limits, order.film
        limit = judge(order.claims, await limits.shown(order.guild_id, order.claims.server))
        if film.size <= limit.hoped:
            try:
                return await self._upload(order, film, FilmUpload(film.path))
            except FileTooLarge:
                limit = judge(order.claims, await limits.shown(order.guild_id, order.claims.server))
        if order.whole and order.link:
            return await self._link(order, order.link)
        target = film.path.with_name(f"{film.path.stem}.fit.mp4")
        for _ in range(ENCODINGS):
            fitted = await self._films.fit(film, limit.sure, target, say, Turn(later=True))
            if fitted is None:
                break
            try:
                return await self._upload(order, fitted, FilmUpload(fitted.path, fitted.words))
            except FileTooLarge:
                limit = judge(order.claims, await limits.shown(order.guild_id, order.claims.server))
            finally:
                await asyncio.to_thread(fitted.path.unlink, missing_ok=True)
        if order.link:
            return await self._link(order, order.link)
        raise FileTooLarge(film.size)

    async def _upload(self, order: FilmOrder, film: Film, upload: FilmUpload) -> int:
        """Post a file, and record what its refusal shows about the limit."""
        try:
            return await self._post(order, upload)
        except FileTooLarge:
            log.warning("%s: %d bytes were refused as too large", film.path.name, film.size)
            await self._tools.upload_limits.refused(order.guild_id, order.claims.server, film.size)
            raise

    async def _link(self, order: FilmOrder, link: Link) -> int:
        url, ends = await link()
        shown = f"||{url}||" if order.hidden else url
        words = Reason(ReasonCode.POSTED_AS_LINK, size=order.film.size, url=shown, until=int(ends))
        return await self._post(order, FilmUpload(None, (words,)))

    async def _post(self, order: FilmOrder, upload: FilmUpload) -> int:
        what = f"{order.film.path.name}: posting"

        async def post(number: int) -> int:
            return await order.post(upload, number > 1)

        return await retry(post, ChatUnavailable, what=what, tries=self._tools.tries, sleep=self._sleep)
