"""The web server's connections: how many there may be, and from whom.

asyncio's own accepting is not used: it takes everyone who comes, and without a free file descriptor it tries again at
once, with a line in the log each time.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import resource
import socket
from collections import Counter
from collections.abc import AsyncGenerator, Iterable, Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address

from aiohttp import web

from dailies.values import Network
from dailies.web.connection import HEADER_SECONDS, Connection, Sparing
from dailies.web.unread import Head, Unread, look

log = logging.getLogger(__name__)

PER_ADDRESS = 16
"""Connections of one IPv4 address or one IPv6 /64 network, of which a single customer has all addresses."""

PROMPT_SECONDS = 0.5
"""Time that a new connection has for its headers before others may take its place."""

PAUSE_SECONDS = 1.0
"""Pause of accepting while the process has no free file descriptor."""

WAITING = 4096
"""Connections that the kernel keeps until they are accepted; it ignores more, and they try again after 1 s."""

STARTS_AT_ONCE = 3
"""Connections that are started in one turn of the event loop."""

ACCEPTED_AT_ONCE = 24
"""Connections that are accepted in one turn; most are refused or left unread, which costs little."""

FILES_MOST = 65_536
"""Open files that the process asks for at most: some containers offer a thousand million."""

_OUT_OF_FILES = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}


def raise_file_limit() -> None:
    """Let the process open as many files as it may without asking anybody."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES_MOST if hard == resource.RLIM_INFINITY else min(hard, FILES_MOST)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def file_limit() -> int:
    """Return how many files the process may have open."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return FILES_MOST if soft == resource.RLIM_INFINITY else soft


class Connections:
    """Accepts connections for an aiohttp server, and keeps count of them.

    most: connections at once. trusted: addresses of reverse proxies, which may have as many as there are. When all
    places are taken, everybody else is refused, and a new one of theirs takes the place of another as soon as the head
    of its request has come; until then, as many again wait unread.
    """

    def __init__(self, server: web.Server, *, most: int, trusted: Sequence[Network]) -> None:
        self._server = server
        self._most = most
        self._trusted = trusted
        self._open: set[Connection] = set()
        self._by_source: Counter[str] = Counter()
        self._sparing = Sparing()
        self._unread = Unread(most=most, seconds=HEADER_SECONDS, ready=self._start)
        self._pauses: list[asyncio.TimerHandle] = []
        self._beginning: set[asyncio.Task[None]] = set()

    @contextlib.asynccontextmanager
    async def accepting(self, listening: Iterable[socket.socket]) -> AsyncGenerator[None]:
        """Accept inside the block. Connections that are open at its end stay open; `abort` ends them."""
        listening = tuple(listening)
        for listener in listening:
            self._resume(listener)
        try:
            yield
        finally:
            for pause in self._pauses:
                pause.cancel()
            for listener in listening:
                asyncio.get_running_loop().remove_reader(listener)
            self._unread.close()
            await asyncio.gather(*self._beginning, return_exceptions=True)

    def abort(self) -> None:
        """Cut every connection."""
        for connection in self._open:
            connection.abort()

    def _resume(self, listener: socket.socket) -> None:
        asyncio.get_running_loop().add_reader(listener, self._accept, listener)

    def _accept(self, listener: socket.socket) -> None:
        """Accept some connections: then the rest of the bot gets its turn of the event loop."""
        started = 0
        for _ in range(ACCEPTED_AT_ONCE):
            try:
                accepted, address = listener.accept()
            except OSError as error:
                # Others than these: nobody waits any more, or the connection broke before it was accepted.
                if error.errno in _OUT_OF_FILES:
                    self._pause(listener, error)
                return
            accepted.setblocking(False)
            if not self._is_put_off(accepted, str(address[0])):
                self._start(accepted, str(address[0]))
                started += 1
                if started == STARTS_AT_ONCE:
                    return

    def _pause(self, listener: socket.socket, error: OSError) -> None:
        if self._sparing.due("files"):
            log.warning("the web server accepts nobody for a moment: %s", error.strerror)
        loop = asyncio.get_running_loop()
        loop.remove_reader(listener)
        self._pauses = [one for one in self._pauses if one.when() > loop.time()]
        self._pauses.append(loop.call_later(PAUSE_SECONDS, self._resume, listener))

    def _start(self, accepted: socket.socket, address: str) -> None:
        source, trusted = self._known(address)
        if len(self._open) >= self._most:
            self._make_room()
        connection = Connection(self._server, source, self._sparing, trusted=trusted, closed=self._forget)
        self._open.add(connection)
        self._by_source[source] += 1
        task = asyncio.get_running_loop().create_task(self._begin(connection, accepted))
        self._beginning.add(task)
        task.add_done_callback(self._beginning.discard)

    async def _begin(self, connection: Connection, accepted: socket.socket) -> None:
        try:
            await asyncio.get_running_loop().connect_accepted_socket(lambda: connection, accepted)
        except OSError:
            self._forget(connection)
            accepted.close()

    def _is_put_off(self, accepted: socket.socket, address: str) -> bool:
        """Close a new connection for which there is no place, or leave it unread; False: it may start."""
        source, trusted = self._known(address)
        full = len(self._open) >= self._most
        if trusted:
            head = look(accepted) if full else Head.COMPLETE
            if head is Head.COMING:
                self._unread.hold(accepted, address)
            elif head is Head.GONE:
                accepted.close()
            return head is not Head.COMPLETE
        if self._by_source[source] >= PER_ADDRESS:
            self._refuse(
                "one address", f"{source} has {PER_ADDRESS} open; if it is your proxy, name it in TRUSTED_PROXIES"
            )
        elif full:
            self._refuse("all", f"all {self._most} of WEB_CONNECTIONS are taken")
        else:
            return False
        accepted.close()
        return True

    def _known(self, address: str) -> tuple[str, bool]:
        """Return the name under which an address is counted, and whether it is a proxy's."""
        ip = unmapped(address)
        return counted_as(ip), any(ip in network for network in self._trusted)

    def _refuse(self, kind: str, why: str) -> None:
        if count := self._sparing.due(kind):
            log.warning("the web server refused %d connections since the last such line: %s", count, why)

    def _make_room(self) -> None:
        """Cut the connection that needs its place least: without a signed report, not a proxy's, its request late,
        unmoved for the longest.
        """
        late = asyncio.get_running_loop().time() - PROMPT_SECONDS
        least = min(self._open, key=lambda one: (one.verified, one.trusted, one.asked or one.moved > late, one.moved))
        least.abort()
        self._forget(least)

    def _forget(self, connection: Connection) -> None:
        if connection in self._open:
            self._open.remove(connection)
            self._by_source -= Counter([connection.source])


async def listeners(host: str, port: int) -> list[socket.socket]:
    """Listen on every address of a host. port 0: a free one, the same for all of them. Raises OSError."""
    found = await asyncio.get_running_loop().getaddrinfo(
        host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )
    opened: list[socket.socket] = []
    try:
        for family, *_, address in dict.fromkeys(found):
            bound = opened[0].getsockname()[1] if opened else port
            opened.append(socket.create_server((str(address[0]), bound), family=family, backlog=WAITING))
            opened[-1].setblocking(False)
    except BaseException:
        for one in opened:
            one.close()
        raise
    return opened


def unmapped(address: str) -> IPv4Address | IPv6Address:
    """Return an address; one of IPv4 that IPv6 carries (::ffff:192.0.2.1) as itself."""
    ip = ip_address(address)
    return ip.ipv4_mapped or ip if isinstance(ip, IPv6Address) else ip


def counted_as(ip: IPv4Address | IPv6Address) -> str:
    """Return the name under which an address is counted."""
    return str(ip) if isinstance(ip, IPv4Address) else f"{IPv6Address(int(ip) >> 64 << 64)}/64"
