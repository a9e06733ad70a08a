"""Joins takes into one film: a reel, with slates and at one size, or a cut, at full size."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

from dailies.errors import MediaError
from dailies.fair_slots import NOBODY, Turn
from dailies.files import put_in_place
from dailies.media.canvas import cut_canvas, reel_canvas
from dailies.media.container import read_film
from dailies.media.encode import MOST_SECONDS, PRESET, PROBE_SECONDS, Encoder, refuse_monsters
from dailies.media.joining import Joining, Made, Quality, packet_tape
from dailies.media.loudness import gain
from dailies.media.marks import append_xmp, metadata
from dailies.media.normalise import QUALITY, picture_plays
from dailies.media.parts import Progress, Say, parts_folder
from dailies.media.probe import Video, probe
from dailies.media.slate import Slate
from dailies.media.tape import of_one_kind
from dailies.reason import Reason, ReasonCode

log = logging.getLogger(__name__)

MOST_TAKES = 25
"""Takes of a reel; a cut may have more."""
TAKE_SHARE = 0.5
"""Share of the whole time limit within which one take has to be done, so that a bad one leaves time for the rest."""
SIDE_BY_SIDE = 2
"""Takes that are looked at, or copied, at the same time; they are encoded one by one, for the memory."""
JOINED = 95
"""Percentage at which all parts are made, and are joined."""
REEL_QUALITY = Quality("superfast", 23)
CUT_QUALITY = Quality(PRESET, QUALITY)


@dataclass(frozen=True)
class Clip:
    """A take to join. path: the file as it came. slate: shown before it in a reel; None: no slate."""

    path: Path
    slate: Slate | None = None


@dataclass(frozen=True)
class Entry:
    """A take in the film. index: of its clip among those given. start: seconds at which its picture begins, after its
    slate. seconds: its length there. video: ffmpeg's description of the file as it came.
    """

    index: int
    start: float
    seconds: float
    video: Video


@dataclass(frozen=True)
class Reel:
    """A film of takes with slates. video: ffmpeg's description of it. left_out: clips that could not be read, by their
    index, and why.
    """

    path: Path
    video: Video
    entries: tuple[Entry, ...]
    left_out: tuple[tuple[int, Reason], ...]

    @property
    def seconds(self) -> float:
        """Length of the film."""
        return self.video.seconds


@dataclass(frozen=True)
class Cut(Reel):
    """A film of takes at full size. rate: pictures a second. copied: the pictures are those of the files, not encoded
    anew.
    """

    rate: Fraction
    copied: bool


class Reels:
    """ffmpeg: its path. encoder: whose slots and time limit hold here too, the wait for slots included."""

    def __init__(self, ffmpeg: str, encoder: Encoder) -> None:
        self._ffmpeg = ffmpeg
        self._encoder = encoder

    async def reel(
        self, clips: Sequence[Clip], target: Path, *, say: Say, turn: Turn = NOBODY, models: Sequence[str] = ()
    ) -> Reel:
        """Write an MP4 of at most MOST_TAKES takes with their slates, at most 720p, that plays everywhere.

        Takes of another shape than most get black bars; the sound of each is brought to the same loudness, and one
        without sound is silent. A take that cannot be read is left out. say: gets the percentage. models: names that
        its marks give. Raises MediaError, also when no take is left, and then leaves no file; nothing is left running.
        """
        if not 0 < len(clips) <= MOST_TAKES:
            raise ValueError(f"a reel of {len(clips)} takes")
        async with parts_folder(target.parent) as folder, self._encoder.limited("reel"):
            videos, left_out = await self._look(clips)
            canvas, tone_maps = reel_canvas([*videos.values()]), await self._encoder.can_tone_map()
            joining = Joining(self._ffmpeg, folder, canvas, REEL_QUALITY, tone_maps=tone_maps)
            adding = _Adding(self._ffmpeg, self._encoder, joining, turn, levelled=True, copies=False)
            entries = await adding.all(clips, videos, left_out, say)
            video = await self._join(joining, folder, target, models)
        return Reel(target, video, entries, tuple(sorted(left_out.items(), key=_index)))

    async def cut(
        self, clips: Sequence[Clip], target: Path, *, say: Say, turn: Turn = NOBODY, models: Sequence[str] = ()
    ) -> Cut:
        """Write an MP4 of takes in their order, without slates, at the size of the largest and at the highest rate.

        The pictures are copied where all takes are of one kind that plays everywhere, and then the sound too if it is
        of one; else they are encoded at a quality that looks the same. The sound is one track throughout, as loud as it
        came. A take that cannot be read is left out, and the caller says so. The rest as for a reel.
        """
        if not clips:
            raise ValueError("a cut without takes")
        bare = [replace(clip, slate=None) for clip in clips]
        async with parts_folder(target.parent) as folder, self._encoder.limited("cut"):
            videos, left_out = await self._look(bare)
            canvas, tone_maps = cut_canvas([*videos.values()]), await self._encoder.can_tone_map()
            copies = await _alike(bare, videos)
            sound = of_one_kind([video.sound_track for video in videos.values()]) if copies else None
            tape = await packet_tape(self._ffmpeg, folder, sound) if sound else None
            joining = Joining(self._ffmpeg, folder, canvas, CUT_QUALITY, tone_maps=tone_maps, copies=copies, tape=tape)
            adding = _Adding(self._ffmpeg, self._encoder, joining, turn, levelled=False, copies=copies)
            entries = await adding.all(bare, videos, left_out, say)
            video = await self._join(joining, folder, target, models)
        reasons = tuple(sorted(left_out.items(), key=_index))
        return Cut(target, video, entries, reasons, rate=Fraction(canvas.rate), copied=copies)

    async def _look(self, clips: Sequence[Clip]) -> tuple[dict[int, Video], dict[int, Reason]]:
        """Return the descriptions of the clips that can be read, by their index, and the reasons of the others.

        Raises MediaError when none can be read, or when together they are too long.
        """
        videos: dict[int, Video] = {}
        left_out: dict[int, Reason] = {}
        room = asyncio.Semaphore(SIDE_BY_SIDE)

        async def one(index: int, path: Path) -> None:
            try:
                async with room:
                    found = await probe(self._ffmpeg, path, seconds=PROBE_SECONDS)
                refuse_monsters(found)
                videos[index] = found
            except MediaError as error:
                log.warning("%s is left out: %s", path.name, error)
                left_out[index] = error.reason

        await asyncio.gather(*(one(index, clip.path) for index, clip in enumerate(clips)))
        _need(videos, left_out)
        if sum(video.seconds for video in videos.values()) > MOST_SECONDS:
            raise MediaError(ReasonCode.TOO_LARGE_TO_ENCODE)
        return dict(sorted(videos.items())), left_out

    async def _join(self, joining: Joining, folder: Path, target: Path, models: Sequence[str]) -> Video:
        made = folder / "made.mp4"
        await joining.join(made, metadata(models))
        await asyncio.to_thread(append_xmp, made, models)
        await asyncio.to_thread(put_in_place, made, target)
        return await probe(self._ffmpeg, target, seconds=PROBE_SECONDS)


class _Adding:
    """Adds takes to a film. levelled: their sound is brought to one loudness. copies: nothing is encoded.

    To encode one takes a slot, after everybody who waits, so that deliveries come in between.
    """

    def __init__(
        self, ffmpeg: str, encoder: Encoder, joining: Joining, turn: Turn, *, levelled: bool, copies: bool
    ) -> None:
        self._ffmpeg = ffmpeg
        self._encoder = encoder
        self._joining = joining
        self._person = turn.person
        self._levelled = levelled
        self._copies = copies
        self._room = asyncio.Semaphore(SIDE_BY_SIDE if copies else 1)
        self._reached: dict[int, float] = {}

    async def all(
        self, clips: Sequence[Clip], videos: Mapping[int, Video], left_out: dict[int, Reason], say: Say
    ) -> tuple[Entry, ...]:
        """Add the clips that have a description; one that fails goes to left_out. Raises MediaError if all do."""
        entries: list[Entry] = []
        progress = Progress(sum(video.seconds for video in videos.values()), say, JOINED)
        tasks = {
            index: asyncio.create_task(self._one(index, clips[index], video, progress))
            for index, video in videos.items()
        }
        try:
            for index, task in tasks.items():
                try:
                    start, seconds = await self._joining.keep(await task)
                    entries.append(Entry(index, float(start), float(seconds), videos[index]))
                except MediaError as error:
                    log.warning("%s is left out: %s", clips[index].path.name, error)
                    left_out[index] = error.reason
        finally:
            for task in tasks.values():
                task.cancel()
            await asyncio.gather(*tasks.values(), return_exceptions=True)
        _need(entries, left_out)
        return tuple(entries)

    async def _one(self, index: int, clip: Clip, video: Video, progress: Progress) -> Made:
        async def at(seconds: float) -> None:
            self._reached[index] = min(seconds, video.seconds)
            await progress.at(sum(self._reached.values()))

        slot = contextlib.nullcontext() if self._copies else self._encoder.room.one(self._person, later=True)
        async with self._room, slot, _within(self._encoder.seconds * TAKE_SHARE):
            decibels = await gain(self._ffmpeg, clip.path, video, seconds=PROBE_SECONDS) if self._levelled else 0.0
            return await self._joining.make(index, clip.path, video, clip.slate, gain=decibels, at=at)


async def _alike(clips: Sequence[Clip], videos: Mapping[int, Video]) -> bool:
    """Tell if the pictures of all takes play everywhere, and after each other, with a decoder that is set up once."""
    kinds: set[object] = set()
    for index, video in videos.items():
        track = video.track
        film = await asyncio.to_thread(read_film, clips[index].path) if video.kind.demuxer == "mov" else None
        if film is None or track.rotation or not picture_plays(video):
            return False
        kinds.add((film.config, replace(track, number=0, kbps=0, tag="")))
    return len(kinds) == 1


def _need(found: object, left_out: Mapping[int, Reason]) -> None:
    """Raise MediaError, with the first reason, when nothing is left to join."""
    if not found:
        reason = min(left_out.items(), key=_index)[1]
        raise MediaError(reason.code, **reason.values)


def _index(item: tuple[int, Reason]) -> int:
    return item[0]


@contextlib.asynccontextmanager
async def _within(seconds: float) -> AsyncGenerator[None]:
    """Limit the work on one take. Raises MediaError."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError as error:
        raise MediaError(ReasonCode.ENCODING_SLOW, seconds=seconds) from error
