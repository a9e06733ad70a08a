"""Sleeps that end on the ticks of a common clock, so that the waits of many jobs end together."""

from __future__ import annotations

import asyncio
import math

TICK_SECONDS = 0.1
"""Interval of the ticks: a check is late by half of it on average. With thousands of jobs, waking up for each check
alone took nearly as much processor time as the check itself."""


async def sleep(seconds: float) -> None:
    """Sleep this long, and on to the next tick of the event loop's clock."""
    now = asyncio.get_running_loop().time()
    await asyncio.sleep(ends(now, seconds) - now)


def ends(now: float, seconds: float) -> float:
    """Return the time of the first tick at which this many seconds have passed."""
    return math.ceil((now + seconds) / TICK_SECONDS) * TICK_SECONDS
