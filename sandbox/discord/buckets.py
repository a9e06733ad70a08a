"""Rate limits: windows of world time, and Discord's headers and 429 answers about them."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass

from sandbox.clock import Clock
from sandbox.discord.errors import ApiError
from sandbox.discord.limits import Limits, Window


@dataclass
class _Count:
    ends: float
    used: int = 0


class Buckets:
    """Counts requests per bucket; a window begins with its first request."""

    def __init__(self, clock: Clock, limits: Limits) -> None:
        self._clock = clock
        self._limits = limits
        self._counts: dict[str, _Count] = {}

    def take(self, name: str, major: str, window: Window) -> dict[str, str]:
        """Count a request and return its headers; raises the 429 if there is no room left.

        `major` is the channel, or the webhook with its token, that has its own bucket.
        """
        count, room = self._count(f"{name}:{major}", window)
        after = self._after(count)
        headers = {
            "X-RateLimit-Limit": str(window.requests),
            "X-RateLimit-Remaining": str(max(window.requests - count.used, 0)),
            "X-RateLimit-Reset": f"{self._clock.time() + after:.3f}",
            "X-RateLimit-Reset-After": f"{after:.3f}",
            "X-RateLimit-Bucket": hashlib.blake2b(name.encode(), digest_size=16).hexdigest(),
        }
        if not room:
            raise limited(after, headers | {"X-RateLimit-Scope": "user"})
        return headers

    def take_global(self) -> None:
        """Count a request against the bot's global limit; raises its 429."""
        if self._limits.global_requests is None:
            return
        count, room = self._count("global", self._limits.global_requests)
        if not room:
            headers = {"X-RateLimit-Global": "true", "X-RateLimit-Scope": "global"}
            raise limited(self._after(count), headers, everywhere=True)

    def count_invalid(self, status: int) -> None:
        """Count a 401, 403 or 429 (Discord's documentation, "Invalid Request Limit")."""
        if self._limits.invalid_requests is not None and status in (401, 403, 429):
            self._count("invalid", self._limits.invalid_requests)

    @property
    def banned(self) -> bool:
        """Return whether the address has made too many invalid requests."""
        count, window = self._counts.get("invalid"), self._limits.invalid_requests
        return (
            count is not None
            and window is not None
            and count.used > window.requests
            and self._clock.time() < count.ends
        )

    def _count(self, key: str, window: Window) -> tuple[_Count, bool]:
        now = self._clock.time()
        count = self._counts.get(key)
        if count is None or now >= count.ends:
            count = self._counts[key] = _Count(now + window.seconds)
        if count.used >= window.requests and key != "invalid":
            return count, False
        count.used += 1
        return count, True

    def _after(self, count: _Count) -> float:
        return math.ceil(max(count.ends - self._clock.time(), 0.001) * 1000) / 1000


def limited(after: float, headers: dict[str, str], *, everywhere: bool = False, code: int | None = None) -> ApiError:
    """Make a 429. Only an answer with `Via` comes from Discord itself rather than from what stands in front of it."""
    body = {"message": "You are being rate limited.", "retry_after": after, "global": everywhere}
    if code is not None:
        body["code"] = code
    return ApiError(429, body, {**headers, "Via": "1.1 sandbox", "Retry-After": str(math.ceil(after))})
