"""A finished video is streamed to disk, whole or not at all."""

# ruff: noqa: ASYNC240 (tests look at small files of their own)
from __future__ import annotations

import asyncio
import traceback
import tracemalloc
from pathlib import Path

import pytest
from aiohttp import web

from dailies.errors import BadAnswer, BadRequest, OpenRouterError, ServerFault, Unreachable
from dailies.openrouter.client import ClientLimits
from dailies.openrouter.protocol import Poll
from tests.support.reasons import raises
from tests.support.servers import read_request, serving, talking
from tests.unit.kit import KEY, answering, client, failed, fetched

DONE = Poll("completed")


async def test_a_video_arrives_byte_for_byte(tmp_path: Path) -> None:
    data = bytes(range(256)) * 4000
    async with serving(answering(web.Response(body=data))) as server, client(server.base) as openrouter:
        size = await fetched(openrouter, DONE, tmp_path / "v.mp4")
    assert (tmp_path / "v.mp4").read_bytes() == data
    assert size == len(data)
    assert server.paths == ["/api/v1/videos/j1/content?index=0"]


async def test_the_first_listed_address_is_taken_with_the_key(tmp_path: Path) -> None:
    async with serving(answering(web.Response(body=b"v"))) as server, client(server.base) as openrouter:
        await fetched(openrouter, Poll("completed", unsigned_urls=("/one", "/two")), tmp_path / "v.mp4")
    assert server.paths == ["/one"]
    assert server.arrivals[0].authorization == f"Bearer {KEY}"


@pytest.mark.parametrize(
    ("index", "paths"),
    [
        (0, ["/one", "/api/v1/videos/j1/content?index=0", "/stored/0?sig=a"]),
        (1, ["/two", "/api/v1/videos/j1/content?index=1"]),
        (2, ["/api/v1/videos/j1/content?index=2"]),
    ],
)
async def test_every_address_of_an_output_is_a_source(index: int, paths: list[str], tmp_path: Path) -> None:
    poll = Poll("completed", unsigned_urls=("/one", "/two"), urls=("/stored/0?sig=a",))
    async with serving(answering(web.Response(body=b"v"))) as server, client(server.base) as openrouter:
        for source in openrouter.sources("j1", poll, index):
            await openrouter.download(source, tmp_path / "v.mp4")
    assert server.paths == paths


async def test_a_stored_copy_is_fetched_without_the_key_even_from_the_own_origin(tmp_path: Path) -> None:
    def answer(request: web.Request) -> web.Response:
        if request.path == "/moved":
            return web.Response(body=b"v")
        return web.Response(status=302, headers={"Location": "/moved"})

    async with serving(answering(answer)) as server, client(server.base) as openrouter:
        *_, stored = openrouter.sources("j1", Poll("completed", urls=("/stored?sig=a",)))
        await openrouter.download(stored, tmp_path / "v.mp4")
    assert server.paths == ["/stored?sig=a", "/moved"]
    assert [arrival.authorization for arrival in server.arrivals] == [None, None]


async def test_the_content_address_is_asked_once_where_it_is_listed_too(tmp_path: Path) -> None:
    async with client("https://openrouter.ai/api/v1") as openrouter:
        listed = Poll("completed", unsigned_urls=("https://openrouter.ai/api/v1/videos/j1/content?index=0",))
        assert len(openrouter.sources("j1", listed)) == 1


async def test_no_text_of_a_source_an_answer_or_an_error_holds_a_signed_link(tmp_path: Path) -> None:
    secret = "c0ffee"

    def refusal(request: web.Request) -> web.Response:
        return web.json_response({"error": {"code": 403, "message": f"{request.rel_url} has expired"}}, status=403)

    poll = Poll("completed", unsigned_urls=(f"/one?sig={secret}",), urls=(f"/stored/{secret}?sig={secret}",))
    async with serving(answering(refusal)) as server, client(server.base) as openrouter:
        *_, stored = openrouter.sources("j1", poll)
        with pytest.raises(OpenRouterError) as refused:
            await openrouter.download(stored, tmp_path / "v.mp4")
    async with client("http://127.0.0.1:9") as openrouter:
        *_, stored = openrouter.sources("j1", poll)
        with pytest.raises(Unreachable) as lost:
            await openrouter.download(stored, tmp_path / "v.mp4")
    told = [traceback.format_exception(one.value) for one in (refused, lost)]
    assert secret not in repr([told, poll, stored, refused.value.reason, lost.value.reason])


async def test_an_empty_body_leaves_no_file(tmp_path: Path) -> None:
    async with serving(answering(web.Response())) as server, client(server.base) as openrouter:
        with raises(BadAnswer, match="empty"):
            await fetched(openrouter, DONE, tmp_path / "v.mp4")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("url", ["https://[::1", "ftp://x/y", "http://host:99999/"])
async def test_an_unreadable_listed_address_is_replaced_by_the_content_address(tmp_path: Path, url: str) -> None:
    async with serving(answering(web.Response(body=b"v"))) as server, client(server.base) as openrouter:
        await fetched(openrouter, Poll("completed", unsigned_urls=(url,)), tmp_path / "v.mp4")
    assert server.paths == ["/api/v1/videos/j1/content?index=0"]


async def test_a_listed_address_whose_host_cannot_be_encoded_is_unreachable(tmp_path: Path) -> None:
    async with serving(answering(web.Response(body=b"v"))) as server, client(server.base) as openrouter:
        with pytest.raises(Unreachable):
            await fetched(openrouter, Poll("completed", unsigned_urls=("http://ab..c/v",)), tmp_path / "v.mp4")


async def test_a_body_shorter_than_announced_leaves_no_file(tmp_path: Path) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf")
        await writer.drain()

    async with talking(talk) as server, client(server.base) as openrouter:
        with raises(Unreachable, match="broke off"):
            await fetched(openrouter, DONE, tmp_path / "v.mp4")
    assert list(tmp_path.iterdir()) == []


async def test_a_chunked_body_that_breaks_off_leaves_no_file(tmp_path: Path) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n")
        await writer.drain()

    async with talking(talk) as server, client(server.base) as openrouter:
        with raises(Unreachable, match="broke off"):
            await fetched(openrouter, DONE, tmp_path / "v.mp4")
    assert list(tmp_path.iterdir()) == []


async def test_a_body_over_the_limit_leaves_no_file(tmp_path: Path) -> None:
    limits = ClientLimits(download_bytes=1_000_000)
    body = web.Response(body=b"x" * 1_000_001)
    async with serving(answering(body)) as server, client(server.base, limits=limits) as openrouter:
        with raises(BadAnswer, match="over 1 MB"):
            await fetched(openrouter, DONE, tmp_path / "v.mp4")
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
            await fetched(openrouter, DONE, tmp_path / "v.mp4")
    assert list(tmp_path.iterdir()) == []


async def test_a_failing_download_does_not_touch_the_file_of_an_earlier_one(tmp_path: Path) -> None:
    (tmp_path / "v.mp4").write_bytes(b"whole")
    async with serving(answering(failed(500))) as server, client(server.base) as openrouter:
        with pytest.raises(ServerFault):
            await fetched(openrouter, DONE, tmp_path / "v.mp4")
    assert (tmp_path / "v.mp4").read_bytes() == b"whole"


async def test_an_error_instead_of_a_video_is_typed(tmp_path: Path) -> None:
    async with serving(answering(failed(404, "gone"))) as server, client(server.base) as openrouter:
        with raises(BadRequest, match="gone"):
            await fetched(openrouter, DONE, tmp_path / "v.mp4")


async def test_a_download_is_one_request(tmp_path: Path) -> None:
    async with serving(answering(failed(503))) as server, client(server.base) as openrouter:
        with pytest.raises(OpenRouterError):
            await fetched(openrouter, DONE, tmp_path / "v.mp4")
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
            size = await fetched(openrouter, DONE, tmp_path / "v.mp4")
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert size == 50_000_000
    assert peak < 8_000_000


async def test_a_missing_folder_is_the_callers_to_tell(tmp_path: Path) -> None:
    async with serving(answering(web.Response(body=b"v"))) as server, client(server.base) as openrouter:
        with pytest.raises(FileNotFoundError):
            await fetched(openrouter, DONE, tmp_path / "missing" / "v.mp4")
