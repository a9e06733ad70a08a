"""When to look at a running job next: by what jobs of its kind took, within what the fixed interval would cost."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, pairwise
from statistics import quantiles, stdev

LEAST_SECONDS = 10.0
"""Between two checks of a job: OpenRouter asks for 10 to 30."""
SPARSEST = 4
"""Intervals that a job is left alone for at most: it may also fail, and then earlier than it would finish."""
MOST = 2
"""Times the checks of the fixed interval that a single job gets at most."""
LATEST = 100
"""Intervals that are planned for; after them the fixed interval holds."""
POINTS = 400
"""About as many moments are considered: planning takes processor time (some milliseconds)."""
NARROWEST = 0.05
"""Least standard deviation of the logarithm: jobs that took the same do not prove that the next will."""
WIDEST = 0.55
"""Most standard deviation of the logarithm that is planned for: lengths so different gain little from a plan, and the
few early checks of one would hide the short jobs from the history."""
ROUNDS = 9
"""Of the search for the price of a check; the last one changes it by 2 %."""


def next_poll(elapsed: float, polls_made: int, history: tuple[float, ...], interval: float) -> float:
    """Seconds until the next check of a job that was submitted `elapsed` seconds ago and has been checked so often.

    history: seconds that jobs of its kind took, ascending; empty: checks come at the fixed interval. With history they
    are saved up at first and spent around the expected end, by a plan whose number of checks, in the mean over the
    history, is no more than the fixed interval would have made. A single job may get more than that: at no moment more
    than MOST times as many. Checks are never less than LEAST_SECONDS apart, never more than SPARSEST intervals, never
    more than one interval once nearly all such jobs have ended; after all of them have, the fixed interval holds.
    """
    plan = _plan(history, interval) if history else None
    return plan.pause(elapsed, polls_made) if plan else interval


@dataclass(frozen=True)
class _Plan:
    """For moments a step apart, from the submit on: the number of the moment at which to check next."""

    step: float
    interval: float
    next: tuple[int, ...]

    def pause(self, elapsed: float, polls_made: int) -> float:
        """Seconds from now to the next check, within every bound; see next_poll."""
        earliest = (polls_made + 1) * self.interval / MOST - elapsed
        if earliest > self.interval / MOST + 1:  # checked before there was a plan
            return self.interval
        now = round(elapsed / self.step)
        planned = self.next[now] * self.step - elapsed if now < len(self.next) else self.interval
        return max(LEAST_SECONDS, earliest, planned)

    def checks(self, until: float) -> list[float]:
        """Seconds after the submit of the checks of a job that lasts so long."""
        made, elapsed = list[float](), 0.0
        while elapsed < until:
            elapsed += self.pause(elapsed, len(made))
            made.append(elapsed)
        return made


class _Ends:
    """How likely a job has ended by each of the moments, and the sums over it that a wait is made of."""

    def __init__(self, history: Sequence[float], interval: float) -> None:
        logs = [math.log(seconds) for seconds in history]
        spread = _bandwidth(logs)
        self.end = min(history[-1] * math.exp(3 * spread), LATEST * interval)
        self.interval = interval
        self.per_least = max(1, min(10, int(POINTS * LEAST_SECONDS / self.end)))
        self.step = LEAST_SECONDS / self.per_least
        self.count = math.ceil(self.end / self.step)
        sparsest = math.ceil(SPARSEST * interval / self.step)
        self.most = int(history[int(0.9 * (len(history) - 1))] * math.exp(spread) / self.step)
        inside = [_share(logs, spread, math.log(number * self.step)) for number in range(1, self.count)]
        self.ended = [0.0, *inside, *[1.0] * (sparsest + 2)]
        areas = (self.step * (before + after) / 2 for before, after in pairwise(self.ended))
        self.area = list(accumulate(areas, initial=0.0))

    def cost(self, checks: Sequence[int]) -> tuple[float, float]:
        """Expected seconds from the end to the check that sees it, and expected number of checks."""
        last = len(self.ended) - 1
        wait = polls = 0.0
        for start, at in pairwise([0, *checks]):
            here, there = min(start, last), min(at, last)
            passed = (at - here) * self.step
            wait += self.area[there] + (at - there) * self.step - self.area[here] - self.ended[here] * passed
            polls += 1 - self.ended[here]
        return wait, polls

    def best(self, price: float) -> _Plan:
        """The plan of the least expected wait, when each check costs as much as `price` seconds of waiting.

        From the end to the start: what is best after a moment does not depend on how it was reached. The best next
        moment is never later for an earlier moment, which leaves few to try.
        """
        ended, moments = self.ended, [number * self.step for number in range(len(self.ended))]
        costs, following = list(self.area), [0] * self.count
        usual, sparsest = int(self.interval / self.step), int(SPARSEST * self.interval / self.step)
        at = len(moments) - 1
        for now in range(self.count - 1, -1, -1):
            first = now + self.per_least
            last = max(first, min(at, max(now + usual, min(now + sparsest, self.most))))
            share = ended[now]
            least = math.inf
            for later in range(first, last + 1):
                cost = costs[later] - share * moments[later]
                if cost < least:
                    least, at = cost, later
            following[now] = at
            costs[now] = price * (1 - share) + share * moments[now] + least
        return _Plan(self.step, self.interval, tuple(following))


@lru_cache(maxsize=256)
def _plan(seen: tuple[float, ...], interval: float) -> _Plan | None:
    """The plan of the least expected wait that costs no more checks than the fixed interval; None: keep to that.

    Both on the smoothed history and on the history itself. A higher price of a check makes fewer of them.
    """
    history = ends_of(seen)
    if stdev(math.log(seconds) for seconds in history) > WIDEST:
        return None
    ends = _Ends(history, interval)
    every = interval / ends.step
    fixed = [round(every * number) for number in range(1, math.ceil(ends.count / every) + 1)]
    _, allowed = ends.cost(fixed)
    allowed_seen = sum(math.ceil(seconds / interval) for seconds in history)
    lowest, highest = math.log(interval / 600), math.log(interval * 10)
    best: tuple[float, _Plan] | None = None
    for _ in range(ROUNDS):
        middle = (lowest + highest) / 2
        plan = ends.best(math.exp(middle))
        checks = plan.checks(max(ends.end, history[-1]))
        wait, polls = ends.cost([round(at / ends.step) for at in checks])
        seen_polls = sum(bisect_left(checks, seconds) + 1 for seconds in history)
        if polls <= allowed and seen_polls <= allowed_seen:
            highest = middle
            if best is None or wait < best[0]:
                best = wait, plan
        else:
            lowest = middle
    return best[1] if best else None


def ends_of(seen: Sequence[float]) -> tuple[float, ...]:
    """When jobs ended that checks found ended at these times: half of the least time between two checks before, at the
    latest in the mean. Without it a plan would follow its own delays.
    """
    return tuple(max(1.0, seconds - LEAST_SECONDS / 2) for seconds in seen)


def _bandwidth(logs: Sequence[float]) -> float:
    """How far each job of the history stands for others: Silverman's rule, on logarithms."""
    quarter, _, three = quantiles(logs, n=4, method="inclusive")
    deviation = stdev(logs)
    width = min(deviation, (three - quarter) / 1.34) if three > quarter else deviation
    return max(NARROWEST, 0.9 * width * len(logs) ** -0.2)


def _share(logs: Sequence[float], spread: float, at: float) -> float:
    """Share of the smoothed history that has ended by then."""
    return sum(0.5 * math.erfc((log - at) / (spread * math.sqrt(2))) for log in logs) / len(logs)
