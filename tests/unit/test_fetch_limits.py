"""One fetch takes so many bytes, seconds and slots, and no more."""

# ruff: noqa: ASYNC240 (tests look at small files of their own)
from __future__ import annotations

import asyncio
import gzip
import socket
import threading
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from dailies.errors import ReferenceRefused
from dailies.references.fetch import AT_ONCE, AT_ONCE_EACH, Fetcher
from dailies.references.reference import Source
from dailies.references.sniff import HEAD
from tests.support.reasons import raises
from tests.support.servers import Served, read_request, serving, talking
from tests.unit.fetching import FOX, fetching, refused


async def test_a_web_page_is_refused_before_all_of_it_has_come(tmp_path: Path) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 900000\r\n\r\n<!DOCTYPE html>" + b" " * HEAD)
        await asyncio.sleep(60)

    async with talking(talk) as server, fetching(server.origin, tmp_path) as fetcher:
        with raises(ReferenceRefused, match="web page"):
            await fetcher.fetch(Source(f"{server.origin}/", "fox", attached=False))


async def test_an_announced_size_over_the_limit_is_refused(tmp_path: Path) -> None:
    assert "over 0.001 MB" in await refused(web.Response(body=FOX + bytes(1000)), tmp_path, size=1000)


async def test_an_unannounced_size_over_the_limit_is_refused(tmp_path: Path) -> None:
    async def endless(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(FOX)
        for _ in range(20):
            await response.write(bytes(100_000))
        return response

    assert "over 1 MB" in await refused(endless, tmp_path)


async def test_a_body_of_50_mb_is_refused_unread_when_its_length_is_announced(tmp_path: Path) -> None:
    sent = 0

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        await read_request(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 50000000\r\n\r\n")
        for _ in range(500):
            writer.write(bytes(100_000))
            await writer.drain()
            sent += 100_000

    async with talking(talk) as server, fetching(server.origin, tmp_path, size=20_000_000) as fetcher:
        with raises(ReferenceRefused, match="is over 20 MB"):
            await fetcher.fetch(Source(f"{server.origin}/", "fox", attached=False))
    assert sent < 10_000_000  # the amount that the buffers of two sockets take, and not the body


async def test_a_body_that_never_ends_is_cut_at_the_limit_without_filling_the_memory(tmp_path: Path) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n\r\n" + FOX)
        while True:
            writer.write(bytes(100_000))
            await writer.drain()

    async with talking(talk) as server, fetching(server.origin, tmp_path, size=20_000_000) as fetcher:
        tracemalloc.start()
        with raises(ReferenceRefused, match="is over 20 MB"):
            await fetcher.fetch(Source(f"{server.origin}/", "fox", attached=False))
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert peak < 5_000_000
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
async def test_an_answer_that_is_asked_for_plainly_and_comes_compressed_stays_small_in_memory(tmp_path: Path) -> None:
    bomb = gzip.compress(FOX + bytes(60_000_000), compresslevel=1)
    asked: list[str | None] = []

    async def answer(request: web.Request) -> web.StreamResponse:
        asked.append(request.headers.get("Accept-Encoding"))
        return web.Response(body=bomb, headers={"Content-Encoding": "gzip"})

    async with serving(answer) as server, fetching(server.origin, tmp_path, size=20_000_000) as fetcher:
        tracemalloc.start()
        with raises(ReferenceRefused, match="is over 20 MB"):
            await fetcher.fetch(Source(f"{server.origin}/", "fox", attached=False))
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert asked == ["identity"]
    assert peak < 10_000_000


async def test_a_body_in_a_broken_encoding_is_refused(tmp_path: Path) -> None:
    async def answer(_: web.Request) -> web.StreamResponse:
        return web.Response(body=FOX, headers={"Content-Encoding": "gzip"})

    assert "couldn't be fetched" in await refused(answer, tmp_path)


async def test_a_compressed_bomb_is_refused_at_the_limit(tmp_path: Path) -> None:
    async def bomb(_: web.Request) -> web.StreamResponse:
        response = web.Response(body=FOX + bytes(30_000_000))
        response.enable_compression(web.ContentCoding.gzip)
        return response

    assert "over 1 MB" in await refused(bomb, tmp_path)


@pytest.mark.parametrize("pause", [0.02, 1.5], ids=["bytes one by one", "less than a byte a second"])
async def test_a_slow_image_is_refused(tmp_path: Path, pause: float) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 900000\r\n\r\n" + FOX[:100])
        while True:
            writer.write(b"x")
            await asyncio.sleep(pause)

    async with talking(talk) as server, fetching(server.origin, tmp_path, seconds=0.2) as fetcher:
        with raises(ReferenceRefused, match=r"didn't arrive within 0\.2 s"):
            await fetcher.fetch(Source(f"{server.origin}/", "fox", attached=False))
    assert list(tmp_path.iterdir()) == []


async def test_a_connection_that_breaks_off_is_refused(tmp_path: Path) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 900000\r\n\r\n" + FOX)
        await writer.drain()

    async with talking(talk) as server, fetching(server.origin, tmp_path) as fetcher:
        with raises(ReferenceRefused, match="couldn't be fetched"):
            await fetcher.fetch(Source(f"{server.origin}/", "fox", attached=False))
    assert list(tmp_path.iterdir()) == []


async def test_redirects_share_one_limit_of_time(tmp_path: Path) -> None:
    async def answer(_: web.Request) -> web.StreamResponse:
        await asyncio.sleep(0.1)
        return web.Response(status=302, headers={"Location": "/on"})

    async with serving(answer) as server, fetching(server.origin, tmp_path, seconds=0.35) as fetcher:
        with raises(ReferenceRefused, match=r"didn't arrive within 0\.35 s"):
            await fetcher.fetch(Source(f"{server.origin}/", "fox", attached=False))


async def test_a_name_server_that_does_not_answer_is_not_waited_for(tmp_path: Path) -> None:
    answer_now = threading.Event()

    def lookup(*_: object) -> list[Any]:
        answer_now.wait(30)
        raise socket.gaierror

    async with Fetcher(tmp_path, trusted=frozenset(), size=1, seconds=0.1, lookup=lookup) as fetcher:
        with raises(ReferenceRefused, match=r"didn't arrive within 0\.1 s"):
            await fetcher.fetch(Source("https://a.example/", "fox", attached=False))
        answer_now.set()


async def test_one_person_has_only_so_many_fetches_at_once_and_others_need_not_wait(tmp_path: Path) -> None:
    now, most = 0, 0
    go, full = asyncio.Event(), asyncio.Event()

    async def answer(request: web.Request) -> web.StreamResponse:
        nonlocal now, most
        if request.path == "/other":
            go.set()
        else:
            now, most = now + 1, max(most, now + 1)
            if now == AT_ONCE_EACH:
                full.set()
            await go.wait()
            now -= 1
        return web.Response(body=FOX)

    async with serving(answer) as server, fetching(server.origin, tmp_path) as fetcher:
        many = [Source(f"{server.origin}/{n}", "fox", attached=False) for n in range(3 * AT_ONCE_EACH)]
        waiting = asyncio.gather(*(fetcher.fetch(one, requester=1) for one in many))
        await full.wait()
        await asyncio.sleep(0.05)  # time for a fourth to come, were it let through
        await fetcher.fetch(Source(f"{server.origin}/other", "fox", attached=False), requester=2)
        await waiting
    assert most == AT_ONCE_EACH


async def test_a_file_of_this_machine_is_taken_within_the_same_bounds(tmp_path: Path) -> None:
    (tmp_path / "fox.png").write_bytes(FOX)
    (tmp_path / "large.png").write_bytes(FOX + bytes(2_000_000))
    async with fetching("", tmp_path / "kept", trusted=False) as fetcher:
        assert (await fetcher.read(tmp_path / "fox.png", "fox.png")).path.read_bytes() == FOX
        with raises(ReferenceRefused, match="is over 1 MB"):
            await fetcher.read(tmp_path / "large.png", "large.png")
        with raises(ReferenceRefused, match="n't a file"):
            await fetcher.read(tmp_path / "none.png", "none.png")
        with raises(ReferenceRefused, match="n't a file"):
            await fetcher.read(tmp_path, "folder")


async def test_only_so_many_fetches_run_at_once(tmp_path: Path) -> None:
    now, most = 0, 0

    async def answer(_: web.Request) -> web.StreamResponse:
        nonlocal now, most
        now, most = now + 1, max(most, now + 1)
        await asyncio.sleep(0.02)
        now -= 1
        return web.Response(body=FOX)

    async def all_of_them(server: Served, fetcher: Fetcher) -> None:
        sources = [Source(f"{server.origin}/{n}", "fox", attached=False) for n in range(3 * AT_ONCE)]
        await asyncio.gather(*(fetcher.fetch(source) for source in sources))

    async with serving(answer) as server, fetching(server.origin, tmp_path) as fetcher:
        await all_of_them(server, fetcher)
    assert most == AT_ONCE
