"""Only public addresses are reached, in whatever form an address is written."""

from __future__ import annotations

import socket
from ipaddress import IPv4Address, IPv6Address, ip_address

import aiohttp
import pytest
from aiohttp.abc import AbstractResolver, ResolveResult
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

from dailies.errors import ReferenceRefused
from dailies.ssrf_guard import PrivateAddress, PublicResolver, check, is_public
from tests.support.reasons import problem_of
from tests.support.servers import talking


@pytest.mark.parametrize(
    "text", ["8.8.8.8", "1.1.1.1", "2606:4700:4700::1111", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8", "2a00:1450::1"]
)
def test_public_addresses_are_public(text: str) -> None:
    assert is_public(ip_address(text))


@pytest.mark.parametrize(
    "text",
    [
        "127.0.0.1",
        "127.255.255.254",
        "0.0.0.0",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "198.18.0.1",
        "192.0.2.1",
        "192.0.0.192",
        "192.88.99.1",
        "168.63.129.16",
        "2606:4700::1%eth0",
        "2606:4700::5efe:7f00:1",
        "3fff::1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::127.0.0.1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "fe80::1",
        "fe80::1%eth0",
        "fec0::1",
        "fc00::1",
        "fd12:3456::1",
        "ff02::1",
        "ff0e::1",
        "64:ff9b::7f00:1",
        "64:ff9b::a83f:8110",
        "64:ff9b:0:0:0:1:808:808",
        "64:ff9b::808:808%eth0",
        "64:ff9b:1::7f00:1",
        "2002:7f00:1::",
        "2001:0:7f00:1::",
        "2001:db8::1",
        "100::1",
        "5f00::1",
        "4000::1",
    ],
)
def test_other_addresses_are_not(text: str) -> None:
    assert not is_public(ip_address(text))


@given(st.ip_addresses(v=4))
def test_an_address_in_ipv6_clothes_is_no_more_public_than_itself(address: IPv4Address) -> None:
    assert is_public(IPv6Address(f"::ffff:{address}")) == is_public(address)
    assert is_public(IPv6Address(f"64:ff9b::{address}")) == is_public(address)
    assert not is_public(IPv6Address(f"::{address}"))


def refused(url: str) -> str:
    with pytest.raises(ReferenceRefused) as caught:
        check(URL(url), "fox.png")
    assert caught.value.name == "fox.png"
    return problem_of(caught.value)


@pytest.mark.parametrize(
    "url", ["https://a.example/x.png", "https://a.example:443/x", "https://8.8.8.8/x", "https://[2606:4700::1]/x"]
)
def test_a_public_https_link_passes(url: str) -> None:
    check(URL(url), "fox.png")


@pytest.mark.parametrize(
    "url", ["http://a.example/x", "ftp://a.example/x", "file:///etc/passwd", "gopher://a.example/"]
)
def test_only_https_is_fetched(url: str) -> None:
    assert "n't an https link" in refused(url)


def test_a_user_name_is_refused() -> None:
    assert "user name" in refused("https://ann:pw@a.example/x")


@pytest.mark.parametrize("port", [22, 80, 6379, 8443])
def test_another_port_is_refused(port: int) -> None:
    assert f"port {port}" in refused(f"https://a.example:{port}/x")


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "169.254.169.254",
        "[::1]",
        "[::ffff:10.0.0.1]",
        "[fe80::1%25eth0]",
        "\uff11\uff12\uff17.0.0.1",
        "127\u30020.0.1",
    ],
)
def test_a_private_address_is_refused(host: str) -> None:
    assert "private address" in refused(f"https://{host}/x")


@pytest.mark.parametrize("host", ["2130706433", "127.1", "0177.0.0.1", "127.0.0.1.", "0", "017700000001"])
def test_an_address_as_a_plain_number_is_refused(host: str) -> None:
    """A socket takes each of these for an IPv4 address, and aiohttp does not ask a resolver for them."""
    assert "number for a host" in refused(f"https://{host}/x")


class FixedResolver(AbstractResolver):
    """Resolves every name to the same addresses."""

    def __init__(self, *addresses: str) -> None:
        self.addresses = addresses
        self.closed = False

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        return [
            ResolveResult(hostname=host, host=one, port=port, family=socket.AF_INET, proto=0, flags=0)
            for one in self.addresses
        ]

    async def close(self) -> None:
        self.closed = True


async def test_a_name_with_public_addresses_is_resolved() -> None:
    results = await PublicResolver(FixedResolver("8.8.8.8", "1.1.1.1")).resolve("a.example", 443)
    assert [result["host"] for result in results] == ["8.8.8.8", "1.1.1.1"]


@pytest.mark.parametrize("addresses", [("10.0.0.1",), ("8.8.8.8", "127.0.0.1"), ("fe80::1%2",), ("::ffff:127.0.0.1",)])
async def test_a_name_with_any_private_address_is_refused_as_a_whole(addresses: tuple[str, ...]) -> None:
    with pytest.raises(PrivateAddress):
        await PublicResolver(FixedResolver(*addresses)).resolve("a.example", 443)


async def test_a_name_of_this_machine_is_refused_by_the_systems_own_resolver() -> None:
    with pytest.raises(PrivateAddress):
        await PublicResolver().resolve("localhost", 443)


async def test_a_connection_is_not_made_to_a_name_that_leads_to_this_machine() -> None:
    connections: list[object] = []

    async def talk(reader: object, _: object) -> None:
        connections.append(reader)

    async with talking(talk) as server:
        port = URL(server.origin).port
        connector = aiohttp.TCPConnector(resolver=PublicResolver(FixedResolver("127.0.0.1")))
        async with aiohttp.ClientSession(connector=connector) as session:
            with pytest.raises(aiohttp.ClientConnectorError) as caught:
                await session.get(f"http://looks-public.example:{port}/")
    assert isinstance(caught.value.__cause__, PrivateAddress)
    assert connections == []


async def test_closing_closes_the_resolver_below() -> None:
    inner = FixedResolver()
    await PublicResolver(inner).close()
    assert inner.closed
