"""Waits of many jobs that end together, each on the next tick of a common clock, not at a moment of its own."""

from __future__ import annotations

import asyncio
import math

TICK_SECONDS = 0.1
"""A check is late by half of that in the mean. With thousands of jobs, waking up for each check alone took nearly as
much processor time as the check itself."""


async def sleep(seconds: float) -> None:
    """Sleep so long, and on to the next tick of the event loop's clock."""
    now = asyncio.get_running_loop().time()
    await asyncio.sleep(ends(now, seconds) - now)


def ends(now: float, seconds: float) -> float:
    """The first tick at which so many seconds have passed."""
    return math.ceil((now + seconds) / TICK_SECONDS) * TICK_SECONDS
