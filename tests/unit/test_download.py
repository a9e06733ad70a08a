"""A finished video is streamed to disk, whole or not at all."""

# ruff: noqa: ASYNC240 (tests look at small files of their own)
from __future__ import annotations

import asyncio
import tracemalloc
from pathlib import Path

import pytest
from aiohttp import web

from dailies.errors import BadAnswer, BadRequest, OpenRouterError, ServerFault, Unreachable
from dailies.openrouter.client import ClientLimits
from dailies.openrouter.protocol import Poll
from tests.support.reasons import raises
from tests.support.servers import read_request, serving, talking
from tests.unit.kit import KEY, answering, client, failed

DONE = Poll("completed")


async def test_a_video_arrives_byte_for_byte(tmp_path: Path) -> None:
    data = bytes(range(256)) * 4000
    async with serving(answering(web.Response(body=data))) as server, client(server.base) as openrouter:
        size = await openrouter.download("j1", DONE, tmp_path / "v.mp4")
    assert (tmp_path / "v.mp4").read_bytes() == data
    assert size == len(data)
    assert server.paths == ["/api/v1/videos/j1/content?index=0"]


async def test_the_first_listed_address_is_taken_with_the_key(tmp_path: Path) -> None:
    async with serving(answering(web.Response(body=b"v"))) as server, client(server.base) as openrouter:
        await openrouter.download("j1", Poll("completed", unsigned_urls=("/one", "/two")), tmp_path / "v.mp4")
    assert server.paths == ["/one"]
    assert server.arrivals[0].authorization == f"Bearer {KEY}"


async def test_every_second_attempt_takes_the_content_address(tmp_path: Path) -> None:
    listed = Poll("completed", unsigned_urls=("/one",))
    async with serving(answering(web.Response(body=b"v"))) as server, client(server.base) as openrouter:
        for attempt in range(3):
            await openrouter.download("j1", listed, tmp_path / "v.mp4", attempt=attempt)
    assert server.paths == ["/one", "/api/v1/videos/j1/content?index=0", "/one"]


@pytest.mark.parametrize("url", ["https://[::1", "ftp://x/y", "http://host:99999/"])
async def test_an_unreadable_listed_address_is_replaced_by_the_content_address(tmp_path: Path, url: str) -> None:
    async with serving(answering(web.Response(body=b"v"))) as server, client(server.base) as openrouter:
        await openrouter.download("j1", Poll("completed", unsigned_urls=(url,)), tmp_path / "v.mp4")
    assert server.paths == ["/api/v1/videos/j1/content?index=0"]


async def test_a_listed_address_whose_host_cannot_be_encoded_is_unreachable(tmp_path: Path) -> None:
    async with serving(answering(web.Response(body=b"v"))) as server, client(server.base) as openrouter:
        with pytest.raises(Unreachable):
            await openrouter.download("j1", Poll("completed", unsigned_urls=("http://ab..c/v",)), tmp_path / "v.mp4")


async def test_a_body_shorter_than_announced_leaves_no_file(tmp_path: Path) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf")
        await writer.drain()

    async with talking(talk) as server, client(server.base) as openrouter:
        with raises(Unreachable, match="broke off"):
            await openrouter.download("j1", DONE, tmp_path / "v.mp4")
    assert list(tmp_path.iterdir()) == []


async def test_a_chunked_body_that_breaks_off_leaves_no_file(tmp_path: Path) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n")
        await writer.drain()

    async with talking(talk) as server, client(server.base) as openrouter:
        with raises(Unreachable, match="broke off"):
            await openrouter.download("j1", DONE, tmp_path / "v.mp4")
    assert list(tmp_path.iterdir()) == []


async def test_a_body_over_the_limit_leaves_no_file(tmp_path: Path) -> None:
    limits = ClientLimits(download_bytes=1_000_000)
    body = web.Response(body=b"x" * 1_000_001)
    async with serving(answering(body)) as server, client(server.base, limits=limits) as openrouter:
        with raises(BadAnswer, match="over 1 MB"):
            await openrouter.download("j1", DONE, tmp_path / "v.mp4")
    assert list(tmp_path.iterdir()) == []


async def test_a_body_that_drips_for_ever_ends_and_leaves_no_file(tmp_path: Path) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
        while True:
            writer.write(b"x")
            await asyncio.sleep(0.02)

    limits = ClientLimits(download_seconds=0.2)
    async with talking(talk) as server, client(server.base, limits=limits) as openrouter:
        with raises(Unreachable, match=r"over 0\.2 s"):
            await openrouter.download("j1", DONE, tmp_path / "v.mp4")
    assert list(tmp_path.iterdir()) == []


async def test_a_failing_download_does_not_touch_the_file_of_an_earlier_one(tmp_path: Path) -> None:
    (tmp_path / "v.mp4").write_bytes(b"whole")
    async with serving(answering(failed(500))) as server, client(server.base) as openrouter:
        with pytest.raises(ServerFault):
            await openrouter.download("j1", DONE, tmp_path / "v.mp4")
    assert (tmp_path / "v.mp4").read_bytes() == b"whole"


async def test_an_error_instead_of_a_video_is_typed(tmp_path: Path) -> None:
    async with serving(answering(failed(404, "gone"))) as server, client(server.base) as openrouter:
        with raises(BadRequest, match="gone"):
            await openrouter.download("j1", DONE, tmp_path / "v.mp4")


async def test_a_download_is_one_request(tmp_path: Path) -> None:
    async with serving(answering(failed(503))) as server, client(server.base) as openrouter:
        with pytest.raises(OpenRouterError):
            await openrouter.download("j1", DONE, tmp_path / "v.mp4")
    assert len(server.arrivals) == 1


async def test_fifty_megabytes_go_to_disk_without_staying_in_memory(tmp_path: Path) -> None:
    block = bytes(250_000)

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 50000000\r\n\r\n")
        for _ in range(200):
            writer.write(block)
            await writer.drain()

    async with talking(talk) as server, client(server.base) as openrouter:
        tracemalloc.start()
        try:
            size = await openrouter.download("j1", DONE, tmp_path / "v.mp4")
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert size == 50_000_000
    assert peak < 8_000_000


async def test_a_missing_folder_is_the_callers_to_tell(tmp_path: Path) -> None:
    async with serving(answering(web.Response(body=b"v"))) as server, client(server.base) as openrouter:
        with pytest.raises(FileNotFoundError):
            await openrouter.download("j1", DONE, tmp_path / "missing" / "v.mp4")
