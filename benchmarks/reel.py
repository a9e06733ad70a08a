"""Make a reel and a cut, and measure them as the bot would make them.

    python -m benchmarks.reel --takes 20

The takes are of 5 seconds in 720p at 6 Mbit/s with sound, in scenes of several kinds; those of the cut are of 8 seconds
in 1080p at 20 Mbit/s. They are real files, each another one to the system. Printed are:

reel.takes, reel.seconds: takes that were joined with their slates, and how long that took, from their first look on.
reel.rss_mb: the most memory of this process and all that it started, added up, so that shared pages count repeatedly.
reel.ack_p99_ms: from the moment Discord sends a command to the moment its answer arrives there, while the unmodified
    bot, a process of its own, makes a screening of the same takes (benchmarks/screening_answers.py).
cut.mb: size of the takes of the cut, in 1,000,000 bytes. All are of one kind, so nothing is encoded.
cut.copy_mb_per_s: that size by the time from the first look at a take to the cut on the disk, its index in front.

The exit code is 0 only when the reel is made within MOST_SECONDS, MOST_MB and MOST_MS, and the cut at LEAST_RATE.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import AsyncGenerator
from dataclasses import replace
from pathlib import Path

from benchmarks.clips import FFMPEG, Clip, render
from benchmarks.gauge import tree_rss_kb
from benchmarks.load import percentile
from benchmarks.running import say
from benchmarks.screening_answers import answers
from dailies.media import reel
from dailies.media.encode import Encoder
from dailies.media.slate import Slate

TAKE = Clip("take", 1280, 720, 5, 4, cuts=True, sound=True)
ORIGINAL = Clip("original", 1920, 1080, 8, 20, cuts=True, sound=True)
MOST_SECONDS, MOST_MB, MOST_MS, LEAST_RATE = 60.0, 300.0, 300.0, 100.0
SAMPLE_SECONDS = 0.1
LONGEST = 900.0


class Memory:
    """The most memory of this process and all that it started. most_mb: in 1,000,000 bytes."""

    def __init__(self) -> None:
        self.most_mb = 0.0

    @contextlib.asynccontextmanager
    async def measured(self) -> AsyncGenerator[None]:
        """Look while what is inside goes on."""
        looking = asyncio.create_task(self._look())
        try:
            yield
        finally:
            looking.cancel()

    async def _look(self) -> None:
        while True:
            kb = await asyncio.to_thread(tree_rss_kb, os.getpid())
            self.most_mb = max(self.most_mb, kb * 1024 / 1_000_000)
            await asyncio.sleep(SAMPLE_SECONDS)


async def make(
    folder: Path, *, takes: int, take: Clip = TAKE, original: Clip = ORIGINAL
) -> dict[str, dict[str, float]]:
    """Run it; the module's docstring explains the figures."""
    reels = reel.Reels(FFMPEG, Encoder(FFMPEG, jobs=1, seconds=LONGEST))
    clips = await _takes(take, takes, folder / "takes")
    memory = Memory()
    async with memory.measured():
        began = time.monotonic()
        made = await reels.reel(clips, folder / "reel.mp4", say=_quiet)
        seconds = time.monotonic() - began
    say(f"a reel of {made.seconds:.0f} s, {made.video.size / 1e6:.1f} MB")
    waits = await answers(clips[0].path, takes, folder)
    joined = len(made.entries)
    clips = await _takes(original, takes, folder / "originals")
    megabytes = sum(clip.path.stat().st_size for clip in clips) / 1e6
    began = time.monotonic()
    cut = await reels.cut(clips, folder / "cut.mp4", say=_quiet)
    lasted = time.monotonic() - began
    say(f"a cut of {cut.seconds:.0f} s in {lasted:.1f} s, {'copied' if cut.copied else 'encoded'}")
    if not cut.copied:
        raise RuntimeError("the takes of the cut were not of one kind")
    return {
        "reel": {
            "takes": joined,
            "seconds": round(seconds, 1),
            "rss_mb": round(memory.most_mb, 1),
            "ack_p99_ms": round(1000 * percentile(waits, 99), 1),
        },
        "cut": {"mb": round(megabytes, 1), "copy_mb_per_s": round(megabytes / lasted, 1)},
    }


async def _takes(kind: Clip, number: int, folder: Path) -> list[reel.Clip]:
    """Render one take and copy it."""
    await asyncio.to_thread(folder.mkdir)
    first = folder / "0.mp4"
    await asyncio.to_thread(render, kind, first)
    clips = [reel.Clip(first)]
    for at in range(1, number):
        copied = await asyncio.to_thread(shutil.copyfile, first, folder / f"{at}.mp4")
        clips.append(reel.Clip(copied))
    lines = ("Seedance 2.0 Fast · 5 s · 720p", "Requested by Ann · $0.45")
    return [
        replace(clip, slate=Slate(f"Shot {at // 4 + 1} · take {at % 4 + 1}", lines)) for at, clip in enumerate(clips)
    ]


async def _quiet(_: int) -> None:
    """Ignore progress."""


def main(arguments: list[str]) -> int:
    """Run the benchmark as the module's docstring says; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.reel", description="Make a reel and a cut.")
    parser.add_argument("--takes", type=int, default=20)
    takes = int(parser.parse_args(arguments).takes)
    if not 1 <= takes <= reel.MOST_TAKES:
        parser.error(f"--takes must be between 1 and {reel.MOST_TAKES}")
    with tempfile.TemporaryDirectory(prefix="dailies-reel-") as folder:
        figures = asyncio.run(make(Path(folder), takes=takes))
    print(json.dumps(figures))
    made = figures["reel"]
    quick = made["seconds"] <= MOST_SECONDS and made["ack_p99_ms"] <= MOST_MS
    return 0 if quick and made["rss_mb"] <= MOST_MB and figures["cut"]["copy_mb_per_s"] > LEAST_RATE else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
