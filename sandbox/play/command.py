"""`python -m sandbox play`: a story on the unmodified bot, from its file to what came of it."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TextIO

from sandbox.discord.jsontypes import JsonObject
from sandbox.play.checks import charges
from sandbox.play.expectations import Count
from sandbox.play.observer import Observer
from sandbox.play.report import Failure, report, save_videos
from sandbox.play.stage import staged
from sandbox.play.story import Story, read_story
from sandbox.play.transcript import Transcript
from sandbox.stack import Stack


@dataclass(frozen=True)
class Played:
    """The outcome of a story: the object for programs and the last words for people."""

    data: JsonObject
    summary: str

    @property
    def ok(self) -> bool:
        """Return whether every step could be taken and every expectation was true."""
        return bool(self.data["ok"])


async def play(path: Path, *, out: Path | None, as_json: bool, stdout: TextIO, stderr: TextIO) -> int:
    """Play a story and write what came of it; returns the exit code. Raises StoryError before anything is started.

    out: the folder for its videos; by default `play/NAME` in the working directory. as_json: one object on `stdout`,
    and the transcript on `stderr`.
    """
    story = await asyncio.to_thread(read_story, path)
    transcript = Transcript(stderr if as_json else stdout)
    played = await play_story(story, transcript, out=out or Path("play") / path.stem)
    transcript.say(played.summary)
    if as_json:
        stdout.write(json.dumps(played.data, ensure_ascii=False) + "\n")
    return 0 if played.ok else 1


async def play_story(story: Story, transcript: Transcript, *, out: Path) -> Played:
    """Play a story in a sandbox of its own, and save its videos in `out`. Raises OSError when that fails."""
    begin = time.monotonic()
    async with staged(story, transcript) as stage:
        failure = await stage.start_bot() or await stage.take(story.steps)
        await stage.patience.settle()
        stack, observer = stage.stack, stage.observer
        videos = await asyncio.to_thread(save_videos, observer, out)
        data = report(story, stack, observer, failure, videos, time.monotonic() - begin)
        return Played(data, _summary(stack, observer, failure, videos, data["seconds"]))


def _summary(stack: Stack, observer: Observer, failure: Failure | None, videos: list[Path], seconds: float) -> str:
    charged = sum(charges(stack), Decimal(0)).normalize()
    numbers = [Count("video", len(observer.videos())), Count("submit", len(stack.openrouter.submits))]
    facts = f"{numbers[0]}, {numbers[1]}, {charged:f} USD charged, {seconds:.1f} s."
    where = "".join(f"\n{path}" for path in videos)
    return f"\n{failure or 'Every step went as written.'}\n{facts}{where}"
