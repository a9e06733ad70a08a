"""A small picture of a video: a frame from its middle, because takes of a shot may begin with the same one."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from pathlib import Path

from PIL import Image

from dailies.errors import MediaError
from dailies.media.ffmpeg import run_ffmpeg
from dailies.media.parts import PARTS
from dailies.media.playable import playable
from dailies.media.probe import MOST_PIXELS, Video, probe, source
from dailies.reason import ReasonCode

LONG_SIDE = 640
"""Pixels of the longer side."""
THREADS = 2
"""Each holds a frame in memory."""


async def still(ffmpeg: str, original: Path, *, seconds: float) -> Image.Image:
    """Return a frame from the middle of a video, small. original: the file as it came; its conversion is looked at
    where there is one, because that has the colours that every screen shows.

    seconds: limit of each run of ffmpeg. Raises MediaError, and OSError when it cannot be written.
    """
    converted = playable(original)
    path = converted if await asyncio.to_thread(converted.is_file) else original
    video = await probe(ffmpeg, path, seconds=seconds)
    if video.width * video.height > MOST_PIXELS:
        raise MediaError(ReasonCode.TOO_LARGE_TO_ENCODE)
    scale = min(1.0, LONG_SIDE / max(video.width, video.height))
    size = max(2, round(video.width * scale)), max(2, round(video.height * scale))
    folder = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix=PARTS, dir=path.parent))
    try:
        for at in (video.seconds / 2, 0.0):
            if data := await _frame(ffmpeg, path, video, at, size, folder, seconds):
                # Bare pixels: nothing of what a hostile file made is parsed here.
                return Image.frombytes("RGB", size, data)
    finally:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
    raise MediaError(ReasonCode.NO_VIDEO_FILE)


async def _frame(
    ffmpeg: str, path: Path, video: Video, at: float, size: tuple[int, int], folder: Path, seconds: float
) -> bytes | None:
    """Return the pixels of the frame at a time in seconds; None if there is none."""
    target = folder / "frame.rgb"
    command = [ffmpeg, "-nostdin", "-hide_banner", "-loglevel", "error", "-y", "-threads", str(THREADS)]
    command += ["-ss", f"{at:.3f}", *source(path, video.kind.demuxer or "mov"), "-map", f"0:{video.track.number}"]
    command += ["-frames:v", "1", "-vf", f"scale={size[0]}:{size[1]},format=rgb24", "-f", "rawvideo", f"file:{target}"]
    try:
        ended = await run_ffmpeg(command, path, folder=folder, pixels=video.width * video.height, seconds=seconds)
    except TimeoutError as error:
        raise MediaError(ReasonCode.FFMPEG_SLOW, seconds=seconds) from error
    except OSError as error:
        raise MediaError(ReasonCode.CANNOT_RUN, program=ffmpeg, problem=error.strerror) from error
    if ended.returncode or not await asyncio.to_thread(target.is_file):
        return None
    data = await asyncio.to_thread(target.read_bytes)
    return data if len(data) == size[0] * size[1] * 3 else None
