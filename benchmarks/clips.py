"""Clips for the delivery benchmarks: real MP4s, rendered by ffmpeg in a few seconds each."""

from __future__ import annotations

import asyncio
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import imageio_ffmpeg

FFMPEG = imageio_ffmpeg.get_ffmpeg_exe()
RENDER_SECONDS = 300.0
BOX_BYTES = 8
"""Length and name of an MP4 box."""


@dataclass(frozen=True)
class Clip:
    """A clip to render. megabytes: its approximate size. cuts: scenes of different kinds instead of one."""

    name: str
    width: int
    height: int
    seconds: float
    megabytes: int
    cuts: bool
    sound: bool


CLIPS = (
    Clip("720p, noise, sound", 1280, 720, 8, 30, cuts=False, sound=True),
    Clip("1080p, cuts, sound", 1920, 1080, 8, 60, cuts=True, sound=True),
    Clip("1080p, cuts, silent", 1920, 1080, 8, 30, cuts=True, sound=False),
    Clip("2160p, noise, silent", 3840, 2160, 4, 120, cuts=False, sound=False),
)


def render(clip: Clip, target: Path) -> None:
    """Write a clip. Blocks. Its size is approximate: the encoder is given a bitrate."""
    kbps = int(clip.megabytes * 8000 / clip.seconds)
    command = [FFMPEG, "-nostdin", "-loglevel", "error", "-y", *_scenes(clip)]
    if clip.sound:
        command += ["-f", "lavfi", "-i", f"sine=f=330:d={clip.seconds}:r=48000"]
        command += ["-map", f"{4 if clip.cuts else 1}:a", "-c:a", "aac"]
    command += ["-map", "[v]", "-c:v", "libx264", "-preset", "ultrafast", "-b:v", f"{kbps}k", "-pix_fmt", "yuv420p"]
    command += ["-t", str(clip.seconds), "-movflags", "+faststart", str(target)]
    subprocess.run(command, check=True, timeout=RENDER_SECONDS)  # noqa: S603 (made above)


def _scenes(clip: Clip) -> list[str]:
    size = f"{clip.width}x{clip.height}"
    if not clip.cuts:
        graph = f"[0:v]scale={clip.width}:{clip.height},noise=alls=12:allf=t[v]"
        return ["-f", "lavfi", "-i", f"testsrc2=s=1280x720:r=24:d={clip.seconds}", "-filter_complex", graph]
    each = clip.seconds / 4
    sources = ["testsrc2=s={}:r=24", "gradients=s={}:r=24:speed=0.05", "mandelbrot=s=640x360:rate=24"]
    inputs = [part for one in [*sources, "sierpinski=s={}:r=24"] for part in ("-f", "lavfi", "-i", one.format(size))]
    extra = ("null", "noise=alls=30:allf=t", "noise=alls=8:allf=t", "null")
    graph = "".join(
        f"[{n}:v]trim=duration={each},scale={clip.width}:{clip.height},{what},setsar=1[s{n}];"
        for n, what in enumerate(extra)
    )
    return [*inputs, "-filter_complex", f"{graph}[s0][s1][s2][s3]concat=n=4:v=1[v]"]


async def ssim(made: Path, source: Path) -> float:
    """Return the similarity of two videos (SSIM, all planes), each frame scaled to the source's size."""
    graph = "[0:v][1:v]scale2ref=flags=bicubic[a][b];[a][b]ssim"
    command = [FFMPEG, "-nostdin", "-hide_banner", "-i", str(made), "-i", str(source), "-lavfi", graph]
    process = await asyncio.create_subprocess_exec(
        *command, "-f", "null", "-", stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE
    )
    _, said = await process.communicate()
    return float(said.rpartition(b"All:")[2].split()[0])


def pad(source: Path, target: Path, size: int) -> None:
    """Copy an MP4 and fill it up to `size` bytes with a `free` box, which players skip. Blocks."""
    data = source.read_bytes()
    left = size - len(data) - BOX_BYTES
    if left < 0:
        raise ValueError(f"{source} has {len(data)} bytes already")
    with target.open("wb") as file:
        file.write(data + (left + BOX_BYTES).to_bytes(4, "big") + b"free")
        while left > 0:
            left -= file.write(os.urandom(min(left, 1 << 20)))
