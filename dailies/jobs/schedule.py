"""Intervals between checks of a running job, and how long a job is waited for. OpenRouter asks for 10 to 30 seconds."""

from __future__ import annotations

from dailies.job import LATE_SECONDS

LOOKS_PER_SECOND = 20
"""Average checks per second of one process, until LONGEST_SECONDS is reached at 600 jobs."""
LONGEST_SECONDS = 30.0
RARER_WITH_WEBHOOKS = 4
"""Factor of the interval with webhooks: OpenRouter reports the ends, and checks only cover lost reports."""

RAREST_SECONDS = 300.0
"""Longest interval between checks of a late job."""
RARER_WHEN_LATE = 0.1
"""Seconds that the interval grows by for each second that a job is late, so that its end is noticed late in proportion:
after 35 minutes every 40 s, after 80 minutes every five minutes."""


def interval(least: float, running: int, *, webhooks: bool = False) -> float:
    """Return the seconds between two checks of a job. running: submitted jobs that this process polls.

    least: POLL_INTERVAL_SECONDS; used as it is when longer than LONGEST_SECONDS.
    """
    seconds = max(least, min(LONGEST_SECONDS, running / LOOKS_PER_SECOND))
    return seconds * RARER_WITH_WEBHOOKS if webhooks else seconds


def late_interval(seconds: float, age: float) -> float:
    """Return the seconds between two checks of a job that was submitted `age` seconds ago. seconds: while not late."""
    late = max(0.0, age - LATE_SECONDS)
    return max(seconds, min(RAREST_SECONDS, seconds + RARER_WHEN_LATE * late))


def time_left(whole: float, passed: float) -> float:
    """Return the seconds that a run may still wait. passed: seconds by the clock since an earlier run began it.

    At least LATE_SECONDS, so that neither a long stop of the bot nor a clock that jumped ends it before anybody looked.
    Within a run, waits are to be added up instead of asking the clock again, for the same reason.
    """
    return min(whole, max(LATE_SECONDS, whole - passed))
