"""How long jobs usually take, from the bot's own history."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dailies.job import Job
from dailies.store.model_history import JobDuration, Kind

ENOUGH = 5
"""Finished jobs of a kind before anything is said or done about the next."""
KEPT = 50
"""The newest finished jobs of a kind that count: providers change."""
UNUSUAL = 0.2
"""Share of the jobs before that lies beyond each of the newest: when ENOUGH in a row are there on the same side, which
chance does once in 1,500 jobs, the provider has changed, and what was before no longer counts."""
RENEWED = 0.1
"""Share of a history that must be new before it is looked at anew: planning takes processor time, some 20 ms."""
RENEWED_SECONDS = 60.0
"""A full history is looked at anew this often at most: thousands of jobs may end."""


@dataclass(frozen=True)
class Usual:
    """Seconds from submit to finish, as seen: of half of the jobs of a kind, and of nine tenths."""

    half: float
    most: float


class Estimates:
    """What finished jobs took, by kind. Read once at the start, kept up as jobs end."""

    def __init__(self) -> None:
        self._taken: dict[Kind, deque[JobDuration]] = {}
        self._history: dict[Kind, tuple[JobDuration, ...]] = {}
        self._newer: dict[Kind, int] = {}
        self._changed: dict[Kind, float] = {}

    def read(self, rows: Iterable[tuple[Kind, JobDuration]]) -> None:
        """Take in what was kept, oldest first; see Library.taken."""
        for kind, taken in rows:
            self._add(kind, taken)

    def finished(self, job: Job) -> None:
        """A job was just seen finished."""
        if job.submitted_at is None or job.checked_at is None:
            return
        kind = _kind(job)
        after = max(0.0, (job.running_at or job.submitted_at) - job.submitted_at)
        self._add(kind, JobDuration(after, job.checked_at - job.submitted_at, job.polls), job.checked_at)

    def history(self, job: Job) -> tuple[JobDuration, ...]:
        """What jobs of this kind took, the shortest first; empty while there are not enough of them."""
        kind = _kind(job)
        taken = self._taken.get(kind, ())
        if len(taken) < ENOUGH:
            return ()
        if kind not in self._history:
            self._history[kind] = tuple(sorted(taken, key=lambda one: one.by))
        return self._history[kind]

    def usual(self, job: Job) -> Usual | None:
        """What to expect of this job; None while there is not enough history."""
        seconds = [one.by for one in self.history(job)]
        return Usual(quantile(seconds, 0.5), quantile(seconds, 0.9)) if seconds else None

    def _add(self, kind: Kind, taken: JobDuration, now: float = math.inf) -> None:
        if not 0 <= taken.after < taken.by:  # a clock was set
            return
        kept = self._taken.setdefault(kind, deque(maxlen=KEPT))
        full = len(kept) == KEPT
        kept.append(taken)
        if turned(list(kept)):
            self._taken[kind] = deque(list(kept)[-ENOUGH:], maxlen=KEPT)
            self._history.pop(kind, None)
            return
        self._newer[kind] = self._newer.get(kind, 0) + 1
        lately = full and abs(now - self._changed.get(kind, -math.inf)) < RENEWED_SECONDS
        if self._newer[kind] >= RENEWED * len(kept) and not lately:
            self._history.pop(kind, None)
            self._newer[kind], self._changed[kind] = 0, now


def turned(taken: Sequence[JobDuration]) -> bool:
    """Whether the newest jobs, which come last, tell that those before no longer count; see UNUSUAL."""
    before = sorted(one.middle for one in taken[:-ENOUGH])
    if len(before) < ENOUGH:
        return False
    newest = [one.middle for one in taken[-ENOUGH:]]
    return min(newest) > quantile(before, 1 - UNUSUAL) or max(newest) < quantile(before, UNUSUAL)


def _kind(job: Job) -> Kind:
    return (job.request.model, job.request.duration, job.request.resolution)


def quantile(ascending: Sequence[float], share: float) -> float:
    """The value that this share of the others does not exceed, between two neighbours in proportion."""
    at = share * (len(ascending) - 1)
    low = math.floor(at)
    high = min(low + 1, len(ascending) - 1)
    return ascending[low] + (ascending[high] - ascending[low]) * (at - low)
