"""Last frames of the bot's own videos as pictures to work with, taken from the files as they came."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import os
import shutil
import tempfile
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path

from dailies.disk import writing
from dailies.errors import MediaError, RefusedError
from dailies.fair_slots import FairSlots
from dailies.files import is_whole, make_folder, put_once
from dailies.job import Job
from dailies.media.last_frame import LastFrame, last_frame
from dailies.reason import ReasonCode
from dailies.references.reference import Source

log = logging.getLogger(__name__)

AT_ONCE, AT_ONCE_EACH = 2, 1
"""Frames that are taken at the same time, of the whole bot and for one person."""
REMEMBERED = 256
"""Frames that are found again without decoding."""


class LastFrames:
    """Takes last frames, each once. references: folder of reference images, where a frame gets the name of its SHA-256.

    most: bytes of a reference image. seconds: limit of each run of ffmpeg.
    """

    def __init__(self, ffmpeg: str, references: Path, *, most: int, seconds: float) -> None:
        self._ffmpeg = ffmpeg
        self._folder = references
        self._most = most
        self._seconds = seconds
        self._slots = FairSlots(AT_ONCE, AT_ONCE_EACH)
        self._tasks: dict[tuple[Path, int, int, float | None], asyncio.Task[LastFrame]] = {}

    async def begin(self, job: Job, number: int, *, requester: int) -> None:
        """Begin to take the frame that somebody may ask for next. A video that is not kept is left alone."""
        if path := await kept_video(job, number):
            with suppress(RefusedError):
                await self._task(path, requester)

    async def source(self, job: Job, number: int, *, requester: int, wait: float, at: float | None = None) -> Source:
        """Return the last frame of an output of a job, counted from 1, as a picture that guides a video.

        requester: id of the person who asks. wait: in seconds, after which the work goes on for the next one who asks.
        at: seconds from the start, of the frame that is returned instead. Raises RefusedError, with LAST_FRAME_SLOW
        after that time.
        """
        path = await kept_video(job, number)
        if path is None:
            raise RefusedError(ReasonCode.VIDEO_NOT_KEPT)
        frame = await self._frame(path, requester, wait, at)
        take = f"take {job.number}" if job.shot is None else f"{job.shot.name}, take {job.number}"
        return Source(
            "",
            f"last frame of {take}" if at is None else f"{take} at {at:g} s",
            attached=False,
            spoiler=job.spoiler,
            kept=frame.path,
            width=frame.width,
            height=frame.height,
        )

    async def close(self) -> None:
        """Stop what is being taken."""
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    async def _frame(self, path: Path, requester: int, wait: float, at: float | None) -> LastFrame:
        for _ in range(2):
            task = await self._task(path, requester, at)
            done, _ = await asyncio.wait([task], timeout=wait)
            if not done:
                raise RefusedError(ReasonCode.LAST_FRAME_SLOW)
            try:
                frame = task.result()
            except (MediaError, OSError) as error:
                if isinstance(error, MediaError) and error.reason.code is ReasonCode.PAST_THE_END:
                    raise RefusedError(error.reason.code, **error.reason.values) from error
                raise RefusedError(ReasonCode.LAST_FRAME_UNREADABLE) from error
            if await asyncio.to_thread(_touched, frame.path):
                return frame
            # It was removed as one that nothing used.
            self._tasks = {key: one for key, one in self._tasks.items() if one is not task}
        raise RefusedError(ReasonCode.LAST_FRAME_SLOW)

    async def _task(self, path: Path, requester: int, at: float | None = None) -> asyncio.Task[LastFrame]:
        """Return the work of taking a file's frame, begun now or before. Raises RefusedError if the file is gone."""
        try:
            stat = await asyncio.to_thread(path.stat)
        except OSError as error:
            raise RefusedError(ReasonCode.VIDEO_NOT_KEPT) from error
        key = path, stat.st_mtime_ns, stat.st_size, at
        task = self._tasks.get(key)
        if task is None or (task.done() and (task.cancelled() or task.exception())):
            task = self._tasks[key] = asyncio.create_task(self._take(path, requester, at))
            task.add_done_callback(_log_failure)
            for old in [one for one, each in self._tasks.items() if each.done()][: len(self._tasks) - REMEMBERED]:
                del self._tasks[old]
        return task

    async def _take(self, path: Path, requester: int, at: float | None) -> LastFrame:
        async with self._slots.one(requester), _part(self._folder) as folder:
            taken = await last_frame(self._ffmpeg, path, folder, most=self._most, seconds=self._seconds, at=at)
            frame = replace(taken, path=await asyncio.to_thread(_put, taken.path, self._folder))
        log.info("took a frame of %s, %d x %d", path.name, frame.width, frame.height)
        return frame


async def kept_video(job: Job, number: int) -> Path | None:
    """Return the path of an output as it came, the first one's where there is no such number; None: it is not kept."""
    files = job.files
    path = files.get(number) or next(iter(files.values()), None)
    if path is None or job.file_removed_at is not None or job.forgotten_at is not None:
        return None
    return path if await asyncio.to_thread(path.is_file) else None


@asynccontextmanager
async def _part(parent: Path) -> AsyncGenerator[Path]:
    """Make a folder for one frame, removed at the end; a start removes what a crash leaves (dailies/retention.py)."""
    with writing():
        await asyncio.to_thread(make_folder, parent)
        folder = Path(await asyncio.to_thread(tempfile.mkdtemp, suffix=".part", dir=parent))
    try:
        yield folder
    finally:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


def _put(picture: Path, folder: Path) -> Path:
    """Give a picture its place among the references. Blocks. Raises OSError, and DiskFull."""
    with picture.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    with writing():
        put_once(picture, folder / sha256, sha256)
    return folder / sha256


def _touched(path: Path) -> bool:
    """Tell if a picture is still whole, and keep it from being removed as an old one. Blocks."""
    whole = is_whole(path, path.name)
    if whole:
        os.utime(path)
    return whole


def _log_failure(task: asyncio.Task[LastFrame]) -> None:
    if not task.cancelled() and (error := task.exception()):
        log.warning("the last frame of a video could not be taken: %s", error)
