"""Make large videos fit a limit, and measure how well, next to another tool on the same clips.

    python -m benchmarks.fit --limit-mb 10

The clips are rendered by ffmpeg for the run (benchmarks/clips.py). The other tool is ffmpeg4discord, as its command
runs by default: x264 in two passes at preset "medium", without a lower resolution, again until it is under the limit.
It is run by the path of its command (--other), because it is no dependency of the bot; without one, `other` is null. It
takes its sizes in MiB, and is given the limit in those. Printed for each clip and both tools:

in_mb, out_mb: MB of 1,000,000 bytes. used_of_limit: out over the limit. seconds: real time.
cpu_seconds: processor time of all of it, which says more than `seconds` on a machine that does other things too.
ssim: against the source, at the source's size. note: the status's words.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import resource
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from benchmarks.clips import CLIPS, FFMPEG, Clip, render, ssim
from dailies.explain import sentence
from dailies.media.encode import Encoder
from dailies.media.fit import changed
from dailies.media.probe import probe

LONGEST = 1800.0
"""Seconds that one encoding may take."""
Result = dict[str, object]


async def fit(*, limit: int, clips: tuple[Clip, ...], other: str | None) -> dict[str, list[Result]]:
    """Run it; the module's docstring explains the figures."""
    results: list[Result] = []
    with tempfile.TemporaryDirectory(prefix="dailies-fit-") as folder:
        for clip in clips:
            source = Path(folder) / "source.mp4"
            await asyncio.to_thread(render, clip, source)
            print(f"{clip.name}: {_mb(source)} MB", file=sys.stderr, flush=True)
            ours = await _measured(lambda s=source: _ours(s, limit), source, limit)
            theirs = await _measured(lambda s=source: _other(str(other), s, limit), source, limit) if other else None
            results.append({"clip": clip.name} | {"in_mb": _mb(source)} | ours | {"other": theirs})
            print(json.dumps(results[-1], ensure_ascii=False), file=sys.stderr, flush=True)
    return {"clips": results}


async def _measured(make: Callable[[], Awaitable[tuple[Path, str]]], source: Path, limit: int) -> Result:
    used, started = _children(), time.monotonic()
    made, note = await make()
    seconds, cpu = time.monotonic() - started, _children() - used
    size = made.stat().st_size
    return {
        "out_mb": _mb(made),
        "used_of_limit": round(size / limit, 4),
        "over": size > limit,
        "seconds": round(seconds, 1),
        "cpu_seconds": round(cpu, 1),
        "ssim": round(await ssim(made, source), 4),
        "note": note,
    }


async def _ours(source: Path, limit: int) -> tuple[Path, str]:
    video = await probe(FFMPEG, source, seconds=LONGEST)
    made = await Encoder(FFMPEG, jobs=1, seconds=LONGEST).fit(source, video, limit, source.with_name("ours.mp4"), _say)
    return made.path, sentence(changed(video, made.video))


async def _other(command: str, source: Path, limit: int) -> tuple[Path, str]:
    folder = source.with_name("other")
    await asyncio.to_thread(folder.mkdir, exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    arguments = [command, str(source), "-o", f"{folder}/", "-s", f"{limit / 1024**2:.4f}", "--no-config"]
    process = await asyncio.create_subprocess_exec(
        *arguments,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
        # The same low priority as ours.
        preexec_fn=lambda: os.nice(10) and None,
    )
    if await process.wait():
        raise RuntimeError(f"{' '.join(arguments)} ended with {process.returncode}")
    return next(folder.glob("*.mp4")), "ffmpeg4discord"


async def _say(_: int) -> None:
    """Ignore progress."""


def _children() -> float:
    """Return processor seconds of all child processes that have ended and been waited for."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _mb(path: Path) -> float:
    return round(path.stat().st_size / 1_000_000, 2)


def main(arguments: list[str]) -> int:
    """Run the benchmark as the module's docstring says; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fit", description="Make large videos fit a limit.")
    parser.add_argument("--limit-mb", type=float, default=10.0)
    parser.add_argument("--clips", type=int, nargs="*", help="numbers of some clips, from 0; by default all")
    parser.add_argument("--other", help="path of the command ffmpeg4discord; ffprobe has to be in PATH for it")
    given = parser.parse_args(arguments)
    numbers: list[int] = given.clips or list(range(len(CLIPS)))
    clips = tuple(CLIPS[number] for number in numbers)
    print(json.dumps(asyncio.run(fit(limit=int(given.limit_mb * 1_000_000), clips=clips, other=given.other))))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
