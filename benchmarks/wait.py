"""Wait of a finished job until the bot notices, by the number of jobs that run at the same time.

    python -m benchmarks.wait --jobs 1,50,200,600

Policies: "fixed 30 s" and "fixed 10 s" check at these intervals. "bot" asks the bot's own function
(dailies.jobs.schedule.interval, with the default of POLL_INTERVAL_SECONDS) before each wait. "webhooks" asks it too,
for a bot that has webhooks, and a report ends the wait; how late that comes is measured, for REPORTED jobs of the
sandbox's OpenRouter that are reported to the unmodified bot's web server on loopback.

Time is simulated: as many jobs as told are resumed together, and where one ends another begins. Their lengths are drawn
from what is published of real models (benchmarks/lengths.py; hardly any of it is a recording). Waits end on the bot's
own ticks; checks take no time.

mean_wait_s, p95_wait_s: from the end of a job to the answer of the check that finds it. polls_per_job: all checks, the
last one included. looks_per_s: checks of all jobs in a second, in the mean.
"""

from __future__ import annotations

import argparse
import asyncio
import heapq
import json
import math
import random
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import fmean

from aiohttp import web
from aiohttp.typedefs import Handler

from benchmarks.lengths import PUBLISHED
from benchmarks.load import percentile
from benchmarks.running import say
from dailies.jobs import ticks
from dailies.jobs.schedule import interval
from dailies.settings import Settings
from sandbox.clock import Clock
from sandbox.openrouter import OpenRouterServer
from sandbox.openrouter.jobs import Job as Remote
from sandbox.stack import KEY, Stack
from tests.e2e.scene import Scene
from tests.support.videos import render

JOB_SECONDS = 1_000_000
"""Simulated for each policy, of all jobs together: some 8,000 jobs."""
REPORTED = 12
"""Jobs whose ends are really reported."""

LEAST = Settings.from_env({"DISCORD_TOKEN": "none", "OPENROUTER_API_KEY": "none"}).poll_interval_seconds
POLICIES: dict[str, Callable[[int], float]] = {
    "fixed 30 s": lambda _: 30.0,
    "fixed 10 s": lambda _: 10.0,
    "bot": lambda running: interval(LEAST, running),
    "webhooks": lambda running: interval(LEAST, running, webhooks=True),
}
"""Seconds between two checks of a job, by how many are running."""


@dataclass
class PollingResult:
    """Outcome of a policy. looks: those of jobs that had not ended included."""

    seconds: float
    waits: list[float] = field(default_factory=list[float])
    polls: int = 0
    looks: int = 0

    def to_json(self, policy: str, jobs: int) -> dict[str, str | float]:
        """One entry of what is printed."""
        return {
            "policy": policy,
            "jobs": jobs,
            "mean_wait_s": round(fmean(self.waits), 2),
            "p95_wait_s": round(percentile(self.waits, 95), 2),
            "polls_per_job": round(self.polls / len(self.waits), 2),
            "looks_per_s": round(self.looks / self.seconds, 2),
        }


def length(rng: random.Random) -> float:
    """Seconds that a job takes, of one of the published models."""
    model = rng.choice(PUBLISHED)
    return rng.lognormvariate(math.log(model.median), model.spread)


def simulated(
    policy: Callable[[int], float], jobs: int, reports: Sequence[float] = (), *, job_seconds: float = JOB_SECONDS
) -> PollingResult:
    """So many jobs at a time, looked at by a policy. reports: delays of reports, for each job one of them."""
    rng = random.Random(jobs)
    pause = policy(jobs)

    def look(at: float, seconds: float, ends: float) -> float:
        planned = ticks.ends(at, seconds)
        return min(planned, ends + rng.choice(reports)) if reports and ends < planned else planned

    # Whole intervals, so that every job counts as often in looks_per_s, wherever in the interval its looks fall.
    seen = PollingResult(pause * math.ceil(job_seconds / jobs / pause))
    lengths = [length(rng) for _ in range(jobs)]
    running = [(look(0.0, pause * rng.random(), ends), number, ends, 0) for number, ends in enumerate(lengths)]
    heapq.heapify(running)
    while running[0][0] < seen.seconds:
        at, number, ends, polls = running[0]
        polls += 1
        seen.looks += 1
        if ends <= at:
            seen.waits.append(at - ends)
            seen.polls += polls
            ends, polls = at + length(rng), 0
        heapq.heapreplace(running, (look(at, policy(len(running)), ends), number, ends, polls))
    return seen


async def reported() -> list[float]:
    """Seconds from the end of a job to the answer of the check that its report brings about."""
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
    return [noticed[name] - at for name, at in ended.items()]


def main(arguments: list[str]) -> int:
    """Run it; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.wait", description="From finished to noticed.")
    parser.add_argument("--jobs", default="1,50,200,600", help="at the same time; several numbers: one after another")
    given = parser.parse_args(arguments).jobs.split(",")
    if not all(number.isdecimal() and int(number) for number in given):
        parser.error("--jobs must be whole numbers of at least 1, with commas between them")
    delays = asyncio.run(reported())
    policies: list[dict[str, str | float]] = []
    for jobs in map(int, given):
        for name, policy in POLICIES.items():
            policies.append(simulated(policy, jobs, delays if name == "webhooks" else ()).to_json(name, jobs))
            say(json.dumps(policies[-1]))
    print(json.dumps({"policies": policies}))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
