"""A test's own servers on loopback: one that answers by a function, one that speaks bytes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from ssl import SSLContext

from aiohttp import web

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]
Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass(frozen=True)
class Arrival:
    """A request as it arrived. path: with its query. authorization: the header, None without one."""

    method: str
    path: str
    authorization: str | None
    headers: Mapping[str, str]
    body: bytes


@dataclass
class Served:
    """A running server. arrivals: every request that came in whole, in order."""

    origin: str = ""
    arrivals: list[Arrival] = field(default_factory=list[Arrival])

    @property
    def base(self) -> str:
        """An API base on this server, as OPENROUTER_API_BASE would give it."""
        return f"{self.origin}/api/v1"

    @property
    def paths(self) -> list[str]:
        """Paths requested, in order."""
        return [arrival.path for arrival in self.arrivals]


@asynccontextmanager
async def serving(answer: Answer, tls: SSLContext | None = None) -> AsyncGenerator[Served]:
    """Run an aiohttp server on 127.0.0.1 that answers every request by the function, after it was recorded.

    tls: https with this context's certificate.
    """
    served = Served()

    async def handle(request: web.Request) -> web.StreamResponse:
        body = await request.read()
        key = request.headers.get("Authorization")
        served.arrivals.append(Arrival(request.method, request.path_qs, key, dict(request.headers), body))
        return await answer(request)

    app = web.Application(client_max_size=100_000_000)
    app.router.add_route("*", "/{path:.*}", handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls).start()
        served.origin = f"{'https' if tls else 'http'}://127.0.0.1:{runner.addresses[0][1]}"
        yield served
    finally:
        await runner.cleanup()


@asynccontextmanager
async def talking(talk: Talk) -> AsyncGenerator[Served]:
    """Run a server of bytes on 127.0.0.1: `talk` is called for each connection, which is closed after it."""
    served = Served()
    running: set[asyncio.Task[None]] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        running.add(task)
        try:
            await talk(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the client went away, or the test is over
        finally:
            running.discard(task)
            writer.close()

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    served.origin = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield served
    finally:
        server.close()
        for task in list(running):
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


async def read_request(reader: asyncio.StreamReader) -> bytes:
    """Read one HTTP request with a Content-Length or without a body; returns its first line."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = 0
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            length = int(line.partition(b":")[2])
    await reader.readexactly(length)
    return head.split(b"\r\n", 1)[0]


def json_answer(body: bytes, status: bytes = b"200 OK") -> bytes:
    """Make an HTTP answer that keeps the connection open."""
    return b"HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (status, len(body), body)


async def dripping(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Send an answer that never ends and never stops."""
    await read_request(reader)
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        writer.write(b"1\r\n \r\n")
        await writer.drain()
        await asyncio.sleep(0.02)


def closed_port_origin() -> str:
    """Return an origin where nobody listens: port 1 of loopback is reserved and needs root."""
    return "http://127.0.0.1:1"
