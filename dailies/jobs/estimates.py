"""How long jobs usually take, from the bot's own history, and when to look at a running one next."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from statistics import NormalDist, fmean, median, pstdev

from dailies.jobs.job import Job

ENOUGH = 5
"""Finished jobs of a kind before anything is said or done about the next."""
KEPT = 50
"""The newest finished jobs of a kind that count: providers change."""
LEAST_SECONDS = 10.0
"""Between two checks of a job: OpenRouter asks for 10 to 30."""

SPARSEST = 4
"""Intervals that a job is left alone for at most: it may also fail, and then earlier than it would finish."""

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

    def read(self, rows: Iterable[tuple[Kind, float]]) -> None:
        """Take in what was kept, oldest first; see Library.taken."""
        for kind, seconds in rows:
            self._add(kind, seconds)

    def finished(self, job: Job) -> None:
        """A job was just seen finished."""
        if job.submitted_at is not None and job.checked_at is not None:
            self._add(_kind(job), job.checked_at - job.submitted_at)

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

    def _add(self, kind: Kind, seconds: float) -> None:
        if seconds > 0:
            self._taken.setdefault(kind, deque(maxlen=KEPT)).append(seconds)
            self._history.pop(kind, None)


def _kind(job: Job) -> Kind:
    return (job.request.model, job.request.duration, job.request.resolution)


def quantile(ascending: Sequence[float], share: float) -> float:
    """The value that this share of the others does not exceed, between two neighbours in proportion."""
    at = share * (len(ascending) - 1)
    low = math.floor(at)
    high = min(low + 1, len(ascending) - 1)
    return ascending[low] + (ascending[high] - ascending[low]) * (at - low)


def next_poll(elapsed: float, polls_made: int, history: tuple[float, ...], interval: float) -> float:
    """Seconds until the next check of a job that was submitted `elapsed` seconds ago and has been checked so often.

    history: seconds that jobs of its kind took, ascending; empty: checks come at the fixed interval. With history they
    are saved up at first and spent around the expected end: never less than LEAST_SECONDS apart, never more than
    SPARSEST intervals, and check number n never before n intervals have passed. So at no moment were there more checks
    than the fixed interval makes, also for a job that takes much longer than expected.
    """
    if not history or polls_made * interval > elapsed:
        return interval
    plan = _plan(history, interval)
    at = bisect_right(plan, elapsed)
    planned = plan[at] - elapsed if at < len(plan) else interval
    return max(LEAST_SECONDS, min(planned, SPARSEST * interval), (polls_made + 1) * interval - elapsed)


@dataclass(frozen=True)
class _Curve:
    """A function, given at evenly spaced points, as straight lines between them; flat outside."""

    start: float
    step: float
    values: tuple[float, ...]

    def __call__(self, x: float) -> float:
        at = (x - self.start) / self.step
        low = math.floor(at)
        if low < 0:
            return self.values[0]
        if low >= len(self.values) - 1:
            return self.values[-1]
        return self.values[low] + (self.values[low + 1] - self.values[low]) * (at - low)

    def where(self, value: float) -> float:
        """Where an increasing function reaches the value; its end when it does not."""
        above = bisect_right(self.values, value)
        if above >= len(self.values):
            return self.start + self.step * (len(self.values) - 1)
        low, high = self.values[above - 1], self.values[above]
        return self.start + self.step * (above - 1 + (value - low) / (high - low))


LATEST = 100
"""Intervals that are planned for: planning takes processor time."""
POINTS = 160
"""Of the curves below."""
FARTHEST = 3.2
"""Standard deviations that are planned for; after them the fixed interval holds."""
NARROWEST = 0.08
"""Least standard deviation of the logarithm: five jobs that took the same do not prove that the sixth will."""


@lru_cache(maxsize=256)
def _plan(history: tuple[float, ...], interval: float) -> tuple[float, ...]:
    """Seconds after the submit at which to check, for the least expected wait between finish and check.

    The history is taken for a sample of a lognormal distribution. With density f of the end, checks that lie as dense
    as the root of f make the least wait for their number; tried are several numbers of them, and the fixed interval.
    """
    middle, spread = _fit(history)
    start = math.exp(middle - FARTHEST * spread)
    end = min(math.exp(middle + FARTHEST * spread), LATEST * interval)
    if end <= max(start, interval):
        return ()
    step = (end - start) / POINTS
    normal = NormalDist(middle, spread)
    ended = [normal.cdf(math.log(start + step * number)) for number in range(POINTS + 1)]
    area, roots = [0.0], [0.0]
    for before, after in pairwise(ended):
        area.append(area[-1] + step * (before + after) / 2)
        roots.append(roots[-1] + math.sqrt(step * max(after - before, 1e-9)))
    share, whole = _Curve(start, step, tuple(ended)), _Curve(start, step, tuple(area))
    root = _Curve(start, step, tuple(roots))

    def wait(plan: tuple[float, ...]) -> float:
        """Expected seconds from finish to check, of the jobs that end within the plan."""
        # Nothing ends after the curves' end, and each gap holds the jobs that wait through the rest of it.
        late = max(0.0, plan[-1] - end) * (1 - share(plan[-2] if len(plan) > 1 else 0.0))
        gaps = zip((0.0, *plan), plan, strict=False)
        return late + sum(
            whole(later) - whole(earlier) - share(earlier) * (min(later, end) - earlier) for earlier, later in gaps
        )

    plans = [tuple(interval * number for number in range(1, math.ceil(end / interval) + 1))]
    checks = 1.0
    while checks < end / LEAST_SECONDS:
        plans += [_spaced(root, end, interval, roots[-1] / checks, phase) for phase in (0.35, 0.6, 0.85)]
        checks *= 1.4
    return min(plans, key=wait)


def _fit(history: tuple[float, ...]) -> tuple[float, float]:
    """Mean and standard deviation of the logarithms, without what is four times as long or as short as usual."""
    usual = median(history)
    logs = [math.log(seconds) for seconds in history if usual / 4 <= seconds <= usual * 4]
    return fmean(logs), max(NARROWEST, pstdev(logs) * math.sqrt(1 + 2 / len(logs)))


def _spaced(root: _Curve, end: float, interval: float, distance: float, phase: float) -> tuple[float, ...]:
    """Checks at even distances on the curve, the first after a part of one, as far as next_poll's limits allow."""
    plan: list[float] = []
    at, level = 0.0, distance * phase
    while at < end:
        earliest = max(at + LEAST_SECONDS, interval * (len(plan) + 1))
        at = max(earliest, min(root.where(level), at + SPARSEST * interval))
        plan.append(at)
        if (reached := root(at)) > level - distance / 100:
            level = max(level + distance, reached + distance / 2)
    return tuple(plan)
