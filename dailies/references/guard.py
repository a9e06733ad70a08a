"""Which addresses the reference fetcher may connect to.

A link is an order to our server to make a request, so only public addresses are reached: names are checked
in the resolver, so the connection goes to the very address that was checked; literal addresses by `check`.
"""

from __future__ import annotations

import socket
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver
from yarl import URL

from dailies.errors import ReferenceRefused

_UNICAST = IPv6Network("2000::/3")
"""The only IPv6 addresses that are given out for the internet (IANA); NAT64, site-local and the like are outside."""
_WRAPPED = tuple(IPv6Network(net) for net in ("2002::/16", "2001::/32"))
"""6to4 and Teredo: IPv6 addresses that stand for an IPv4 address."""


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether an address is public unicast and does not wrap another one."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return is_public(address.ipv4_mapped)
        if address not in _UNICAST or any(address in network for network in _WRAPPED):
            return False
    return address.is_global and not address.is_multicast


def check(url: URL, name: str) -> None:
    """Refuse a link that must not be fetched. Raises ReferenceRefused that says what would be right."""
    if url.scheme != "https":
        raise ReferenceRefused(name, "is not an https link; only https links are fetched")
    if url.user is not None or url.password is not None:
        raise ReferenceRefused(name, "has a user name or password in it; give a link without")
    if url.port != 443:
        raise ReferenceRefused(name, f"names port {url.port}; only links without a port are fetched")
    host = url.host or ""
    try:
        address = ip_address(host)
    except ValueError:
        if ":" in host or host.replace(".", "").isdigit():
            # 2130706433, 127.1 and 0177.0.0.1 are 127.0.0.1 to a socket and never come to the resolver.
            raise ReferenceRefused(name, "has a number for a host; give the address with the site's name") from None
        return
    if not is_public(address):
        raise ReferenceRefused(name, "points to a private address; only public links are fetched")


class PublicResolver(AbstractResolver):
    """Resolves names to public addresses only; a name with any other address is refused as a whole.

    Raises PrivateAddress, an OSError as aiohttp's connector expects of a resolver.
    """

    def __init__(self, inner: AbstractResolver | None = None) -> None:
        self._inner = inner or ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """The addresses of a name, all of them public."""
        results = await self._inner.resolve(host, port, family)
        for result in results:
            if not is_public(ip_address(result["host"].split("%", 1)[0])):
                raise PrivateAddress(f"{host} has an address that is not public")
        return results

    async def close(self) -> None:
        """Close the resolver below."""
        await self._inner.close()


class PrivateAddress(OSError):
    """A name leads to an address that is not public."""
