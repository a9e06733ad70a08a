"""The pause of everything that writes to Discord, while every request is refused.

Discord limits a bot's requests in all (Retry-After, X-RateLimit-Global), and Cloudflare in front of it those of an
address: error 1015, a page in HTML, after too many refused requests (Discord's documentation, "Rate Limits"). Answers
to commands are exempt from the former, and are given all the same.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Callable, Mapping
from http import HTTPStatus

log = logging.getLogger(__name__)

LONGEST_WAIT = 30.0
"""Longest Retry-After in seconds that discord.py waits out by itself, which is the least that it can be told."""
BLOCKED_SECONDS = 300.0
"""Pause after a page of Cloudflare's that does not name one; not published."""
ASSUMED_SECONDS = 5.0
"""Pause after a limit on everything that does not name one."""
MARGIN = 0.02
"""Seconds after a limit's end: clocks differ a little."""
REFUSED = (HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS)


class Pause:
    """Time in which nothing is written, because every request is refused: by Discord, or by what stands before it.

    released: called when a limit on everything is over. discord.py holds back all requests of the bot meanwhile, and
    for ever when the one that met the limit is given up before.
    """

    def __init__(self) -> None:
        self.released: Callable[[], None] = lambda: None
        self._ends = -math.inf

    @property
    def left(self) -> float:
        """Seconds until something may be written again; 0 when it may be."""
        return max(0.0, self._ends - asyncio.get_running_loop().time())

    def note(self, status: int, headers: Mapping[str, str]) -> None:
        """Note an answer to any request."""
        asked = number(headers.get("Retry-After"))
        if status in REFUSED and from_outside(headers):
            self.hold(asked or BLOCKED_SECONDS)
        elif status == HTTPStatus.TOO_MANY_REQUESTS and (everywhere(headers) or (asked or 0.0) > LONGEST_WAIT):
            self.hold(asked or number(headers.get("X-RateLimit-Reset-After")) or ASSUMED_SECONDS)

    def hold(self, seconds: float) -> None:
        """Let nothing be written for this long."""
        loop = asyncio.get_running_loop()
        if seconds > self.left:
            if seconds > LONGEST_WAIT:
                log.warning("Discord refuses everything for %.0f s; nothing is posted or edited until then", seconds)
            self._ends = loop.time() + seconds
        loop.call_later(seconds + MARGIN, self._release)

    def _release(self) -> None:
        if not self.left:
            self.released()


def from_outside(headers: Mapping[str, str]) -> bool:
    """Return whether an answer is not Discord's own, which is JSON, but that of Cloudflare in front of it: its word on
    a request is no refusal, and its 403 and 429 (error 1015) are for the address of the bot.
    """
    kind = headers.get("Content-Type", "")
    return bool(kind) and not kind.startswith("application/json") and "Via" not in headers


def everywhere(headers: Mapping[str, str]) -> bool:
    """Return whether a 429 is of the limit on all of a bot's requests."""
    return headers.get("X-RateLimit-Scope") == "global" or "X-RateLimit-Global" in headers


def number(text: str | None) -> float | None:
    """Read a header's number of at least 0; None without one."""
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if 0 <= value < math.inf else None
