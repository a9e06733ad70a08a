"""Joins the takes of a screening or a cut into its film, unless an earlier process did."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from dailies.delivery.films import Film
from dailies.errors import MediaError
from dailies.fair_slots import Turn
from dailies.job import Job
from dailies.jobs.screening_chat import ScreeningChat
from dailies.jobs.slates import seconds_of, slate, take_name
from dailies.media import timeline
from dailies.media.parts import Say
from dailies.media.probe import probe
from dailies.media.reel import Clip, Cut, Reel, Reels
from dailies.reason import Reason, ReasonCode
from dailies.screening import Entry, Kind, Screening, reel_name

_TURN = Turn(later=True)
"""Films of several takes wait until all videos are converted and fitted."""


@dataclass(frozen=True)
class MadeFilm:
    """A film that is on the disk. entries: of the screening, with what is known now. files: of the screening.

    film: None: none of its takes could be joined. timeline: of a cut.
    """

    entries: tuple[Entry, ...]
    files: tuple[str, ...]
    film: Film | None
    timeline: Path | None = None


class FilmMaker:
    """Makes films of several takes. videos: the folder DATA_DIR/videos. probe_seconds: limit of one look at a file."""

    def __init__(self, reels: Reels, chat: ScreeningChat, videos: Path, ffmpeg: str, *, probe_seconds: float) -> None:
        self._reels = reels
        self._chat = chat
        self._videos = videos
        self._ffmpeg = ffmpeg
        self._seconds = probe_seconds

    async def make(self, screening: Screening, number: int, jobs: Mapping[str, Job], say: Say) -> MadeFilm:
        """Return the film of a reel, made unless it is there. say: gets the percentage. Raises MediaError."""
        path = self._videos / reel_name(screening.id, number)
        notes = path.with_suffix(".otio") if screening.kind is Kind.CUT and timeline.AVAILABLE else None
        if path.name in screening.files and (film := await self._made(path)):
            return MadeFilm(screening.entries, screening.files, film, notes)
        entries = await _without_gone(screening, number, jobs)
        places = [at for at, one in enumerate(entries) if one.reel == number and one.left_out is None]
        if not places and screening.kind is Kind.CUT:
            raise MediaError(ReasonCode.SCREENING_UNREADABLE)
        if not places:
            return MadeFilm(entries, screening.files, None)
        clips = [_clip(entries[at], jobs) for at in places]
        models = sorted({job.request.model_name for at in places if not (job := jobs[entries[at].job_id]).blind})
        if screening.kind is Kind.CUT:
            made = await self._reels.cut(clips, path, say=say, turn=_TURN, models=models)
        else:
            made = await self._reels.reel(clips, path, say=say, turn=_TURN, models=models)
        entries = _as_made(entries, places, made)
        if isinstance(made, Cut) and notes is not None:
            await asyncio.to_thread(self._write_timeline, screening, made, [entries[at] for at in places], jobs, notes)
        files = (*screening.files, path.name, *([notes.name] if notes else []))
        return MadeFilm(entries, files, Film(path, made.video.size, video=made.video), notes)

    async def _made(self, path: Path) -> Film | None:
        """Return a film that an earlier process made; None when it is gone or cannot be read."""
        if not await asyncio.to_thread(path.is_file):
            return None
        try:
            video = await probe(self._ffmpeg, path, seconds=self._seconds)
        except MediaError:
            return None
        return Film(path, video.size, video=video)

    def _write_timeline(
        self, screening: Screening, made: Cut, entries: list[Entry], jobs: Mapping[str, Job], target: Path
    ) -> None:
        """Write the OpenTimelineIO file of a cut. Blocks."""
        shots: list[timeline.Shot] = []
        for one in made.entries:
            entry = entries[one.index]
            job = jobs[entry.job_id]
            shots.append(
                timeline.Shot(
                    file=self._chat.original_name(job, entry.output),
                    name=take_name(job, entry.output),
                    entry=one,
                    metadata=_metadata(job, entry.output),
                )
            )
        try:
            timeline.write_timeline(f"Cut {screening.id}", shots, made.rate, target)
        except OSError as error:
            raise MediaError(ReasonCode.DISK_REFUSED, problem=error.strerror) from error


def _clip(entry: Entry, jobs: Mapping[str, Job]) -> Clip:
    job = jobs[entry.job_id]
    return Clip(job.files[entry.output], slate(job, entry.output))


async def _without_gone(screening: Screening, number: int, jobs: Mapping[str, Job]) -> tuple[Entry, ...]:
    """Return the takes, those of this reel left out that were removed or forgotten since it was asked for."""
    found: list[Entry] = []
    for one in screening.entries:
        job = jobs.get(one.job_id)
        path = job.files.get(one.output) if job and job.forgotten_at is None else None
        here = one.reel == number and one.left_out is None
        if here and (path is None or not await asyncio.to_thread(path.is_file)):
            one = replace(one, left_out=Reason(ReasonCode.VIDEO_NOT_KEPT))
        found.append(one)
    return tuple(found)


def _as_made(entries: tuple[Entry, ...], places: list[int], made: Reel) -> tuple[Entry, ...]:
    found = list(entries)
    for one in made.entries:
        found[places[one.index]] = replace(entries[places[one.index]], start=one.start)
    for index, why in made.left_out:
        found[places[index]] = replace(entries[places[index]], left_out=why)
    return tuple(found)


def _metadata(job: Job, output: int) -> dict[str, object]:
    """Return what a timeline says of a take, as JSON takes it."""
    request = job.request
    known = {
        "job": job.id,
        "output": output,
        "take": job.number,
        "shot": job.shot and job.shot.name,
        "prompt": request.prompt,
        "model": request.model,
        "seed": request.seed,
        "seconds": seconds_of(job, output),
        "resolution": request.resolution,
    }
    return {name: value for name, value in known.items() if value is not None}
