"""Decoding a reference image with Pillow: is it whole, how large is it, and its thumbnail."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path

from PIL import ExifTags, Image
from PIL.Image import Transpose

from dailies.errors import ReferenceRefused

FORMATS = ("JPEG", "PNG", "WEBP")
_UPRIGHT = {
    2: Transpose.FLIP_LEFT_RIGHT,
    3: Transpose.ROTATE_180,
    4: Transpose.FLIP_TOP_BOTTOM,
    5: Transpose.TRANSPOSE,
    6: Transpose.ROTATE_270,
    7: Transpose.TRANSVERSE,
    8: Transpose.ROTATE_90,
}
"""EXIF's orientation, and what sets the picture upright."""
THUMBNAIL = 256
"""Pixels of a thumbnail's longer side."""


@dataclass(frozen=True)
class Picture:
    """A decoded image. width, height: pixels as stored."""

    width: int
    height: int
    thumbnail: Path


def look_into(path: Path, name: str, *, megapixels: float) -> Picture:
    """Decode an image fully and write its thumbnail beside it. Blocks: call it in a thread.

    megapixels: limit, checked before anything is decoded. Raises ReferenceRefused.
    """
    thumbnail = path.with_name(f"{path.name}.jpg")
    try:
        with Image.open(path, formats=FORMATS) as image:
            width, height = image.size
            if width * height > megapixels * 1_000_000:
                raise ReferenceRefused(
                    name,
                    f"has {width} × {height} pixels; at most {megapixels:g} million fit, save it smaller",
                )
            image.load()
            # ImageOps.exif_transpose would turn the full size, and fails where a camera wrote an odd EXIF block.
            turn = _UPRIGHT.get(image.getexif().get(ExifTags.Base.Orientation, 1))
            image.thumbnail((THUMBNAIL, THUMBNAIL))
            small = image if turn is None else image.transpose(turn)
            _on_grey(small).save(thumbnail, "JPEG", quality=85)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise ReferenceRefused(name, f"is over {megapixels:g} million pixels; save it smaller") from error
    except (OSError, ValueError, SyntaxError, struct.error) as error:
        # Pillow's decoders raise these for broken data, the last one for a broken EXIF block.
        raise ReferenceRefused(name, "is a broken image that cannot be opened; save it again") from error
    return Picture(width=width, height=height, thumbnail=thumbnail)


def _on_grey(image: Image.Image) -> Image.Image:
    """JPEG has no transparency: a middle grey shows both a black and a white logo."""
    if not image.has_transparency_data:
        return image.convert("RGB")
    rgba = image.convert("RGBA")
    canvas = Image.new("RGBA", rgba.size, (128, 128, 128, 255))
    return Image.alpha_composite(canvas, rgba).convert("RGB")
