"""A second origin, which shows whether a client carries the key to a host that is not OpenRouter's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from aiohttp import web


@dataclass(frozen=True)
class ForeignRequest:
    method: str
    path: str
    authorization: str | None
    """The header as it arrived; anything but None means that the key leaked."""


class ForeignServer:
    """A small loopback server on a port of its own that records every request.

    It answers every GET with `body` (200), so that a client that follows a foreign address does get a file.
    """

    def __init__(self, *, body: bytes = b"{}", content_type: str = "application/json", status: int = 200) -> None:
        self.requests: list[ForeignRequest] = []
        self.origin = ""
        self._body = body
        self._content_type = content_type
        self._status = status
        self._runner: web.AppRunner | None = None

    @property
    def key_leaked(self) -> bool:
        """True if any request brought an Authorization header."""
        return any(request.authorization is not None for request in self.requests)

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._answer)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        port: int = self._runner.addresses[0][1]
        self.origin = f"http://127.0.0.1:{port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    async def _answer(self, request: web.Request) -> web.Response:
        self.requests.append(ForeignRequest(request.method, request.path_qs, request.headers.get("Authorization")))
        return web.Response(status=self._status, body=self._body, content_type=self._content_type)
