"""Videos under secret links, for the bot's own web server."""

from __future__ import annotations

import asyncio
import io
import os
import re
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO, Any

from aiohttp import web
from aiohttp.abc import AbstractStreamWriter

from dailies.delivery.shares import PATH
from dailies.job import output_name
from dailies.media.container import MP4, recognise
from dailies.media.playable import playable

FindFile = Callable[[str], Awaitable[Path | None]]
"""Returns the file that a link's token opens."""

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


def add_files(app: web.Application, find_file: FindFile) -> None:
    """Serve files, whole or in ranges, to anyone who has a link. Nothing lists them; every other address is a 404."""
    lookups = asyncio.Semaphore(LOOKUPS)

    async def serve(request: web.Request) -> web.StreamResponse:
        try:
            async with asyncio.timeout(LOOKUP_SECONDS), lookups:
                path = await find_file(request.match_info["token"])
        except TimeoutError:
            raise web.HTTPServiceUnavailable(headers=_quiet()) from None
        found = path and await asyncio.to_thread(_found, path, request.match_info["name"])
        if not found:
            raise web.HTTPNotFound(text="This link opens nothing, or nothing any more.", headers=_quiet())
        served, headers = found
        return _VideoResponse(served, chunk_size=CHUNK, headers=HEADERS | headers)

    app.router.add_get(
        PATH + "/{token:[A-Za-z0-9_-]{32}}/{name:[0-9a-z]{1,25}(?:[.][0-9]{1,2})?(?:[.]play)?[.][0-9a-z]{2,5}}", serve
    )


def _found(path: Path, name: str) -> tuple[Path, dict[str, str]] | None:
    """Return the file that a name means, and its own headers; None if there is none. Blocks.

    path: the file that came first; the name may mean another output of the same job, and a conversion.
    """
    number = re.search(r"[.]([0-9]{1,2})[.]", name)
    path = path.with_name(output_name(path.name.split(".")[0], int(number[1]))) if number else path
    served = playable(path) if name == playable(path).name else path
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
