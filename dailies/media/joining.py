"""Makes one film of parts: each take, and each slate, becomes a part of its own with pictures of one kind."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from dailies.errors import MediaError
from dailies.media.canvas import TAGGED, Canvas
from dailies.media.container import read_film
from dailies.media.normalise import CLEAN
from dailies.media.parts import begin, fill
from dailies.media.probe import Video, source
from dailies.media.slate import SECONDS, Slate, drawn
from dailies.media.streams import Sound
from dailies.media.tape import LAYOUTS, PacketTape, SampleTape, Tape, packets_of
from dailies.reason import ReasonCode

THREADS = 2
"""Threads of each decoder and encoder, which hold pictures in memory."""
SLACK = 0.5
"""Seconds that a take may be longer than its file says."""

At = Callable[[float], Awaitable[None]]
"""Gets the seconds of a part that are done."""


@dataclass(frozen=True)
class Quality:
    """Quality of pictures that are encoded: x264's preset and its CRF."""

    preset: str
    crf: int


@dataclass(frozen=True)
class Part:
    """Pictures of a part. seconds: their exact length."""

    path: Path
    seconds: Fraction


@dataclass(frozen=True)
class Made:
    """Parts of a take. slate: None: there is none before it. heard: it has sound."""

    slate: Part | None
    take: Part
    heard: bool


class Joining:
    """A film in the making. folder: for its parts. canvas: what its pictures are encoded for, at this quality.

    tone_maps: ffmpeg turns HDR into SDR. copies: the pictures of takes are copied, whatever the quality. tape: for the
    sound; None: one for any.
    """

    def __init__(
        self,
        ffmpeg: str,
        folder: Path,
        canvas: Canvas,
        quality: Quality,
        *,
        tone_maps: bool,
        copies: bool = False,
        tape: Tape | None = None,
    ) -> None:
        self._ffmpeg = ffmpeg
        self._folder = folder
        self._canvas = canvas
        self._quality = quality
        self._tone_maps = tone_maps
        self._copies = copies
        self._tape = tape or SampleTape(folder / "sound.pcm")
        self._parts: list[str] = []
        self.seconds = Fraction(0)
        """Length of the parts that there are."""

    async def make(
        self, number: int, path: Path, video: Video, slate: Slate | None, *, gain: float = 0.0, at: At | None = None
    ) -> Made:
        """Make the parts of a take, with a slate before it. number: its own, for the names of files. video: `probe`'s
        description of it. gain: decibels by which its sound is amplified. at: gets the seconds of the take that are
        done. Several may be made at once. Raises MediaError and OSError.
        """
        take = await self._take(path, video, f"{number:04}", gain, at)
        before = await self._slate(slate, f"{number:04}") if slate else None
        return Made(before, take, heard=video.sound_track is not None)

    async def keep(self, made: Made) -> tuple[Fraction, Fraction]:
        """Put a take behind those that there are; return the seconds at which it begins after its slate, and its
        length. Raises OSError.
        """
        if made.slate:
            await self._keep(made.slate, recorded=False)
        start = self.seconds
        await self._keep(made.take, recorded=made.heard)
        return start, made.take.seconds

    async def join(self, target: Path, marks: Sequence[str]) -> None:
        """Write the film, an MP4. marks: ffmpeg's arguments for its metadata. Raises MediaError and OSError."""
        listed = self._folder / "parts.txt"
        text = "\n".join(["ffconcat version 1.0", *(f"file {name}" for name in self._parts), ""])
        await asyncio.to_thread(listed.write_text, text)
        command = [*begin(self._ffmpeg, 1), "-protocol_whitelist", "file", "-format_whitelist", "concat,mov"]
        command += ["-f", "concat", "-auto_convert", "0", "-i", f"file:{listed}"]
        given, written = self._tape.playing() if self._tape.heard else ([], [])
        command += [*given, "-map", "0:v", "-c:v", "copy", *self._clock()]
        command += ["-map", "1:a", *written] if written else []
        command += [*CLEAN, *marks]
        await self._fill([*command, f"file:{target}"], None, 0)

    async def _take(self, path: Path, video: Video, number: str, gain: float, at: At | None) -> Part:
        part, pixels = self._folder / f"{number}-take.mp4", video.width * video.height
        end = ["-t", f"{video.seconds + SLACK:.3f}"]
        command = [*begin(self._ffmpeg, THREADS), *source(path, video.kind.demuxer or "mov")]
        command += ["-map", f"0:{video.track.number}"]
        if self._copies:
            command += ["-c:v", "copy", *self._clock(), f"file:{part}"]
        else:
            filters = self._canvas.filters(video.track, tone_maps=self._tone_maps)
            command += ["-vf", filters, *end, *self._encoded(), f"file:{part}"]
            pixels = max(pixels, self._canvas.width * self._canvas.height)
        if video.sound_track:
            command += self._tape.recording(video.sound_track, part, gain, end)
        await self._fill(command, path, pixels, at)
        return await _read(part)

    async def _slate(self, slate: Slate, number: str) -> Part:
        canvas, part, pixels = self._canvas, self._folder / f"{number}-slate.mp4", self._folder / "slate.rgb"
        picture = await asyncio.to_thread(drawn, slate, canvas.width, canvas.height)
        await asyncio.to_thread(pixels.write_bytes, picture.tobytes())
        frames = round(SECONDS * Fraction(canvas.rate))
        command = [*begin(self._ffmpeg, 1), "-f", "rawvideo", "-pixel_format", "rgb24"]
        command += ["-video_size", f"{canvas.width}x{canvas.height}", "-framerate", canvas.rate, "-i", f"file:{pixels}"]
        colours = "scale=out_color_matrix=bt709:out_range=tv,setsar=1,format=yuv420p"
        command += ["-vf", f"{colours},loop={frames - 1}:1:0,{TAGGED}", "-frames:v", str(frames)]
        await self._fill([*command, *self._encoded(), f"file:{part}"], None, canvas.width * canvas.height)
        return await _read(part)

    def _clock(self) -> list[str]:
        return ["-video_track_timescale", str(self._canvas.ticks), "-tag:v", "avc1"]

    def _encoded(self) -> list[str]:
        """Return the arguments that encode a part. x264's "stitchable" keeps the content out of the stream's header."""
        command = ["-c:v", "libx264", "-preset", self._quality.preset, "-crf", str(self._quality.crf)]
        command += ["-profile:v", "high", "-x264-params", "stitchable=1:chromaloc=0", "-threads", str(THREADS)]
        return [*command, "-an", *self._clock()]

    async def _fill(self, command: list[str], path: Path | None, pixels: int, at: At | None = None) -> None:
        await fill(command, path, folder=self._folder, pixels=pixels, at=at)

    async def _keep(self, part: Part, *, recorded: bool) -> None:
        """Count a part, and put its sound behind that of the others."""
        start, self.seconds = self.seconds, self.seconds + part.seconds
        await asyncio.to_thread(self._tape.add, part.path if recorded else None, start, self.seconds)
        self._parts.append(part.path.name)


async def _read(part: Path) -> Part:
    film = await asyncio.to_thread(read_film, part)
    if film is None or not film.seconds:
        raise MediaError(ReasonCode.NO_VIDEO_FILE)
    return Part(part, film.seconds)


async def packet_tape(ffmpeg: str, folder: Path, sound: Sound) -> PacketTape:
    """Return a tape for sound of this kind. Raises MediaError and OSError."""
    silent = folder / "silence.aac"
    command = [*begin(ffmpeg, 1), "-f", "lavfi", "-i", f"anullsrc=r={sound.rate}:cl={LAYOUTS[sound.channels]}"]
    command += ["-t", "0.2", "-c:a", "aac", "-f", "adts", f"file:{silent}"]
    await fill(command, None, folder=folder, pixels=0)
    packets = packets_of(await asyncio.to_thread(silent.read_bytes))
    return PacketTape(folder / "sound.aac", sound.rate, packets[len(packets) // 2])
