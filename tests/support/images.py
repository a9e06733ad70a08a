"""Small real images for tests."""

from __future__ import annotations

import io

from PIL import Image


def image(colour: str, *, kind: str = "PNG", size: tuple[int, int] = (400, 300)) -> bytes:
    """An image file of one colour; kind: Pillow's name of a format."""
    buffer = io.BytesIO()
    Image.new("RGB", size, colour).save(buffer, kind)
    return buffer.getvalue()
