"""A proxy that forwards every connection to a port of this machine, and so comes from 127.0.0.1 for everybody.

    python -m benchmarks.proxy --upstream 8080

It prints its own port and runs until it is ended. Unlike a real reverse proxy it keeps nothing back: idle connections
and halves of requests reach the server too.
"""

from __future__ import annotations

import argparse
import asyncio
import resource
import sys


class Forwarded(asyncio.Protocol):
    """One side of a connection through the proxy. upstream: the port that its other side connects to, if it is new."""

    def __init__(self, upstream: int | None, other: asyncio.Transport | None = None) -> None:
        self._upstream = upstream
        self._other = other
        self._early = b""
        self._task: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Connect the other side."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        if self._upstream:
            self._task = asyncio.get_running_loop().create_task(self._connect(self._upstream))

    async def _connect(self, port: int) -> None:
        loop = asyncio.get_running_loop()
        try:
            made, _ = await loop.create_connection(lambda: Forwarded(None, self._transport), "127.0.0.1", port)
        except OSError:
            self._transport.abort()
            return
        self._other = made
        made.write(self._early)
        if self._transport.is_closing():
            made.abort()

    def data_received(self, data: bytes) -> None:
        """Forward it, and hold back the sender while the receiver takes nothing."""
        if self._other is None:
            self._early += data
        elif not self._other.is_closing():
            self._other.write(data)
            if self._other.get_write_buffer_size() > 2**20:
                self._transport.pause_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        """Close the other side too."""
        if self._other:
            self._other.abort()


async def forward(upstream: int) -> None:
    """Listen, and never return."""
    server = await asyncio.get_running_loop().create_server(lambda: Forwarded(upstream), "127.0.0.1", 0, backlog=4096)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


def main(arguments: list[str]) -> int:
    """Forward; returns only when something broke."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.proxy", description="Forward connections.")
    parser.add_argument("--upstream", type=int, required=True)
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    asyncio.run(forward(parser.parse_args(arguments).upstream))
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
