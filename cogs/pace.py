"""How many status edits are made: Discord blocks the address of a bot that ignores its limits.

A bot may make 50 requests a second in all, and edits in one channel about one a second (observed, not published).
Whoever gets 10,000 answers 429 in ten minutes is shut out (Discord's documentation, "Invalid Request Limit").
discord.py knows a channel's limit, and lets edits queue for it; the limit in all it only learns from a 429.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

ALL_PER_SECOND = 25.0
"""Half of what a bot may do in all: the other half is for answers, videos and last states."""
CHANNEL_PER_SECOND = 0.8
CHANNEL_BURST = 5.0
CHANNELS_KEPT = 10_000


@dataclass
class _Bucket:
    """Room for `left` edits at `then`; it fills up by itself."""

    left: float
    then: float

    def fill(self, now: float, rate: float, most: float) -> None:
        """Bring it up to now."""
        self.left, self.then = min(most, self.left + (now - self.then) * rate), now


class Pace:
    """Says whether there is room for one more edit. now: seconds that only go forward."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._all = _Bucket(ALL_PER_SECOND, now())
        self._channels: dict[int, _Bucket] = {}

    def room(self, channel_id: int) -> bool:
        """Take room for an edit in a channel; False when there is none now."""
        now = self._now()
        if len(self._channels) > CHANNELS_KEPT:
            # All of them are forgotten now and then; where one was full, discord.py lets the edits queue a little.
            self._channels.clear()
        channel = self._channels.setdefault(channel_id, _Bucket(CHANNEL_BURST, now))
        channel.fill(now, CHANNEL_PER_SECOND, CHANNEL_BURST)
        self._all.fill(now, ALL_PER_SECOND, ALL_PER_SECOND)
        if channel.left < 1 or self._all.left < 1:
            return False
        channel.left -= 1
        self._all.left -= 1
        return True
