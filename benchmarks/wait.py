"""How long a finished job waits until the bot notices, by when it looks.

    python -m benchmarks.wait

Policies: "fixed 30 s" checks every 30 seconds. "history" is next_poll with Estimates, the bot's own functions: each
series begins without any history, and learns only what the bot would have seen of earlier jobs (when a check found them
finished, not when they were). "webhooks" are not simulated: the sandbox's OpenRouter reports the ends of real jobs to
the unmodified bot's web server on loopback.

mean_wait_s, p95_wait_s: from the end of a job to the answer of the check that finds it. polls_per_job: all checks, the
last one included.

The lengths are NOT recordings: this project has none. OpenRouter's documents name no times; one run that took 41 s is
known. So the lengths are drawn from lognormal distributions, what queues and renderings tend to look like, with medians
around that figure and above it, and standard deviations of the logarithm from jobs that take nearly the same (0.1) to
jobs whose ninth decile is 2.8 times the first (0.4). Printed are means over all of them; each one goes to standard
error. Which of them is like a real model, only its own history can say. Checks take no time in the simulation.
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

from benchmarks.load import percentile
from benchmarks.running import say
from dailies.jobs.checks import next_poll
from dailies.jobs.estimates import Estimates
from dailies.jobs.job import Job, Place
from dailies.openrouter.options import VideoRequest
from sandbox.clock import Clock
from sandbox.openrouter import OpenRouterServer
from sandbox.openrouter.jobs import Job as Remote
from sandbox.stack import KEY, Stack
from tests.e2e.scene import Scene
from tests.support.videos import render

INTERVAL = 30.0
MEDIANS = (41.0, 90.0, 180.0, 600.0)
SPREADS = (0.1, 0.2, 0.3, 0.4)
REPORTED = 12
"""Jobs whose ends are really reported."""

Next = Callable[[float, int, tuple[float, ...], float], float]


@dataclass
class Seen:
    """What a policy made of some jobs."""

    waits: list[float] = field(default_factory=list[float])
    polls: int = 0

    def to_json(self, policy: str) -> dict[str, str | float]:
        """One entry of what is printed."""
        return {
            "policy": policy,
            "mean_wait_s": round(fmean(self.waits), 2),
            "p95_wait_s": round(percentile(self.waits, 95), 2),
            "polls_per_job": round(self.polls / len(self.waits), 2),
        }


def fixed(_elapsed: float, _polls: int, _history: tuple[float, ...], interval: float) -> float:
    """A check every interval."""
    return interval


def series(lengths: list[float], policy: Next) -> Seen:
    """One job after the other; each is added to the history as it was seen."""
    estimates, seen = Estimates(), Seen()
    request = VideoRequest(prompt="A boat", model="a/b", model_name="A: B", duration=5, resolution="720p")
    clock = 0.0
    for number, length in enumerate(lengths):
        job = Job(str(number), str(number), Place(None, 1, 1), request, (), clock, submitted_at=clock)
        history = estimates.history(job)
        elapsed, polls = 0.0, 0
        while elapsed < length:
            elapsed += policy(elapsed, polls, history, INTERVAL)
            polls += 1
        seen.waits.append(elapsed - length)
        seen.polls += polls
        clock += elapsed
        estimates.finished(replace(job, checked_at=clock))
    return seen


def simulated(jobs: int, seeds: int) -> list[dict[str, str | float]]:
    """The two policies over all distributions."""
    totals = {"fixed 30 s": Seen(), "history": Seen()}
    for middle in MEDIANS:
        for spread in SPREADS:
            parts = {name: Seen() for name in totals}
            for seed in range(seeds):
                rng = random.Random(f"{middle} {spread} {seed}")
                lengths = [rng.lognormvariate(math.log(middle), spread) for _ in range(jobs)]
                for (name, part), policy in zip(parts.items(), (fixed, next_poll), strict=True):
                    one = series(lengths, policy)
                    for sums in (part, totals[name]):
                        sums.waits += one.waits
                        sums.polls += one.polls
            both = [part.to_json(name) for name, part in parts.items()]
            say(f"median {middle:g} s, spread {spread}: {json.dumps(both)}")
    return [total.to_json(name) for name, total in totals.items()]


async def reported() -> dict[str, str | float]:
    """Real jobs, real reports, the real web server."""
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
    """See the module's docstring; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.wait", description="From finished to noticed.")
    parser.add_argument("--jobs", type=int, default=150, help="in a series")
    parser.add_argument("--seeds", type=int, default=3, help="series of each distribution")
    options = parser.parse_args(arguments)
    if options.jobs < 1 or options.seeds < 1:
        parser.error("--jobs and --seeds must be at least 1")
    policies = [*simulated(options.jobs, options.seeds), asyncio.run(reported())]
    print(json.dumps({"policies": policies}))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
