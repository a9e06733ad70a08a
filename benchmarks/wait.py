"""Time between the end of a job and the bot's noticing it, by policy of checks.

    python -m benchmarks.wait

Policies: "fixed 30 s" checks every 30 seconds. "history" is next_poll with Estimates, the bot's own functions: each
series begins without any history, and learns only what the bot would have seen of earlier jobs (between which two
checks they ended). "known" is the same plan for one who knows the distribution from the first job on: the difference is
what learning costs. "webhooks" are not simulated: the sandbox's OpenRouter reports the ends of real jobs to the
unmodified bot's web server on loopback.

mean_wait_s, p95_wait_s: from the end of a job to the answer of the check that finds it. polls_per_job: all checks, the
last one included. Checks take no time in the simulation.

policies: over what is published of real models (benchmarks/lengths.py: hardly any of it is a recording), each read as
wide as it can be. repeated: the same medians with the narrow spread that one recording found for one request sent
again. A kind's jobs (one model, length, resolution) lie between the two; where, only its own history can say. odd: what
no model is known to be, shown so that it is seen where a plan fails. distributions: each, as ratios to the fixed one.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import random
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import fmean

from aiohttp import web
from aiohttp.typedefs import Handler

from benchmarks.lengths import ODD, PUBLISHED, REPEATED, Draw, lognormal
from benchmarks.load import percentile
from benchmarks.running import say
from dailies.catalog.options import VideoRequest
from dailies.job import Job, Place
from dailies.jobs.durations import Estimates
from dailies.jobs.schedule import next_poll
from dailies.store.model_history import JobDuration
from sandbox.clock import Clock
from sandbox.openrouter import OpenRouterServer
from sandbox.openrouter.jobs import Job as Remote
from sandbox.stack import KEY, Stack
from tests.e2e.scene import Scene
from tests.support.videos import render

INTERVAL = 30.0
KNOWN = 300
"""Jobs known to someone who knows a distribution."""
REPORTED = 12
"""Jobs whose ends are really reported."""

Next = Callable[[float, int, tuple[JobDuration, ...], float], float]


@dataclass
class Seen:
    """Results of a policy over some jobs."""

    waits: list[float] = field(default_factory=list[float])
    polls: int = 0

    def to_json(self, policy: str) -> dict[str, str | float]:
        """Return one entry of the printed result."""
        return {
            "policy": policy,
            "mean_wait_s": round(fmean(self.waits), 2),
            "p95_wait_s": round(percentile(self.waits, 95), 2),
            "polls_per_job": round(self.polls / len(self.waits), 2),
        }

    def add(self, other: Seen) -> None:
        """Take in another one's jobs."""
        self.waits += other.waits
        self.polls += other.polls

    def beside(self, fixed: Seen) -> dict[str, float]:
        """Return mean wait and checks as shares of the fixed interval's for the same jobs."""
        return {
            "wait_ratio": round(fmean(self.waits) / fmean(fixed.waits), 3),
            "polls_ratio": round(self.polls / fixed.polls, 3),
        }


def fixed(_elapsed: float, _polls: int, _history: tuple[JobDuration, ...], interval: float) -> float:
    """Check every interval."""
    return interval


def series(lengths: list[float], policy: Next, known: tuple[JobDuration, ...] | None = None) -> Seen:
    """Run one job after the other; each is added to the history as it was seen. known: used instead of that history."""
    estimates, seen = Estimates(), Seen()
    request = VideoRequest(prompt="A boat", model="a/b", model_name="A: B", duration=5, resolution="720p")
    clock = 0.0
    for number, length in enumerate(lengths):
        job = Job(str(number), str(number), Place(None, 1, 1), request, (), clock, submitted_at=clock)
        history = estimates.history(job) if known is None else known
        before = elapsed = 0.0
        polls = 0
        while elapsed < length:
            before = elapsed
            elapsed += policy(elapsed, polls, history, INTERVAL)
            polls += 1
        seen.waits.append(elapsed - length)
        seen.polls += polls
        estimates.finished(replace(job, checked_at=clock + elapsed, running_at=clock + before, polls=polls))
        clock += elapsed
    return seen


def exactly(draw: Draw, name: str) -> tuple[JobDuration, ...]:
    """Return KNOWN jobs as a history that hides nothing."""
    rng = random.Random(f"{name} known")
    ends = sorted(draw(rng, 0.0) for _ in range(KNOWN))
    return tuple(JobDuration(end * 0.999, end, math.ceil(end / INTERVAL)) for end in ends)


def simulated(name: str, draw: Draw, jobs: int, seeds: int, *, stable: bool = True) -> dict[str, Seen]:
    """Run the policies over series of one distribution. stable: it can be known beforehand."""
    parts = {"fixed 30 s": Seen(), "history": Seen()} | ({"known": Seen()} if stable else {})
    known = exactly(draw, name) if stable else None
    for seed in range(seeds):
        rng = random.Random(f"{name} {seed}")
        lengths = [draw(rng, number / jobs) for number in range(jobs)]
        for policy, part in parts.items():
            part.add(
                series(lengths, fixed if policy == "fixed 30 s" else next_poll, known if policy == "known" else None)
            )
    usual = parts["fixed 30 s"]
    for policy, part in parts.items():
        say(f"{name}: {json.dumps(part.to_json(policy) | part.beside(usual))}")
    return parts


def total(all_parts: list[dict[str, Seen]]) -> list[dict[str, str | float]]:
    """Run each policy over all distributions."""
    sums: dict[str, Seen] = {}
    for parts in all_parts:
        for policy, part in parts.items():
            sums.setdefault(policy, Seen()).add(part)
    return [seen.to_json(policy) for policy, seen in sums.items()]


async def reported() -> dict[str, str | float]:
    """Measure real jobs, real reports, the real web server."""
    ended: dict[str, float] = {}
    noticed: dict[str, float] = {}
    with tempfile.TemporaryDirectory(prefix="dailies-wait-") as folder:
        video = await asyncio.to_thread(render, Path(folder) / "video.mp4")
        clock = Clock(1.0)
        openrouter = OpenRouterServer(clock, key=KEY, queue_seconds=1, work_seconds=2, video=video)
        report = openrouter.webhooks.ended

        def note_end(job: Remote) -> None:
            ended[job.id] = time.monotonic()
            report(job)

        @web.middleware
        async def note_check(request: web.Request, handler: Handler) -> web.StreamResponse:
            answer = await handler(request)
            name = request.path.rpartition("/")[2]
            if request.method == "GET" and name in ended:
                noticed.setdefault(name, time.monotonic())
            return answer

        openrouter.webhooks.ended = note_end
        openrouter.middlewares.append(note_check)
        async with Stack(clock=clock, openrouter=openrouter, webhooks=True) as stack:
            scene = Scene(stack)
            for number in range(REPORTED):
                await scene.ask(f"A boat, take {number}")
        polls = openrouter.polls
    return Seen([noticed[name] - at for name, at in ended.items()], polls).to_json("webhooks")


def main(arguments: list[str]) -> int:
    """Run the benchmark as the module's docstring says; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.wait", description="From finished to noticed.")
    parser.add_argument("--jobs", type=int, default=150, help="in a series")
    parser.add_argument("--seeds", type=int, default=2, help="series of each distribution")
    options = parser.parse_args(arguments)
    if options.jobs < 1 or options.seeds < 1:
        parser.error("--jobs and --seeds must be at least 1")
    size = (options.jobs, options.seeds)
    published = {one.model: simulated(one.model, lognormal(one.median, one.spread), *size) for one in PUBLISHED}
    repeated = {
        f"{one.model}, repeated": simulated(f"{one.model}, repeated", lognormal(one.median, REPEATED), *size)
        for one in PUBLISHED
    }
    odd = {name: simulated(name, draw, *size, stable=False) for name, draw in ODD.items()}
    result = {
        "policies": [*total(list(published.values())), asyncio.run(reported())],
        "repeated": total(list(repeated.values())),
        "odd": total(list(odd.values())),
        "distributions": {
            name: {policy: seen.beside(parts["fixed 30 s"]) for policy, seen in parts.items() if policy != "fixed 30 s"}
            for name, parts in (published | repeated | odd).items()
        },
    }
    print(json.dumps(result))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
