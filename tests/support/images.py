"""Small real images for tests."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import cast

import pillow_heif
from PIL import Image
from PIL.Image import Transpose

pillow_heif.register_heif_opener()  # pyright: ignore[reportUnknownMemberType] (untyped options)


def image(colour: str, *, kind: str = "PNG", size: tuple[int, int] = (400, 300)) -> bytes:
    """Make an image file of one colour; kind: Pillow's name of a format."""
    buffer = io.BytesIO()
    Image.new("RGB", size, colour).save(buffer, kind)
    return buffer.getvalue()


def saved(picture: Image.Image, kind: str, **options: object) -> bytes:
    """Encode an image file; kind: Pillow's name of a format, HEIF with pillow-heif's encoder."""
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def corners(size: tuple[int, int] = (320, 240)) -> Image.Image:
    """Draw four quarters in four colours, which show how a picture is turned: red, green over blue, white."""
    width, height = size[0] // 2, size[1] // 2
    picture = Image.new("RGB", size, "white")
    picture.paste("red", (0, 0, width, height))
    picture.paste("lime", (width, 0, size[0], height))
    picture.paste("blue", (0, height, width, size[1]))
    return picture


STORED = {
    2: Transpose.FLIP_LEFT_RIGHT,
    3: Transpose.ROTATE_180,
    4: Transpose.FLIP_TOP_BOTTOM,
    5: Transpose.TRANSPOSE,
    6: Transpose.ROTATE_90,
    7: Transpose.TRANSVERSE,
    8: Transpose.ROTATE_270,
}


def turned(picture: Image.Image, orientation: int, kind: str, **options: object) -> bytes:
    """The picture as a camera stores it that was held so (EXIF orientation 1 to 8); shown rightly, it is upright."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored = picture if orientation == 1 else picture.transpose(STORED[orientation])
    # As bytes: from them pillow-heif also writes the turn that HEIC readers go by.
    return saved(stored, kind, exif=exif.tobytes(), **options)


def quarters(picture: Image.Image) -> list[tuple[int, ...]]:
    """Return the colours in the middle of the four quarters, as `corners` has them, in RGB."""
    width, height = picture.size
    places = [
        (width // 4, height // 4),
        (width * 3 // 4, height // 4),
        (width // 4, height * 3 // 4),
        (width * 3 // 4, height * 3 // 4),
    ]
    rgb = picture.convert("RGB")
    return [cast("tuple[int, ...]", rgb.getpixel(place)) for place in places]


def near(one: Sequence[int], other: Sequence[int], most: int = 12) -> bool:
    """Return whether two colours look the same."""
    return all(abs(a - b) <= most for a, b in zip(one, other, strict=True))


def endless() -> bytes:
    """Make a JPEG of half a megabyte that takes minutes to decode: its last scan comes thousands of times."""
    data = saved(Image.new("L", (8000, 8000), 128), "JPEG", progressive=True, quality=30)
    scan = data[data.rindex(b"\xff\xda") : -2]
    return data[:-2] + scan * 3000 + data[-2:]
