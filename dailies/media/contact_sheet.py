"""The contact sheet of a set of takes: a numbered frame of each video, side by side in one picture."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Mapping
from pathlib import Path

from PIL import Image

from dailies.errors import MediaError
from dailies.files import write_atomically
from dailies.media.marks import label, xmp
from dailies.media.still import still
from dailies.reason import ReasonCode
from dailies.references.badge import ROOM, badged

GAP = 8
"""Pixels between two frames."""


async def contact_sheet(ffmpeg: str, videos: Mapping[int, Path], target: Path, *, seconds: float) -> None:
    """Write a JPEG with the middle frame of each video. videos: files as they came, by their numbers.

    Files without one are left out. seconds: limit of each run of ffmpeg. Raises MediaError, and OSError when it cannot
    be written.
    """
    frames: dict[int, Image.Image] = {}
    for number, original in videos.items():
        try:
            frames[number] = await still(ffmpeg, original, seconds=seconds)
        except MediaError:
            continue
    if not frames:
        raise MediaError(ReasonCode.NO_VIDEO_FILE)
    data = await asyncio.to_thread(_composed, frames)
    await asyncio.to_thread(write_atomically, target, data)


def _composed(frames: Mapping[int, Image.Image]) -> bytes:
    """Return the sheet as a JPEG. Blocks. Wide frames stand in two columns, tall ones in one row."""
    labelled = [_labelled(frame, number) for number, frame in frames.items()]
    width, height = max(one.width for one in labelled), max(one.height for one in labelled)
    columns = min(len(labelled), 2 if width > height else 4)
    rows = -(-len(labelled) // columns)
    sheet = Image.new("RGB", (columns * (width + GAP) - GAP, rows * (height + GAP) - GAP))
    for place, frame in enumerate(labelled):
        left, top = place % columns * (width + GAP), place // columns * (height + GAP)
        sheet.paste(frame, (left + (width - frame.width) // 2, top + (height - frame.height) // 2))
    out = io.BytesIO()
    sheet.save(out, "JPEG", quality=85, comment=label(()), xmp=xmp(()))
    return out.getvalue()


def _labelled(frame: Image.Image, number: int) -> Image.Image:
    """Return a frame with its number in the corner, as nothing of the sheet is cropped; a tiny one gets a strip."""
    side = min(frame.size)
    if side < ROOM:
        return badged(frame, str(number))
    frame.paste(badged(frame.crop((0, 0, side, side)), str(number)))
    return frame
