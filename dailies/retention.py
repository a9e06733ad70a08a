"""Removes old videos and reference images from the disk, as the records of their jobs say."""

from __future__ import annotations

import asyncio
import contextlib
import glob
import logging
import shutil
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from dailies.media.parts import PARTS
from dailies.media.playable import playable
from dailies.screening import Screening, reel_name
from dailies.store.cast import CastStore
from dailies.store.drafts import DraftStore
from dailies.store.library import Library
from dailies.store.reviews import ReviewStore
from dailies.store.screenings import ScreeningStore
from dailies.store.server_settings import ServerSettingStore
from dailies.store.shots import ShotStore

log = logging.getLogger(__name__)

FIRST_SECONDS = 60.0
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


@dataclass(frozen=True)
class Held:
    """Numbers of what is kept of a person besides jobs.

    drafts: requests that they compose. cast: names that they added. votes: on comparisons. settings: of servers, which
    name them as the last who changed them. shots: that they named first, or last worked on in a channel. reviews: words
    on videos. screenings: and cuts that they asked for, and times of screenings that they set.
    """

    drafts: int = 0
    cast: int = 0
    votes: int = 0
    settings: int = 0
    shots: int = 0
    reviews: int = 0
    screenings: int = 0


class Retention:
    """Keeps DATA_DIR tidy, and ends drafts.

    days: time that files stay after their jobs ended, or, without a job, since their change. approved_days: the same
    for videos that are approved; never fewer. Pictures of a draft stay as long as the draft, and those of the cast as
    long as their entry.
    """

    def __init__(
        self,
        library: Library,
        drafts: DraftStore,
        cast: CastStore,
        server_settings: ServerSettingStore,
        shots: ShotStore,
        reviews: ReviewStore,
        screenings: ScreeningStore,
        data_dir: Path,
        *,
        days: float,
        approved_days: float = 0.0,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._library = library
        self._drafts = drafts
        self._cast = cast
        self._server_settings = server_settings
        self._shots = shots
        self._reviews = reviews
        self._screenings = screenings
        self._data_dir = data_dir
        self._videos = data_dir / "videos"
        self._references = data_dir / "references"
        self._seconds = days * 86400
        self._approved_seconds = max(days, approved_days) * 86400
        self._now = now
        self._ownerless: set[str] = set()
        """SHA-256 of pictures that go as soon as they are old enough: of forgotten jobs, and of drafts that ended."""
        self._released: dict[str, float] = {}
        """SHA-256 of pictures that went from the cast, and when: they go as soon as nothing needs them."""

    async def run(self) -> None:
        """Tidy every hour, until cancelled; first soon after the start, which belongs to the jobs."""
        await asyncio.sleep(FIRST_SECONDS)
        while True:
            await self.tidy()
            await asyncio.sleep(EVERY_SECONDS)

    async def clear_leftovers(self) -> None:
        """Remove what a process that was cut off left half written. Only for a start, before anything is written."""
        if removed := await asyncio.to_thread(_remove_leftovers, self._data_dir):
            log.info("removed %d leftovers of a process that was cut off", removed)

    async def tidy(self) -> int:
        """Remove files that have stayed long enough, and drafts that ended; returns how many files."""
        before = self._now() - self._seconds
        await self._end_drafts(self._drafts.tidy())
        removed = await self._old_videos(before) + await self._old_films(before) + await self._strays(before)
        removed += await self._remove_released() + await self._old_references(before)
        if removed:
            log.info("removed %d files from %s", removed, self._videos.parent)
        return removed

    async def forget(self, requester_id: int, running: frozenset[str]) -> tuple[int, int]:
        """Forget a person's drafts and jobs and what they added to the cast, and remove their files; and that they
        changed settings of servers, named shots and worked on them, and their notes on videos.
        Films of several takes with one of their videos go, too.

        Returns how many jobs, and how many still run and were left.
        """
        fresh = await self._fresh()
        await self._end_drafts(self._drafts.forget(requester_id))
        await self._server_settings.forget(requester_id)
        await self._shots.forget(requester_id)
        await self._reviews.forget(requester_id)
        forgotten = await self._library.forget(requester_id, running, self._now())
        await asyncio.to_thread(_remove, (path for name in forgotten.videos for path in _all_of(self._videos / name)))
        await self._screenings.forget(requester_id)
        for film in await self._screenings.with_takes({_job_id(Path(name)) for name in forgotten.videos}):
            await self._remove_film(film)
        self._ownerless |= forgotten.references
        await self._remove_ownerless(await asyncio.to_thread(_files, self._references), fresh)
        await self.release((await self._cast.forget(requester_id)).pictures)
        return forgotten.count, forgotten.left

    async def held(self, person_id: int) -> Held:
        """Count what `forget` removes of a person besides jobs."""
        return Held(
            drafts=await self._drafts.count(person_id),
            cast=await self._cast.count(person_id),
            votes=await self._library.comparisons.votes_of(person_id),
            settings=await self._server_settings.count(person_id),
            shots=await self._shots.count(person_id),
            reviews=await self._reviews.count(person_id),
            screenings=await self._screenings.count(person_id),
        )

    async def release(self, pictures: Iterable[str]) -> None:
        """Remove pictures (SHA-256) that went from the cast: now, or as soon as nothing needs them."""
        self._released |= dict.fromkeys(pictures, self._now())
        await self._remove_released()

    async def _remove_released(self) -> int:
        """Remove what went from the cast, unless an entry, a draft or a job still needs it, or a job that was being
        checked then, whose references are not recorded yet.
        """
        oldest, fresh = await self._library.oldest_check(), await self._fresh()
        decided = {name for name, at in self._released.items() if oldest is None or oldest > at}
        if not decided:
            return 0
        unneeded = decided - await self._cast.needed(decided) - await self._drafts.pictures()
        paths = await asyncio.to_thread(_files, self._references)
        self._released = {one: self._released[one] for one in map(_sha256, paths) if one in self._released}
        return await asyncio.to_thread(_remove, [one for one in paths if _sha256(one) in unneeded], before=fresh)

    async def _end_drafts(self, ending: Awaitable[None]) -> None:
        """Wait for drafts to be removed, and note the pictures that none has any more."""
        before = await self._drafts.pictures()
        await ending
        self._ownerless |= before - await self._drafts.pictures()

    async def _remove_ownerless(self, paths: Sequence[Path], fresh: float) -> int:
        """Remove pictures that neither a job nor a draft has any more; those that are too fresh go later."""
        names = {_sha256(path) for path in paths}
        held = await self._library.known_references(names & self._ownerless) | await self._lasting()
        self._ownerless &= names - held
        return await asyncio.to_thread(_remove, [one for one in paths if _sha256(one) in self._ownerless], before=fresh)

    async def _old_videos(self, before: float) -> int:
        removed = 0
        approved_before = self._now() - self._approved_seconds
        for job_id, name in await self._library.outdated_videos(before, approved_before):
            # First the file, then the record: a crash between them leaves a file to be removed again, not an orphan.
            removed += await asyncio.to_thread(_remove, _all_of(self._videos / name))
            await self._library.file_removed(job_id, self._now())
        return removed

    async def _old_films(self, before: float) -> int:
        return sum([await self._remove_film(one) for one in await self._screenings.outdated(before)])

    async def _remove_film(self, screening: Screening) -> int:
        """Remove the files of a screening or a cut, and record it, in the order of `_old_videos`."""
        removed = await asyncio.to_thread(_remove, _all_of(self._videos / reel_name(screening.id, 1)))
        await self._screenings.files_removed(screening.id, self._now())
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
        removed = await self._remove_ownerless(paths, fresh)
        kept = await self._library.references_in_use(before) | await self._lasting()
        known = await self._library.known_references({_sha256(path) for path in paths})
        unused = [path for path in paths if _sha256(path) in known - kept]
        removed += await asyncio.to_thread(_remove, unused, before=fresh)
        strays = [path for path in paths if _sha256(path) not in known | kept | self._ownerless]
        return removed + await asyncio.to_thread(_remove, strays, before=before)

    async def _lasting(self) -> set[str]:
        """Return the SHA-256 of pictures that stay as long as something else than a job."""
        return await self._drafts.pictures() | await self._cast.pictures()

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
