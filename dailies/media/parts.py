"""Parts of a file that is being made: their folder, the runs of ffmpeg that fill it, and how far they have come."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
import shutil
import tempfile
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from pathlib import Path

from dailies.errors import MediaError
from dailies.media.ffmpeg import run_ffmpeg
from dailies.reason import ReasonCode

log = logging.getLogger(__name__)

NICENESS = 10
"""Commands and checks of other jobs shall stay quick meanwhile."""
PARTS = "fit-"
"""Prefix of folders for parts; what a crash leaves of them goes at the next start."""

_TIME = re.compile(rb"out_time_us=(\d+)")

Say = Callable[[int], Awaitable[None]]
"""Gets the percentage of the work done."""


@contextlib.asynccontextmanager
async def parts_folder(parent: Path) -> AsyncGenerator[Path]:
    """Make a folder for the parts of one file, removed at the end. Errors of the disk become MediaError."""
    try:
        folder = await asyncio.to_thread(tempfile.mkdtemp, prefix=PARTS, dir=parent)
        try:
            yield Path(folder)
        finally:
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
    except OSError as error:
        raise MediaError(ReasonCode.DISK_REFUSED, problem=error.strerror) from error


def begin(ffmpeg: str, threads: int) -> list[str]:
    """Return the beginning of each command. threads: of the decoder, whose memory grows with them."""
    command = [ffmpeg, "-nostdin", "-hide_banner", "-loglevel", "error", "-progress", "pipe:1"]
    return [*command, "-y", "-threads", str(threads), "-fflags", "+genpts"]


async def fill(
    command: Sequence[str],
    source: Path | None,
    *,
    folder: Path,
    pixels: int,
    at: Callable[[float], Awaitable[None]] | None = None,
) -> None:
    """Run a command of ffmpeg that writes into the folder. source: the file outside of it that is read. pixels: of a
    frame that is encoded. at: gets the seconds that are done. Raises MediaError.
    """

    async def read(line: bytes) -> None:
        if at and (found := _TIME.match(line)):
            await at(int(found[1]) / 1_000_000)

    try:
        ended = await run_ffmpeg(command, source, folder=folder, pixels=pixels, niceness=NICENESS, each_line=read)
    except OSError as error:
        raise MediaError(ReasonCode.CANNOT_RUN, program="ffmpeg", problem=error.strerror) from error
    if ended.returncode:
        log.warning("ffmpeg ended with %d: %s", ended.returncode, ended.stderr[-4000:].decode(errors="replace"))
        raise MediaError(ReasonCode.ENCODING_FAILED)


class Progress:
    """Percentage of the whole work, from the times of its passes. seconds: of each. first: percentage at the end of the
    first one.
    """

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
