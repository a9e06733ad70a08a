"""Commands, reports and checks of a bot whose web server is attacked with thousands of connections.

    python -m benchmarks.siege --connections 5000 --seconds 30

The bot is a process of its own, with its defaults; so are the attackers (benchmarks/attackers.py), who come from 500
addresses in the first part and through a proxy on 127.0.0.1 in the second. Prepared jobs are running meanwhile, people
ask for their list of videos, and OpenRouter reports ends of jobs, each from 127.0.0.1 with a connection of its own.
Printed are the worse figures of both parts, and each part's own:

ack_p99_ms: from the moment Discord sends a command to the moment the bot's answer arrives there.
webhook_p99_ms: from the connect of a report to its answer, 204. A report without that counts as LOST_SECONDS.
late_polls: accepted reports without a check of their job within LATE_SECONDS, and jobs that were not looked at for
    longer than the bot's interval and LATE_SECONDS.
fds_max, fds_limit: open files of the bot, and the number that it may open.
log_kb: growth of the bot's log.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import random
import sys
import tempfile
import time
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp

from benchmarks.fill import PREFIX, fill
from benchmarks.load import ACK_SECONDS, Track, Traffic, percentile
from benchmarks.running import bot_pid, say
from dailies import database
from dailies.delivery.shares import Shares
from dailies.job import Place, State
from dailies.jobs.schedule import interval
from dailies.store.sql import SqlStore
from sandbox.botprocess import ROOT
from sandbox.clock import Clock
from sandbox.openrouter import OpenRouterServer
from sandbox.stack import KEY, PUBLIC_URL, WEBHOOK_SECRET, Stack
from tests.support.videos import render
from tests.unit.kit import a_job
from tests.unit.webhooks import an_event, encoded, signed

PER_SECOND = 2
"""Commands and reports in each second."""
RAMP_SECONDS = 3.0
"""Time the attackers have to connect before anything is measured."""
LATE_SECONDS = 2.0
LOST_SECONDS = 5.0
FILM_BYTES = 30_000_000
ADDRESSES = 500
PARTS = ("addresses", "proxy")
SETTLE_SECONDS = 2.0
"""Pause between the parts."""


@dataclass
class Part:
    """Measurements of one part, in seconds, bytes and files."""

    acks: list[float] = field(default_factory=list[float])
    reports: list[float] = field(default_factory=list[float])
    late: int = 0
    fds_max: int = 0
    log_bytes: int = 0

    def to_json(self) -> dict[str, float]:
        """Return the printed figures."""
        return {
            "ack_p99_ms": round(1000 * percentile(self.acks, 99), 1),
            "webhook_p99_ms": round(1000 * percentile(self.reports, 99), 1),
            "late_polls": self.late,
            "fds_max": self.fds_max,
            "log_kb": round(self.log_bytes / 1024, 1),
        }


class Siege:
    """One bot with its prepared jobs. film: path of a link to a video."""

    def __init__(self, stack: Stack, traffic: Traffic, jobs: dict[str, str], film: str) -> None:
        self._stack = stack
        self._traffic = traffic
        self._jobs = list(jobs.items())
        self._interval = interval(10, len(jobs), webhooks=True)
        self._film = film
        self._began = time.monotonic()
        self.port = int(stack.bot_environment()["WEB_PORT"])

    async def part(self, through: str, connections: int, seconds: float) -> Part:
        """Attack, and measure meanwhile."""
        part, log = Part(), self._stack.bot.log_path
        before = log.stat().st_size
        async with self._attackers(through, connections):
            await asyncio.sleep(RAMP_SECONDS)
            counting = asyncio.create_task(self._count_files(part))
            await asyncio.gather(self._ask(part, seconds), self._report(part, seconds))
            counting.cancel()
        part.late += sum(self._overdue(track) for track in self._traffic.tracks.values())
        part.log_bytes = log.stat().st_size - before
        say(f"through {through}: {json.dumps(part.to_json())}")
        return part

    @contextlib.asynccontextmanager
    async def _attackers(self, through: str, connections: int) -> AsyncGenerator[None]:
        async with contextlib.AsyncExitStack() as started:
            port, addresses = self.port, ADDRESSES
            if through == "proxy":
                proxy = await started.enter_async_context(_running("proxy", "--upstream", port))
                assert proxy.stdout
                port, addresses = int(await proxy.stdout.readline()), 0
            given = ("--port", port, "--connections", connections, "--path", self._film, "--addresses", addresses)
            await started.enter_async_context(_running("attackers", *given))
            yield

    async def _ask(self, part: Part, seconds: float) -> None:
        discord = self._stack.discord
        channel = discord.world.channel_named("dailies").id
        sent: dict[str, float] = {}
        async for _ in _beats(seconds):
            now = time.monotonic()
            interaction = await discord.person().command(channel, "jobs list")
            sent[interaction.id] = now
        await asyncio.sleep(ACK_SECONDS)
        answered = self._traffic.answered
        part.acks = [min(ACK_SECONDS, answered.get(one, time.monotonic()) - at) for one, at in sent.items()]

    async def _report(self, part: Part, seconds: float) -> None:
        begin = asyncio.create_task
        await asyncio.gather(*[begin(self._report_one(part, *self._jobs.pop())) async for _ in _beats(seconds)])

    async def _report_one(self, part: Part, job_id: str, remote: str) -> None:
        body = encoded(an_event(id=remote))
        headers = signed(body, time.time(), WEBHOOK_SECRET, f"{remote}-completed")
        url = f"http://127.0.0.1:{self.port}/webhooks/openrouter/{job_id}"
        began, status = time.monotonic(), 0
        limit = aiohttp.ClientTimeout(total=LOST_SECONDS)
        with contextlib.suppress(aiohttp.ClientError, TimeoutError):
            async with (
                aiohttp.ClientSession(timeout=limit) as session,
                session.post(url, data=body, headers=headers) as response,
            ):
                status = response.status
        ended = time.monotonic()
        part.reports.append(ended - began if status == 204 else LOST_SECONDS)
        if status == 204:
            await asyncio.sleep(LATE_SECONDS)
            part.late += not any(began <= at for at in self._traffic.tracks[remote].checks)

    def _overdue(self, track: Track) -> bool:
        return time.monotonic() - max(track.checks, default=self._began) > self._interval + LATE_SECONDS

    async def _count_files(self, part: Part) -> None:
        folder = f"/proc/{bot_pid(self._stack)}/fd"
        while True:
            part.fds_max = max(part.fds_max, len(os.listdir(folder)))  # noqa: PTH208 (quicker)
            await asyncio.sleep(0.1)


async def siege(*, connections: int, seconds: float) -> dict[str, object]:
    """Run it; the module's docstring explains the figures."""
    traffic = Traffic()
    with tempfile.TemporaryDirectory(prefix="dailies-siege-") as folder:
        video = await asyncio.to_thread(render, Path(folder) / "video.mp4")
        clock = Clock(1.0)
        openrouter = OpenRouterServer(clock, key=KEY, queue_seconds=8, work_seconds=12, video=video)
        data_dir = Path(folder) / "data"
        stack = Stack(clock=clock, openrouter=openrouter, data_dir=data_dir, start_bot=False, webhooks=True)
        openrouter.middlewares.append(traffic.openrouter())
        stack.discord.middlewares.append(traffic.discord(stack))
        async with stack:
            jobs = int(len(PARTS) * seconds * PER_SECOND) + len(PARTS)
            traffic.tracks.update({f"{PREFIX}{number:06}": Track() for number in range(jobs)})
            prepared, film = await _prepare(stack, data_dir, jobs)
            await stack.start_bot()
            begun = Siege(stack, traffic, prepared, film)
            parts: dict[str, Part] = {}
            for through in PARTS:
                parts[through] = await begun.part(through, connections, seconds)
                await asyncio.sleep(SETTLE_SECONDS)
            return _result(parts, _file_limit(bot_pid(stack)))


async def _prepare(stack: Stack, data_dir: Path, jobs: int) -> tuple[dict[str, str], str]:
    """Write running jobs and a film; return OpenRouter's ids by the jobs' own, and the path of the film's link."""
    await asyncio.to_thread((data_dir / "videos").mkdir, parents=True, exist_ok=True)
    url = database.sqlite_url(data_dir / "dailies.sqlite")
    await fill(stack, url, data_dir, jobs=jobs, channels=10)
    path = data_dir / "videos" / "0123456789abcdef.mp4"
    await asyncio.to_thread(path.write_bytes, random.Random(1).randbytes(FILM_BYTES))
    async with database.opened(url) as engine:
        store = SqlStore(engine, data_dir)
        ids = {one: (await store.get(one)).openrouter_id or "" for one in await store.revived()}
        place = Place(int(stack.discord.world.guild.id), 2, 3, 4)
        job = a_job(place=place, state=State.DELIVERED, told=True, ended_at=time.time(), file=path)
        await store.create(job)
        link, _ = await Shares(engine, path.parent, public_url=PUBLIC_URL, days=14).share(job)
    return ids, urlsplit(link).path


@contextlib.asynccontextmanager
async def _running(module: str, *arguments: object) -> AsyncGenerator[asyncio.subprocess.Process]:
    """Run a module of this folder; it ends with the block, or with this process."""
    command = ["-m", "sandbox.leash", str(os.getpid()), sys.executable, "-m", f"benchmarks.{module}"]
    process = await asyncio.create_subprocess_exec(
        sys.executable, *command, *map(str, arguments), cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    try:
        yield process
        if process.returncode is not None:
            raise RuntimeError(f"the {module} ended with {process.returncode}")
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


def _result(parts: dict[str, Part], limit: int) -> dict[str, object]:
    each = {through: part.to_json() for through, part in parts.items()}
    worst: dict[str, float] = {name: max(one[name] for one in each.values()) for name in next(iter(each.values()))}
    worst["late_polls"] = sum(part.late for part in parts.values())
    worst["log_kb"] = round(sum(part.log_bytes for part in parts.values()) / 1024, 1)
    return {**worst, "fds_limit": limit, "parts": each}


def _file_limit(pid: int) -> int:
    for line in Path(f"/proc/{pid}/limits").read_text().splitlines():
        if line.startswith("Max open files"):
            return int(line.split()[3])
    raise RuntimeError(f"/proc/{pid}/limits has no limit of open files")


async def _beats(seconds: float) -> AsyncGenerator[None]:
    """Yield PER_SECOND times a second, at an even pace."""
    begins = time.monotonic()
    for number in range(int(seconds * PER_SECOND)):
        await asyncio.sleep(max(0.0, begins + number / PER_SECOND - time.monotonic()))
        yield


def main(arguments: list[str]) -> int:
    """Run it; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.siege", description="A bot under attack.")
    parser.add_argument("--connections", type=int, default=5000)
    parser.add_argument("--seconds", type=float, default=30.0)
    given = parser.parse_args(arguments)
    print(json.dumps(asyncio.run(siege(connections=given.connections, seconds=given.seconds))))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
