"""Reads a downloaded video with ffmpeg: by its content, never by its name."""

from __future__ import annotations

import asyncio
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

import imageio_ffmpeg

from dailies import processes
from dailies.errors import MediaError
from dailies.reason import ReasonCode

_DURATION = re.compile(rb"Duration: (\d+):(\d\d):(\d\d(?:\.\d+)?)")
_VIDEO = re.compile(rb"Stream #0:\d+.*?: Video: (\w+).*?[ ,](\d{2,5})x(\d{2,5})[ ,](.*)")
_FRAMES = re.compile(rb"([\d.]+) (?:fps|tbr)")
_BITRATE = re.compile(rb"(\d+) kb/s")
_SOUND = re.compile(rb"Stream #0:\d+.*?: Audio: (\w+)(.*)")
_ROTATION = re.compile(rb"rotation of (-?\d+)")
FRAMES = 24.0
"""Pictures a second if ffmpeg names none."""


@dataclass(frozen=True)
class Video:
    """ffmpeg's findings. seconds: duration above 0. width, height: pixels as they are shown, after any rotation.
    size: bytes. frames: pictures a second. codec, sound: as ffmpeg names them; sound is None without any.
    kbps, sound_kbps: thousands of bits a second, 0 where ffmpeg names none.
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
    code, output = await _run([ffmpeg, "-version"], seconds)
    if code:
        raise MediaError(ReasonCode.PROGRAM_ENDED, program=ffmpeg, exit_code=code)
    return output.split(b"\n", 1)[0].decode(errors="replace").strip()


async def probe(ffmpeg: str, path: Path, *, seconds: float) -> Video:
    """Read every packet of an MP4 and describe it. seconds: time limit for all of it.

    Raises MediaError when it is not an MP4, has no video stream or no duration, or ends early. All packets
    are read (not decoded) because a file cut in the middle still opens when its index comes first. The
    demuxer is named, so a playlist with an .mp4 name cannot make ffmpeg open other files or addresses.
    """
    command = [ffmpeg, "-nostdin", "-hide_banner", "-xerror", "-protocol_whitelist", "file", "-f", "mp4"]
    command += ["-i", f"file:{path}", "-map", "0:v:0", "-map", "0:a?", "-c", "copy", "-f", "null", "-"]
    code, output = await _run(command, seconds)
    duration, picture = _DURATION.search(output), _VIDEO.search(output)
    if code or not duration or not picture:
        raise MediaError(ReasonCode.NO_VIDEO_FILE)
    hours, minutes, rest = duration.groups()
    length = int(hours) * 3600 + int(minutes) * 60 + float(rest)
    if length <= 0:
        raise MediaError(ReasonCode.NO_DURATION)
    return _read(output, picture, length, (await asyncio.to_thread(path.stat)).st_size)


def _read(output: bytes, picture: re.Match[bytes], length: float, size: int) -> Video:
    codec, width, height, rest = picture.groups()
    # Input is described first; output is named the same way after that.
    source = output.split(b"Output #0", 1)[0]
    sound, rotation = _SOUND.search(source), _ROTATION.search(source)
    frames = _FRAMES.search(rest)
    turned = rotation is not None and int(rotation[1]) % 180 == 90
    return Video(
        seconds=length,
        width=int(height if turned else width),
        height=int(width if turned else height),
        size=size,
        frames=(float(frames[1]) if frames else 0.0) or FRAMES,
        codec=codec.decode(),
        kbps=_kbps(rest),
        sound=sound[1].decode() if sound else None,
        sound_kbps=_kbps(sound[2]) if sound else 0,
    )


def _kbps(text: bytes) -> int:
    found = _BITRATE.search(text)
    return int(found[1]) if found else 0


async def _run(command: list[str], seconds: float) -> tuple[int, bytes]:
    try:
        ended = await processes.run(command, seconds=seconds)
    except TimeoutError as error:
        raise MediaError(ReasonCode.FFMPEG_SLOW, seconds=seconds) from error
    except OSError as error:
        raise MediaError(ReasonCode.CANNOT_RUN, program=command[0], problem=error.strerror) from error
    return ended.returncode, ended.stdout + ended.stderr
