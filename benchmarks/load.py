"""Hundreds of jobs in each channel, and people who ask for more of them meanwhile.

    python -m benchmarks.load --jobs 1000 --channels 10 --seconds 60

The prepared jobs are submitted ones that never end; OpenRouter's stand-in says "pending" and "in_progress" in turn, so
every check changes the status. The stand-in keeps Discord's rate limits. Clocks run at their natural
speed, settings are the defaults. The bot is a process of its own; stand-ins and driver share another one. Measured is
an interval of --seconds that begins when every status was edited once after the start. Printed are:

ack_p50_ms, ack_p99_ms: from the moment Discord sends a /video to the moment the bot's answer arrives there. People ask
    COMMANDS_PER_SECOND times a second; their jobs run to the end beside the prepared ones.
edits_sent: edits of status messages that Discord took in the interval.
http_429: Discord's answers 429 to the bot, from the first start on.
newest_state_p99_s: how long a status said something that was not the newest state any more. It counts from the first
    check whose answer the status does not show yet to the edit that shows the newest answer; edits that landed in the
    interval, and statuses that still wait at its end if they have waited longer than floor_s.
floor_s: the best that the limits allow. A channel takes 5 edits in 5 s, so with n messages that all have something new
    before their next turn, a turn comes every n × 5/5 s, and a message that changes right after its turn waits that
    long. All channels together take at most 50 edits a second.
polls_per_job: checks of the prepared jobs in the interval, for each of them.
cpu_percent, rss_mb: of the bot's process, in the interval and after it; cpu_percent of one core.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import re
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from benchmarks.fill import PREFIX, fill
from benchmarks.gauge import cpu_percent, rss_kb
from benchmarks.running import bot_pid, say
from dailies.database import sqlite_url
from sandbox.clock import Clock
from sandbox.discord.limits import Limits
from sandbox.openrouter import OpenRouterServer
from sandbox.stack import KEY, Stack
from tests.e2e.scene import text_of
from tests.support.videos import render

COMMANDS_PER_SECOND = 2.0
PEOPLE = 20
ACK_SECONDS = 4.0
"""Discord waits three seconds; a longer answer counts as this much."""
LONGEST_FLOORS = 4
"""Limit of the warm-up: this many times floor_s, and a minute."""
_CHECK = re.compile(r"check (\d+)\.")
_CALLBACK = re.compile(r"/interactions/(\d+)/[^/]+/callback$")
_EDIT = re.compile(r"/messages/(\d+)$")


@dataclass
class Track:
    """One prepared job. checks: the time of each answer. shown: how many of them the status shows."""

    checks: list[float] = field(default_factory=list[float])
    shown: int = 0
    edits: int = 0

    @property
    def outdated(self) -> float | None:
        """Return the time since which the status has not shown the newest state."""
        return self.checks[self.shown] if self.shown < len(self.checks) else None


@dataclass
class Traffic:
    """The bot's requests to the stand-ins. Times are those of time.monotonic()."""

    tracks: dict[str, Track] = field(default_factory=dict[str, Track])
    waits: list[tuple[float, float]] = field(default_factory=list[tuple[float, float]])
    answered: dict[str, float] = field(default_factory=dict[str, float])
    statuses: list[tuple[float, str, int]] = field(default_factory=list[tuple[float, str, int]])
    by_message: dict[str, Track] = field(default_factory=dict[str, Track])

    def openrouter(self) -> Middleware:
        """Answers checks of the prepared jobs."""

        @web.middleware
        async def running(request: web.Request, handler: Handler) -> web.StreamResponse:
            name = request.path.rpartition("/")[2]
            if not name.startswith(PREFIX):
                return await handler(request)
            track = self.tracks[name]
            track.checks.append(time.monotonic())
            word = "in_progress" if len(track.checks) % 2 else "pending"
            return web.json_response({"id": name, "polling_url": str(request.url), "status": word})

        return running

    def discord(self, stack: Stack) -> Middleware:
        """Notes answers to commands, and edits with the checks that they show."""

        @web.middleware
        async def noted(request: web.Request, handler: Handler) -> web.StreamResponse:
            now = time.monotonic()
            if found := _CALLBACK.search(request.path):
                self.answered[found[1]] = now
            answer = await handler(request)
            self.statuses.append((now, request.method, answer.status))
            edited = _EDIT.search(request.path) if request.method == "PATCH" and answer.status == 200 else None
            if edited and (track := self.by_message.get(edited[1])):
                self._edited(track, text_of(stack.discord.message_json(edited[1])))
            return answer

        return noted

    def _edited(self, track: Track, text: str) -> None:
        now, since = time.monotonic(), track.outdated
        check = _CHECK.search(text)
        track.edits += 1
        track.shown = int(check[1]) if check else track.shown
        if since is not None:
            self.waits.append((now, now - since))


async def load(*, jobs: int, channels: int, seconds: float) -> dict[str, float]:
    """Run it; the module's docstring explains the figures."""
    floor = floor_seconds(jobs, channels, Limits())
    traffic = Traffic()
    with tempfile.TemporaryDirectory(prefix="dailies-load-") as folder:
        video = await asyncio.to_thread(render, Path(folder) / "video.mp4")
        clock = Clock(1.0)
        openrouter = OpenRouterServer(clock, key=KEY, queue_seconds=8, work_seconds=12, video=video)
        data_dir = Path(folder) / "data"
        stack = Stack(clock=clock, openrouter=openrouter, data_dir=data_dir, start_bot=False, ready_seconds=60)
        stack.discord.api.keeps_bodies = False
        openrouter.middlewares.append(traffic.openrouter())
        stack.discord.middlewares.append(traffic.discord(stack))
        async with stack:
            await prepare(stack, traffic, data_dir, jobs=jobs, channels=channels)
            await stack.start_bot()
            await _warm(traffic, floor * LONGEST_FLOORS + 60)
            return await _measured(stack, traffic, floor, seconds)


async def prepare(stack: Stack, traffic: Traffic, data_dir: Path, *, jobs: int, channels: int) -> None:
    """Write the jobs into the database of a bot that is not running, and watch their statuses."""
    await asyncio.to_thread(data_dir.mkdir, exist_ok=True)
    before = set(_messages(stack))
    await fill(stack, sqlite_url(data_dir / "dailies.sqlite"), data_dir, jobs=jobs, channels=channels)
    # fill() posts one message as a template; the prepared ones follow, in the order of their numbers.
    made = sorted((set(_messages(stack)) - before), key=int)[-jobs:]
    for number, message_id in enumerate(made):
        track = traffic.tracks[f"{PREFIX}{number:06}"] = Track()
        traffic.by_message[message_id] = track


async def _measured(stack: Stack, traffic: Traffic, floor: float, seconds: float) -> dict[str, float]:
    begins = time.monotonic()
    say(f"warm after {begins - traffic.statuses[0][0]:.0f} s")
    asking = asyncio.create_task(_ask(stack, traffic, seconds))
    cpu = await cpu_percent(bot_pid(stack), seconds)
    ends = time.monotonic()
    rss = rss_kb(bot_pid(stack)) / 1024
    tracks = traffic.tracks.values()
    late = [ends - since for track in tracks if (since := track.outdated) is not None and ends - since > floor]
    waits = [wait for at, wait in traffic.waits if begins <= at < ends] + late
    polls = sum(begins <= at < ends for track in tracks for at in track.checks)
    acks = await asking
    say(f"{len(acks)} commands, {len(waits)} new states, longest wait {max(waits):.1f} s")
    return {
        "ack_p50_ms": round(1000 * percentile(acks, 50), 1),
        "ack_p99_ms": round(1000 * percentile(acks, 99), 1),
        "edits_sent": sum(m == "PATCH" and s == 200 and begins <= at < ends for at, m, s in traffic.statuses),
        "http_429": sum(status == 429 for _, _, status in traffic.statuses),
        "newest_state_p99_s": round(percentile(waits, 99), 1),
        "floor_s": round(floor, 1),
        "polls_per_job": round(polls / len(tracks), 2),
        "cpu_percent": round(cpu, 1),
        "rss_mb": round(rss, 1),
    }


def floor_seconds(jobs: int, channels: int, limits: Limits) -> float:
    """Compute floor_s, the best that the limits allow, as the module's docstring explains."""
    edits, everything = limits.message_edit, limits.global_requests
    in_channel = -(-jobs // channels) * edits.seconds / edits.requests if edits else 0.0
    in_all = jobs * everything.seconds / everything.requests if everything else 0.0
    return max(in_channel, in_all)


def percentile(values: list[float], percent: float) -> float:
    """Return the smallest value that so many percent do not exceed."""
    return sorted(values)[max(0, math.ceil(len(values) * percent / 100) - 1)]


async def _warm(traffic: Traffic, longest: float) -> None:
    async with asyncio.timeout(longest):
        while any(not track.edits for track in traffic.tracks.values()):  # noqa: ASYNC110 (edits have no event)
            await asyncio.sleep(0.5)


async def _ask(stack: Stack, traffic: Traffic, seconds: float) -> list[float]:
    """Type /video at an even pace, by many people in all channels; returns seconds until each was answered."""
    world = stack.discord.world
    people = [world.add_user(f"Person {number}").global_name or "" for number in range(PEOPLE)]
    where = [channel.id for channel in world.channels.values() if (channel.name or "").startswith("shots-")]
    sent: dict[str, float] = {}
    begins, ends = time.monotonic(), time.monotonic() + seconds
    for number in range(int(seconds * COMMANDS_PER_SECOND)):
        await asyncio.sleep(max(0.0, begins + number / COMMANDS_PER_SECOND - time.monotonic()))
        options = {"prompt": f"A paper boat, take {number}", "resolution": "480p", "duration": 4}
        person = stack.discord.person(people[number % PEOPLE])
        now = time.monotonic()
        interaction = await person.command(where[number % len(where)], "video", options)
        sent[interaction.id] = now
    await asyncio.sleep(max(0.0, ends - time.monotonic()) + ACK_SECONDS)
    return [min(ACK_SECONDS, traffic.answered.get(one, math.inf) - at) for one, at in sent.items()]


def _messages(stack: Stack) -> list[str]:
    return [message.id for channel in stack.discord.world.channels.values() for message in channel.messages.values()]


def main(arguments: list[str]) -> int:
    """Run the benchmark as the module's docstring says; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.load", description="Many jobs in each channel.")
    parser.add_argument("--jobs", type=int, default=1000)
    parser.add_argument("--channels", type=int, default=10)
    parser.add_argument("--seconds", type=float, default=60.0, help="length of the measured interval")
    options = parser.parse_args(arguments)
    if options.jobs < 1 or not 1 <= options.channels <= options.jobs or options.seconds < 1:
        parser.error("--jobs and --channels must be at least 1, with no fewer jobs than channels; --seconds at least 1")
    figures = asyncio.run(load(jobs=options.jobs, channels=options.channels, seconds=options.seconds))
    print(json.dumps(figures))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
