"""Carry videos from OpenRouter to Discord, and measure what that costs beside copying the bytes.

    python -m benchmarks.delivery --sizes 5,25,100

The unmodified bot runs in its own process between the stand-ins, clocks at their natural speed, Discord's limit raised.
The videos are playable MP4s, filled up with a `free` box. The stand-ins and this driver are not part of what is
measured, but their work is in both times: the bare copy goes through them too, right after the bot, in a process of its
own with plain aiohttp, from the same address to a file and from there to the same channel. Printed for each size:

seconds: from the bot's request for the video to Discord's answer to its post. In it are the download, a look at every
    packet with ffmpeg, the records in the database and the upload.
bare_copy_seconds: from that copy's request for the video to Discord's answer.
ratio: one over the other; the median of the runs each.
rss_growth_mb: the most memory the bot had meanwhile, above what it had just before (a first job has warmed it up).
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from benchmarks.clips import Clip, pad, render
from benchmarks.gauge import rss_kb
from sandbox.clock import Clock
from sandbox.discord import Limits
from sandbox.openrouter import OpenRouterServer
from sandbox.stack import KEY, Stack
from tests.e2e.scene import Scene

LONGEST = 300.0
SAMPLE_SECONDS = 0.02
SMALL = Clip("small", 320, 180, 2, 1, cuts=False, sound=True)


@dataclass
class DeliveryTimes:
    """Time of the request for the video, and of the answer to its post; by time.monotonic()."""

    asked: list[float] = field(default_factory=list[float])
    posted: list[float] = field(default_factory=list[float])
    address: str = ""

    def openrouter(self) -> Middleware:
        """Notes requests for a video."""

        @web.middleware
        async def noted(request: web.Request, handler: Handler) -> web.StreamResponse:
            if "/content" in request.path:
                self.asked.append(time.monotonic())
                self.address = str(request.url)
            return await handler(request)

        return noted

    def discord(self) -> Middleware:
        """Notes answers to posts in channels."""

        @web.middleware
        async def noted(request: web.Request, handler: Handler) -> web.StreamResponse:
            answer = await handler(request)
            if request.method == "POST" and request.path.endswith("/messages"):
                self.posted.append(time.monotonic())
            return answer

        return noted


async def deliver(sizes: list[int], runs: int) -> dict[str, list[dict[str, float]]]:
    """Run it; the module's docstring explains the figures."""
    results: list[dict[str, float]] = []
    with tempfile.TemporaryDirectory(prefix="dailies-delivery-") as folder:
        small = Path(folder) / "small.mp4"
        await asyncio.to_thread(render, SMALL, small)
        for megabytes in sizes:
            video = Path(folder) / "video.mp4"
            await asyncio.to_thread(pad, small, video, megabytes * 1_000_000)
            results.append({"mb": megabytes} | await _one(video, runs))
            print(json.dumps(results[-1]), file=sys.stderr, flush=True)
    return {"sizes": results}


async def _one(video: Path, runs: int) -> dict[str, float]:
    clock, watch = Clock(1.0), DeliveryTimes()
    openrouter = OpenRouterServer(clock, key=KEY, queue_seconds=0.1, work_seconds=0.1, video=video)
    limits = Limits(upload_bytes=1_000_000_000)
    settings = {"POLL_INTERVAL_SECONDS": "10"}
    stack = Stack(clock=clock, openrouter=openrouter, limits=limits, environment=settings)
    stack.openrouter.middlewares.append(watch.openrouter())
    stack.discord.middlewares.append(watch.discord())
    times: list[float] = []
    bare: list[float] = []
    growth: list[float] = []
    async with stack:
        scene = Scene(stack)
        await scene.ask(seconds=LONGEST)
        for _ in range(runs):
            watch.asked.clear()
            watch.posted.clear()
            growth.append(await _growth(stack, scene))
            times.append(watch.posted[0] - watch.asked[0])
            bare.append(await _bare(stack, scene, watch.address, video.with_name("copy.mp4")))
    seconds, copy = statistics.median(times), statistics.median(bare)
    return {
        "seconds": round(seconds, 3),
        "bare_copy_seconds": round(copy, 3),
        "ratio": round(seconds / copy, 2),
        "rss_growth_mb": round(max(growth), 1),
    }


async def _growth(stack: Stack, scene: Scene) -> float:
    """Have a video made; returns how much memory the bot needed meanwhile, in MB."""
    if stack.bot.pid is None:
        raise RuntimeError("the bot ended")
    pid, before = stack.bot.pid, rss_kb(stack.bot.pid)
    most = before
    asking = asyncio.create_task(scene.ask(seconds=LONGEST))
    while not asking.done():
        most = max(most, rss_kb(pid))
        await asyncio.sleep(SAMPLE_SECONDS)
    story = await asking
    if story.video is None:
        raise RuntimeError(f"the video was not delivered: {story.end}")
    return (most - before) * 1024 / 1_000_000


async def _bare(stack: Stack, scene: Scene, address: str, target: Path) -> float:
    upload = f"{stack.discord.api_base}/channels/{scene.channel}/messages"
    given = {"download": address, "key": KEY, "upload": upload, "token": stack.discord.token, "target": str(target)}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "benchmarks.barecopy", json.dumps(given)), stdout=asyncio.subprocess.PIPE
    )
    said, _ = await asyncio.wait_for(process.communicate(), LONGEST)
    if process.returncode:
        raise RuntimeError(f"the bare copy ended with {process.returncode}")
    return float(said)


def main(arguments: list[str]) -> int:
    """Run the benchmark as the module's docstring says; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.delivery", description="Carry videos to Discord.")
    parser.add_argument("--sizes", default="5,25,100", help="MB, comma-separated")
    parser.add_argument("--runs", type=int, default=3, help="runs of each size")
    given = parser.parse_args(arguments)
    sizes = [int(size) for size in str(given.sizes).split(",")]
    print(json.dumps(asyncio.run(deliver(sizes, int(given.runs)))))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
