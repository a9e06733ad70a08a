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
from dailies.marks import FileMarks
from dailies.media.container import MP4, recognise
from dailies.media.encode import Encoder
from dailies.media.fit import changed
from dailies.media.marks import label, read_marks
from dailies.media.normalise import Conversion, Work, change, conversion, needs_tone_mapping
from dailies.media.parts import Say as SayPercent
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
    instead: words that take the place of those about a finished video, because it is none. models: names that may be
    written into it. marks: None for what is no video.
    """

    path: Path
    size: int
    extension: str = MP4
    video: Video | None = None
    note: Reason | None = None
    words: tuple[Reason, ...] = ()
    instead: Reason | None = None
    models: tuple[str, ...] = ()
    marks: FileMarks | None = None


class Films:
    """Makes the files that are posted. probe_seconds: limit of one look at a file."""

    def __init__(self, encoder: Encoder, ffmpeg: str, *, probe_seconds: float) -> None:
        self._encoder = encoder
        self._ffmpeg = ffmpeg
        self._seconds = probe_seconds

    async def prepare(
        self, job_id: str, path: Path, say: Say, turn: Turn = NOBODY, *, model: str = "", blind: bool = False
    ) -> Film:
        """Return what is posted for a file that came: itself if it plays everywhere, else its conversion.

        A conversion that fails leaves the file as it came; it is posted then, with words that say so.
        model: its name, for what is written. blind: nobody is to know which one made it, so what it wrote besides the
        tracks is left out, and neither words nor marks tell of it. Raises FileGone.
        """
        try:
            size = (await asyncio.to_thread(path.stat)).st_size
            kind = await asyncio.to_thread(recognise, path)
        except FileNotFoundError as error:
            raise FileGone from error
        as_it_came = Film(path, size, kind.extension, models=() if blind or not model else (model,))
        try:
            video = await probe(self._ffmpeg, path, seconds=self._seconds)
        except MediaError as error:
            return _unread(job_id, as_it_came, error)
        try:
            film = await self._playing(as_it_came, video, say, turn, blind=blind)
        except MediaError as error:
            film = _unconverted(job_id, as_it_came, error)
        came = await read_marks(path, video)
        posted = came if film.video is None or film.path == path else await read_marks(film.path, film.video)
        return replace(film, marks=FileMarks(came, posted))

    async def _playing(self, film: Film, video: Video, say: Say, turn: Turn, *, blind: bool) -> Film:
        """Return a film that plays everywhere. video: description of the one that came. Raises MediaError."""
        wanted = conversion(video)
        if wanted is None:
            return await self._bare(film, video, turn) if blind else replace(film, video=video)
        made, done = await self._converted(film.path, video, replace(wanted, models=film.models), say, turn)
        film = replace(film, path=playable(film.path), size=made.size, extension=MP4, video=made)
        note = change(video, done)
        log.info("%s was converted: %s", film.path.name, note)
        if blind:
            return film
        dull = needs_tone_mapping(video.track) and not done.tone_mapped
        return replace(film, note=note, words=(Reason(ReasonCode.POSTED_CONVERTED, change=note, dull=dull),))

    async def _bare(self, film: Film, video: Video, turn: Turn) -> Film:
        """Return a film that plays everywhere with its tracks alone; as it came if that fails."""
        try:
            made, _ = await self._converted(film.path, video, Conversion(Work.CONTAINER), _silent, turn)
        except MediaError as error:
            log.warning("%s is posted with all that the model wrote into it: %s", film.path.name, error)
            return replace(film, video=video)
        return replace(film, path=playable(film.path), size=made.size, video=made)

    async def fit(self, film: Film, limit: int, target: Path, say: Say, turn: Turn = NOBODY) -> Film | None:
        """Return a film of at most `limit` bytes, written to target; None when that is impossible."""
        if film.video is None:
            return None
        percent = _percent(say, ReasonCode.ENCODING, limit=limit)
        try:
            await self._begin(percent, say, Reason(ReasonCode.ENCODING_QUEUED, limit=limit))
            made = await self._encoder.fit(film.path, film.video, limit, target, percent, turn, models=film.models)
        except MediaError as error:
            log.warning("%s could not be made to fit %d bytes: %s", film.path.name, limit, error)
            return None
        finally:
            await say(None)
        step = changed(film.video, made.video)
        log.info("%s was made to fit %d bytes: %s", film.path.name, limit, step)
        note = Reason(ReasonCode.CHANGED_TWICE, first=film.note, then=step) if film.note else step
        words = (*film.words, Reason(ReasonCode.POSTED_SMALLER, change=step))
        marks = film.marks and replace(film.marks, posted=await read_marks(made.path, made.video))
        film = replace(film, path=made.path, size=made.video.size, extension=MP4, video=made.video)
        return replace(film, note=note, words=words, marks=marks)

    async def _converted(
        self, path: Path, video: Video, wanted: Conversion, say: Say, turn: Turn
    ) -> tuple[Video, Conversion]:
        """Convert a file, unless that was done before. Returns what there is then, and how it was made."""
        target = playable(path)
        if kept := await self._kept(path, target, label(wanted.models)):
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

    async def _kept(self, path: Path, target: Path, marked: str) -> Video | None:
        """Return the description of an earlier conversion; None without one, if the file came anew since, or if its
        label is another one: it was made while nobody might know the model.
        """
        try:
            times = [(await asyncio.to_thread(one.stat)).st_mtime for one in (path, target)]
            kept = await probe(self._ffmpeg, target, seconds=self._seconds) if times[0] <= times[1] else None
        except (FileNotFoundError, MediaError):
            return None
        return kept if kept and kept.tags.get("comment") == marked else None

    async def _begin(self, percent: SayPercent, say: Say, queued: Reason) -> None:
        await (say(queued) if self._encoder.busy else percent(0))


async def _silent(_: Reason | None) -> None:
    """Ignore the activity: copying tracks takes no time that is worth saying."""


def _percent(say: Say, code: ReasonCode, *, after: float = 0, **values: int) -> SayPercent:
    """Return a function that says the percentage of a work, not too often. after: seconds until it is worth saying."""
    said = time.monotonic() + after - SAY_SECONDS

    async def percent(done: int) -> None:
        nonlocal said
        if time.monotonic() - said >= SAY_SECONDS:
            said = time.monotonic()
            await say(Reason(code, **values, percent=done))

    return percent


def _unread(job_id: str, film: Film, error: MediaError) -> Film:
    """Return a file that ffmpeg cannot describe, with the words that say so."""
    if error.reason.code not in _NOT_A_VIDEO:
        return _unconverted(job_id, film, error)
    log.warning("job %s: what came is not a video (%s): %s", job_id, film.extension, error)
    return _no_video(film, error.reason)


def _unconverted(job_id: str, film: Film, error: MediaError) -> Film:
    """Return a file as it came, with the words that say so."""
    log.warning("job %s: it could not be converted: %s", job_id, error)
    words = (Reason(ReasonCode.NOT_CONVERTED, error=error.reason),)
    return replace(film, note=Reason(ReasonCode.AS_IT_CAME), words=words)


def _no_video(film: Film, why: Reason) -> Film:
    """Return a file that is no video, with the words that say what it is instead."""
    extension = "m4a" if why.code is ReasonCode.SOUND_ALONE and film.extension in (MP4, "mov") else film.extension
    note = Reason(ReasonCode.NOT_A_VIDEO, why=why.code, extension=extension, size=film.size)
    instead = Reason(ReasonCode.GIVEN_AS_FILE, why=why.code, extension=extension, size=film.size)
    return replace(film, extension=extension, note=note, instead=instead)
