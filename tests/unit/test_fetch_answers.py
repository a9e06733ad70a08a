"""Every answer of a site ends a fetch, or a look for a page's picture, with a result or with their own refusal."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from dailies.errors import ReferenceRefused
from dailies.references.fetch import Fetcher
from dailies.references.page import picture_of
from dailies.references.reference import Source
from tests.support.hostile import NameServer
from tests.support.images import image
from tests.support.servers import read_request, talking

SMALL = image("orange", size=(20, 20))
MOVED = b"HTTP/1.1 302 Found\r\nLocation: %s\r\nSet-Cookie: a=b\r\nContent-Length: 0\r\n\r\n"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\nX-Trailer: y\r\n\r\n"
ANSWERS = [
    b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: %d\r\n\r\n%s" % (len(SMALL), SMALL),
    CHUNKED % (len(SMALL), SMALL),
    b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + gzip.compress(SMALL),
    MOVED % b"https://a.example/x",
    MOVED % b"//[::1]:80/x?y#z",
    b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<html><meta property=og:image content=/x>",
]
PIECES = [
    b"\r\n", b"\n", b"\0", b"\xff", b":", b"[", b"]", b"%", b"@", b"\\", b"Content-Length: 1\r\n",
    b"Connection: upgrade\r\n", b"Transfer-Encoding: chunked\r\n", b"Content-Encoding: deflate\r\n",
    b"Content-Type: ;;;\r\n", b"; charset=idna",
    b"HTTP/1.1 100 Continue\r\n\r\n", b"Location: https://[::g]/\r\n",
]  # fmt: skip


@st.composite
def answers(draw: st.DrawFn) -> bytes:
    """Make a real answer with something inserted, mostly into its head."""
    data = bytearray(draw(st.sampled_from(ANSWERS)))
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, min(len(data), 160)))
        data[at : at + draw(st.integers(0, 4))] = draw(st.sampled_from(PIECES) | st.binary(max_size=2))
    return bytes(data)


class Site:
    """Sends the same bytes to everybody and hangs up."""

    origin = ""
    answer = b""

    @asynccontextmanager
    async def fetcher(self, folder: Path) -> AsyncGenerator[Fetcher]:
        async with talking(self._talk) as server:
            self.origin = server.origin
            trusted = frozenset({server.origin})
            async with Fetcher(folder, trusted=trusted, size=100_000, seconds=30, lookup=NameServer({})) as fetcher:
                yield fetcher

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(self.answer)
        await writer.drain()
        writer.close()


@pytest.mark.slow
def test_no_answer_makes_it_raise_anything_but_a_refusal(tmp_path: Path) -> None:
    site = Site()
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        fetcher = runner.run(stack.enter_async_context(site.fetcher(tmp_path)))

        @settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
        @given(answer=answers())
        @example(answer=MOVED % b"//[::g]:80/x")
        @example(answer=MOVED % b"https://[::g]/")
        @example(answer=ANSWERS[5].replace(b"/x", b"//[::g]/x"))
        def attack(answer: bytes) -> None:
            site.answer = answer
            source = Source(f"{site.origin}/x", "fox.png", attached=False)
            with suppress(ReferenceRefused):
                runner.run(fetcher.fetch(source))
            if b"html" in answer:
                with suppress(ReferenceRefused):
                    runner.run(picture_of(fetcher, source, requester=1))

        try:
            attack()
        finally:
            runner.run(stack.aclose())
