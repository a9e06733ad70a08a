"""Estimates of how long jobs take, from the bot's own history."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dailies.job import Job
from dailies.store.model_history import Kind, seconds_taken

ENOUGH = 5
"""Finished jobs of a kind that an estimate needs."""
KEPT = 50
"""Newest finished jobs of a kind that count, because providers change."""
UNUSUAL = 0.2
"""Share of the earlier jobs at each end that counts as unusual. When the ENOUGH newest all lie beyond it on the same
side, which happens by chance once in 1,500 jobs, the provider has changed, and earlier jobs no longer count."""


@dataclass(frozen=True)
class Usual:
    """Seconds from submission to the end: half, then nine tenths, of the jobs of a kind take no longer."""

    half: float
    most: float


class Estimates:
    """Seconds that finished jobs took, by kind. Read once at the start, then kept up to date as jobs end."""

    def __init__(self) -> None:
        self._taken: dict[Kind, deque[float]] = {}

    def read(self, rows: Iterable[tuple[Kind, float]]) -> None:
        """Load the stored history, oldest first, as Library.taken returns it."""
        for kind, seconds in rows:
            self._add(kind, seconds)

    def finished(self, job: Job) -> None:
        """Add a job that has just finished."""
        if job.submitted_at is not None and job.checked_at is not None:
            self._add(_kind(job), seconds_taken(job.submitted_at, job.running_at, job.checked_at, job.polls))

    def usual(self, job: Job) -> Usual | None:
        """Return the estimate for this job; None while there is not enough history."""
        taken = sorted(self._taken.get(_kind(job), ()))
        return Usual(quantile(taken, 0.5), quantile(taken, 0.9)) if len(taken) >= ENOUGH else None

    def _add(self, kind: Kind, seconds: float) -> None:
        if seconds <= 0:  # the clock was changed
            return
        kept = self._taken.setdefault(kind, deque(maxlen=KEPT))
        kept.append(seconds)
        if turned(list(kept)):
            self._taken[kind] = deque(list(kept)[-ENOUGH:], maxlen=KEPT)


def turned(taken: Sequence[float]) -> bool:
    """Tell if the newest jobs, which come last, show that earlier ones no longer count (UNUSUAL)."""
    before, newest = sorted(taken[:-ENOUGH]), taken[-ENOUGH:]
    if len(before) < ENOUGH:
        return False
    return min(newest) > quantile(before, 1 - UNUSUAL) or max(newest) < quantile(before, UNUSUAL)


def _kind(job: Job) -> Kind:
    return (job.request.model, job.request.duration, job.request.resolution)


def quantile(ascending: Sequence[float], share: float) -> float:
    """Return the quantile of this share, interpolated linearly between the two neighbouring values."""
    at = share * (len(ascending) - 1)
    low = math.floor(at)
    high = min(low + 1, len(ascending) - 1)
    return ascending[low] + (ascending[high] - ascending[low]) * (at - low)
