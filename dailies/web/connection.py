"""One connection of the web server, and the time limits of its peer. aiohttp reads the requests."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import socket
import struct
import sys
import termios
import time
from collections import Counter
from collections.abc import Callable

from aiohttp import web

HEADER_SECONDS = 5.0
"""Time limit for a request's headers, from the connection's begin."""

STALL_SECONDS = 30.0
"""Time after which a connection is cut whose peer takes nothing of its answer."""

LOOK_SECONDS = 1.0
"""Pause between two looks at what the peer has taken."""

QUIET_SECONDS = 60.0
"""At most one log line of a kind in this time about something that anybody can cause."""

SEND_BUFFER_BYTES = 256 * 1024
"""The kernel's buffer of a connection; left to itself, Linux gives 4 MB to a reader who has stopped."""

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
    "Cache-Control": "no-store",
}
"""Headers of every answer that does not set them itself."""

CLOSING = {"Connection": "close", "Server": "Dailies"}
"""Headers of every answer: a connection is for one request, and nobody needs to know aiohttp's version."""


_RESET = struct.pack("ii", 1, 0)  # SO_LINGER, for 0 s


class Sparing:
    """Counts events, and says when a log line about them is due. now: seconds of any clock."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._since: Counter[str] = Counter()
        self._last: dict[str, float] = {}

    def due(self, kind: str) -> int:
        """Count an event; return how many there were since the last line of the kind, or 0 if it is too early."""
        self._since[kind] += 1
        now, last = self._now(), self._last.get(kind)
        if last is not None and 0 <= now - last < QUIET_SECONDS:
            return 0
        self._last[kind] = now
        return self._since.pop(kind)


class Connection(web.RequestHandler):
    """One connection, for one request.

    A second request needs a connection of its own: so the work of one turn of the event loop is bounded by the
    connections accepted in it, and no proxy sends a request into a connection that is just being closed.

    source: the peer's address or network. asked: whether the request's headers have come. moved: time of the loop at
    which the peer last sent a part of the body or took a part of the answer; without a request, when it came.
    verified: it carries a report with the right signature. closed: called once, when the connection is no more.
    """

    def __init__(
        self,
        server: web.Server,
        source: str,
        sparing: Sparing,
        *,
        trusted: bool,
        closed: Callable[[Connection], None],
    ) -> None:
        loop = asyncio.get_running_loop()
        super().__init__(
            server,
            loop=loop,
            access_log=None,  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]  # as AppRunner passes it
            keepalive_timeout=HEADER_SECONDS,
            lingering_time=1.0,
            max_headers=64,
            auto_decompress=False,  # a webhook's signature is over the bytes that came
        )
        self.source = source
        self.trusted = trusted
        self.asked = False
        self.verified = False
        self.moved = loop.time()
        self._sparing = sparing
        self._closed = closed
        self._wire: asyncio.Transport | None = None
        self._socket: socket.socket | None = None
        self._owed: int = 0
        self._looks = 0
        self._look: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to read the request."""
        assert isinstance(transport, asyncio.Transport)
        self._wire, self._socket = transport, transport.get_extra_info("socket")
        assert self._socket is not None
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
        self._look = self._loop.call_later(LOOK_SECONDS, self._cut_stalled)
        super().connection_made(transport)

    def connection_lost(self, exc: BaseException | None) -> None:
        """Free the place."""
        if self._look:
            self._look.cancel()
        super().connection_lost(exc)
        self._closed(self)

    def data_received(self, data: bytes) -> None:
        """Read a part of the request. Headers alone are no movement: they could come one byte at a time."""
        super().data_received(data)
        if self._request_count:
            self.asked, self.moved = True, self._loop.time()

    def abort(self) -> None:
        """Close at once, and let the kernel forget what was not sent yet."""
        if self._wire is not None and self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            self._wire.abort()

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Answer a request that is no HTTP, without a line in the log; an error of ours is logged as aiohttp does."""
        if status != 400:
            response = super().handle_error(request, status, exc, message)
        elif request.writer.output_size > 0:
            raise ConnectionError("the answer has begun")
        else:
            response = web.Response(status=status, text="400: Bad Request")
            response.force_close()
        response.headers.update(HEADERS | CLOSING)
        return response

    def log_exception(self, *args: object, **kw: object) -> None:
        """Log an error of ours, once a minute for each type; one of the peer's, such as a broken body, is not."""
        error = kw.get("exc_info")
        if not isinstance(error, (ConnectionError, web.RequestPayloadError)) and self._sparing.due(repr(type(error))):
            super().log_exception(*args, **kw)

    def _cut_stalled(self) -> None:
        if self._wire is None or self._socket is None:
            return
        now = self._loop.time()
        owed = self._wire.get_write_buffer_size() + _unacknowledged(self._socket)
        if owed != self._owed:
            self._owed, self.moved, self._looks = owed, now, 0
        # Looks are counted, not seconds: while this process stands still, a reader cannot move either.
        self._looks += 1
        if owed and self._looks * LOOK_SECONDS > STALL_SECONDS:
            self.abort()
        else:
            self._look = self._loop.call_later(LOOK_SECONDS, self._cut_stalled)


def _unacknowledged(sock: socket.socket) -> int:
    """Return how many bytes the kernel still holds for the peer; 0 where it does not tell."""
    try:
        held: bytes = fcntl.ioctl(sock.fileno(), termios.TIOCOUTQ, bytes(4))
        return int.from_bytes(held, sys.byteorder)
    except (OSError, ValueError):
        return 0
