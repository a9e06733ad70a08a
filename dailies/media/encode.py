"""Converts videos and makes them fit a size with ffmpeg: in its own process, at low priority, few at once, never
without a limit.
"""

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
from functools import partial
from pathlib import Path

from dailies.errors import MediaError
from dailies.fair_slots import NOBODY, FairSlots, Turn
from dailies.files import put_in_place
from dailies.media.ffmpeg import run_ffmpeg
from dailies.media.fit import EncodingPlan, plan
from dailies.media.normalise import CLEAN, Conversion, Work, arguments, conversion, needs_tone_mapping, tone_mapped
from dailies.media.probe import MOST_PIXELS, Video, can_tone_map, probe, source
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
MOST_SECONDS = 3600.0
PARTS = "fit-"
"""Prefix of folders for the parts of an encoding; what a crash leaves of them goes at the next start."""

_TIME = re.compile(rb"out_time_us=(\d+)")

Say = Callable[[int], Awaitable[None]]
"""Gets the percentage of the work done."""


@dataclass(frozen=True)
class FittedVideo:
    """A video that fits. video: ffmpeg's description of it."""

    path: Path
    plan: EncodingPlan
    video: Video


@dataclass(frozen=True)
class ConvertedVideo:
    """A video that plays everywhere. done: the conversion that made it. video: ffmpeg's description of it."""

    path: Path
    done: Conversion
    video: Video


class Encoder:
    """ffmpeg: its path. jobs: encodings at once; further ones wait. seconds: limit of one encoding, all its passes."""

    def __init__(self, ffmpeg: str, *, jobs: int, seconds: float) -> None:
        self._ffmpeg = ffmpeg
        self._room = FairSlots(jobs)
        self._seconds = seconds
        self._tone_maps: bool | None = None

    @property
    def busy(self) -> bool:
        """True if a further encoding has to wait."""
        return self._room.busy

    async def convert(
        self, path: Path, video: Video, wanted: Conversion, target: Path, say: Say, turn: Turn = NOBODY
    ) -> ConvertedVideo:
        """Write an MP4 that plays everywhere. video: `probe`'s description of the file at path.

        The picture is copied if that is enough, else it is encoded, which waits for other encodings. say: gets the
        progress. Raises MediaError, and then leaves no file; nothing is left running.
        """
        async with self._part(target) as part:
            if wanted.work is not Work.PICTURE:
                with contextlib.suppress(MediaError):
                    made = await self._converted(path, video, wanted, part, say)
                    if conversion(made) is None:
                        await asyncio.to_thread(put_in_place, part, target)
                        return ConvertedVideo(target, wanted, made)
                log.info("%s: a copy of its picture does not play everywhere", path.name)
                wanted = Conversion(Work.PICTURE)
            _refuse_monsters(video)
            if needs_tone_mapping(video.track) and await self._can_tone_map():
                wanted = tone_mapped(wanted)
            async with self._room.one(turn.person, later=turn.later):
                made = await self._converted(path, video, wanted, part, say)
                await asyncio.to_thread(put_in_place, part, target)
        return ConvertedVideo(target, wanted, made)

    async def fit(
        self, path: Path, video: Video, limit: int, target: Path, say: Say, turn: Turn = NOBODY
    ) -> FittedVideo:
        """Write an MP4 of at most `limit` bytes that phones play. video: `probe`'s description of an MP4 at path.

        say: gets the progress. Raises MediaError, and then leaves no file; nothing is left running.
        """
        _refuse_monsters(video)
        wanted = plan(video, limit)
        async with self._room.one(turn.person, later=turn.later), self._part(target) as part:
            async with self._limited():
                wanted = await self._passes(path, video, wanted, limit, part, say)
                made = await probe(self._ffmpeg, part, seconds=PROBE_SECONDS)
            await asyncio.to_thread(part.replace, target)
        return FittedVideo(target, wanted, made)

    async def _converted(self, path: Path, video: Video, wanted: Conversion, part: Path, say: Say) -> Video:
        """Run a conversion; return the description of what it made."""
        command = [*self._begin(), *source(path, video.kind.demuxer or "mov"), *arguments(video, wanted)]
        command += ["-preset", PRESET, "-threads", str(THREADS)] if wanted.work is Work.PICTURE else []
        async with self._limited():
            pixels = video.width * video.height if wanted.work is Work.PICTURE else 0
            # Tone mapping holds frames of 32-bit floats.
            pixels *= 2 if needs_tone_mapping(video.track) else 1
            progress = _Progress(video.seconds, say, 100)
            await self._run([*command, f"file:{part}"], path=path, part=part, pixels=pixels, progress=progress)
            return await probe(self._ffmpeg, part, seconds=PROBE_SECONDS)

    async def _can_tone_map(self) -> bool:
        if self._tone_maps is None:
            self._tone_maps = await can_tone_map(self._ffmpeg)
        return self._tone_maps

    @contextlib.asynccontextmanager
    async def _limited(self) -> AsyncGenerator[None]:
        try:
            async with asyncio.timeout(self._seconds):
                yield
        except TimeoutError as error:
            raise MediaError(ReasonCode.ENCODING_SLOW, seconds=self._seconds) from error

    @contextlib.asynccontextmanager
    async def _part(self, target: Path) -> AsyncGenerator[Path]:
        """Give the path of a part in a folder of its own. Errors of the disk become MediaError."""
        try:
            async with _folder(target.parent) as folder:
                yield folder / "part.mp4"
        except OSError as error:
            raise MediaError(ReasonCode.DISK_REFUSED, problem=error.strerror) from error

    def _begin(self) -> list[str]:
        """Return the beginning of each command. Options before the input apply to its decoder."""
        command = [self._ffmpeg, "-nostdin", "-hide_banner", "-loglevel", "error", "-progress", "pipe:1"]
        return [*command, "-y", "-threads", str(THREADS), "-fflags", "+genpts"]

    async def _passes(
        self, path: Path, video: Video, wanted: EncodingPlan, limit: int, part: Path, say: Say
    ) -> EncodingPlan:
        """Run two passes, and repeat the second while its size is wrong. Returns the plan that was hit."""
        progress = _Progress(video.seconds, say, _Progress.FIRST)
        run = partial(self._run, path=path, part=part, pixels=video.width * video.height, progress=progress)
        await run(self._command(path, wanted, part, number=1))
        for correction in range(CORRECTIONS + 1):
            progress.second(repeated=correction > 0)
            await run(self._command(path, wanted, part, number=2))
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

    def _command(self, path: Path, wanted: EncodingPlan, part: Path, *, number: int) -> list[str]:
        """Return the command of one pass. The first writes figures beside the part, the second the video."""
        command = [*self._begin(), *source(path, "mov")]
        command += ["-map", "0:V:0", "-vf", f"scale={wanted.width}:{wanted.height}:flags=bicubic,setsar=1"]
        command += ["-fpsmax", f"{wanted.frames:g}", "-pix_fmt", "yuv420p", "-c:v", "libx264", "-preset", PRESET]
        command += ["-profile:v", "high", "-b:v", f"{wanted.kbps}k", "-threads", str(THREADS)]
        command += ["-pass", str(number), "-passlogfile", str(part.with_name("pass"))]
        if number == 1:
            return [*command, "-an", "-f", "null", os.devnull]
        sound = ["-map", "0:a:0", "-c:a", "aac", "-b:a", f"{wanted.sound_kbps}k", "-ac", "2"]
        command += sound if wanted.sound_kbps else ["-an"]
        return [*command, *CLEAN, f"file:{part}"]

    async def _run(self, command: list[str], *, path: Path, part: Path, pixels: int, progress: _Progress) -> None:
        async def read(line: bytes) -> None:
            if found := _TIME.match(line):
                await progress.at(int(found[1]) / 1_000_000)

        try:
            ended = await run_ffmpeg(
                command, path, folder=part.parent, pixels=pixels, niceness=NICENESS, each_line=read
            )
        except OSError as error:
            raise MediaError(ReasonCode.CANNOT_RUN, program="ffmpeg", problem=error.strerror) from error
        if ended.returncode:
            log.warning("ffmpeg ended with %d: %s", ended.returncode, ended.stderr[-4000:].decode(errors="replace"))
            raise MediaError(ReasonCode.ENCODING_FAILED)


def _refuse_monsters(video: Video) -> None:
    if video.width * video.height > MOST_PIXELS or video.seconds > MOST_SECONDS:
        raise MediaError(ReasonCode.TOO_LARGE_TO_ENCODE)


@contextlib.asynccontextmanager
async def _folder(parent: Path) -> AsyncGenerator[Path]:
    """Make a folder for the parts of one encoding, removed at the end."""
    folder = await asyncio.to_thread(tempfile.mkdtemp, prefix=PARTS, dir=parent)
    try:
        yield Path(folder)
    finally:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


class _Progress:
    """Percentage of the whole work, from the times of its passes. first: percentage at the end of the first one."""

    FIRST = 35
    """Share of the first of two passes, which is the quicker one."""

    def __init__(self, seconds: float, say: Say, first: int) -> None:
        self._seconds = seconds
        self._say = say
        self._from, self._to = 0, first
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
