"""Discord's rate limits: read from its answers, and the room counted by them.

A bot may make 50 requests a second in all, and edits in one channel about one a second (observed, not published; the
real figures are learnt from each answer's X-RateLimit headers). A bot that gets 10,000 answers 401, 403 or 429 in ten
minutes is shut out (Discord's documentation, "Invalid Request Limit").

discord.py keeps the headers to itself; `http_trace` is its public way to see the answers.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from http import HTTPStatus

import aiohttp

from cogs.interactions.pause import Pause, everywhere, number

ASSUMED_EDITS, ASSUMED_SECONDS = 5, 5.0
"""A bucket that no answer has described yet."""
ALL_PER_SECOND = 40.0
"""Share of the 50 that a bot may make in all; the rest is left for videos, searches and files."""
ALL_AT_ONCE = 5
"""Requests that may be saved up: with those of the following second, room for others is left."""
CHECKS_PER_SECOND = 10.0
"""Edits that only update the time of the last check: they cost processor time and tell nobody anything new."""
SPARE_EDITS = 2
"""Of a bucket, left by those edits for a change and an end that come before Discord fills it again."""
MARGIN = 0.02
"""Seconds after a bucket's reset: clocks differ a little."""


@dataclass
class EditBucket:
    """Room for `left` edits until `ends`, when Discord fills it again. Times are the event loop's, in seconds."""

    left: float = ASSUMED_EDITS
    ends: float = -math.inf
    known: bool = False
    """True if an answer described it."""

    def wait(self, now: float, spare: int = 0) -> float:
        """Seconds until there is room for one more than `spare`; 0 when there is."""
        return 0.0 if self.left > spare or now >= self.ends else self.ends - now

    def take(self, now: float) -> None:
        """Count an edit that is about to be made."""
        if now >= self.ends:
            self.left, self.ends = ASSUMED_EDITS, now + ASSUMED_SECONDS
        self.left -= 1

    def learn(self, headers: RateLimitHeaders) -> None:
        """Adopt Discord's answer instead of the own count."""
        if headers.limited is not None and not headers.remaining:
            self.left, self.ends, self.known = 0, headers.at + headers.limited + MARGIN, True
        elif headers.remaining is not None and headers.reset_after is not None:
            self.left, self.ends, self.known = headers.remaining, headers.at + headers.reset_after + MARGIN, True


@dataclass
class TokenBucket:
    """Room for this many a second, `burst` of them at once."""

    rate: float
    burst: float
    left: float = field(init=False)
    then: float = -math.inf

    def __post_init__(self) -> None:
        self.left = self.burst

    def wait(self, now: float) -> float:
        """Seconds until there is room for one; 0 when there is."""
        self._fill(now)
        return max(0.0, (1 - self.left) / self.rate)

    def take(self, now: float) -> None:
        """Count one request."""
        self._fill(now)
        self.left -= 1

    def block(self, now: float, seconds: float) -> None:
        """Leave no room for this long, as Discord said."""
        self._fill(now)
        self.left = min(self.left, 1 - seconds * self.rate)

    def _fill(self, now: float) -> None:
        self.left = min(self.burst, self.left + max(0.0, now - self.then) * self.rate)
        self.then = now


@dataclass
class RateLimitHeaders:
    """Discord's answers to the requests of one call. alarm: the call's limit, which a 429 cuts short.

    at: when it arrived, on the event loop's clock; discord.py may wait for a bucket's reset before it returns.
    limited: seconds for which Discord refuses more of them (429). everywhere: of any kind.
    """

    alarm: asyncio.Timeout | None = None
    at: float = 0.0
    status: int | None = None
    remaining: float | None = None
    reset_after: float | None = None
    limited: float | None = None
    everywhere: bool = False

    def note(self, status: int, headers: Mapping[str, str], now: float) -> None:
        """Note an answer."""
        self.at = now
        self.status = status
        self.remaining = number(headers.get("X-RateLimit-Remaining"))
        self.reset_after = number(headers.get("X-RateLimit-Reset-After"))
        if status != HTTPStatus.TOO_MANY_REQUESTS:
            return
        self.limited = number(headers.get("Retry-After")) or self.reset_after or ASSUMED_SECONDS
        self.everywhere = everywhere(headers)
        if self.alarm is not None and not self.everywhere:
            # discord.py would send the same state again after the wait; by then there may be a newer one. (A limit on
            # everything is left to discord.py: it holds back all other requests meanwhile.)
            self.alarm.reschedule(now)


RATE_LIMIT_HEADERS: ContextVar[RateLimitHeaders | None] = ContextVar("RATE_LIMIT_HEADERS", default=None)
"""Set by code that wants Discord's answers to the requests of its task."""


def rate_limit_trace(pause: Pause | None = None) -> aiohttp.TraceConfig:
    """Record answers in RATE_LIMIT_HEADERS and in a pause, for discord.Client(http_trace=…)."""

    async def note(_session: aiohttp.ClientSession, _context: object, ended: aiohttp.TraceRequestEndParams) -> None:
        if pause:
            pause.note(ended.response.status, ended.response.headers)
        if headers := RATE_LIMIT_HEADERS.get():
            headers.note(ended.response.status, ended.response.headers, asyncio.get_running_loop().time())

    trace = aiohttp.TraceConfig()
    trace.on_request_end.append(note)
    return trace
