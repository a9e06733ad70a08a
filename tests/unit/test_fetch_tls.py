"""Over real TLS: the connection goes to the address that was checked, and the site proves the name in the link."""

from __future__ import annotations

import socket
import ssl
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
import trustme
from aiohttp import web

from dailies import ssrf_guard as guard
from dailies.errors import ReferenceRefused
from dailies.references.fetch import Fetched, Fetcher
from dailies.references.reference import Source
from tests.support.hostile import PUBLIC, NameServer
from tests.support.reasons import problem_of
from tests.support.servers import Served, serving
from tests.unit.fetching import FOX
from tests.unit.kit import answering

NAME = "pictures.example"
OURS, NOBODYS = trustme.CA(), trustme.CA()


@dataclass
class Site:
    """An https site behind a public name. connected: addresses of the connections. named: the names TLS asked for."""

    certificate: trustme.LeafCert
    connected: list[tuple[str, int]] = field(default_factory=list[tuple[str, int]])
    named: list[str | None] = field(default_factory=list[str | None])
    served: Served = field(default_factory=Served)

    async def fetch(self, folder: Path) -> Fetched:
        """Fetch by a name that leads to a public address that ends here, and when asked for again to this machine."""
        server, client = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context()
        self.certificate.configure_cert(server)  # pyright: ignore[reportUnknownMemberType] (pyOpenSSL is not there)
        OURS.configure_trust(client)  # pyright: ignore[reportUnknownMemberType] (the same)
        server.sni_callback = lambda _, name, __: self.named.append(name)
        async with serving(answering(web.Response(body=FOX)), server) as self.served:
            port = int(self.served.origin.rpartition(":")[2])
            async with Fetcher(
                folder,
                trusted=frozenset(),
                size=1_000_000,
                seconds=10,
                ports=frozenset({port}),
                lookup=NameServer({NAME: [[PUBLIC], ["127.0.0.1"]]}),
                open_socket=self._socket,
                tls=client,
            ) as fetcher:
                return await fetcher.fetch(Source(f"https://{NAME}:{port}/fox.png", "fox.png", attached=False))

    def _socket(self, info: guard.AddressInfo) -> socket.socket:
        guard.open_socket(info).close()
        return _Led(self.connected)


class _Led(socket.socket):
    """Notes the address that it is to connect to, and connects to the same port of this machine."""

    def __init__(self, connected: list[tuple[str, int]]) -> None:
        super().__init__(socket.AF_INET, socket.SOCK_STREAM)
        self._connected = connected

    def connect(self, address: tuple[str, int], /) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
        self._connected.append(address)
        super().connect(("127.0.0.1", address[1]))


async def test_a_picture_is_fetched_from_the_checked_address_under_the_name_of_the_link(tmp_path: Path) -> None:
    site = Site(OURS.issue_cert(NAME))
    got = await site.fetch(tmp_path)
    port = int(site.served.origin.rpartition(":")[2])
    assert got.path.read_bytes() == FOX
    assert site.connected == [(PUBLIC, port)]
    assert site.named == [NAME]
    assert [one.headers["Host"] for one in site.served.arrivals] == [f"{NAME}:{port}"]


@pytest.mark.parametrize(
    "certificate",
    [
        OURS.issue_cert("elsewhere.example"),
        OURS.issue_cert(PUBLIC),
        OURS.issue_cert(NAME, not_after=datetime(2020, 1, 1, tzinfo=UTC)),
        NOBODYS.issue_cert(NAME),
    ],
    ids=["another name", "the address", "too old", "an unknown authority"],
)
async def test_a_site_that_does_not_prove_the_name_is_asked_for_nothing(
    tmp_path: Path, certificate: trustme.LeafCert
) -> None:
    site = Site(certificate)
    with pytest.raises(ReferenceRefused) as caught:
        await site.fetch(tmp_path)
    assert problem_of(caught.value) == (
        "couldn't be fetched: its site can't prove who it is (TLS certificate); attach the image"
    )
    assert site.named == [NAME]
    assert site.served.arrivals == []
