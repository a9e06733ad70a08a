"""Reference images are fetched with a reason for every refusal, and believed by their bytes only."""

# ruff: noqa: ASYNC240 (tests look at small files of their own)
from __future__ import annotations

import asyncio
import hashlib
import os
import socket
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from yarl import URL

from dailies.errors import ReferenceRefused
from dailies.references import expiring_links as signed
from dailies.references.fetch import Fetcher
from dailies.references.reference import Source
from tests.support.hostile import NameServer
from tests.support.images import image
from tests.support.reasons import in_words, problem_of, raises
from tests.support.servers import closed_port_origin, read_request, serving, talking
from tests.unit.fetching import FOX, fetched, fetching, redirects_to, refused, untrusted
from tests.unit.kit import answering


async def test_an_image_is_kept_under_its_hash(tmp_path: Path) -> None:
    got = await fetched(web.Response(body=FOX), tmp_path / "new")
    assert got.sha256 == hashlib.sha256(FOX).hexdigest()
    assert got.path == tmp_path / "new" / got.sha256
    assert got.path.read_bytes() == FOX
    assert got.media_type == "image/png"
    assert not got.redirected


async def test_an_image_that_is_kept_already_stays_the_same_file(tmp_path: Path) -> None:
    first = await fetched(web.Response(body=FOX), tmp_path)
    before = first.path.stat()
    os.utime(first.path, (1, 1))
    assert await fetched(web.Response(body=FOX), tmp_path) == first
    after = first.path.stat()
    assert (after.st_ino, after.st_size) == (before.st_ino, before.st_size)
    assert after.st_mtime > 1


async def test_a_damaged_file_is_replaced(tmp_path: Path) -> None:
    first = await fetched(web.Response(body=FOX), tmp_path)
    whole = first.path.read_bytes()
    first.path.write_bytes(b"")
    await fetched(web.Response(body=FOX), tmp_path)
    assert first.path.read_bytes() == whole


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
        (b"%PDF-1.7", "isn't an image"),
        (b"", "isn't an image"),
    ],
    ids=["html", "svg", "pdf", "empty"],
)
async def test_what_is_no_reference_image_is_refused_though_it_is_called_png(
    tmp_path: Path, body: bytes, advice: str
) -> None:
    assert advice in await refused(web.Response(body=body, content_type="image/png"), tmp_path)


async def test_a_video_is_refused(tmp_path: Path, mp4: Path) -> None:
    assert "is a video" in await refused(web.Response(body=mp4.read_bytes()), tmp_path)


async def test_nobody_listening_is_refused(tmp_path: Path) -> None:
    async with fetching(closed_port_origin(), tmp_path) as fetcher:
        with raises(ReferenceRefused, match="couldn't be fetched"):
            await fetcher.fetch(Source(f"{closed_port_origin()}/x", "fox", attached=False))


@pytest.mark.parametrize(
    ("status", "advice"),
    [
        (404, "check the address, or attach the image"),
        (401, "its site doesn't show it to everybody, so attach the image"),
        (403, "its site doesn't show it to everybody, so attach the image"),
        (429, "try again, or attach the image"),
        (503, "try again, or attach the image"),
    ],
)
async def test_an_answer_without_an_image_says_what_to_do(tmp_path: Path, status: int, advice: str) -> None:
    problem = await refused(web.Response(status=status), tmp_path)
    assert problem == f"was answered with HTTP {status}; {advice}"


async def test_a_dead_attachment_says_to_attach_it_again(tmp_path: Path) -> None:
    assert "HTTP 403; attach it again" in await refused(web.Response(status=403), tmp_path, attached=True)


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
    assert "n't an https link" in problem
    assert other.arrivals == []


@pytest.mark.parametrize("url", ["https://127.0.0.1/x", "https://10.1.2.3/x", "https://[::ffff:127.0.0.1]/x"])
async def test_a_private_address_is_not_asked(tmp_path: Path, url: str) -> None:
    assert "private address" in await untrusted(url, tmp_path)


async def test_a_name_that_resolves_to_a_private_address_is_not_asked(tmp_path: Path) -> None:
    assert "private address" in await untrusted("https://localhost/x", tmp_path)


async def test_a_host_that_cannot_be_encoded_is_refused(tmp_path: Path) -> None:
    assert "doesn't name a site" in await untrusted("https://ab..c/x", tmp_path)


async def test_plain_http_on_this_machine_is_not_asked_when_its_origin_is_not_trusted(tmp_path: Path) -> None:
    async with serving(answering(web.Response(body=FOX))) as server:
        assert "n't an https link" in await untrusted(f"{server.origin}/fox.png", tmp_path)
    assert server.arrivals == []


async def test_cookies_are_not_kept(tmp_path: Path) -> None:
    setting = web.Response(body=FOX, headers={"Set-Cookie": "a=b"})
    answers = answering(setting, web.Response(body=FOX))
    async with serving(answers) as server, fetching(server.origin, tmp_path) as fetcher:
        for _ in range(2):
            await fetcher.fetch(Source(f"{server.origin}/x", "fox", attached=False))
    assert "Cookie" not in server.arrivals[1].headers


async def test_neither_proxies_nor_passwords_of_the_environment_are_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, closed_port_origin())
        monkeypatch.setenv(name.lower(), closed_port_origin())
    (tmp_path / "netrc").write_text("default login ann password secret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    async with serving(answering(web.Response(body=FOX))) as server, fetching(server.origin, tmp_path) as fetcher:
        await fetcher.fetch(Source(f"{server.origin}/x", "fox", attached=False))
    assert "Authorization" not in server.arrivals[0].headers


async def test_a_redirect_that_leads_to_itself_is_refused_after_three(tmp_path: Path) -> None:
    async with serving(redirects_to("/fox.png", times=10)) as server, fetching(server.origin, tmp_path) as fetcher:
        with raises(ReferenceRefused, match="redirects more than 3 times"):
            await fetcher.fetch(Source(f"{server.origin}/fox.png", "fox.png", attached=False))
    assert len(server.arrivals) == 4


async def test_a_name_that_is_not_found_says_so(tmp_path: Path) -> None:
    def lookup(*_: object) -> list[Any]:
        raise socket.gaierror(socket.EAI_NONAME, "not known")

    async with Fetcher(tmp_path, trusted=frozenset(), size=1, seconds=1, lookup=lookup) as fetcher:
        with raises(ReferenceRefused, match="the name of its site wasn't found"):
            await fetcher.fetch(Source("https://a.example/", "fox", attached=False))


async def test_a_server_that_speaks_no_tls_is_refused(tmp_path: Path) -> None:
    async with serving(answering(web.Response(body=FOX))) as server:
        origin = server.origin.replace("http:", "https:")
        async with fetching(origin, tmp_path) as fetcher:
            with raises(ReferenceRefused, match="couldn't be fetched"):
                await fetcher.fetch(Source(f"{origin}/", "fox", attached=False))
    assert server.arrivals == []


async def test_a_server_that_speaks_no_http_is_refused(tmp_path: Path) -> None:
    async def talk(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail.example ESMTP\r\n")
        await writer.drain()

    async with talking(talk) as server, fetching(server.origin, tmp_path) as fetcher:
        with raises(ReferenceRefused, match="couldn't be fetched"):
            await fetcher.fetch(Source(f"{server.origin}/", "fox", attached=False))


async def test_a_refusal_never_shows_a_link_s_query(tmp_path: Path) -> None:
    secret = "signature-of-somebody"
    targets = [
        f"/on?{secret}",
        f"https://127.0.0.1/x?{secret}",
        f"http://a.example/?{secret}",
        f"https://u:{secret}@a/",
    ]
    for target in targets:
        assert secret not in await refused(redirects_to(target, times=9), tmp_path)


@pytest.mark.parametrize("host", ["cdn.discordapp.com", "media.discordapp.net"])
async def test_a_discord_link_whose_time_is_over_says_when_and_is_not_asked_for(tmp_path: Path, host: str) -> None:
    link = f"https://{host}/attachments/1/2/fox.png?ex=6ab10000&is=1&hm=secret"
    problem = await untrusted(link, tmp_path)
    assert problem == (
        "can't be fetched: this Discord link expired on 21 September 2026, 09:59 UTC; "
        "attach the file, or copy the link again"
    )


@pytest.mark.parametrize(
    ("query", "status", "said"),
    [
        ("?ex=fffffff0&is=1&hm=1", 404, "this Discord link has expired, or its message was deleted; attach the file"),
        ("?ex=&is=1&hm=1", 404, "this Discord link has expired, or its message was deleted; attach the file"),
        ("", 404, "wasn't copied whole, its signature is missing; attach the file, or copy the link again"),
        ("?ex=fffffff0", 500, "HTTP 500"),
    ],
)
async def test_what_discord_s_404_means_is_said(tmp_path: Path, query: str, status: int, said: str) -> None:
    async with serving(answering(web.Response(status=status))) as server:
        # Discord's name, on a port of this machine that is trusted for the test.
        origin = f"http://cdn.discordapp.com:{server.origin.rpartition(':')[2]}"
        names = NameServer({"cdn.discordapp.com": [["127.0.0.1"]]})
        async with Fetcher(tmp_path, trusted=frozenset({origin}), size=1, seconds=5, lookup=names) as fetcher:
            with pytest.raises(ReferenceRefused) as caught:
                await fetcher.fetch(Source(f"{origin}/attachments/1/2/fox.png{query}", "fox.png", attached=False))
    assert said in problem_of(caught.value)


@pytest.mark.parametrize("ex", ["0", "zz", "-1", "9" * 400, "ffffffffffff", "\u0661"])
def test_an_odd_time_in_a_discord_link_is_no_bug(ex: str) -> None:
    url = URL("https://cdn.discordapp.com/a.png").with_query(ex=ex)
    assert "expired on" in (in_words(signed.expired(url, 1e9)) or "expired on")
