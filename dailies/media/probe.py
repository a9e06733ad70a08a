"""Reads a downloaded video with ffmpeg: by its content, never by its name."""

from __future__ import annotations

import asyncio
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import imageio_ffmpeg

from dailies.errors import MediaError
from dailies.media.container import MP4_FILE, Kind, read_index, recognise
from dailies.media.ffmpeg import run_ffmpeg
from dailies.media.streams import FRAMES, UNKNOWN_TRACK, Sound, Track, read_streams
from dailies.reason import ReasonCode

MOST_PIXELS = 8192 * 8192
"""Larger pictures are not decoded: a small file can claim any size, and each frame has to fit into memory."""

REMEMBERED = 32
"""Files whose description is kept for a second look."""

_DURATION = re.compile(rb"^  Duration: (\d+):(\d\d):(\d\d(?:\.\d+)?)", re.MULTILINE)
_FRAME = re.compile(rb"^frame=\s*(\d+)", re.MULTILINE)
_TIME = re.compile(rb"^out_time_us=(\d+)", re.MULTILINE)


@dataclass(frozen=True)
class Video:
    """ffmpeg's findings. seconds: duration above 0. width, height: pixels as they are shown, after any rotation and
    with square pixels. size: bytes. frames: pictures a second. codec, sound: as ffmpeg names them; sound is None
    without any. kbps, sound_kbps: thousands of bits a second, 0 where ffmpeg names none.

    kind: of the file. track: of the film. sound_track: of its sound. tracks: number of all, pictures and data included.
    faststart: an MP4 whose index is whole and comes first. fragmented: it has several. level: of H.264 in an MP4, ten
    times its number. tags, credentials, source_type: what it says of its making, as in Streams and Index.
    """

    seconds: float
    width: int
    height: int
    size: int
    frames: float = FRAMES
    codec: str = ""
    kbps: int = 0
    sound: str | None = None
    sound_kbps: int = 0
    kind: Kind = MP4_FILE
    track: Track = UNKNOWN_TRACK
    sound_track: Sound | None = None
    tracks: int = 1
    faststart: bool = True
    fragmented: bool = False
    level: int | None = None
    tags: Mapping[str, str] = field(default_factory=dict[str, str])
    credentials: bool = False
    source_type: str = ""


def find_ffmpeg(setting: str | None) -> str:
    """Return the path of ffmpeg: the setting's, or the one that the package imageio-ffmpeg carries.

    Raises MediaError if the named one cannot be found.
    """
    if setting is None:
        return imageio_ffmpeg.get_ffmpeg_exe()
    found = shutil.which(setting)
    if found is None:
        raise MediaError(ReasonCode.SETTING_CANNOT_RUN, program=setting)
    return found


async def version(ffmpeg: str, *, seconds: float = 10.0) -> str:
    """Return the first line of ffmpeg's own version message. Raises MediaError if it cannot be run."""
    code, output = await _run([ffmpeg, "-version"], None, seconds)
    if code:
        raise MediaError(ReasonCode.PROGRAM_ENDED, program=ffmpeg, exit_code=code)
    return output.split(b"\n", 1)[0].decode(errors="replace").strip()


async def can_tone_map(ffmpeg: str, *, seconds: float = 10.0) -> bool:
    """Tell if this ffmpeg has the filters that turn HDR into SDR. Raises MediaError if it cannot be run."""
    _, output = await _run([ffmpeg, "-hide_banner", "-filters"], None, seconds)
    return b" zscale " in output and b" tonemap " in output


def source(path: Path, demuxer: str) -> list[str]:
    """Return ffmpeg's arguments for reading a file. The demuxer is named and may open this file alone: a playlist
    cannot make it open others, nor an address.
    """
    limits = ["-max_pixels", str(MOST_PIXELS), "-protocol_whitelist", "file"]
    return [*limits, "-f", demuxer, "-i", f"file:{path}"]


async def probe(ffmpeg: str, path: Path, *, seconds: float) -> Video:
    """Read every packet of a video and describe it. seconds: time limit for all of it.

    Raises MediaError when it is no video, is a single picture, has no duration, or ends early. All packets
    are read (not decoded) because a file cut in the middle still opens when its index comes first. A file that was
    described lately and has not changed is not read again: the delivery follows the download.
    """
    try:
        stat = await asyncio.to_thread(path.stat)
        key = (ffmpeg, path, stat.st_ino, stat.st_mtime_ns, stat.st_size)
        if key not in _described:
            _described[key] = await _describe(ffmpeg, path, stat.st_size, seconds)
    except OSError as error:
        raise MediaError(ReasonCode.DISK_REFUSED, problem=error.strerror) from error
    found = _described[key]
    if len(_described) > REMEMBERED:
        del _described[next(iter(_described))]
    return found


_described: dict[tuple[str, Path, int, int, int], Video] = {}
"""Files as they were read last, oldest first."""


async def _describe(ffmpeg: str, path: Path, size: int, seconds: float) -> Video:
    kind = await asyncio.to_thread(recognise, path)
    if kind.demuxer is None:
        raise MediaError(ReasonCode.NO_VIDEO_FILE)
    index = await asyncio.to_thread(read_index, path) if kind.demuxer == "mov" else None
    output = await _read(ffmpeg, path, kind.demuxer, ["-map", "0:V?", "-map", "0:a?"], seconds)
    streams = read_streams(output)
    film, sound = streams.film, streams.sound
    if film is None:
        raise MediaError(ReasonCode.SOUND_ALONE if sound else ReasonCode.NO_VIDEO_FILE)
    if streams.films > 1:
        # Counted again, because ffmpeg counts the pictures of the first track.
        output = await _read(ffmpeg, path, kind.demuxer, ["-map", f"0:{film.number}"], seconds)
    length = _length(output)
    if length <= 0:
        raise MediaError(ReasonCode.NO_DURATION)
    if _last(_FRAME, output) == 1:
        raise MediaError(ReasonCode.STILL_PICTURE)
    return Video(
        seconds=length,
        width=film.width,
        height=film.height,
        size=size,
        frames=film.frames,
        codec=film.codec,
        kbps=film.kbps,
        sound=sound and sound.codec,
        sound_kbps=sound.kbps if sound else 0,
        kind=kind,
        track=film,
        sound_track=sound,
        tracks=streams.tracks,
        faststart=index is not None and index.first and not index.fragmented,
        fragmented=index is not None and index.fragmented,
        level=index and index.level,
        tags=streams.tags,
        credentials=index is not None and index.credentials,
        source_type=index.source_type if index else "",
    )


def _length(output: bytes) -> float:
    """Return the duration in seconds that the file names, else the time of its last packet; 0 without either."""
    if named := _DURATION.search(output):
        hours, minutes, rest = named.groups()
        return int(hours) * 3600 + int(minutes) * 60 + float(rest)
    return (_last(_TIME, output) or 0) / 1_000_000


def _last(pattern: re.Pattern[bytes], output: bytes) -> int | None:
    found = pattern.findall(output)
    return int(found[-1]) if found else None


async def _read(ffmpeg: str, path: Path, demuxer: str, tracks: list[str], seconds: float) -> bytes:
    """Read every packet of these tracks; return what ffmpeg says. Raises MediaError."""
    command = [ffmpeg, "-nostdin", "-hide_banner", "-xerror", "-nostats", "-progress", "pipe:1"]
    command += [*source(path, demuxer), *tracks, "-c", "copy", "-f", "null", "-"]
    code, output = await _run(command, path, seconds)
    if code:
        raise MediaError(ReasonCode.NO_VIDEO_FILE)
    return output


async def _run(command: list[str], path: Path | None, seconds: float) -> tuple[int, bytes]:
    try:
        ended = await run_ffmpeg(command, path, seconds=seconds)
    except TimeoutError as error:
        raise MediaError(ReasonCode.FFMPEG_SLOW, seconds=seconds) from error
    except OSError as error:
        raise MediaError(ReasonCode.CANNOT_RUN, program=command[0], problem=error.strerror) from error
    return ended.returncode, ended.stdout + ended.stderr
