"""Intervals between checks of a running job. OpenRouter asks for 10 to 30 seconds."""

from __future__ import annotations

LOOKS_PER_SECOND = 20
"""Average checks per second of one process, until LONGEST_SECONDS is reached at 600 jobs."""
LONGEST_SECONDS = 30.0
RARER_WITH_WEBHOOKS = 4
"""Factor of the interval with webhooks: OpenRouter reports the ends, and checks only cover lost reports."""


def interval(least: float, running: int, *, webhooks: bool = False) -> float:
    """Return the seconds between two checks of a job. running: submitted jobs that this process polls.

    least: POLL_INTERVAL_SECONDS; used as it is when longer than LONGEST_SECONDS.
    """
    seconds = max(least, min(LONGEST_SECONDS, running / LOOKS_PER_SECOND))
    return seconds * RARER_WITH_WEBHOOKS if webhooks else seconds
