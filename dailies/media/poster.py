"""The poster of a video: the picture that stands for it where it is not played yet."""

from __future__ import annotations

import asyncio
import logging
import shutil
import tempfile
from pathlib import Path

from dailies.errors import MediaError
from dailies.files import put_in_place
from dailies.media.ffmpeg import run_ffmpeg
from dailies.media.parts import PARTS
from dailies.media.probe import MOST_PIXELS, probe, source

log = logging.getLogger(__name__)

SECONDS = 20.0
"""Time limit of each run of ffmpeg; a page without a poster is better than a long wait for it."""
WIDEST = 1280
"""Pixels of its longer side."""
EARLY = 0.1
"""Share of the video that is passed over: many begin with black."""


def poster_of(original: Path) -> Path:
    """Return the path of a video's poster, whether it is there or not."""
    return original.with_name(f"{original.stem}.poster.jpg")


async def make_poster(ffmpeg: str, video: Path, target: Path) -> bool:
    """Write a JPEG of an early moment of a video to target, unless one is there.

    False, with a line in the log, if it cannot be made.
    """
    try:
        if await asyncio.to_thread(target.exists):
            return True
        folder = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix=PARTS, dir=target.parent))
        try:
            await _write(ffmpeg, video, folder / "poster.jpg")
            await asyncio.to_thread(put_in_place, folder / "poster.jpg", target)
        finally:
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
    except (MediaError, OSError, TimeoutError) as error:
        log.warning("%s: no poster could be made of it: %r", video.name, error)
        return False
    return True


async def _write(ffmpeg: str, video: Path, picture: Path) -> None:
    """Raises MediaError, OSError (also where ffmpeg wrote nothing) and TimeoutError."""
    found = await probe(ffmpeg, video, seconds=SECONDS)
    pixels = min(found.width * found.height, MOST_PIXELS)
    size = f"scale='min({WIDEST},iw)':'min({WIDEST},ih)':force_original_aspect_ratio=decrease"
    command = [ffmpeg, "-nostdin", "-hide_banner", "-loglevel", "error", "-y", "-ss", f"{EARLY * found.seconds:.3f}"]
    command += [*source(video, found.kind.demuxer or "mov"), "-map", f"0:{found.track.number}", "-frames:v", "1"]
    command += ["-vf", size, "-c:v", "mjpeg", "-q:v", "4", "-pix_fmt", "yuvj420p", "-update", "1"]
    await run_ffmpeg(
        [*command, "-f", "image2", f"file:{picture}"], video, folder=picture.parent, pixels=pixels, seconds=SECONDS
    )
