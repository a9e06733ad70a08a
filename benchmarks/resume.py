"""Start the bot on thousands of unfinished jobs, and measure what they cost.

    python -m benchmarks.resume --jobs 5000 --database sqlite

The jobs are submitted ones; OpenRouter's stand-in answers every check "in_progress", so they go on for ever. Discord's
stand-in keeps Discord's rate limits. Clocks run at their natural speed, settings are the defaults. Printed are:

seconds_to_resume: from the start of the process to its log line "resumed N unfinished jobs", beyond what the same
    takes with an empty database. Then every job has its task.
seconds_to_all_polling: from Discord's READY to the moment at which every job's task runs and has its next check
    scheduled within the interval, which is what the log line says; 0 when that was before READY.
seconds_to_all_checked: from READY to the moment at which every job was looked at once. Resumed jobs spread their first
    checks over one interval on purpose, so this is about the interval, unless the bot is overloaded.
rss_mb, kb_per_job: memory after the measured interval; kb_per_job is what it is over that of an idle bot, divided.
resuming_cpu_percent: of one core, over as long an interval that begins when all jobs were looked at. A bot that has
    just started does not know what the statuses say, so each is edited once, as fast as Discord's limits allow.
idle_cpu_percent: of one core, over the measured interval, which begins when every status was edited once. Nothing
    happens in it but checks and edits that say when a job was last checked. base_cpu_percent is that of a bot without
    a job.
polls_per_second, edits_per_second, edits_refused: in that interval; refused are Discord's answers 429.
polls_spread: the most checks in one second of the interval over the mean.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from benchmarks.databases import DATABASES, database
from benchmarks.fill import PREFIX, fill
from benchmarks.gauge import cpu_percent, rss_kb
from benchmarks.running import bot_pid, say
from dailies.database import sqlite_url
from sandbox.stack import Stack

MEASURED_SECONDS = 30.0
BASE_SECONDS = 10.0
READY_SECONDS = 120.0
LONGEST = 180.0
"""Seconds after READY in which every job must have been looked at, and in which every 5,000 must have been edited."""
JOBS_IN_A_CHANNEL = 10


@dataclass
class Traffic:
    """The bot's requests to the stand-ins. Times are those of time.monotonic()."""

    polls: list[tuple[float, str]] = field(default_factory=list[tuple[float, str]])
    edits: list[tuple[float, int]] = field(default_factory=list[tuple[float, int]])
    edited: set[str] = field(default_factory=set[str])

    def openrouter(self) -> Middleware:
        """Answers checks of the prepared jobs; they are never done."""

        @web.middleware
        async def running(request: web.Request, handler: Handler) -> web.StreamResponse:
            name = request.path.rpartition("/")[2]
            if not name.startswith(PREFIX):
                return await handler(request)
            self.polls.append((time.monotonic(), name))
            return web.json_response({"id": name, "polling_url": str(request.url), "status": "in_progress"})

        return running

    def discord(self) -> Middleware:
        """Notes edits and their answers."""

        @web.middleware
        async def noted(request: web.Request, handler: Handler) -> web.StreamResponse:
            answer = await handler(request)
            if request.method == "PATCH":
                self.edits.append((time.monotonic(), answer.status))
                if answer.status == 200:
                    self.edited.add(request.path)
            return answer

        return noted


async def resume(*, jobs: int, channels: int, settings: dict[str, str], seconds: float) -> dict[str, float]:
    """Run it; the module's docstring explains the figures."""
    traffic = Traffic()
    with tempfile.TemporaryDirectory(prefix="dailies-resume-") as folder:
        data_dir = Path(folder)
        url = settings.get("DATABASE_URL") or sqlite_url(data_dir / "dailies.sqlite")
        stack = Stack(environment=settings, data_dir=data_dir, start_bot=False, ready_seconds=READY_SECONDS)
        stack.discord.api.keeps_bodies = False
        stack.openrouter.middlewares.append(traffic.openrouter())
        stack.discord.middlewares.append(traffic.discord())
        async with stack:
            began = time.monotonic()
            base_start = (await _start(stack, 0))[0] - began
            base_cpu = await cpu_percent(bot_pid(stack), BASE_SECONDS)
            base_kb = rss_kb(bot_pid(stack))
            await stack.bot.stop()
            say(f"empty: resumed after {base_start:.2f} s, {base_kb / 1024:.1f} MB, {base_cpu:.1f} % of a core")
            await fill(stack, url, data_dir, jobs=jobs, channels=channels)
            say(f"{jobs} jobs in {channels} channels are in the database")
            began = time.monotonic()
            polling, ready = await _start(stack, jobs)
            start = polling - began
            say(f"resumed after {start:.2f} s, {ready - polling:.2f} s before READY")
            all_polled = await _all_polled(traffic, jobs, ready)
            say(f"every job was looked at {all_polled:.1f} s after READY")
            resuming_cpu = await cpu_percent(bot_pid(stack), seconds)
            await _all_edited(traffic, jobs, ready)
            begins = time.monotonic()
            cpu = await cpu_percent(bot_pid(stack), seconds)
            kilobytes = rss_kb(bot_pid(stack))
            return {
                "jobs": jobs,
                "channels": channels,
                "seconds_to_resume": round(start - base_start, 2),
                "seconds_to_all_polling": round(max(0.0, polling - ready), 2),
                "seconds_to_all_checked": round(all_polled, 1),
                "rss_mb": round(kilobytes / 1024, 1),
                "base_rss_mb": round(base_kb / 1024, 1),
                "kb_per_job": round((kilobytes - base_kb) / jobs, 1),
                "resuming_cpu_percent": round(resuming_cpu, 1),
                "idle_cpu_percent": round(cpu, 1),
                "base_cpu_percent": round(base_cpu, 1),
                **_rates(traffic, begins, time.monotonic()),
            }


async def _start(stack: Stack, jobs: int) -> tuple[float, float]:
    """Start the bot; returns when it had resumed its jobs, and when it was READY (time.monotonic())."""
    log = stack.bot.log_path
    before = log.stat().st_size if log.exists() else 0
    starting = asyncio.create_task(stack.start_bot())
    line = re.compile(rb"resumed (\d+) unfinished jobs")
    found = None
    while not (found and log.exists()):
        if starting.done():
            await starting  # raises when the bot did not come up
        await asyncio.sleep(0.01)
        found = line.search(await asyncio.to_thread(log.read_bytes), before) if log.exists() else None
    resumed = time.monotonic()
    if int(found.group(1)) != jobs:
        raise RuntimeError(f"the bot resumed {int(found.group(1))} jobs, not {jobs}")
    await starting
    return resumed, time.monotonic()


async def _all_polled(traffic: Traffic, jobs: int, ready: float) -> float:
    """Return seconds from READY to the first check of the last job."""
    while len(first := _firsts(traffic)) < jobs:
        if time.monotonic() - ready > LONGEST:
            raise RuntimeError(f"only {len(first)} of {jobs} jobs were looked at in {LONGEST:g} s")
        await asyncio.sleep(0.25)
    return max(first.values()) - ready


async def _all_edited(traffic: Traffic, jobs: int, ready: float) -> None:
    while len(traffic.edited) < jobs:
        if time.monotonic() - ready > LONGEST * max(1.0, jobs / 5000):
            raise RuntimeError(f"only {len(traffic.edited)} of {jobs} statuses were edited in time")
        await asyncio.sleep(0.25)
    say(f"every status was edited {time.monotonic() - ready:.1f} s after READY")


def _firsts(traffic: Traffic) -> dict[str, float]:
    return {name: at for at, name in reversed(traffic.polls)}


def _rates(traffic: Traffic, begins: float, ends: float) -> dict[str, float]:
    seconds = ends - begins
    polls = Counter(int(at - begins) for at, _ in traffic.polls if begins <= at < begins + int(seconds))
    edits = Counter(status for at, status in traffic.edits if begins <= at < ends)
    mean = polls.total() / max(1, int(seconds))
    return {
        "polls_per_second": round(mean, 1),
        "polls_spread": round(max(polls.values()) / mean, 2) if polls else 0.0,
        "edits_per_second": round(edits[200] / seconds, 1),
        "edits_refused": edits[429],
    }


def main(arguments: list[str]) -> int:
    """Run the benchmark as the module's docstring says; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.resume", description="Start on many unfinished jobs.")
    parser.add_argument("--jobs", type=int, default=5000)
    parser.add_argument("--channels", type=int, help=f"default: one for {JOBS_IN_A_CHANNEL} jobs")
    parser.add_argument("--database", choices=DATABASES, default="sqlite")
    parser.add_argument("--seconds", type=float, default=MEASURED_SECONDS, help="length of the measured interval")
    options = parser.parse_args(arguments)
    if options.jobs < 1:
        parser.error("--jobs must be at least 1")
    channels = options.channels or -(-options.jobs // JOBS_IN_A_CHANNEL)
    with database(options.database) as settings:
        figures = asyncio.run(resume(jobs=options.jobs, channels=channels, settings=settings, seconds=options.seconds))
    print(json.dumps(figures))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
