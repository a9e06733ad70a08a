"""Take Discord away while jobs finish, and count what reaches people once it is back.

    python -m benchmarks.outage --jobs 200 --minutes 120 --database sqlite

The unmodified bot runs as a process of its own against the sandbox, with the default settings, in a world whose clocks
run faster. All jobs finish at OpenRouter right after Discord's REST interface has begun to answer 503 and its gateway
to take no connection; nobody restarts the bot. Printed is one JSON object, counted in the stand-in's channels:

posted_once, posted_twice: jobs with one video, and with more than one.
untold: jobs whose status does not say that they are done.
seconds_after_recovery: from Discord's first answer to the last status that is right, in the bot's seconds; what the
    bot's own work takes of real time counts as many times as its clock is faster.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from benchmarks.databases import DATABASES, database
from benchmarks.fill import PREFIX, fill
from benchmarks.running import bot_pid, say
from dailies.database import sqlite_url
from sandbox.discord import DiscordServer
from sandbox.stack import Stack
from tests.e2e.scene import text_of
from tests.support.videos import render

SPEED = 40.0
LIMIT_SECONDS = 1800.0
"""World seconds after the recovery in which everything must have reached people."""
MOST_SECONDS = 700.0
"""Target of seconds_after_recovery: the longest pause between two tries, and what they take."""
JOBS_IN_A_CHANNEL = 10


@dataclass(frozen=True)
class Result:
    """The printed result."""

    jobs: int
    posted_once: int
    posted_twice: int
    untold: int
    seconds_after_recovery: float

    @property
    def good(self) -> bool:
        """True if every job reached people once, and in time."""
        return (self.posted_once, self.posted_twice, self.untold) == (self.jobs, 0, 0) and (
            self.seconds_after_recovery <= MOST_SECONDS
        )


class Remote:
    """OpenRouter's side of the prepared jobs. finished: they all have a video from now on."""

    def __init__(self, video: bytes) -> None:
        self.finished = False
        self.fetched: set[str] = set()
        self._video = video

    def middleware(self) -> Middleware:
        """Answer their checks and downloads."""

        @web.middleware
        async def answer(request: web.Request, handler: Handler) -> web.StreamResponse:
            name = next((part for part in request.path.split("/") if part.startswith(PREFIX)), None)
            if name is None:
                return await handler(request)
            if request.path.endswith("/content"):
                self.fetched.add(name)
                return web.Response(body=self._video, content_type="video/mp4")
            done = {"status": "completed", "usage": {"cost": 0.25, "is_byok": False}}
            status = done if self.finished else {"status": "in_progress"}
            return web.json_response({"id": name, "polling_url": str(request.url), **status})

        return answer


async def outage(*, jobs: int, minutes: float, settings: Mapping[str, str], speed: float = SPEED) -> Result:
    """Run it; the module's docstring explains the result."""
    with tempfile.TemporaryDirectory(prefix="dailies-outage-") as folder:
        video = await asyncio.to_thread(render, Path(folder) / "video.mp4")
        remote = Remote(await asyncio.to_thread(video.read_bytes))
        data_dir = Path(folder) / "data"
        url = settings.get("DATABASE_URL") or sqlite_url(data_dir / "dailies.sqlite")
        stack = Stack(speed=speed, environment=settings, data_dir=data_dir, start_bot=False)
        stack.discord.api.keeps_bodies = False
        stack.openrouter.middlewares.append(remote.middleware())
        async with stack:
            await stack.start_bot()  # makes the tables
            await stack.bot.stop()
            statuses = await fill(stack, url, data_dir, jobs=jobs, channels=max(1, jobs // JOBS_IN_A_CHANNEL))
            await stack.start_bot()
            fault = stack.discord.faults.outage(60 * minutes)
            stack.discord.gateway.go_away(60 * minutes)
            remote.finished = True
            await stack.clock.sleep(60 * minutes)
            say(f"Discord is back; {len(remote.fetched)} videos were downloaded, {fault.struck} requests failed")
            back = fault.until or 0.0
            last = await _told(stack, statuses, back + LIMIT_SECONDS)
            await stack.clock.sleep(60)  # in which a second video would show up
            return _count(stack.discord, statuses, last - back)


async def _told(stack: Stack, statuses: list[int], deadline: float) -> float:
    """Return the world time at which the last status said the end, or the deadline."""
    left = set(statuses)
    while left and stack.clock.time() < deadline:
        bot_pid(stack)  # raises when the bot has ended
        left = {one for one in left if not _done(stack.discord, one)}
        await asyncio.sleep(0.05)
    return stack.clock.time()


def _done(discord: DiscordServer, status: int) -> bool:
    return text_of(discord.message_json(str(status))).strip().startswith("### Done")


def _count(discord: DiscordServer, statuses: list[int], seconds: float) -> Result:
    videos: Counter[int] = Counter()
    for channel in discord.world.channels.values():
        for message in channel.messages.values():
            if reference := message.data.get("message_reference"):
                videos[int(reference["message_id"])] += 1
    return Result(
        jobs=len(statuses),
        posted_once=sum(videos[one] == 1 for one in statuses),
        posted_twice=sum(videos[one] > 1 for one in statuses),
        untold=sum(not _done(discord, one) for one in statuses),
        seconds_after_recovery=round(seconds, 1),
    )


def main(arguments: list[str]) -> int:
    """Run the benchmark as the module's docstring says; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.outage", description="Take Discord away, and count.")
    parser.add_argument("--jobs", type=int, default=200)
    parser.add_argument("--minutes", type=float, default=120)
    parser.add_argument("--database", choices=DATABASES, default="sqlite")
    parser.add_argument("--speed", type=float, default=SPEED, help="world seconds in a real second")
    options = parser.parse_args(arguments)
    if options.jobs < 1 or options.minutes <= 0 or options.speed < 1:
        parser.error("--jobs and --speed must be at least 1, --minutes more than 0")
    began = time.monotonic()
    with database(options.database) as settings:
        result = asyncio.run(outage(jobs=options.jobs, minutes=options.minutes, settings=settings, speed=options.speed))
    say(f"took {time.monotonic() - began:.0f} real seconds")
    print(json.dumps(asdict(result)))
    return 0 if result.good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
