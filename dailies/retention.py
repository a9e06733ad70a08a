"""Removes old videos and reference images from the disk, as the records of their jobs say."""

from __future__ import annotations

import asyncio
import contextlib
import glob
import logging
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from dailies.media.encode import PARTS
from dailies.media.playable import playable
from dailies.store.library import Library

log = logging.getLogger(__name__)

EVERY_SECONDS = 3600.0
FRESH_SECONDS = 60.0
"""Age below which a reference may belong to a command that was not recorded yet."""
LEFTOVERS = (
    "*.part",
    "answers/*.part",
    "references/*.part",
    "references/*.part.jpg",
    "videos/*.part",
    f"videos/{PARTS}*",
    "videos/*.fit.mp4",
)
"""Patterns below DATA_DIR of what only the process that makes it needs; no record names it."""


class Retention:
    """Keeps DATA_DIR tidy. days: time that files stay after their jobs ended, or, without a job, since their change."""

    def __init__(self, library: Library, data_dir: Path, *, days: float, now: Callable[[], float] = time.time) -> None:
        self._library = library
        self._data_dir = data_dir
        self._videos = data_dir / "videos"
        self._references = data_dir / "references"
        self._seconds = days * 86400
        self._now = now
        self._forgotten: set[str] = set()

    async def run(self) -> None:
        """Tidy now and every hour, until cancelled."""
        while True:
            await self.tidy()
            await asyncio.sleep(EVERY_SECONDS)

    async def clear_leftovers(self) -> None:
        """Remove what a process that was cut off left half written. Only for a start, before anything is written."""
        if removed := await asyncio.to_thread(_remove_leftovers, self._data_dir):
            log.info("removed %d leftovers of a process that was cut off", removed)

    async def tidy(self) -> int:
        """Remove files that have stayed long enough; returns how many."""
        before = self._now() - self._seconds
        removed = await self._old_videos(before) + await self._strays(before) + await self._old_references(before)
        if removed:
            log.info("removed %d files from %s", removed, self._videos.parent)
        return removed

    async def forget(self, requester_id: int, running: frozenset[str]) -> tuple[int, int]:
        """Forget a person's jobs and remove their files; returns how many, and how many still run and were left."""
        fresh = await self._fresh()
        forgotten = await self._library.forget(requester_id, running, self._now())
        await asyncio.to_thread(_remove, (path for name in forgotten.videos for path in _all_of(self._videos / name)))
        paths = await asyncio.to_thread(_files, self._references)
        pictures = [path for path in paths if _sha256(path) in forgotten.references]
        await asyncio.to_thread(_remove, pictures, before=fresh)
        self._forgotten |= forgotten.references  # files that were too fresh go in the next round
        return forgotten.count, forgotten.left

    async def _old_videos(self, before: float) -> int:
        removed = 0
        for job_id, name in await self._library.outdated_videos(before):
            # First the file, then the record: a crash between them leaves a file to be removed again, not an orphan.
            removed += await asyncio.to_thread(_remove, _all_of(self._videos / name))
            await self._library.file_removed(job_id, self._now())
        return removed

    async def _strays(self, before: float) -> int:
        """Remove unknown videos, and files that a record says are gone."""
        paths = await asyncio.to_thread(_files, self._videos)
        known = await self._library.by_id({_job_id(path) for path in paths})
        at_once: list[Path] = []
        by_age: list[Path] = []
        for path in paths:
            job = known.get(_job_id(path))
            if (
                job
                and job.file
                and path.name in {one.name for file in job.files.values() for one in (file, playable(file))}
            ):
                at_once += [path] if job.file_removed_at is not None else []
            elif job is None or job.ended:
                by_age.append(path)
        removed = await asyncio.to_thread(_remove, at_once)
        return removed + await asyncio.to_thread(_remove, by_age, before=before)

    async def _old_references(self, before: float) -> int:
        paths = await asyncio.to_thread(_files, self._references)
        fresh = await self._fresh()
        kept = await self._library.references_in_use(before)
        known = await self._library.known_references({_sha256(path) for path in paths})
        self._forgotten &= {_sha256(path) for path in paths} - known
        unused = [path for path in paths if _sha256(path) in (known - kept) | self._forgotten]
        removed = await asyncio.to_thread(_remove, unused, before=fresh)
        strays = [path for path in paths if _sha256(path) not in known | self._forgotten]
        return removed + await asyncio.to_thread(_remove, strays, before=before)

    async def _fresh(self) -> float:
        """Return the time after which files may have been fetched for a job whose references are not recorded yet."""
        oldest = await self._library.oldest_check()
        now = self._now()
        return min(now, oldest if oldest is not None else now) - FRESH_SECONDS


def _job_id(path: Path) -> str:
    return path.name.split(".")[0]


def _all_of(video: Path) -> Iterator[Path]:
    """Yield the paths of every output of a job, and of their conversions. Blocks."""
    yield from list(video.parent.glob(f"{glob.escape(_job_id(video))}.*"))


def _sha256(path: Path) -> str:
    """Return the original's SHA-256: thumbnails, converted pictures and inspection results begin with its name."""
    return path.name.split(".")[0]


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if path.is_file()] if folder.is_dir() else []


def _remove_leftovers(data_dir: Path) -> int:
    removed = 0
    for path in {path for pattern in LEFTOVERS for path in data_dir.glob(pattern)}:
        try:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
            removed += 1
        except OSError as error:
            log.warning("%s cannot be removed: %s", path, error)
    return removed


def _remove(paths: Iterable[Path], *, before: float | None = None) -> int:
    """Remove files, only those unchanged since a time if one is given; returns how many there were. Blocks."""
    removed = 0
    for path in paths:
        # Downloads and fetches rename and remove their parts meanwhile.
        with contextlib.suppress(FileNotFoundError):
            if before is None or path.stat().st_mtime < before:
                path.unlink()
                removed += 1
    return removed
