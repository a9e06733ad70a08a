"""How often a running job is looked at. OpenRouter asks for 10 to 30 seconds between two checks of a job."""

from __future__ import annotations

LOOKS_PER_SECOND = 20
"""Of one process, in the mean, until its jobs are looked at every LONGEST_SECONDS: 600 jobs."""
LONGEST_SECONDS = 30.0
RARER_WITH_WEBHOOKS = 4
"""OpenRouter then reports the end of a job; looks are for reports that get lost."""


def interval(least: float, running: int, *, webhooks: bool = False) -> float:
    """Seconds between two checks of a job, while so many submitted jobs are looked at by this process.

    least: POLL_INTERVAL_SECONDS; where it is longer than LONGEST_SECONDS, it stands.
    """
    seconds = max(least, min(LONGEST_SECONDS, running / LOOKS_PER_SECOND))
    return seconds * RARER_WITH_WEBHOOKS if webhooks else seconds
