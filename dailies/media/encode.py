"""Converts videos and makes them fit a size with ffmpeg: in its own process, at low priority, few at once, never
without a limit.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import time
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from dailies.errors import MediaError
from dailies.fair_slots import NOBODY, FairSlots, Turn
from dailies.files import put_in_place
from dailies.media.fit import EncodingPlan, plan
from dailies.media.marks import append_xmp, metadata
from dailies.media.normalise import CLEAN, Conversion, Work, arguments, conversion, needs_tone_mapping, tone_mapped
from dailies.media.parts import Progress, Say, begin, fill, parts_folder
from dailies.media.probe import MOST_PIXELS, Video, can_tone_map, probe, source
from dailies.metrics.port import UNCOUNTED, Metrics
from dailies.reason import ReasonCode

log = logging.getLogger(__name__)

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
    """ffmpeg: its path. jobs: encodings at once; further ones wait. seconds: limit of one encoding, all its passes.

    metrics: counts encodings.
    """

    def __init__(self, ffmpeg: str, *, jobs: int, seconds: float, metrics: Metrics = UNCOUNTED) -> None:
        self._ffmpeg = ffmpeg
        self._metrics = metrics
        self._room = FairSlots(jobs)
        self.seconds = seconds
        self._tone_maps: bool | None = None

    @property
    def room(self) -> FairSlots:
        """The slots, which reels and cuts share."""
        return self._room

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
        async with _part(target) as part:
            if wanted.work is not Work.PICTURE:
                with contextlib.suppress(MediaError):
                    made = await self._converted(path, video, wanted, part, say)
                    if conversion(made) is None:
                        await asyncio.to_thread(put_in_place, part, target)
                        return ConvertedVideo(target, wanted, made)
                log.info("%s: a copy of its picture does not play everywhere", path.name)
                wanted = replace(wanted, work=Work.PICTURE)
            refuse_monsters(video)
            if needs_tone_mapping(video.track) and await self.can_tone_map():
                wanted = tone_mapped(wanted)
            async with self._room.one(turn.person, later=turn.later):
                made = await self._converted(path, video, wanted, part, say)
                await asyncio.to_thread(put_in_place, part, target)
        return ConvertedVideo(target, wanted, made)

    async def fit(
        self,
        path: Path,
        video: Video,
        limit: int,
        target: Path,
        say: Say,
        turn: Turn = NOBODY,
        *,
        models: Sequence[str] = (),
    ) -> FittedVideo:
        """Write an MP4 of at most `limit` bytes that phones play. video: `probe`'s description of an MP4 at path.

        say: gets the progress. models: names that its marks give. Raises MediaError, and then leaves no file; nothing
        is left running.
        """
        refuse_monsters(video)
        wanted = replace(plan(video, limit), models=tuple(models))
        async with self._room.one(turn.person, later=turn.later), _part(target) as part:
            async with self.limited("fit"):
                wanted = await self._passes(path, video, wanted, limit, part, say)
                made = await probe(self._ffmpeg, part, seconds=PROBE_SECONDS)
            await asyncio.to_thread(part.replace, target)
        return FittedVideo(target, wanted, made)

    async def _converted(self, path: Path, video: Video, wanted: Conversion, part: Path, say: Say) -> Video:
        """Run a conversion; return the description of what it made."""
        command = [*begin(self._ffmpeg, THREADS), *source(path, video.kind.demuxer or "mov"), *arguments(video, wanted)]
        command += ["-preset", PRESET, "-threads", str(THREADS)] if wanted.work is Work.PICTURE else []
        async with self.limited(str(wanted.work)):
            pixels = video.width * video.height if wanted.work is Work.PICTURE else 0
            # Tone mapping holds frames of 32-bit floats.
            pixels *= 2 if needs_tone_mapping(video.track) else 1
            progress = Progress(video.seconds, say, 100)
            await fill([*command, f"file:{part}"], path, folder=part.parent, pixels=pixels, at=progress.at)
            await asyncio.to_thread(append_xmp, part, wanted.models)
            return await probe(self._ffmpeg, part, seconds=PROBE_SECONDS)

    async def can_tone_map(self) -> bool:
        """Tell if this ffmpeg turns HDR into SDR; it is asked once. Raises MediaError if it cannot be run."""
        if self._tone_maps is None:
            self._tone_maps = await can_tone_map(self._ffmpeg)
        return self._tone_maps

    @contextlib.asynccontextmanager
    async def limited(self, work: str) -> AsyncGenerator[None]:
        """Limit the time of what is done inside, and count it. work: its kind. Raises MediaError."""
        began, result = time.monotonic(), "failed"
        try:
            async with asyncio.timeout(self.seconds):
                yield
            result = "made"
        except TimeoutError as error:
            raise MediaError(ReasonCode.ENCODING_SLOW, seconds=self.seconds) from error
        finally:
            self._metrics.encoded(work, result, time.monotonic() - began)

    async def _passes(
        self, path: Path, video: Video, wanted: EncodingPlan, limit: int, part: Path, say: Say
    ) -> EncodingPlan:
        """Run two passes, and repeat the second while its size is wrong. Returns the plan that was hit."""
        progress = Progress(video.seconds, say, Progress.FIRST)
        run = partial(fill, source=path, folder=part.parent, pixels=video.width * video.height, at=progress.at)
        await run(self._command(path, wanted, part, number=1))
        for correction in range(CORRECTIONS + 1):
            progress.second(repeated=correction > 0)
            await run(self._command(path, wanted, part, number=2))
            await asyncio.to_thread(append_xmp, part, wanted.models)
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
        command = [*begin(self._ffmpeg, THREADS), *source(path, "mov")]
        command += ["-map", "0:V:0", "-vf", f"scale={wanted.width}:{wanted.height}:flags=bicubic,setsar=1"]
        command += ["-fpsmax", f"{wanted.frames:g}", "-pix_fmt", "yuv420p", "-c:v", "libx264", "-preset", PRESET]
        command += ["-profile:v", "high", "-b:v", f"{wanted.kbps}k", "-threads", str(THREADS)]
        command += ["-pass", str(number), "-passlogfile", str(part.with_name("pass"))]
        if number == 1:
            return [*command, "-an", "-f", "null", os.devnull]
        sound = ["-map", "0:a:0", "-c:a", "aac", "-b:a", f"{wanted.sound_kbps}k", "-ac", "2"]
        command += sound if wanted.sound_kbps else ["-an"]
        return [*command, *CLEAN, *metadata(wanted.models), f"file:{part}"]


def refuse_monsters(video: Video) -> None:
    """Raise MediaError for a video that is too large or too long to be decoded."""
    if video.width * video.height > MOST_PIXELS or video.seconds > MOST_SECONDS:
        raise MediaError(ReasonCode.TOO_LARGE_TO_ENCODE)


@contextlib.asynccontextmanager
async def _part(target: Path) -> AsyncGenerator[Path]:
    """Give the path of a part in a folder of its own."""
    async with parts_folder(target.parent) as folder:
        yield folder / "part.mp4"
