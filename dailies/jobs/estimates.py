"""How long jobs usually take, from the bot's own history."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dailies.jobs.job import Job

ENOUGH = 5
"""Finished jobs of a kind before anything is said or done about the next."""
KEPT = 50
"""The newest finished jobs of a kind that count: providers change."""
RENEWED_SECONDS = 60.0
"""A full history is looked at anew this often at most: planning takes processor time, and thousands of jobs may end."""

Kind = tuple[str, int | None, str | None]
"""Model, length in seconds, resolution."""


@dataclass(frozen=True)
class Usual:
    """Seconds from submit to finish, as seen: of half of the jobs of a kind, and of nine tenths."""

    half: float
    most: float


class Estimates:
    """What finished jobs took, by kind. Read once at the start, kept up as jobs end."""

    def __init__(self) -> None:
        self._taken: dict[Kind, deque[float]] = {}
        self._history: dict[Kind, tuple[float, ...]] = {}
        self._changed: dict[Kind, float] = {}

    def read(self, rows: Iterable[tuple[Kind, float]]) -> None:
        """Take in what was kept, oldest first; see Library.taken."""
        for kind, seconds in rows:
            self._add(kind, seconds)

    def finished(self, job: Job) -> None:
        """A job was just seen finished."""
        if job.submitted_at is None or job.checked_at is None:
            return
        kind = _kind(job)
        full = len(self._taken.get(kind, ())) == KEPT
        lately = abs(job.checked_at - self._changed.get(kind, -math.inf)) < RENEWED_SECONDS
        self._add(kind, job.checked_at - job.submitted_at, keep=full and lately)
        if not (full and lately):
            self._changed[kind] = job.checked_at

    def history(self, job: Job) -> tuple[float, ...]:
        """Seconds that jobs of this kind took, ascending; empty while there are not enough of them."""
        kind = _kind(job)
        taken = self._taken.get(kind, ())
        if len(taken) < ENOUGH:
            return ()
        if kind not in self._history:
            self._history[kind] = tuple(sorted(taken))
        return self._history[kind]

    def usual(self, job: Job) -> Usual | None:
        """What to expect of this job; None while there is not enough history."""
        history = self.history(job)
        return Usual(quantile(history, 0.5), quantile(history, 0.9)) if history else None

    def _add(self, kind: Kind, seconds: float, *, keep: bool = False) -> None:
        if seconds > 0:
            self._taken.setdefault(kind, deque(maxlen=KEPT)).append(seconds)
            if not keep:
                self._history.pop(kind, None)


def _kind(job: Job) -> Kind:
    return (job.request.model, job.request.duration, job.request.resolution)


def quantile(ascending: Sequence[float], share: float) -> float:
    """The value that this share of the others does not exceed, between two neighbours in proportion."""
    at = share * (len(ascending) - 1)
    low = math.floor(at)
    high = min(low + 1, len(ascending) - 1)
    return ascending[low] + (ascending[high] - ascending[low]) * (at - low)
