"""The files of a story on a web server of this machine, so that people can give links to them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Self

from aiohttp import web

SCHEME = "story:/"
"""Begins a link in a story, as in story:/page.html; the server's address takes its place."""


class Pages:
    """`async with Pages(folders) as pages`: serves the files that lie directly in the folders, the first one first."""

    def __init__(self, *folders: Path) -> None:
        self.origin = ""
        self._folders = folders
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_get("/{name}", self._serve)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.origin = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    def linked(self, value: object) -> object:
        """Return a value with the story's links as they work on this machine."""
        return re.sub(rf"\b{SCHEME}/?", f"{self.origin}/", value) if isinstance(value, str) else value

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        for folder in self._folders:
            path = folder / request.match_info["name"]
            # The name may hold an encoded slash, and the folder a link to somewhere else.
            if path.parent == folder and path.is_file() and not path.is_symlink():
                return web.FileResponse(path)
        raise web.HTTPNotFound
