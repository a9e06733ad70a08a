"""Looks into pictures in this process, without the one around it and its limits."""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image

from dailies.references.picture import Inspection, PictureLimits, look_into


def seen(data: bytes, folder: Path, *, megapixels: float = 80, side: int = 6000, scale: float = 1.0) -> Inspection:
    path = folder / "image"
    path.write_bytes(data)
    rules = PictureLimits(megapixels, side, scale)
    return look_into(path, "fox.png", rules, thumbnail=folder / "thumbnail", converted=folder / "converted")


def converted(folder: Path) -> Image.Image:
    return Image.open(io.BytesIO((folder / "converted").read_bytes()))


def thumbnail(folder: Path) -> Image.Image:
    return Image.open(io.BytesIO((folder / "thumbnail").read_bytes()))
