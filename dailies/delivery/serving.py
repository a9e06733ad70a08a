"""Videos under secret links, each with its page, for the bot's own web server."""

from __future__ import annotations

import asyncio
import io
import logging
import os
import re
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO, Any

from aiohttp import web
from aiohttp.abc import AbstractStreamWriter

from dailies.delivery.page import CONTENT_SECURITY, SharedVideo, page
from dailies.delivery.shares import PATH
from dailies.job import output_name
from dailies.language import gettext, known, speaking
from dailies.media.container import MP4, recognise
from dailies.media.playable import playable
from dailies.media.poster import poster_of

FindVideo = Callable[[str], Awaitable[SharedVideo | None]]
"""Returns the video that a link's token opens."""

log = logging.getLogger(__name__)

CHUNK = 64 * 1024
"""Bytes of a file in memory for each reader."""

_READERS = ThreadPoolExecutor(2, thread_name_prefix="videos")  # apart from the threads that the rest of the bot uses

LOOKUPS = 2
"""Links looked up at the same time: anybody can ask for any, and the jobs need the database's connections too."""

LOOKUP_SECONDS = 10.0
"""Time limit for that."""

HEADERS = {
    "Content-Type": "video/mp4",
    "Cache-Control": "private, no-store",  # a link expires; copies on the way would not
    "X-Robots-Tag": "noindex, nofollow, noarchive",
    "Content-Security-Policy": "default-src 'none'; media-src 'self'; frame-ancestors 'none'; sandbox",
}


PAGE = ".html"
PAGE_HEADERS = {
    **HEADERS,
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": CONTENT_SECURITY,
}


def add_files(app: web.Application, find_video: FindVideo) -> None:
    """Serve pages, and files whole or in ranges, to anyone who has a link. Nothing lists them; every other address is a
    404.
    """
    lookups = Lookups(find_video)

    async def serve(request: web.Request) -> web.StreamResponse:
        with speaking(_language(request)):
            return await _served(request)

    async def _served(request: web.Request) -> web.StreamResponse:
        try:
            async with asyncio.timeout(LOOKUP_SECONDS):
                shared = await lookups.find(request.match_info["token"])
        except TimeoutError:
            raise web.HTTPServiceUnavailable(headers=_quiet()) from None
        name = request.match_info["name"]
        if shared and name.endswith(PAGE):
            text = await asyncio.to_thread(_page, shared, name)
            if text is not None:
                return web.Response(text=text, headers=PAGE_HEADERS)
        found = await asyncio.to_thread(_found, shared, name) if shared else None
        if not found:
            raise web.HTTPNotFound(text=gettext("This link opens nothing, or nothing any more."), headers=_quiet())
        served, headers = found
        return _VideoResponse(served, chunk_size=CHUNK, headers=HEADERS | headers)

    app.router.add_get(
        PATH
        + "/{token:[A-Za-z0-9_-]{32}}/{name:[0-9a-z]{1,25}(?:[.][0-9]{1,2})?(?:[.](?:play|poster))?[.][0-9a-z]{2,5}}",
        serve,
    )


def _language(request: web.Request) -> str:
    """Return the language that a browser asks for first, if the bot speaks it."""
    first = re.split("[,;]", request.headers.get("Accept-Language", ""), maxsplit=1)[0]
    return known(first.strip())


class Lookups:
    """Looks up links, a few at a time. A lookup is ended even when nobody waits for it any more.

    One that is cancelled inside its query costs the database's connection: callers who come and go at once would make
    the bot open hundreds a second.
    """

    def __init__(self, find_video: FindVideo) -> None:
        self._find = find_video
        self._places = asyncio.Semaphore(LOOKUPS)
        self._running: set[asyncio.Future[SharedVideo | None]] = set()

    async def find(self, token: str) -> SharedVideo | None:
        """Return the video that a link opens; None if it opens nothing."""
        await self._places.acquire()
        looking = asyncio.ensure_future(self._find(token))
        self._running.add(looking)
        looking.add_done_callback(self._ended)
        return await asyncio.shield(looking)

    def _ended(self, looking: asyncio.Future[SharedVideo | None]) -> None:
        self._running.discard(looking)
        if not looking.cancelled() and (error := looking.exception()):
            log.debug("a link could not be looked up: %r", error)  # raised to whoever still waits
        self._places.release()


def _page(shared: SharedVideo, name: str) -> str | None:
    """Return the page of an output; None if there is none of that number, or it is no video. Blocks."""
    number = _number(name)
    path = _output(shared.path, number)
    film = playable(path) if playable(path).is_file() else path
    if not film.is_file() or recognise(film).extension != MP4:
        return None
    poster = poster_of(path).name if poster_of(path).is_file() else None
    return page(shared, f"{path.stem}{PAGE}", film.name, poster, number)


def _number(name: str) -> int:
    """Return the number of the output that a name means, from 1."""
    found = re.search(r"[.]([0-9]{1,2})[.]", name)
    return int(found[1]) if found else 1


def _output(path: Path, number: int) -> Path:
    """Return the path of another output of the job whose first file is at path."""
    return path if number == 1 else path.with_name(output_name(path.name.split(".")[0], number))


def _found(shared: SharedVideo, name: str) -> tuple[Path, dict[str, str]] | None:
    """Return the file that a name means, and its own headers; None if there is none. Blocks.

    The name may mean any output of the job, its conversion or its poster. What a model wrote into its file may name it,
    so while people vote there is the conversion alone.
    """
    path = _output(shared.path, _number(name))
    if name == poster_of(path).name:
        poster = poster_of(path)
        return (poster, {"Content-Type": "image/jpeg"}) if poster.is_file() else None
    bare = shared.blind and playable(path).is_file()
    served = playable(path) if bare or name == playable(path).name else path
    if not served.is_file():
        return None
    extension = recognise(served).extension
    called = f'filename="{path.stem}.{extension}"'
    if extension == MP4:
        return served, {"Content-Disposition": f"inline; {called}"}
    # A browser must never show what came from elsewhere as a page of this server.
    return served, {"Content-Type": "application/octet-stream", "Content-Disposition": f"attachment; {called}"}


class _VideoResponse(web.FileResponse):
    async def _sendfile(self, request: web.BaseRequest, fobj: IO[Any], offset: int, count: int) -> AbstractStreamWriter:
        # The system's sendfile would read the disk in the event loop's thread.
        writer = await web.StreamResponse.prepare(self, request)
        assert writer is not None
        loop = asyncio.get_running_loop()
        fobj.seek(offset)
        while count > 0 and (chunk := await loop.run_in_executor(_READERS, fobj.read, min(CHUNK, count))):
            await writer.write(chunk)
            count -= len(chunk)
        await writer.drain()
        return writer

    async def _prepare_open_file(
        self, request: web.BaseRequest, fobj: io.BufferedReader, st: os.stat_result, file_encoding: str | None
    ) -> AbstractStreamWriter | None:
        # aiohttp leaves the close to a thread and waits for nothing: it comes late when all threads are busy, and never
        # when it is cancelled before one of them is free.
        with fobj:
            return await super()._prepare_open_file(request, fobj, st, file_encoding)


def _quiet() -> dict[str, str]:
    return {name: HEADERS[name] for name in ("Cache-Control", "X-Robots-Tag")}
