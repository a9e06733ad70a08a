"""Makes a video fit a size with ffmpeg: in its own process, at low priority, few at once, never without a limit."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import re
import shutil
import tempfile
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path

from dailies import processes
from dailies.errors import MediaError
from dailies.media.fit import EncodingPlan, plan
from dailies.media.probe import Video, probe
from dailies.reason import ReasonCode

log = logging.getLogger(__name__)

NICENESS = 10
"""Commands and checks of other jobs shall stay quick meanwhile."""
THREADS = 4
"""Threads of the encoder, and of the decoder, whose memory grows with them."""
PRESET = "faster"
"""Measured against x264's "medium" in two passes: the same SSIM within 0.01, two thirds of the processor time."""
CORRECTIONS = 2
"""Further second passes if the size was missed. Each uses the figures of the first pass again."""
ENOUGH = 0.93
"""Share of the limit that must be used for a result to count as a hit."""
PROBE_SECONDS = 60.0
MOST_PIXELS = 8192 * 8192
"""Larger pictures are not decoded: a small file can claim any size, and each frame has to fit into memory."""
MOST_SECONDS = 3600.0
PARTS = "fit-"
"""Prefix of folders for the parts of an encoding; a crash leaves them behind."""

_TIME = re.compile(rb"out_time_us=(\d+)")

Say = Callable[[int], Awaitable[None]]
"""Gets the percentage of the work done."""


@dataclass(frozen=True)
class FittedVideo:
    """A video that fits. video: ffmpeg's description of it."""

    path: Path
    plan: EncodingPlan
    video: Video


class Encoder:
    """ffmpeg: its path. jobs: encodings at once; further ones wait. seconds: limit of one encoding, all its passes."""

    def __init__(self, ffmpeg: str, *, jobs: int, seconds: float) -> None:
        self._ffmpeg = ffmpeg
        self._room = asyncio.Semaphore(jobs)
        self._seconds = seconds

    @property
    def busy(self) -> bool:
        """True if a further encoding has to wait."""
        return self._room.locked()

    async def fit(self, source: Path, video: Video, limit: int, target: Path, say: Say) -> FittedVideo:
        """Write an MP4 of at most `limit` bytes that phones play. video: `probe`'s description of the source.

        say: gets the progress. Raises MediaError, and then leaves no file; nothing is left running.
        """
        if video.width * video.height > MOST_PIXELS or video.seconds > MOST_SECONDS:
            raise MediaError(ReasonCode.TOO_LARGE_TO_ENCODE)
        wanted = plan(video, limit)
        async with self._room:
            try:
                async with asyncio.timeout(self._seconds):
                    async with _folder(target.parent) as folder:
                        part = folder / "part.mp4"
                        wanted = await self._passes(source, video, wanted, limit, part, say)
                        made = await probe(self._ffmpeg, part, seconds=PROBE_SECONDS)
                        await asyncio.to_thread(part.replace, target)
            except TimeoutError as error:
                raise MediaError(ReasonCode.ENCODING_SLOW, seconds=self._seconds) from error
            except OSError as error:
                raise MediaError(ReasonCode.DISK_REFUSED, problem=error.strerror) from error
        return FittedVideo(target, wanted, made)

    async def _passes(
        self, source: Path, video: Video, wanted: EncodingPlan, limit: int, part: Path, say: Say
    ) -> EncodingPlan:
        """Run two passes, and repeat the second while its size is wrong. Returns the plan that was hit."""
        progress = _Progress(video.seconds, say)
        await self._run(self._command(source, wanted, part, number=1), progress)
        for correction in range(CORRECTIONS + 1):
            progress.second(repeated=correction > 0)
            await self._run(self._command(source, wanted, part, number=2), progress)
            size = (await asyncio.to_thread(part.stat)).st_size
            # Bits that a quiet video does not need stay unused; asking for more would not help.
            short = ENOUGH * limit > size > wanted.target / 2
            if size <= limit and (not short or correction == CORRECTIONS):
                return wanted
            log.info("an encoding aimed at %d bytes and has %d; limit %d", wanted.target, size, limit)
            sound = int(wanted.sound_kbps * 125 * video.seconds)
            share = max(1, wanted.target - sound) / max(1, size - sound)
            wanted = replace(wanted, kbps=max(1, int(wanted.kbps * min(1.3, share))))
        raise MediaError(ReasonCode.NOT_SMALL_ENOUGH)

    def _command(self, source: Path, wanted: EncodingPlan, part: Path, *, number: int) -> list[str]:
        """Run one pass. The first writes figures beside the part, the second the video."""
        command = [self._ffmpeg, "-nostdin", "-hide_banner", "-loglevel", "error", "-progress", "pipe:1"]
        command += ["-y", "-threads", str(THREADS), "-protocol_whitelist", "file", "-f", "mp4"]
        command += ["-max_pixels", str(MOST_PIXELS), "-i", f"file:{source}"]
        command += ["-map", "0:v:0", "-vf", f"scale={wanted.width}:{wanted.height}:flags=bicubic"]
        command += ["-fpsmax", f"{wanted.frames:g}", "-pix_fmt", "yuv420p", "-c:v", "libx264", "-preset", PRESET]
        command += ["-b:v", f"{wanted.kbps}k", "-threads", str(THREADS)]
        command += ["-pass", str(number), "-passlogfile", str(part.with_name("pass"))]
        if number == 1:
            return [*command, "-an", "-f", "null", os.devnull]
        sound = ["-map", "0:a:0", "-c:a", "aac", "-b:a", f"{wanted.sound_kbps}k", "-ac", "2"]
        command += sound if wanted.sound_kbps else ["-an"]
        return [*command, "-map_metadata", "-1", "-map_chapters", "-1", "-movflags", "+faststart", f"file:{part}"]

    async def _run(self, command: list[str], progress: _Progress) -> None:
        async def read(line: bytes) -> None:
            if found := _TIME.match(line):
                await progress.at(int(found[1]) / 1_000_000)

        try:
            ended = await processes.run(command, niceness=NICENESS, each_line=read)
        except OSError as error:
            raise MediaError(ReasonCode.CANNOT_RUN, program="ffmpeg", problem=error.strerror) from error
        if ended.returncode:
            log.warning("ffmpeg ended with %d: %s", ended.returncode, ended.stderr[-4000:].decode(errors="replace"))
            raise MediaError(ReasonCode.ENCODING_FAILED)


@contextlib.asynccontextmanager
async def _folder(parent: Path) -> AsyncGenerator[Path]:
    """Make a folder for the parts of one encoding, removed at the end."""
    folder = await asyncio.to_thread(tempfile.mkdtemp, prefix=PARTS, dir=parent)
    try:
        yield Path(folder)
    finally:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


class _Progress:
    """Percentage of the whole work, from the times of its passes. The first pass is the quicker one."""

    FIRST = 35

    def __init__(self, seconds: float, say: Say) -> None:
        self._seconds = seconds
        self._say = say
        self._from, self._to = 0, self.FIRST
        self._last = -1

    def second(self, *, repeated: bool) -> None:
        """Begin the second pass, or begin it again: then the percentage goes back, because the work does."""
        self._from, self._to = self.FIRST, 100
        if repeated:
            self._last = -1

    async def at(self, seconds: float) -> None:
        """Report that a pass has reached this time of the video."""
        done = self._from + (self._to - self._from) * min(1.0, seconds / self._seconds)
        if int(done) > self._last:
            self._last = int(done)
            await self._say(self._last)
