"""When to look at a running job next: by what jobs of its kind took, within what the fixed interval would cost."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, pairwise
from statistics import fmean, quantiles, stdev

from dailies.store.model_history import JobDuration

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
CARRIED = 10
"""Jobs over which checks that earlier ones saved are spent, or what they took too many is saved again."""
SWAY = 0.25
"""Share of the fixed interval's checks by which a plan may be above or below them for that."""
SLACK = 0.05
"""Share of the checks of earlier jobs by which they may be overdrawn before the next one is held to the interval."""
SMOOTHING = 1.3
"""Bandwidth beside Silverman's rule, which has 0.9: the spread of the whole is kept, so more of it does less harm."""
FINEST = 12
"""Most moments at which one job may have ended, of those that are considered."""
WORTH = 0.9
"""Share of the fixed interval's wait that a plan may expect at most: a smaller gain may be chance."""
ROUNDS = 9
"""Of the search for the price of a check; the last one changes it by 2 %."""


def next_poll(elapsed: float, polls_made: int, history: tuple[JobDuration, ...], interval: float) -> float:
    """Seconds until the next check of a job that was submitted `elapsed` seconds ago and has been checked so often.

    history: what jobs of its kind took; empty: checks come at the fixed interval. With history they are saved up at
    first and spent around the expected end, by a plan. In the mean over the smoothed history it makes as many checks as
    the fixed interval would, more by what earlier jobs saved, or less by what they took too many. A single job may get
    more than that: at no moment more than MOST times as many, and none more once its kind is overdrawn. Checks are
    never less than LEAST_SECONDS apart, never more than SPARSEST intervals, never more than one interval once nearly
    all such jobs have ended. The fixed interval holds after all of them have, and when no plan expects to wait
    a tenth less.
    """
    plan = _plan(history, interval) if history else None
    return plan.pause(elapsed, polls_made) if plan else interval


def usual_checks(one: JobDuration, interval: float) -> float:
    """Checks that the fixed interval would have made of a job, in the mean over when it may have ended."""
    ends = _ends_of(one)
    return sum(math.ceil(end / interval) for end in ends) / len(ends)


def _ends_of(one: JobDuration) -> list[float]:
    """Seconds, evenly from the last check before the end to the one after it: it ended at one of them.

    A plan that took one of them for certain would follow its own delays, and miss what its sparse checks hide.
    """
    gap = one.by - one.after
    count = max(1, min(FINEST, round(gap / LEAST_SECONDS)))
    return [one.after + gap * (number + 0.5) / count for number in range(count)]


@dataclass(frozen=True)
class _Plan:
    """For moments a step apart, from the submit on: the number of the moment at which to check next.

    credit: checks that a job may be ahead of the fixed interval.
    """

    step: float
    interval: float
    credit: float
    next: tuple[int, ...]

    def pause(self, elapsed: float, polls_made: int) -> float:
        """Seconds from now to the next check, within every bound; see next_poll."""
        number = polls_made + 1
        earliest = max(number / MOST, number - self.credit) * self.interval - elapsed
        if earliest > self.interval:  # checked before there was a plan
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

    def __init__(self, history: Sequence[JobDuration], interval: float, credit: float) -> None:
        middles = sorted(one.middle for one in history)
        spread = _bandwidth([_log(seconds) for seconds in middles])
        smoothed = _smoothed(history, middles, spread)
        self.end = min(history[-1].by * math.exp(3 * spread), LATEST * interval)
        self.interval, self.credit = interval, credit
        self.per_least = max(1, min(10, int(POINTS * LEAST_SECONDS / self.end)))
        self.step = LEAST_SECONDS / self.per_least
        self.count = math.ceil(self.end / self.step)
        sparsest = math.ceil(SPARSEST * interval / self.step)
        self.most = int(middles[int(0.9 * (len(history) - 1))] * math.exp(spread) / self.step)
        inside = [_share(smoothed, spread, math.log(number * self.step)) for number in range(1, self.count)]
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
        return _Plan(self.step, self.interval, self.credit, tuple(following))


@lru_cache(maxsize=256)
def _plan(history: tuple[JobDuration, ...], interval: float) -> _Plan | None:
    """The plan of the least expected wait for the checks that are to be had; None: it is not worth it."""
    would = sum(usual_checks(one, interval) for one in history)
    saved = would - sum(one.polls for one in history)
    ends = _Ends(history, interval, max(0.0, 1 + saved + SLACK * would))
    every = interval / ends.step
    fixed = [round(every * number) for number in range(1, math.ceil(ends.count / every) + 1)]
    fixed_wait, usual = ends.cost(fixed)
    allowed = usual * (1 + max(-SWAY, min(SWAY, saved / CARRIED / usual)))
    lowest, highest = math.log(interval / 600), math.log(interval * 10)
    best: tuple[float, _Plan] | None = None
    for _ in range(ROUNDS):
        middle = (lowest + highest) / 2
        plan = ends.best(math.exp(middle))
        wait, polls = ends.cost([round(at / ends.step) for at in plan.checks(ends.end)])
        if polls <= allowed:
            highest = middle
            if best is None or wait < best[0]:
                best = wait, plan
        else:
            lowest = middle
    return best[1] if best and best[0] <= WORTH * fixed_wait else None


def _log(seconds: float) -> float:
    return math.log(max(1.0, seconds))


def _bandwidth(logs: Sequence[float]) -> float:
    """How far each job of the history stands for others, on logarithms."""
    quarter, _, three = quantiles(logs, n=4, method="inclusive")
    deviation = stdev(logs)
    width = min(deviation, (three - quarter) / 1.34) if three > quarter else deviation
    return max(NARROWEST, SMOOTHING * width * len(logs) ** -0.2)


def _smoothed(history: Sequence[JobDuration], middles: Sequence[float], spread: float) -> list[tuple[float, float]]:
    """Logarithm of each moment at which a job may have ended, and its weight; the weights add up to 1.

    They are drawn towards the mean, so that the spread around each of them leaves the spread of the whole as it was.
    """
    logs = [_log(seconds) for seconds in middles]
    mean, deviation = fmean(logs), stdev(logs)
    drawn = math.sqrt(max(0.0, 1 - (spread / deviation) ** 2)) if deviation > 0 else 0.0
    moments = ((end, 1 / len(ends) / len(history)) for ends in map(_ends_of, history) for end in ends)
    return [(mean + drawn * (_log(end) - mean), weight) for end, weight in moments]


def _share(smoothed: Sequence[tuple[float, float]], spread: float, at: float) -> float:
    """Share of the smoothed history that has ended by then."""
    scale = spread * math.sqrt(2)
    return sum(weight * 0.5 * math.erfc((log - at) / scale) for log, weight in smoothed)
