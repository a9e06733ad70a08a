"""The guard against server-side request forgery: links that may be fetched, and addresses to connect to.

A link makes our server send a request, so only public addresses are reached. Three gates, each enough
for what comes through it: `parse` and `check` read the link, `PublicResolver` checks a name's addresses, and
`open_socket` looks once more at the very address that is about to be connected to.
"""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from ssl import SSLContext
from typing import Any

from aiohttp import TCPConnector
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from dailies.errors import ReferenceRefused
from dailies.reason import Reason, ReasonCode

HTTPS_ONLY = frozenset({443})
LONGEST_LINK = 4000
"""Maximum characters; as many as fit into one Discord message. Signed links have a few hundred."""
LOOKUPS = 16
"""Names resolved at the same time. A lookup cannot be stopped, so a slow name server may hold some for
half a minute; they have threads of their own, so that it holds up nothing else."""

_NOT_PUBLIC_V4 = tuple(
    IPv4Network(network)
    for network in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # shared by carriers (CGNAT); holds Alibaba's metadata service, 100.100.100.200
        "127.0.0.0/8",  # loopback
        "168.63.129.16/32",  # Azure's metadata service and health probe: a public address, but the machine's own
        "169.254.0.0/16",  # link-local; holds the metadata services of most clouds
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # IETF protocols; holds Oracle's metadata service, 192.0.0.192
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",  # private
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/3",  # multicast, reserved, broadcast
    )
)
"""IANA's special-purpose registry, and metadata services. Written out because Python's is_global changes with its
patch versions, and holds 192.0.0.192 and 168.63.129.16 for public."""
_PUBLIC_V6 = IPv6Network("2000::/3")
"""The only IPv6 addresses that are assigned for the internet (IANA); translated, compatible, site-local, unique local,
link-local and multicast ones lie outside."""
_NAT64 = IPv6Network("64:ff9b::/96")
"""Stands for the IPv4 address in its last 32 bits (RFC 6052); a machine without IPv4 reaches IPv4 sites by it."""
_NOT_PUBLIC_V6 = tuple(
    IPv6Network(network)
    for network in (
        "2001::/23",  # IETF protocols: Teredo, benchmarks, ORCHID and the like
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4: stands for an IPv4 address
        "3fff::/20",  # documentation
    )
)
_ISATAP = (0x00005EFE, 0x02005EFE)
"""The third quarter of an IPv6 address that stands for the IPv4 address in its last (RFC 5214)."""

_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)", re.IGNORECASE)
_NUMBER = re.compile(r"\d+|0x[0-9a-f]*", re.IGNORECASE)
"""A host whose last label is one of these is read as an IPv4 address by a socket, in one way or another."""
_UNREADABLE = re.compile(r"[\x00-\x20\x7f-\xa0\\\u2028\u2029]")
"""Characters that browsers, libraries and sockets read in different ways."""

Lookup = Callable[..., list[Any]]
"""Parameters and result of socket.getaddrinfo."""


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Return whether an address is public unicast and does not stand for another one that is not."""
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _NOT_PUBLIC_V4)
    if address.scope_id is not None:
        return False
    if address.ipv4_mapped is not None:
        return is_public(address.ipv4_mapped)
    if address in _NAT64:
        return is_public(IPv4Address(int(address) & 0xFFFFFFFF))
    if address not in _PUBLIC_V6 or any(address in network for network in _NOT_PUBLIC_V6):
        return False
    return (int(address) >> 32) & 0xFFFFFFFF not in _ISATAP


def parse(text: str, name: str) -> URL:
    """Read a link, or a redirect's target. Raises ReferenceRefused when it can be read in more than one way."""
    if len(text) > LONGEST_LINK:
        raise ReferenceRefused(name, Reason(ReasonCode.LINK_TOO_LONG, most=LONGEST_LINK))
    try:
        if not _UNREADABLE.search(text):
            url = URL(text)
            _ = url.host  # raises for some hosts that the previous line accepts, such as xn--
            return url
    except ValueError:
        pass  # said below
    raise ReferenceRefused(name, Reason(ReasonCode.LINK_UNREADABLE))


def check(url: URL, name: str, ports: frozenset[int] = HTTPS_ONLY) -> None:
    """Refuse a link that must not be fetched. Raises ReferenceRefused that says what would be right."""
    if url.scheme != "https":
        raise ReferenceRefused(name, Reason(ReasonCode.NOT_HTTPS))
    check_no_user(url, name)
    if url.port not in ports:
        allowed = () if ports == HTTPS_ONLY else sorted(ports)
        raise ReferenceRefused(name, Reason(ReasonCode.PORT_REFUSED, port=url.port, allowed=allowed))
    _check_host(url.raw_host or "", name)


def check_no_user(url: URL, name: str) -> None:
    """Refuse user:password@ in a link: it may be somebody's secret, or make the host look like another."""
    if url.raw_user is not None or url.raw_password is not None:
        raise ReferenceRefused(name, Reason(ReasonCode.LINK_WITH_USER))


def _check_host(host: str, name: str) -> None:
    try:
        address = ip_address(host)
    except ValueError:
        labels = host.removesuffix(".").split(".")
        if ":" in host or _NUMBER.fullmatch(labels[-1]):
            # 2130706433, 127.1, 0x7f.1 and 0177.0.0.1 are 127.0.0.1 to a socket.
            raise ReferenceRefused(name, Reason(ReasonCode.NUMERIC_HOST)) from None
        if len(host) > 254 or not all(map(_LABEL.fullmatch, labels)):
            raise ReferenceRefused(name, Reason(ReasonCode.NO_SITE)) from None
        return
    if not is_public(address):
        raise ReferenceRefused(name, Reason(ReasonCode.PRIVATE_ADDRESS))


class SystemResolver(AbstractResolver):
    """The system's own lookup of names, in threads that nothing else uses. lookup: as socket.getaddrinfo."""

    def __init__(self, lookup: Lookup = socket.getaddrinfo) -> None:
        self._lookup = lookup
        self._threads = ThreadPoolExecutor(LOOKUPS, thread_name_prefix="reference-names")

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Return the addresses of a name. Raises OSError, or UnicodeError if it cannot be a name."""
        infos = await asyncio.get_running_loop().run_in_executor(
            self._threads, lambda: self._lookup(host, port, family, socket.SOCK_STREAM, 0, socket.AI_ADDRCONFIG)
        )
        return [
            ResolveResult(
                hostname=host,
                # A zone is kept, so that the address is recognised as not public.
                host=f"{address[0]}%{address[3]}" if len(address) > 3 and address[3] else address[0],
                port=port,
                family=family,
                proto=proto,
                flags=socket.AI_NUMERICHOST,
            )
            for family, _, proto, _, address in infos
            if family in (socket.AF_INET, socket.AF_INET6)
        ]

    async def close(self) -> None:
        """Take no new lookup; one that runs ends by itself."""
        self._threads.shutdown(wait=False, cancel_futures=True)


class PublicResolver(AbstractResolver):
    """Resolves names to public addresses only; a name with any other address is refused as a whole.

    Raises PrivateAddress, an OSError as aiohttp's connector expects of a resolver.
    """

    def __init__(self, inner: AbstractResolver | None = None) -> None:
        self._inner = inner or SystemResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Return the addresses of a name, all of them public."""
        results = await self._inner.resolve(host, port, family)
        for result in results:
            if not is_public(ip_address(result["host"])):
                raise PrivateAddress(f"{host} has an address that is not public")
        return results

    async def close(self) -> None:
        """Close the resolver below."""
        await self._inner.close()


AddressInfo = tuple[Any, Any, int, str, tuple[Any, ...]]
"""The result of socket.getaddrinfo: family, type, protocol, canonical name, socket address."""


def open_socket(info: AddressInfo) -> socket.socket:
    """Make a socket for the address that is connected to next, as aiohttp's socket_factory.

    Nothing that is not public should get here; if it does, an earlier gate has a hole. Raises PrivateAddress.
    """
    family, kind, protocol, _, address = info
    host, _, *more = address
    if any(more[1:]) or not is_public(ip_address(host)):  # IPv6 has a flow label and a zone, too
        raise PrivateAddress(f"{host} is not public")
    return socket.socket(family, kind, protocol)


def public_connector(
    names: AbstractResolver,
    open_socket: Callable[[AddressInfo], socket.socket] = open_socket,
    tls: SSLContext | bool = True,
) -> TCPConnector:
    """Connects to public addresses only. The caller closes names, and calls `check` first: a literal address is
    otherwise stopped by the last gate alone. tls: trusted certificates; True: the system's certificate authorities.

    Each request has a connection and a lookup of its own, so that no answer of a name server counts for two.
    """
    return TCPConnector(
        resolver=PublicResolver(names), use_dns_cache=False, force_close=True, socket_factory=open_socket, ssl=tls
    )


class PrivateAddress(OSError):
    """A name leads to an address that is not public, or a connection to one was about to be made."""
