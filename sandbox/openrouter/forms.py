"""Forms in which a model may deliver its video: what real models were seen to send besides an ordinary MP4."""

from __future__ import annotations

import asyncio
import subprocess
from dataclasses import dataclass
from pathlib import Path

import imageio_ffmpeg

LIMIT_SECONDS = 120.0
_HEVC = ("-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=error", "-tag:v", "hvc1", "-c:a", "copy")
_PRORES = ("-c:v", "prores_ks", "-c:a", "pcm_s16le")
_GIF = ("-an", "-vf", "fps=8,scale=320:-2")


@dataclass(frozen=True)
class Form:
    """A form. extension: by which ffmpeg chooses the container. arguments: ffmpeg's, for the output."""

    extension: str
    media_type: str
    arguments: tuple[str, ...] = ("-c", "copy")


FORMS = {
    "hevc10": Form("mp4", "video/mp4", (*_HEVC, "-pix_fmt", "yuv420p10le")),
    "late-index": Form("mp4", "video/mp4"),
    "fragmented": Form("mp4", "video/mp4", ("-c", "copy", "-movflags", "frag_keyframe+empty_moov")),
    "prores": Form("mov", "video/quicktime", _PRORES),
    "mkv": Form("mkv", "video/x-matroska"),
    "gif": Form("gif", "image/gif", _GIF),
}
"""By name. Besides them there is HTML, a web page in place of the video."""
HTML = "html"
NAMES = (*FORMS, HTML)
PAGE = b"<!DOCTYPE html><html><head><title>Gone</title></head><body>This file is gone.</body></html>"


async def reshape(video: Path, name: str, folder: Path) -> Path:
    """Write a video in the form of this name into a folder, and return its path.

    Raises subprocess.CalledProcessError and subprocess.TimeoutExpired.
    """
    if name == HTML:
        page = folder / f"{video.stem}.html"
        await asyncio.to_thread(page.write_bytes, PAGE)
        return page
    form = FORMS[name]
    target = folder / f"{video.stem}.{name}.{form.extension}"
    if not await asyncio.to_thread(target.exists):
        part = target.with_name(f"part-{target.name}")
        await asyncio.to_thread(_run, ["-i", str(video), *form.arguments, str(part)])
        await asyncio.to_thread(part.replace, target)
    return target


def media_type(name: str) -> str:
    """Return the Content-Type with which a form is sent."""
    return "text/html" if name == HTML else FORMS[name].media_type


def _run(arguments: list[str]) -> None:
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-loglevel", "error", "-y", *arguments]
    subprocess.run(command, check=True, timeout=LIMIT_SECONDS)  # noqa: S603
