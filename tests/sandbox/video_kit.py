"""Reads video files with ffmpeg."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import imageio_ffmpeg
from PIL import Image

FFMPEG = imageio_ffmpeg.get_ffmpeg_exe()


@dataclass
class Probe:
    seconds: float
    size: tuple[int, int]
    frame_rate: float
    video: str
    audio: bool


def probe(path: Path) -> Probe:
    """Return the properties that ffmpeg reads from the file."""
    said = subprocess.run([FFMPEG, "-hide_banner", "-i", path], capture_output=True, text=True, check=False).stderr
    duration = re.search(r"Duration: (\d+):(\d+):([\d.]+)", said)
    size = re.search(r"Video: .*?, (\d+)x(\d+)", said)
    rate = re.search(r"([\d.]+) fps", said)
    assert duration, said
    assert size, said
    assert rate, said
    hours, minutes, seconds = duration.groups()
    return Probe(
        seconds=int(hours) * 3600 + int(minutes) * 60 + float(seconds),
        size=(int(size[1]), int(size[2])),
        frame_rate=float(rate[1]),
        video=said,
        audio="Audio: aac" in said,
    )


def pixel(path: Path, at: float, place: tuple[float, float] = (0.5, 0.4)) -> tuple[int, int, int]:
    """Return the colour at a time (seconds) and a place (parts of width and height)."""
    command = [FFMPEG, "-loglevel", "error", "-ss", str(at), "-i", str(path), "-frames:v", "1"]
    command += ["-vf", "scale=64:64", "-f", "rawvideo", "-pix_fmt", "rgb24", "-"]
    data = subprocess.run(command, capture_output=True, check=True).stdout
    frame = Image.frombytes("RGB", (64, 64), data)
    colour: Any = frame.getpixel((int(place[0] * 64), int(place[1] * 64)))
    return colour


def near(one: tuple[int, int, int], other: tuple[int, int, int]) -> bool:
    return all(abs(a - b) <= 12 for a, b in zip(one, other, strict=True))
