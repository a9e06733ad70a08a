"""Measures a video file in a few figures, for those who compare what came with what was posted."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import imageio_ffmpeg

_VIDEO = re.compile(r"Stream #0:\d+.*?: Video: (\w+)(?: \([^,]*?\))*, (\w+)")
_AUDIO = re.compile(r"Stream #0:\d+.*?: Audio: (\w+)")
_DURATION = re.compile(r"Duration: (\d+):(\d\d):(\d\d(?:\.\d+)?)")


def measure(path: Path) -> dict[str, Any]:
    """Return codec, pix_fmt and audio as ffmpeg names them, faststart, seconds, and size in bytes. Blocks.

    Values that the file does not have are None; faststart is False for everything but an MP4 whose index comes first.
    """
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-hide_banner", "-i", str(path)]
    ran = subprocess.run(command, capture_output=True, check=False, timeout=60)  # noqa: S603
    said = ran.stderr.decode(errors="replace")
    video, audio, duration = _VIDEO.search(said), _AUDIO.search(said), _DURATION.search(said)
    seconds = None
    if duration:
        hours, minutes, rest = duration.groups()
        seconds = int(hours) * 3600 + int(minutes) * 60 + float(rest)
    return {
        "codec": video and video[1],
        "pix_fmt": video and video[2],
        "audio": audio and audio[1],
        "faststart": _faststart(path),
        "seconds": seconds,
        "size": path.stat().st_size,
    }


def _faststart(path: Path) -> bool:
    names = _boxes(path)
    before = names[: names.index(b"mdat")] if b"mdat" in names else []
    return b"ftyp" in names[:1] and b"moov" in before and b"moof" not in names


def _boxes(path: Path) -> list[bytes]:
    """Return the names of a file's outermost boxes (ISO/IEC 14496-12), if it has any."""
    names: list[bytes] = []
    with path.open("rb") as file:
        while len(head := file.read(8)) == 8 and len(names) < 100:
            size, start = int.from_bytes(head[:4]), file.tell() - 8
            if size == 1:
                size = int.from_bytes(file.read(8))
            names.append(head[4:])
            if size < 8:
                break
            file.seek(start + size)
    return names
