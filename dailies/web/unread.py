"""Connections that wait, unread, until the head of their request has come: each costs a file descriptor and no more."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto

HEAD_BYTES = 16 * 1024
"""Bytes that are looked at; a head that is longer is aiohttp's to refuse."""

EVERY_SECONDS = 0.05
"""Pause between two looks at those that wait."""

STARTS_AT_ONCE = 16
"""Connections that are passed on in one turn of the event loop."""


class Head(Enum):
    """The state of a request's head."""

    COMPLETE = auto()
    COMING = auto()
    GONE = auto()  # the peer has ended the connection


def look(accepted: socket.socket) -> Head:
    """Tell if a request's head has come, without taking it from the socket, which does not block."""
    try:
        begun = accepted.recv(HEAD_BYTES, socket.MSG_PEEK)
    except BlockingIOError:
        return Head.COMING
    except OSError:
        return Head.GONE
    if not begun:
        return Head.GONE
    return Head.COMPLETE if b"\r\n\r\n" in begun or len(begun) == HEAD_BYTES else Head.COMING


@dataclass(frozen=True)
class _Waiting:
    accepted: socket.socket
    address: str
    since: float


class Unread:
    """Holds connections until their heads have come, for at most some seconds.

    most: connections at once; the one that has waited longest is closed for another. ready: called with each whose head
    has come, and its address.
    """

    def __init__(self, *, most: int, seconds: float, ready: Callable[[socket.socket, str], None]) -> None:
        self._most = most
        self._seconds = seconds
        self._ready = ready
        self._waiting: list[_Waiting] = []
        self._timer: asyncio.TimerHandle | None = None

    def hold(self, accepted: socket.socket, address: str) -> None:
        """Hold a connection."""
        loop = asyncio.get_running_loop()
        if len(self._waiting) >= self._most:
            self._waiting.pop(0).accepted.close()
        self._waiting.append(_Waiting(accepted, address, loop.time()))
        if self._timer is None:
            self._timer = loop.call_later(EVERY_SECONDS, self._look)

    def close(self) -> None:
        """Close all that wait."""
        if self._timer:
            self._timer.cancel()
        for one in self._waiting:
            one.accepted.close()
        self._waiting = []

    def _look(self) -> None:
        loop = asyncio.get_running_loop()
        late, before, self._waiting, self._timer = loop.time() - self._seconds, self._waiting, [], None
        started = 0
        for one in before:
            head = look(one.accepted) if started < STARTS_AT_ONCE else Head.COMING
            if head is Head.COMPLETE:
                started += 1
                self._ready(one.accepted, one.address)
            elif head is Head.GONE or one.since < late:
                one.accepted.close()
            else:
                self._waiting.append(one)
        if self._waiting:
            self._timer = loop.call_later(EVERY_SECONDS if started < STARTS_AT_ONCE else 0, self._look)
