"""Stills of finished videos for lists and walls: each is drawn once, and kept beside its file as long as that."""

from __future__ import annotations

import asyncio
import io
import logging
from collections.abc import Iterable, Mapping
from pathlib import Path

from PIL import Image

from dailies.errors import MediaError
from dailies.fair_slots import FairSlots
from dailies.files import write_atomically
from dailies.job import Job
from dailies.media.marks import label, xmp
from dailies.media.still import still

log = logging.getLogger(__name__)

AT_ONCE, AT_ONCE_EACH = 2, 2
"""Stills that are drawn at the same time, of the whole bot and for one person."""
REMEMBERED = 512
"""Files of which is known that no still can be drawn; their videos are not looked at again."""


def still_of(original: Path) -> Path:
    """Return the path of a video's still, whether it is there or not. It leaves the disk together with the video."""
    return original.with_name(f"{original.stem}.still.jpg")


class Stills:
    """Draws stills. seconds: limit of each run of ffmpeg."""

    def __init__(self, ffmpeg: str, *, seconds: float) -> None:
        self._ffmpeg = ffmpeg
        self._seconds = seconds
        self._slots = FairSlots(AT_ONCE, AT_ONCE_EACH)
        self._tasks: dict[Path, asyncio.Task[None]] = {}
        self._unreadable: dict[Path, None] = {}

    async def of(self, jobs: Iterable[Job], *, person: int, wait: float) -> Mapping[str, bytes]:
        """Return the stills of jobs as JPEGs, by job id, as far as they are there after so many seconds.

        person: id of who asks. What is not drawn by then is there for the next one who asks.
        """
        originals = {job.id: path for job in jobs if (path := kept_file(job))}
        missing = await asyncio.to_thread(lambda: [one for one in originals.values() if not still_of(one).is_file()])
        tasks = [self._task(one, person) for one in missing if one not in self._unreadable]
        if tasks:
            await asyncio.wait(tasks, timeout=wait)
        return await asyncio.to_thread(_read, originals)

    async def close(self) -> None:
        """Stop what is being drawn."""
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    def _task(self, original: Path, person: int) -> asyncio.Task[None]:
        task = self._tasks.get(original)
        if task is None:
            task = self._tasks[original] = asyncio.create_task(self._draw(original, person))
            task.add_done_callback(lambda _: self._tasks.pop(original, None))
        return task

    async def _draw(self, original: Path, person: int) -> None:
        async with self._slots.one(person):
            try:
                picture = await still(self._ffmpeg, original, seconds=self._seconds)
                await asyncio.to_thread(_write, picture, original)
            except MediaError as error:
                log.warning("%s: no still can be drawn of it: %s", original.name, error)
                self._unreadable[original] = None
                for old in list(self._unreadable)[:-REMEMBERED]:
                    del self._unreadable[old]
            except OSError as error:
                log.warning("%s: its still could not be written: %s", original.name, error)


def kept_file(job: Job) -> Path | None:
    """Return the path of a finished job's first video, as far as its record says that it is kept."""
    if not job.ended or job.file_removed_at is not None or job.forgotten_at is not None:
        return None
    return next(iter(job.files.values()), None)


def _write(picture: Image.Image, original: Path) -> None:
    """Keep a still. Blocks. Raises OSError."""
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=85, comment=label(()), xmp=xmp(()))
    write_atomically(still_of(original), out.getvalue())
    if not original.is_file():  # removed meanwhile, and nothing of it stays
        still_of(original).unlink(missing_ok=True)


def _read(originals: Mapping[str, Path]) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for job_id, original in originals.items():
        try:
            if original.is_file():
                found[job_id] = still_of(original).read_bytes()
        except OSError:
            continue
    return found
