"""The file that is posted for a job: as it came, or converted so that it plays everywhere, or made to fit.

The file that came stays as it is on the disk. Its conversion is kept beside it, for the next post and for links.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path

from dailies.errors import FileGone, MediaError
from dailies.fair_slots import NOBODY, Turn
from dailies.media.container import MP4, recognise
from dailies.media.encode import Encoder
from dailies.media.encode import Say as SayPercent
from dailies.media.fit import changed
from dailies.media.normalise import Conversion, Work, change, conversion, needs_tone_mapping
from dailies.media.playable import playable
from dailies.media.probe import Video, probe
from dailies.reason import Reason, ReasonCode

log = logging.getLogger(__name__)

SAY_SECONDS = 5.0
"""Shortest interval between two progress messages."""
_NOT_A_VIDEO = frozenset(
    {ReasonCode.NO_VIDEO_FILE, ReasonCode.NO_DURATION, ReasonCode.STILL_PICTURE, ReasonCode.SOUND_ALONE}
)
"""Findings about the file itself; after others it may be a video all the same."""

Say = Callable[[Reason | None], Awaitable[None]]
"""Called with the current activity; None when it is over."""


@dataclass(frozen=True)
class Film:
    """A file to post. size: bytes. extension: the end of its name, by its content. video: None if it cannot be
    encoded. note: change that was made, in a few words; None: none. words: of the message, about the change.
    instead: words that take the place of those about a finished video, because it is none.
    """

    path: Path
    size: int
    extension: str = MP4
    video: Video | None = None
    note: Reason | None = None
    words: tuple[Reason, ...] = ()
    instead: Reason | None = None


class Films:
    """Makes the files that are posted. probe_seconds: limit of one look at a file."""

    def __init__(self, encoder: Encoder, ffmpeg: str, *, probe_seconds: float) -> None:
        self._encoder = encoder
        self._ffmpeg = ffmpeg
        self._seconds = probe_seconds

    async def prepare(self, job_id: str, path: Path, say: Say, turn: Turn = NOBODY) -> Film:
        """Return what is posted for a file that came: itself if it plays everywhere, else its conversion.

        A conversion that fails leaves the file as it came; it is posted then, with words that say so. Raises FileGone.
        """
        try:
            size = (await asyncio.to_thread(path.stat)).st_size
            kind = await asyncio.to_thread(recognise, path)
        except FileNotFoundError as error:
            raise FileGone from error
        as_it_came = Film(path, size, kind.extension)
        try:
            video = await probe(self._ffmpeg, path, seconds=self._seconds)
            wanted = conversion(video)
            if wanted is None:
                return replace(as_it_came, video=video)
            made, done = await self._converted(path, video, wanted, say, turn)
        except MediaError as error:
            if error.reason.code in _NOT_A_VIDEO:
                log.warning("job %s: what came is not a video (%s): %s", job_id, kind.extension, error)
                return _no_video(as_it_came, error.reason)
            log.warning("job %s: it could not be converted: %s", job_id, error)
            words = (Reason(ReasonCode.NOT_CONVERTED, error=error.reason),)
            return replace(as_it_came, note=Reason(ReasonCode.AS_IT_CAME), words=words)
        note = change(video, done)
        log.info("job %s: converted: %s", job_id, note)
        dull = needs_tone_mapping(video.track) and not done.tone_mapped
        words = (Reason(ReasonCode.POSTED_CONVERTED, change=note, dull=dull),)
        return Film(playable(path), made.size, video=made, note=note, words=words)

    async def fit(self, film: Film, limit: int, target: Path, say: Say, turn: Turn = NOBODY) -> Film | None:
        """Return a film of at most `limit` bytes, written to target; None when that is impossible."""
        if film.video is None:
            return None
        percent = _percent(say, ReasonCode.ENCODING, limit=limit)
        try:
            await self._begin(percent, say, Reason(ReasonCode.ENCODING_QUEUED, limit=limit))
            made = await self._encoder.fit(film.path, film.video, limit, target, percent, turn)
        except MediaError as error:
            log.warning("%s could not be made to fit %d bytes: %s", film.path.name, limit, error)
            return None
        finally:
            await say(None)
        step = changed(film.video, made.video)
        log.info("%s was made to fit %d bytes: %s", film.path.name, limit, step)
        note = Reason(ReasonCode.CHANGED_TWICE, first=film.note, then=step) if film.note else step
        words = (*film.words, Reason(ReasonCode.POSTED_SMALLER, change=step))
        return Film(made.path, made.video.size, video=made.video, note=note, words=words)

    async def _converted(
        self, path: Path, video: Video, wanted: Conversion, say: Say, turn: Turn
    ) -> tuple[Video, Conversion]:
        """Convert a file, unless that was done before. Returns what there is then, and how it was made."""
        target = playable(path)
        if kept := await self._kept(path, target):
            return kept, replace(wanted, tone_mapped=needs_tone_mapping(video.track) and conversion(kept) is None)
        encodes = wanted.work is Work.PICTURE
        percent = _percent(say, ReasonCode.CONVERTING, after=0 if encodes else SAY_SECONDS)
        try:
            if encodes:
                await self._begin(percent, say, Reason(ReasonCode.CONVERTING_QUEUED))
            made = await self._encoder.convert(path, video, wanted, target, percent, turn)
        finally:
            await say(None)
        return made.video, made.done

    async def _kept(self, path: Path, target: Path) -> Video | None:
        """Return the description of an earlier conversion; None without one, or if the file came anew since."""
        try:
            times = [(await asyncio.to_thread(one.stat)).st_mtime for one in (path, target)]
            return await probe(self._ffmpeg, target, seconds=self._seconds) if times[0] <= times[1] else None
        except (FileNotFoundError, MediaError):
            return None

    async def _begin(self, percent: SayPercent, say: Say, queued: Reason) -> None:
        await (say(queued) if self._encoder.busy else percent(0))


def _percent(say: Say, code: ReasonCode, *, after: float = 0, **values: int) -> SayPercent:
    """Return a function that says the percentage of a work, not too often. after: seconds until it is worth saying."""
    said = time.monotonic() + after - SAY_SECONDS

    async def percent(done: int) -> None:
        nonlocal said
        if time.monotonic() - said >= SAY_SECONDS:
            said = time.monotonic()
            await say(Reason(code, **values, percent=done))

    return percent


def _no_video(film: Film, why: Reason) -> Film:
    """Return a file that is no video, with the words that say what it is instead."""
    extension = "m4a" if why.code is ReasonCode.SOUND_ALONE and film.extension in (MP4, "mov") else film.extension
    note = Reason(ReasonCode.NOT_A_VIDEO, why=why.code, extension=extension, size=film.size)
    instead = Reason(ReasonCode.GIVEN_AS_FILE, why=why.code, extension=extension, size=film.size)
    return replace(film, extension=extension, note=note, instead=instead)
