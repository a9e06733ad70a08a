"""A process that keeps thousands of connections to a web server busy: the attack of benchmarks/siege.py.

    python -m benchmarks.attackers --port 8080 --connections 5000 --path /files/TOKEN/JOB.mp4

All kinds take turns, and so do the loopback addresses from which they connect. A connection that was closed comes again
after AGAIN_SECONDS. The attack lasts until the process is ended.
"""

from __future__ import annotations

import argparse
import heapq
import random
import resource
import select
import socket
import sys
import time
from dataclasses import dataclass

AGAIN_SECONDS = (0.5, 2.0)
STALLED_SECONDS = 10.0
"""Time after which a stalled reader leaves and comes again."""
KINDS = ("idle", "slow headers", "slow body", "stalled reader", "garbage", "flood")
STEP_SECONDS = 1.0
"""Pause between two bytes of a slow sender."""

_HEAD = b"Host: bot.sandbox\r\n"
_POST = b"POST /webhooks/openrouter/0123456789abcdef HTTP/1.1\r\n" + _HEAD


@dataclass
class Attacker:
    """One connection that is made again and again."""

    kind: str
    source: str
    sock: socket.socket | None = None
    turn: int = 0

    def opening(self, path: str, rng: random.Random) -> bytes:
        """Return the bytes sent as soon as the connection stands."""
        match self.kind:
            case "slow headers":
                return b"GET / HTTP/1.1\r\n" + _HEAD
            case "slow body":
                return _POST + b"Content-Length: 1000\r\n\r\n{"
            case "stalled reader":
                return f"GET {path} HTTP/1.1\r\n".encode() + _HEAD + b"\r\n"
            case "garbage":
                return rng.randbytes(200)
            case "flood":
                return (b"GET /files/" + b"x" * 32 + b"/a.mp4 HTTP/1.1\r\n" + _HEAD + b"\r\n") * 20
            case _:
                return b""


class Attack:
    """Drives all connections with one epoll. port: the server's or the proxy's."""

    def __init__(self, port: int, connections: int, path: str, *, addresses: int) -> None:
        self._port = port
        self._path = path
        self._rng = random.Random(1)
        self._poll = select.epoll()
        self._by_fd: dict[int, Attacker] = {}
        self._due: list[tuple[float, int, int, Attacker]] = []
        self._numbers = iter(range(sys.maxsize))
        now = time.monotonic()
        for number in range(connections):
            address = number // len(KINDS) % addresses if addresses else 0
            source = f"127.1.{address // 250}.{address % 250 + 1}" if addresses else "127.0.0.1"
            self._later(Attacker(KINDS[number % len(KINDS)], source), now + 2 * self._rng.random())

    def run(self) -> None:
        """Attack until the process is ended."""
        while True:
            now = time.monotonic()
            while self._due and self._due[0][0] <= now:
                _, _, turn, attacker = heapq.heappop(self._due)
                if turn == attacker.turn:
                    self._act(attacker)
            for fd, events in self._poll.poll(max(0.0, self._due[0][0] - now) if self._due else 1.0):
                if attacker := self._by_fd.get(fd):
                    self._happened(attacker, events)

    def _later(self, attacker: Attacker, at: float) -> None:
        """Plan the next act of an attacker instead of the one that was planned."""
        attacker.turn += 1
        heapq.heappush(self._due, (at, next(self._numbers), attacker.turn, attacker))

    def _act(self, attacker: Attacker) -> None:
        if attacker.sock is None:
            self._connect(attacker)
        elif attacker.kind == "stalled reader":
            self._end(attacker)
        elif self._send(attacker, b"x"):
            self._later(attacker, time.monotonic() + STEP_SECONDS)

    def _connect(self, attacker: Attacker) -> None:
        sock = attacker.sock = socket.socket()
        sock.setblocking(False)
        if attacker.kind == "stalled reader":
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        try:
            sock.bind((attacker.source, 0))
            sock.connect_ex(("127.0.0.1", self._port))
        except OSError:
            self._end(attacker)
            return
        self._by_fd[sock.fileno()] = attacker
        self._poll.register(sock, select.EPOLLOUT)

    def _happened(self, attacker: Attacker, events: int) -> None:
        assert attacker.sock
        if events & (select.EPOLLERR | select.EPOLLHUP | select.EPOLLRDHUP):
            self._end(attacker)
        elif events & select.EPOLLOUT:
            reads = 0 if attacker.kind == "stalled reader" else select.EPOLLIN
            self._poll.modify(attacker.sock, reads | select.EPOLLRDHUP)
            if self._send(attacker, attacker.opening(self._path, self._rng)):
                if attacker.kind.startswith("slow"):
                    self._later(attacker, time.monotonic() + STEP_SECONDS)
                elif attacker.kind == "stalled reader":
                    self._later(attacker, time.monotonic() + STALLED_SECONDS)
        else:
            try:
                more = attacker.sock.recv(65_536)
            except OSError:
                more = b""
            if not more:
                self._end(attacker)

    def _send(self, attacker: Attacker, data: bytes) -> bool:
        assert attacker.sock
        try:
            attacker.sock.send(data)
        except OSError:
            self._end(attacker)
            return False
        return True

    def _end(self, attacker: Attacker) -> None:
        """Close it, and come again."""
        assert attacker.sock
        self._by_fd.pop(attacker.sock.fileno(), None)
        attacker.sock.close()
        attacker.sock = None
        self._later(attacker, time.monotonic() + self._rng.uniform(*AGAIN_SECONDS))


def main(arguments: list[str]) -> int:
    """Attack; returns only when something broke."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.attackers", description="Besiege a web server.")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--connections", type=int, default=5000)
    parser.add_argument("--path", default="/", help="of a video, for readers who stall")
    parser.add_argument("--addresses", type=int, default=500, help="0: all come from 127.0.0.1")
    given = parser.parse_args(arguments)
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    Attack(given.port, given.connections, given.path, addresses=given.addresses).run()
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
