"""No link makes the fetcher connect to anything but a public address, in whatever form and from whatever answer.

A listener on this machine counts connections, and every socket that would be opened is written down first.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from dailies import ssrf_guard as guard
from dailies.errors import OptionRefused, ReferenceRefused
from dailies.references.fetch import Fetcher
from dailies.references.reference import Source, read_links
from tests.support.hostile import LINKS, PUBLIC, ZONE, NameServer, links
from tests.support.reasons import problem_of
from tests.support.servers import serving

KINDS = list(LINKS)


@dataclass
class Watched:
    """A fetcher in surroundings where everything that it does is seen.

    port: the listener's. arrived: connections that reached it. opened: addresses that sockets were made for.
    """

    fetcher: Fetcher
    port: int
    arrived: list[object]
    opened: list[str]

    async def refused(self, link: str) -> str:
        """Return the sentence that says why a link was not fetched."""
        with pytest.raises(ReferenceRefused) as caught:
            await self.fetcher.fetch(Source(link, "fox.png", attached=False))
        assert caught.value.name == "fox.png"
        return problem_of(caught.value)


@asynccontextmanager
async def listening() -> AsyncGenerator[tuple[int, list[object]]]:
    """Listen on a port of 127.0.0.1 and, where there is IPv6, of ::1; yields it and the connections that reached it."""
    arrived: list[object] = []

    async def arrive(_: object, writer: asyncio.StreamWriter) -> None:
        arrived.append(writer)
        writer.close()

    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(await asyncio.start_server(arrive, "127.0.0.1", 0))
        port = server.sockets[0].getsockname()[1]
        with suppress(OSError):
            await stack.enter_async_context(await asyncio.start_server(arrive, "::1", port))
        yield port, arrived


@asynccontextmanager
async def watching(
    folder: Path, names: guard.Lookup | None = None, trusted: Sequence[str] = ()
) -> AsyncGenerator[Watched]:
    opened: list[str] = []

    def open_socket(info: guard.AddressInfo) -> socket.socket:
        opened.append(str(info[4][0]))
        guard.open_socket(info).close()
        raise ConnectionRefusedError("no test leaves this machine")

    async with (
        listening() as (port, arrived),
        Fetcher(
            folder,
            trusted=frozenset(trusted),
            size=1_000_000,
            seconds=5,
            ports=frozenset({443, port}),
            lookup=names or NameServer(),
            open_socket=open_socket,
        ) as fetcher,
    ):
        yield Watched(fetcher, port, arrived, opened)


def test_the_table_is_long_and_has_nothing_twice() -> None:
    everything = [link for kind in KINDS for link in links(kind, 5555)]
    assert len(everything) == len(set(everything))
    assert len(everything) >= 400


@pytest.mark.parametrize("kind", KINDS)
async def test_no_link_of_the_table_is_followed(tmp_path: Path, kind: str) -> None:
    async with watching(tmp_path) as watched:
        for link in links(kind, watched.port):
            await watched.refused(link)
    assert watched.opened == []
    assert watched.arrived == []


@pytest.mark.parametrize("kind", KINDS)
async def test_no_redirect_to_a_link_of_the_table_is_followed(tmp_path: Path, kind: str) -> None:
    targets: list[str] = []

    async def answer(request: web.Request) -> web.StreamResponse:
        return web.Response(status=302, headers={"Location": targets[int(request.path[1:])]})

    async with serving(answer) as server, watching(tmp_path, trusted=[server.origin]) as watched:
        # Line ends cannot be in a header, and a redirect without an address, or to a path, leads nowhere else.
        targets += [link for link in links(kind, watched.port) if not {*link} & {*"\r\n\x00"} and "//" in link]
        for number in range(len(targets)):
            problem = await watched.refused(f"{server.origin}/{number}")
            assert "redirects to" in problem, targets[number]
    assert watched.opened == []
    assert watched.arrived == []
    assert len(server.arrivals) == len(targets)


async def test_without_the_guard_the_listener_would_be_reached(tmp_path: Path) -> None:
    """The table's links do lead here: a plain session of the same library, with the same names, connects."""

    def open_socket(info: guard.AddressInfo) -> socket.socket:
        if not ip_address(info[4][0]).is_loopback:
            raise ConnectionRefusedError("no test leaves this machine")
        return socket.socket(*info[:3])

    async with listening() as (port, arrived):
        connector = aiohttp.TCPConnector(
            resolver=guard.SystemResolver(NameServer()), use_dns_cache=False, socket_factory=open_socket
        )
        async with aiohttp.ClientSession(connector=connector) as session:
            for link in (*links(KINDS[2], port), *links(KINDS[4], port), *links(KINDS[6], port)):
                with suppress(aiohttp.ClientError, ValueError, OSError, TimeoutError):
                    await session.get(link, timeout=aiohttp.ClientTimeout(total=5))
    assert len(arrived) >= 15


async def test_a_name_that_is_public_first_and_private_second_is_connected_to_at_the_public_address_only(
    tmp_path: Path,
) -> None:
    names = NameServer({"rebind.example": [[PUBLIC], ["127.0.0.1"]]})
    async with watching(tmp_path, names) as watched:
        link = f"https://rebind.example:{watched.port}/"
        assert "couldn't be reached" in await watched.refused(link)
        assert names.asked == ["rebind.example"]
        assert watched.opened == [PUBLIC]
        assert "private address" in await watched.refused(link)
    assert watched.opened == [PUBLIC]
    assert watched.arrived == []


async def test_each_redirect_to_a_name_asks_for_it_anew(tmp_path: Path) -> None:
    names = NameServer({"rebind.example": [["127.0.0.1"]]})

    async def answer(_: web.Request) -> web.StreamResponse:
        return web.Response(status=302, headers={"Location": "https://rebind.example/"})

    async with serving(answer) as server, watching(tmp_path, names, [server.origin]) as watched:
        problem = await watched.refused(f"{server.origin}/")
    assert problem.startswith("redirects to rebind.example, which points to a private address")
    assert watched.opened == []


async def test_a_public_name_with_a_private_record_is_refused_for_that(tmp_path: Path) -> None:
    async with watching(tmp_path) as watched:
        for name in ZONE:
            if name != "a.example":
                assert "private address" in await watched.refused(f"https://{name}/"), name


async def test_a_resolver_that_lies_does_not_help(tmp_path: Path) -> None:
    """The last gate alone: names are resolved without a check, and the socket is still not opened."""
    async with listening() as (port, arrived):
        connector = aiohttp.TCPConnector(resolver=guard.SystemResolver(NameServer()), socket_factory=guard.open_socket)
        async with aiohttp.ClientSession(connector=connector) as session:
            for name in ("localhost", "127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "private0.example", "zone.example"):
                with pytest.raises(aiohttp.ClientConnectorError):
                    await session.get(f"https://{name}:{port}/")
    assert arrived == []


async def test_public_links_are_connected_to(tmp_path: Path) -> None:
    """The guard lets through what it should: a name, an address, other letters, a point at the end, another port."""
    names = NameServer({name: [[PUBLIC]] for name in ("a.example", "xn--bcher-kva.example", "a_b.example")})
    async with watching(tmp_path, names) as watched:
        hosts = ("a.example", "A.Example.", "b\u00fccher.example", "a_b.example", PUBLIC, f"a.example:{watched.port}")
        for host in hosts:
            assert "couldn't be reached" in await watched.refused(f"https://{host}/fox.png?a=1#b")
    assert watched.opened == [PUBLIC] * len(hosts)


async def test_an_origin_is_trusted_exactly(tmp_path: Path) -> None:
    """Neither its neighbours nor other ways to write it are."""
    names = NameServer(
        {name: [["127.0.0.1"]] for name in ("assets.example", "x.assets.example", "assets.example.evil")}
    )
    async with listening() as (port, arrived), watching(tmp_path, names, [f"https://assets.example:{port}"]) as watched:
        for link in (
            f"http://assets.example:{port}/",
            f"https://assets.example:{watched.port}/",
            f"https://x.assets.example:{port}/",
            f"https://assets.example.evil:{port}/",
            f"https://assets.example.:{port}/",
            f"https://127.0.0.1:{port}/",
            f"https://user@assets.example:{port}/",
            "https://assets.example/",
        ):
            await watched.refused(link)
        assert arrived == []
        await watched.refused(f"https://assets.example:{port}/")
        assert len(arrived) == 1
    assert watched.opened == []


HOSTS = st.one_of(
    st.sampled_from(
        [link.split("//", 1)[1].split("/", 1)[0] for kind in KINDS for link in links(kind, 1) if "//" in link]
    ),
    st.ip_addresses(v=4).map(str),
    st.ip_addresses(v=4).map(lambda address: str(int(address))),
    st.ip_addresses(v=6).map(lambda address: f"[{address}]"),
    st.ip_addresses(v=4).map(lambda address: f"[::ffff:{address}]"),
    st.from_regex(r"\A[a-z0-9.%@\[\]:\\-]{1,30}\Z"),
    st.text(max_size=20),
)
SHAPED = st.builds(
    "{}{}{}{}{}".format,
    st.sampled_from(["https://", "HTTPS://", "https:", "http://", "//", "https:\\\\", ""]),
    st.sampled_from(["", "", "", "a@", "a:b@", "a.example\\@"]),
    HOSTS,
    st.sampled_from(["", "", ":443", ":{port}", ":80", ":0", ":x"]),
    st.sampled_from(["", "/", "/x.png?a=b#c", "#@a.example", "?@127.0.0.1", "/\udcff", "\t"]),
)


def _answers(host: str, port: int, *_: object) -> list[tuple[object, ...]]:
    """Answers for any name: an address that depends on its length, three of four not public."""
    if not host or ".." in host:
        host.encode("idna")  # raises UnicodeError for an empty label, as libc's door in Python does
    address = [PUBLIC, "127.0.0.1", "::1", "169.254.169.254"][len(host) % 4]
    return list(socket.getaddrinfo(address, port, 0, socket.SOCK_STREAM, 0, socket.AI_NUMERICHOST))


@pytest.mark.slow
def test_no_text_at_all_makes_it_connect_to_what_is_not_public_or_raise_anything_else(tmp_path: Path) -> None:
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        watched = runner.run(stack.enter_async_context(watching(tmp_path, _answers)))

        @settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
        @given(text=st.one_of(SHAPED, SHAPED, st.text(max_size=60)))
        @example(text="https://\udc80/")
        @example(text="https://xn--/")
        @example(text="https://a.ex/")  # leads to a public address, as _answers says
        def attack(text: str) -> None:
            text = text.replace("{port}", str(watched.port))
            runner.run(watched.refused(text))
            with suppress(OptionRefused):
                for source in read_links(text):
                    runner.run(watched.refused(source.url))

        try:
            attack()
        finally:
            runner.run(stack.aclose())
    assert watched.arrived == []
    assert watched.opened
    assert all(guard.is_public(ip_address(address)) for address in watched.opened)
