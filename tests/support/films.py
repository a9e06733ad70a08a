"""Videos of every kind that a model may deliver, made by ffmpeg, and what ffmpeg says of a file."""

from __future__ import annotations

import subprocess
from pathlib import Path

import imageio_ffmpeg
from PIL import Image, ImageChops, ImageStat

FFMPEG = imageio_ffmpeg.get_ffmpeg_exe()
PICTURE = ("-f", "lavfi", "-i", "testsrc2=s=128x72:r=24:d=1")
TONE = ("-f", "lavfi", "-i", "sine=d=1")
X264 = ("-c:v", "libx264", "-preset", "ultrafast")
FINE = (*X264, "-pix_fmt", "yuv420p", "-c:a", "aac", "-movflags", "+faststart")


def x265(pixels: str = "yuv420p", tag: str = "hvc1", colours: str = "") -> tuple[str, ...]:
    """Return arguments for HEVC. colours: x265's own parameters, which begin with a colon."""
    parameters = ("-x265-params", f"log-level=error{colours}")
    return ("-c:v", "libx265", "-preset", "ultrafast", *parameters, "-pix_fmt", pixels, "-tag:v", tag)


def make(target: Path, *arguments: str, sound: bool = True, picture: tuple[str, ...] = PICTURE) -> Path:
    """Make a file of one second with these output arguments."""
    inputs = [*picture, *(TONE if sound else ())]
    return run(target, *inputs, *arguments)


def run(target: Path, *arguments: str) -> Path:
    """Run ffmpeg with these arguments and the target."""
    command = [FFMPEG, "-nostdin", "-loglevel", "error", "-y", *arguments, str(target)]
    subprocess.run(command, check=True, timeout=120)
    return target


def described(path: Path) -> str:
    """Return what ffmpeg says of a file."""
    command = [FFMPEG, "-nostdin", "-hide_banner", "-i", str(path)]
    return subprocess.run(command, capture_output=True, check=False, timeout=60).stderr.decode(errors="replace")


def decoded(path: Path) -> str:
    """Decode a file to its end; return what ffmpeg says of it. Raises CalledProcessError at the first error."""
    command = [FFMPEG, "-nostdin", "-hide_banner", "-nostats", "-xerror", "-i", str(path), "-f", "null", "-"]
    said = subprocess.run(command, capture_output=True, check=True, timeout=60).stderr.decode(errors="replace")
    return said.partition("\nStream mapping:")[0]


def pixel(path: Path, at: float = 0.5, where: str = "64:36") -> tuple[int, int, int]:
    """Return red, green and blue of the pixel at x:y, at this time in seconds."""
    command = [FFMPEG, "-nostdin", "-loglevel", "error", "-ss", str(at), "-i", str(path), "-frames:v", "1"]
    command += ["-vf", f"crop=1:1:{where},format=rgb24", "-f", "rawvideo", "-"]
    red, green, blue = subprocess.run(command, check=True, capture_output=True, timeout=60).stdout[:3]
    return red, green, blue


def frames(path: Path, size: tuple[int, int] = (128, 72)) -> list[Image.Image]:
    """Return every frame, decoded by a plain run of ffmpeg."""
    command = [FFMPEG, "-nostdin", "-loglevel", "fatal", "-i", str(path), "-fps_mode", "passthrough"]
    command += ["-vf", f"scale={size[0]}:{size[1]}:flags=bicubic+accurate_rnd+full_chroma_int", "-pix_fmt", "rgb24"]
    raw = subprocess.run([*command, "-f", "rawvideo", "-"], check=True, capture_output=True, timeout=60).stdout
    step = size[0] * size[1] * 3
    return [Image.frombytes("RGB", size, raw[at : at + step]) for at in range(0, len(raw), step)]


def off(one: Image.Image, other: Image.Image) -> float:
    """Return the mean difference of two pictures' colours, of 255."""
    return sum(ImageStat.Stat(ImageChops.difference(one, other)).mean) / 3
