"""Reference images are fetched within bounds and believed by their bytes only."""

# ruff: noqa: ASYNC240 (tests look at small files of their own)
from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web

from dailies.errors import ReferenceRefused
from dailies.references.fetch import AT_ONCE, Fetched, Fetcher
from dailies.references.reference import Source
from tests.support.images import image
from tests.support.servers import Answer, Served, closed_port_origin, read_request, serving, talking
from tests.unit.kit import answering

FOX = image("orange")


@asynccontextmanager
async def fetching(
    origin: str, folder: Path, *, size: int = 1_000_000, seconds: float = 5, trusted: bool = True
) -> AsyncGenerator[Fetcher]:
    origins = frozenset({origin}) if trusted else frozenset[str]()
    async with Fetcher(folder, trusted=origins, size=size, seconds=seconds) as fetcher:
        yield fetcher


async def fetched(
    answer: Answer | web.Response, folder: Path, *, attached: bool = False, size: int = 1_000_000
) -> Fetched:
    served = answering(answer) if isinstance(answer, web.Response) else answer
    async with serving(served) as server, fetching(server.origin, folder, size=size) as fetcher:
        return await fetcher.fetch(Source(f"{server.origin}/fox.png", "fox.png", attached))


async def refused(answer: Answer | web.Response, folder: Path, *, attached: bool = False, size: int = 1_000_000) -> str:
    with pytest.raises(ReferenceRefused) as caught:
        await fetched(answer, folder, attached=attached, size=size)
    assert caught.value.name == "fox.png"
    assert not folder.exists() or list(folder.iterdir()) == []
    return caught.value.problem


async def test_an_image_is_kept_under_its_hash(tmp_path: Path) -> None:
    got = await fetched(web.Response(body=FOX), tmp_path / "new")
    assert got.sha256 == hashlib.sha256(FOX).hexdigest()
    assert got.path == tmp_path / "new" / got.sha256
    assert got.path.read_bytes() == FOX
    assert got.media_type == "image/png"
    assert not got.redirected


async def test_nothing_else_is_left_in_the_folder(tmp_path: Path) -> None:
    got = await fetched(web.Response(body=FOX), tmp_path)
    assert list(tmp_path.iterdir()) == [got.path]


async def test_a_wrong_header_is_not_believed(tmp_path: Path) -> None:
    got = await fetched(web.Response(body=image("red", kind="WEBP"), content_type="text/html"), tmp_path)
    assert got.media_type == "image/webp"


async def test_first_bytes_that_come_one_by_one_are_enough(tmp_path: Path) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(FOX))
        for byte in FOX[:20]:
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(0.001)
        writer.write(FOX[20:])
        await writer.drain()

    async with talking(talk) as server, fetching(server.origin, tmp_path) as fetcher:
        got = await fetcher.fetch(Source(f"{server.origin}/fox.png", "fox.png", attached=False))
    assert got.path.read_bytes() == FOX


@pytest.mark.parametrize(
    ("body", "advice"),
    [
        (b"<!DOCTYPE html><title>Fox</title>", "is a web page"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "is an SVG drawing"),
        (b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic", "is a HEIC image"),
        (image("red", kind="GIF"), "is a GIF image"),
        (b"%PDF-1.7", "is not an image"),
        (b"", "is not an image"),
    ],
    ids=["html", "svg", "heic", "gif", "pdf", "empty"],
)
async def test_what_is_no_reference_image_is_refused_though_it_is_called_png(
    tmp_path: Path, body: bytes, advice: str
) -> None:
    assert advice in await refused(web.Response(body=body, content_type="image/png"), tmp_path)


async def test_a_video_is_refused(tmp_path: Path, mp4: Path) -> None:
    assert "is a video" in await refused(web.Response(body=mp4.read_bytes()), tmp_path)


async def test_a_web_page_is_refused_before_all_of_it_has_come(tmp_path: Path) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 900000\r\n\r\n<!DOCTYPE html>" + b" " * 100)
        await asyncio.sleep(60)

    async with talking(talk) as server, fetching(server.origin, tmp_path) as fetcher:
        with pytest.raises(ReferenceRefused, match="web page"):
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


async def test_a_compressed_bomb_is_refused_at_the_limit(tmp_path: Path) -> None:
    async def bomb(_: web.Request) -> web.StreamResponse:
        response = web.Response(body=FOX + bytes(30_000_000))
        response.enable_compression(web.ContentCoding.gzip)
        return response

    assert "over 1 MB" in await refused(bomb, tmp_path)


async def test_a_slow_image_is_refused(tmp_path: Path) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 900000\r\n\r\n" + FOX[:100])
        while True:
            writer.write(b"x")
            await asyncio.sleep(0.02)

    async with talking(talk) as server, fetching(server.origin, tmp_path, seconds=0.2) as fetcher:
        with pytest.raises(ReferenceRefused, match=r"did not arrive within 0\.2 s"):
            await fetcher.fetch(Source(f"{server.origin}/", "fox", attached=False))
    assert list(tmp_path.iterdir()) == []


async def test_a_connection_that_breaks_off_is_refused(tmp_path: Path) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 900000\r\n\r\n" + FOX)
        await writer.drain()

    async with talking(talk) as server, fetching(server.origin, tmp_path) as fetcher:
        with pytest.raises(ReferenceRefused, match="could not be fetched"):
            await fetcher.fetch(Source(f"{server.origin}/", "fox", attached=False))
    assert list(tmp_path.iterdir()) == []


async def test_nobody_listening_is_refused(tmp_path: Path) -> None:
    async with fetching(closed_port_origin(), tmp_path) as fetcher:
        with pytest.raises(ReferenceRefused, match="could not be fetched"):
            await fetcher.fetch(Source(f"{closed_port_origin()}/x", "fox", attached=False))


async def test_a_missing_link_says_to_check_the_address(tmp_path: Path) -> None:
    assert "HTTP 404; check the address" in await refused(web.Response(status=404), tmp_path)


async def test_a_dead_attachment_says_to_attach_it_again(tmp_path: Path) -> None:
    assert "HTTP 403; attach it again" in await refused(web.Response(status=403), tmp_path, attached=True)


def redirects_to(location: str, *, times: int = 1) -> Answer:
    """Redirects so many times, then gives the image."""
    hops = [web.Response(status=302, headers={"Location": location}) for _ in range(times)]
    return answering(*hops, web.Response(body=FOX))


async def test_a_redirect_is_followed_and_said(tmp_path: Path) -> None:
    got = await fetched(redirects_to("/there.png"), tmp_path)
    assert got.redirected


async def test_three_redirects_are_followed(tmp_path: Path) -> None:
    assert (await fetched(redirects_to("/on", times=3), tmp_path)).redirected


async def test_a_fourth_redirect_is_refused(tmp_path: Path) -> None:
    assert "redirects more than 3 times" in await refused(redirects_to("/on", times=4), tmp_path)


@pytest.mark.parametrize(
    "location",
    [
        "https://127.0.0.1/x.png",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/x",
        "https://2130706433/x",
        "https://localhost/x",
        "https://user@8.8.8.8/x",
        "https://8.8.8.8:22/x",
        "file:///etc/passwd",
        "ftp://a.example/x",
        "http://[::1",
        "https://ab..c/x",
        "mailto:a@a.example",
        "data:image/png;base64,AAAA",
    ],
)
async def test_each_hop_is_checked_anew(tmp_path: Path, location: str) -> None:
    await refused(redirects_to(location), tmp_path)


async def test_a_redirect_from_a_trusted_origin_to_an_untrusted_one_on_this_machine_is_refused(tmp_path: Path) -> None:
    async with serving(answering(web.Response(body=FOX))) as other:
        problem = await refused(redirects_to(f"{other.origin}/fox.png"), tmp_path)
    assert "not an https link" in problem
    assert other.arrivals == []


async def untrusted(url: str, folder: Path) -> str:
    async with fetching("", folder, trusted=False) as fetcher:
        with pytest.raises(ReferenceRefused) as caught:
            await fetcher.fetch(Source(url, "fox.png", attached=False))
    return caught.value.problem


@pytest.mark.parametrize("url", ["https://127.0.0.1/x", "https://10.1.2.3/x", "https://[::ffff:127.0.0.1]/x"])
async def test_a_private_address_is_not_asked(tmp_path: Path, url: str) -> None:
    assert "private address" in await untrusted(url, tmp_path)


async def test_a_name_that_resolves_to_a_private_address_is_not_asked(tmp_path: Path) -> None:
    assert "private address" in await untrusted("https://localhost/x", tmp_path)


async def test_a_host_that_cannot_be_encoded_is_refused(tmp_path: Path) -> None:
    assert "could not be fetched" in await untrusted("https://ab..c/x", tmp_path)


async def test_plain_http_on_this_machine_is_not_asked_when_its_origin_is_not_trusted(tmp_path: Path) -> None:
    async with serving(answering(web.Response(body=FOX))) as server:
        assert "not an https link" in await untrusted(f"{server.origin}/fox.png", tmp_path)
    assert server.arrivals == []


async def test_cookies_are_not_kept(tmp_path: Path) -> None:
    setting = web.Response(body=FOX, headers={"Set-Cookie": "a=b"})
    answers = answering(setting, web.Response(body=FOX))
    async with serving(answers) as server, fetching(server.origin, tmp_path) as fetcher:
        for _ in range(2):
            await fetcher.fetch(Source(f"{server.origin}/x", "fox", attached=False))
    assert "Cookie" not in server.arrivals[1].headers


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
