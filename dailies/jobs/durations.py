"""How long jobs usually take, from the bot's own history."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dailies.job import Job
from dailies.store.model_history import Kind, seconds_taken

ENOUGH = 5
"""Finished jobs of a kind before anything is said about the next."""
KEPT = 50
"""The newest finished jobs of a kind that count: providers change."""
UNUSUAL = 0.2
"""Share of the jobs before that lies beyond each of the newest: when ENOUGH in a row are there on the same side, which
chance does once in 1,500 jobs, the provider has changed, and what was before no longer counts."""


@dataclass(frozen=True)
class Usual:
    """Seconds from submit to finish: of half of the jobs of a kind, and of nine tenths."""

    half: float
    most: float


class Estimates:
    """Seconds that finished jobs took, by kind. Read once at the start, kept up as jobs end."""

    def __init__(self) -> None:
        self._taken: dict[Kind, deque[float]] = {}

    def read(self, rows: Iterable[tuple[Kind, float]]) -> None:
        """Take in what was kept, oldest first, as Library.taken returns it."""
        for kind, seconds in rows:
            self._add(kind, seconds)

    def finished(self, job: Job) -> None:
        """Take in a job that was just seen finished."""
        if job.submitted_at is not None and job.checked_at is not None:
            self._add(_kind(job), seconds_taken(job.submitted_at, job.running_at, job.checked_at, job.polls))

    def usual(self, job: Job) -> Usual | None:
        """What to expect of this job; None while there is not enough history."""
        taken = sorted(self._taken.get(_kind(job), ()))
        return Usual(quantile(taken, 0.5), quantile(taken, 0.9)) if len(taken) >= ENOUGH else None

    def _add(self, kind: Kind, seconds: float) -> None:
        if seconds <= 0:  # a clock was set
            return
        kept = self._taken.setdefault(kind, deque(maxlen=KEPT))
        kept.append(seconds)
        if turned(list(kept)):
            self._taken[kind] = deque(list(kept)[-ENOUGH:], maxlen=KEPT)


def turned(taken: Sequence[float]) -> bool:
    """Return whether the newest jobs, which come last, tell that those before no longer count (UNUSUAL)."""
    before, newest = sorted(taken[:-ENOUGH]), taken[-ENOUGH:]
    if len(before) < ENOUGH:
        return False
    return min(newest) > quantile(before, 1 - UNUSUAL) or max(newest) < quantile(before, UNUSUAL)


def _kind(job: Job) -> Kind:
    return (job.request.model, job.request.duration, job.request.resolution)


def quantile(ascending: Sequence[float], share: float) -> float:
    """The value that this share of the others does not exceed, between two neighbours in proportion."""
    at = share * (len(ascending) - 1)
    low = math.floor(at)
    high = min(low + 1, len(ascending) - 1)
    return ascending[low] + (ascending[high] - ascending[low]) * (at - low)
