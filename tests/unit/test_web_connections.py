"""The web server's connections over real sockets: how many, from whom, how long, and what is answered to whom."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import random
import resource
import socket
import time
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from ipaddress import ip_network
from pathlib import Path

import pytest

from dailies.delivery.page import SharedVideo
from dailies.delivery.serving import LOOKUPS, Lookups
from dailies.web import accepting, connection
from dailies.web.accepting import counted_as, file_limit, raise_file_limit, unmapped
from dailies.web.server import BODY_BYTES, Web
from tests.unit.webhooks import EVENT, NOW, SECRET, encoded, signed

JOB = "0123456789abcdef"
BODY = encoded(EVENT)
TOKEN = "t" * 32
PROXY = "127.0.0.1"
OTHER = "127.0.0.2"
FILM = random.Random(1).randbytes(4_000_000)
SECURITY = {
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"no-referrer",
    b"connection": b"close",
}

Peer = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass
class Served:
    """A running server, and the sockets of those who call it."""

    port: int
    host: str = PROXY
    noted: list[str] = field(default_factory=list[str])
    may_note: asyncio.Event = field(default_factory=asyncio.Event)
    peers: list[asyncio.StreamWriter] = field(default_factory=list[asyncio.StreamWriter])

    async def connect(self, source: str = PROXY, *, buffer: int | None = None) -> Peer:
        """Connect from an address. buffer: bytes of the receiving buffer."""
        sock = socket.socket(socket.AF_INET6 if ":" in self.host else socket.AF_INET)
        if buffer:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        sock.setblocking(False)
        sock.bind((source, 0))
        await asyncio.get_running_loop().sock_connect(sock, (self.host, self.port))
        peer = await asyncio.open_connection(sock=sock, limit=2**16)
        self.peers.append(peer[1])
        return peer

    async def ask(self, request: bytes, source: str = PROXY) -> bytes:
        """Send a request and return everything that is answered until the connection ends."""
        reader, writer = await self.connect(source)
        writer.write(request)
        return await to_the_end(reader)

    async def report(self, source: str = PROXY) -> bytes:
        """Deliver a webhook; return the first line of its answer."""
        return (await self.ask(webhook(BODY), source)).partition(b"\r\n")[0]


async def to_the_end(reader: asyncio.StreamReader, seconds: float = 30) -> bytes:
    """Read until the connection ends, by a close or a reset."""
    got = b""
    async with asyncio.timeout(seconds):
        with contextlib.suppress(ConnectionError):
            while part := await reader.read(65_536):
                got += part
    return got


async def ends(peer: Peer, seconds: float = 30) -> bool:
    return await to_the_end(peer[0], seconds) == b""


async def stays(peer: Peer, seconds: float = 0.3) -> bool:
    with pytest.raises(TimeoutError):
        await to_the_end(peer[0], seconds)
    return True


def webhook(body: bytes, length: str | None = None) -> bytes:
    head = [f"POST /webhooks/openrouter/{JOB} HTTP/1.1", "Host: a", length or f"Content-Length: {len(body)}"]
    return "\r\n".join([*head, *(f"{name}: {value}" for name, value in signed(body).items()), "", ""]).encode() + body


def film(headers: str = "", method: str = "GET", token: str = TOKEN) -> bytes:
    return f"{method} /files/{token}/{JOB}.mp4 HTTP/1.1\r\nHost: a\r\n{headers}\r\n".encode()


def parted(answer: bytes) -> tuple[int, dict[bytes, bytes], bytes]:
    """Return status, headers by their name in lower case, and body."""
    head, _, body = answer.partition(b"\r\n\r\n")
    first, *lines = head.split(b"\r\n")
    pairs = (line.partition(b": ") for line in lines)
    return int(first.split()[1]), {name.lower(): value for name, _, value in pairs}, body


@contextlib.asynccontextmanager
async def serving(folder: Path, *, most: int = 64, host: str = PROXY) -> AsyncGenerator[Served]:
    """Run a server that has one film and one trusted address."""
    path = folder / "film.mp4"
    await asyncio.to_thread(path.write_bytes, FILM)

    async def on_delivery(job_id: str, _: object) -> None:
        await served.may_note.wait()
        served.noted.append(job_id)

    async def find(token: str) -> SharedVideo | None:
        return SharedVideo(path, f"https://bot.example/files/{token}", "A kite") if token == TOKEN else None

    web = Web(
        secret=SECRET,
        on_delivery=on_delivery,
        find_video=find,
        connections=most,
        trusted=[ip_network(PROXY)],
        now=lambda: NOW,
    )
    async with web.listening(host, 0) as port:
        served = Served(port, host)
        served.may_note.set()
        try:
            yield served
        finally:
            for writer in served.peers:
                writer.transport.abort()
            await asyncio.sleep(0)


def errors(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR or record.exc_info]


async def test_one_address_has_sixteen_connections_and_the_next_is_closed_at_once(tmp_path: Path) -> None:
    async with serving(tmp_path) as served:
        held = [await served.connect(OTHER) for _ in range(16)]
        assert await ends(await served.connect(OTHER), 2)
        assert await stays(held[0])
        assert await stays(await served.connect("127.0.0.3"))


async def test_a_place_of_an_address_is_free_again_when_its_connection_has_ended(tmp_path: Path) -> None:
    async with serving(tmp_path) as served:
        held = [await served.connect(OTHER) for _ in range(16)]
        held[3][1].transport.abort()
        await asyncio.sleep(0.1)
        assert (await served.report(OTHER)).startswith(b"HTTP/1.1 204")


async def test_a_trusted_proxy_has_all_places(tmp_path: Path) -> None:
    async with serving(tmp_path) as served:
        held = [await served.connect(PROXY) for _ in range(40)]
        assert await stays(held[0])


async def test_beyond_the_limit_of_all_a_connection_is_closed_at_once(tmp_path: Path) -> None:
    async with serving(tmp_path, most=20) as served:
        held = [await served.connect(f"127.0.1.{number}") for number in range(1, 21)]
        assert await ends(await served.connect(OTHER), 2)
        assert await stays(held[0])


async def test_a_trusted_proxy_gets_in_when_all_places_are_taken_by_others(tmp_path: Path) -> None:
    async with serving(tmp_path, most=20) as served:
        held = [await served.connect(f"127.0.1.{number}") for number in range(1, 21)]
        assert (await served.report(PROXY)).startswith(b"HTTP/1.1 204")
        assert await ends(held[0], 1)
        assert await stays(held[1])


async def test_a_new_connection_of_the_proxy_takes_the_place_of_the_oldest_without_a_request(tmp_path: Path) -> None:
    async with serving(tmp_path, most=20) as served:
        held = [await served.connect(PROXY) for _ in range(20)]
        held[0][1].write(film())
        await asyncio.sleep(0.6)
        assert (await served.report(PROXY)).startswith(b"HTTP/1.1 204")
        assert await ends(held[1], 1)
        assert len(await to_the_end(held[0][0])) > len(FILM)


async def test_while_all_places_are_taken_a_connection_of_the_proxy_waits_unread(
    tmp_path: Path,
) -> None:
    async with serving(tmp_path, most=20) as served:
        held = [await served.connect(PROXY) for _ in range(20)]
        idle = await served.connect(PROXY)
        reader, writer = await served.connect(PROXY)
        request = webhook(BODY)
        writer.write(request[:50])
        assert await stays(idle)
        assert await stays(held[0])
        writer.write(request[50:])
        assert (await to_the_end(reader)).startswith(b"HTTP/1.1 204")
        assert await ends(held[0], 1)
        assert await stays(idle)


async def test_a_signed_report_that_is_being_noted_is_not_cut_for_others(tmp_path: Path) -> None:
    async with serving(tmp_path, most=4) as served:
        served.may_note.clear()
        report = asyncio.create_task(served.report())
        await asyncio.sleep(0.2)
        for _ in range(12):
            _, writer = await served.connect(PROXY, buffer=4096)
            writer.transport.pause_reading()  # type: ignore[attr-defined]
            writer.write(film())
            await asyncio.sleep(0.02)
        served.may_note.set()
        assert (await report).startswith(b"HTTP/1.1 204")


async def test_of_those_that_wait_unread_the_oldest_goes_first(tmp_path: Path) -> None:
    async with serving(tmp_path, most=4) as served:
        held = [await served.connect(PROXY) for _ in range(4)]
        waiting = [await served.connect(PROXY) for _ in range(5)]
        assert await ends(waiting[0], 1)
        assert [await stays(one, 0.05) for one in (*held, *waiting[1:])] == [True] * 8


async def test_a_connection_that_waits_unread_has_no_longer_than_others_for_its_headers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(accepting, "HEADER_SECONDS", 0.3)
    async with serving(tmp_path, most=2) as served:
        held = [await served.connect(PROXY) for _ in range(2)]
        assert await ends(await served.connect(PROXY), 2)
        assert await stays(held[0])


async def test_a_lookup_goes_on_when_its_caller_has_gone() -> None:
    """One that is cancelled inside its query would cost the database's connection."""
    found, ended = asyncio.Event(), list[str]()

    async def find(token: str) -> None:
        await found.wait()
        ended.append(token)

    lookups = Lookups(find)
    callers = [asyncio.create_task(lookups.find(str(number))) for number in range(LOOKUPS + 1)]
    await asyncio.sleep(0)
    for caller in callers:
        caller.cancel()
    await asyncio.gather(*callers, return_exceptions=True)
    found.set()
    assert await lookups.find("next") is None
    assert ended == ["0", "1", "next"]


async def test_a_webhook_gets_in_while_stalled_readers_have_all_places(tmp_path: Path) -> None:
    async with serving(tmp_path, most=20) as served:
        for _ in range(20):
            _, writer = await served.connect(PROXY, buffer=4096)
            writer.transport.pause_reading()  # type: ignore[attr-defined]
            writer.write(film())
        await asyncio.sleep(0.3)
        assert (await served.report(PROXY)).startswith(b"HTTP/1.1 204")


async def test_addresses_of_one_ipv6_network_count_as_one() -> None:
    one, other, far = ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", "2001:db8:1:3::1")

    def source(text: str) -> str:
        return counted_as(unmapped(text))

    assert source(one) == source(other) != source(far)
    assert source("::ffff:192.0.2.1") == source("192.0.2.1") == "192.0.2.1"


async def test_ipv6_is_served_and_counted(tmp_path: Path) -> None:
    async with serving(tmp_path, host="::1") as served:
        held = [await served.connect("::1") for _ in range(16)]
        assert await ends(await served.connect("::1"), 2)
        held[0][1].transport.abort()
        await asyncio.sleep(0.1)
        assert (await served.report("::1")).startswith(b"HTTP/1.1 204")


async def test_refused_connections_are_one_line_with_the_proxy_s_setting_in_it(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with serving(tmp_path) as served:
        for _ in range(60):
            await served.connect(OTHER)
        await asyncio.sleep(0.1)
    (line,) = [record.getMessage() for record in caplog.records if "refused" in record.getMessage()]
    assert "TRUSTED_PROXIES" in line


def test_the_line_of_the_next_minute_counts_those_since_the_last() -> None:
    now = [0.0]
    sparing = connection.Sparing(lambda: now[0])
    assert [sparing.due("a"), sparing.due("a"), sparing.due("b"), sparing.due("a")] == [1, 0, 1, 0]
    now[0] = 61.0
    assert [sparing.due("a"), sparing.due("a")] == [3, 0]


@pytest.mark.parametrize("sent", [b"", b"GET / HTTP/1.1\r\nHost: a\r\n"], ids=["idle", "half a head"])
async def test_headers_that_do_not_come_are_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sent: bytes
) -> None:
    monkeypatch.setattr(connection, "HEADER_SECONDS", 0.3)
    async with serving(tmp_path) as served:
        peer = await served.connect()
        peer[1].write(sent)
        assert await ends(peer, 3)


async def test_headers_that_come_one_byte_at_a_time_are_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "HEADER_SECONDS", 0.5)
    async with serving(tmp_path) as served:
        peer = await served.connect()

        async def drip() -> None:
            for byte in b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 1000:
                peer[1].write(bytes([byte]))
                await asyncio.sleep(0.02)

        dripping = asyncio.create_task(drip())
        assert await ends(peer, 3)
        dripping.cancel()


def test_the_limits_are_five_seconds_for_headers_and_thirty_for_a_reader() -> None:
    assert (connection.HEADER_SECONDS, connection.STALL_SECONDS) == (5, 30)


async def test_a_reader_who_stops_is_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "STALL_SECONDS", 0.6)
    monkeypatch.setattr(connection, "LOOK_SECONDS", 0.1)
    async with serving(tmp_path) as served:
        reader, writer = await served.connect(buffer=4096)
        writer.transport.pause_reading()  # type: ignore[attr-defined]
        writer.write(film())
        await asyncio.sleep(2)
        writer.transport.resume_reading()  # type: ignore[attr-defined]
        assert len(await to_the_end(reader)) < len(FILM)


async def test_a_reader_who_is_slow_but_moves_gets_the_whole_film(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It takes the film in steps, each of which the server's buffers hide from the process."""
    monkeypatch.setattr(connection, "STALL_SECONDS", 0.6)
    monkeypatch.setattr(connection, "LOOK_SECONDS", 0.1)
    async with serving(tmp_path) as served:
        reader, writer = await served.connect(buffer=16_384)
        writer.write(film())
        got = b""
        for _ in range(20):
            got += await reader.read(30_000)
            await asyncio.sleep(0.15)
        got += await to_the_end(reader)
    assert parted(got)[2] == FILM


async def test_without_a_free_file_descriptor_accepting_pauses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(accepting, "PAUSE_SECONDS", 0.05)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    async with serving(tmp_path) as served:
        with socket.socket() as caller:
            last = os.dup(caller.fileno())
            resource.setrlimit(resource.RLIMIT_NOFILE, (last, hard))
            try:
                caller.connect((served.host, served.port))
                used = time.thread_time()
                await asyncio.sleep(0.5)
                used = time.thread_time() - used
            finally:
                resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
                os.close(last)
        assert (await served.report()).startswith(b"HTTP/1.1 204")
    assert used < 0.1
    assert len([record for record in caplog.records if "accepts nobody" in record.getMessage()]) == 1


def test_the_process_takes_all_files_that_it_may_open() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(256, hard), hard))
        assert file_limit() == min(256, hard)
        raise_file_limit()
        assert file_limit() == min(hard, accepting.FILES_MOST)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400),
        (b"NONSENSE\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"y" * 10_000 + b"\r\n\r\n", 400),
        (b"GET /" + b"y" * 10_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: a\r\n" + b"X: y\r\n" * 100 + b"\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", 404),
        (b"GET /%00%ff HTTP/1.0\r\n\r\n", 404),
        (film(method="DELETE"), 405),
        (film(method="POST"), 405),
        (f"GET /webhooks/openrouter/{JOB} HTTP/1.1\r\nHost: a\r\n\r\n".encode(), 405),
        (film(token="e" * 32), 404),
        (film("Range: bytes=9999999999-\r\n"), 416),
        (film("Expect: something\r\n"), 417),
        (f"POST /webhooks/openrouter/{JOB} HTTP/1.1\r\nHost: a\r\n\r\n".encode(), 411),
        (webhook(BODY, "Content-Length: 99999999999"), 413),
        (webhook(b"{}", "Content-Length: 2").replace(b"v1=", b"v1=0"), 401),
        (webhook(BODY), 204),
        (film(), 200),
        (film("Range: bytes=0-9\r\n"), 206),
        (film(method="HEAD"), 200),
    ],
)
async def test_every_answer_has_the_headers_and_leaves_no_traceback(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, request_: bytes, status: int
) -> None:
    async with serving(tmp_path) as served:
        answered, headers, _ = parted(await served.ask(request_))
    assert answered == status
    assert SECURITY.items() <= headers.items()
    policy = headers[b"content-security-policy"]
    assert b"default-src 'none'" in policy
    assert b"frame-ancestors 'none'" in policy
    assert b"aiohttp" not in headers[b"server"]
    assert errors(caplog) == []


@pytest.mark.slow
async def test_garbage_of_every_kind_leaves_no_traceback_and_no_connection(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    rng = random.Random(7)
    good = [
        webhook(BODY),
        film(),
        film("Range: bytes=5-\r\nIf-Range: x\r\n"),
        webhook(b"0\r\n", "Transfer-Encoding: chunked"),
    ]
    async with serving(tmp_path) as served:

        async def attack(number: int) -> None:
            request = bytearray(good[number % len(good)])
            for _ in range(rng.randint(1, 6)):
                request[rng.randrange(min(len(request), 200))] = rng.choice(b"\0\r\n :;/,\xff%[]0=")
            _, writer = await served.connect()
            writer.write(bytes(request[: rng.randint(1, len(request))]))
            await asyncio.sleep(0.02)
            writer.transport.abort() if number % 2 else writer.close()

        for first in range(0, 400, 20):
            await asyncio.gather(*map(attack, range(first, first + 20)))
        assert (await served.report()).startswith(b"HTTP/1.1 204")
    assert errors(caplog) == []


@pytest.mark.parametrize("path", [f"/webhooks/openrouter/{JOB}", "/elsewhere"])
async def test_a_broken_body_leaves_no_traceback(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.setattr("dailies.web.server.READ_SECONDS", 0.5)
    async with serving(tmp_path) as served:
        head = f"POST {path} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
        _, writer = peer = await served.connect()
        writer.write(head.encode() + b"5\r\nabcde\r\n")
        await asyncio.sleep(0.1)
        writer.write(b"zz\r\n" * 100)
        await to_the_end(peer[0])
    assert errors(caplog) == []


async def test_a_long_body_is_refused_before_it_was_sent(tmp_path: Path) -> None:
    async with serving(tmp_path) as served:
        reader, writer = await served.connect()
        writer.write(webhook(b"", f"Content-Length: {BODY_BYTES + 1}"))
        assert (await reader.readline()).startswith(b"HTTP/1.1 413")


async def test_chunks_are_counted(tmp_path: Path) -> None:
    async with serving(tmp_path) as served:
        reader, writer = await served.connect()
        writer.write(webhook(b"", "Transfer-Encoding: chunked"))
        chunk = b"10000\r\n" + b" " * 65_536 + b"\r\n"
        for _ in range(5):
            writer.write(chunk)
        assert (await reader.readline()).startswith(b"HTTP/1.1 413")
    assert served.noted == []


async def test_a_connection_is_for_one_request(tmp_path: Path) -> None:
    async with serving(tmp_path) as served:
        answer = await served.ask(film("Range: bytes=0-9\r\n") * 3)
    assert answer.count(b"HTTP/1.1 206") == 1


async def test_ranges_and_heads_are_served(tmp_path: Path) -> None:
    async with serving(tmp_path) as served:
        part = parted(await served.ask(film("Range: bytes=1000-1999\r\n")))
        rest = parted(await served.ask(film("Range: bytes=-500\r\n")))
        head = parted(await served.ask(film(method="HEAD")))
    assert (part[0], part[2]) == (206, FILM[1000:2000])
    assert part[1][b"content-range"] == f"bytes 1000-1999/{len(FILM)}".encode()
    assert rest[2] == FILM[-500:]
    assert (head[0], head[2], head[1][b"content-length"]) == (200, b"", str(len(FILM)).encode())


async def test_the_film_is_not_read_in_the_event_loop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def read_in_the_loop(*_: object) -> int:
        raise AssertionError("sendfile reads the disk in the loop's thread")

    monkeypatch.setattr(asyncio.get_running_loop(), "sendfile", read_in_the_loop)
    async with serving(tmp_path) as served:
        assert parted(await served.ask(film()))[2] == FILM


async def test_with_few_files_to_open_there_are_fewer_places(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("dailies.web.server.file_limit", lambda: 40)
    async with serving(tmp_path, most=64) as served:
        held = [await served.connect(f"127.0.1.{number}") for number in range(1, 21)]
        assert await ends(await served.connect(OTHER), 2)
        assert await stays(held[0])
    assert "WEB_CONNECTIONS" in caplog.text


async def test_a_stop_ends_stalled_readers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dailies.web.server.STOP_SECONDS", 0.2)
    async with serving(tmp_path) as served:
        reader, writer = await served.connect(buffer=4096)
        writer.transport.pause_reading()  # type: ignore[attr-defined]
        writer.write(film())
        await asyncio.sleep(0.2)
        served.peers.clear()
    writer.transport.resume_reading()  # type: ignore[attr-defined]
    assert len(await to_the_end(reader, 5)) < len(FILM)
