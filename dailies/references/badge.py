"""A few words drawn on a thumbnail, as the number of a reference, because galleries show no captions."""

from __future__ import annotations

import io
import re

from PIL import Image, ImageDraw, ImageFont

SIZE = 40
"""Pixels of the badge's height, on a thumbnail of 256: Discord shows it at about half of that, still legible."""
ROOM = 2 * SIZE
"""Pixels of the shorter side below which the badge would hide the thumbnail, and stands above or left of it."""


_NOT_DRAWN = re.compile(r"\s*\S*[^ -~]\S*")
"""Words with letters that the font that comes with Pillow does not have: it has those of ASCII."""


def legible(text: str) -> str:
    """Return the words of a short text that can be drawn."""
    return _NOT_DRAWN.sub("", text)


def numbered(thumbnail: bytes, number: int | str) -> bytes:
    """Return the same JPEG with its number, or another short label, without words that cannot be drawn. Blocks.

    Raises OSError.
    """
    with Image.open(io.BytesIO(thumbnail), formats=("JPEG",)) as image:
        # That it was made with AI, where it says so.
        marks = {name: image.info[name] for name in ("comment", "xmp") if name in image.info}
        picture = image.convert("RGB")
    out = io.BytesIO()
    badged(picture, legible(str(number))).save(out, "JPEG", quality=85, **marks)
    return out.getvalue()


def badged(picture: Image.Image, text: str) -> Image.Image:
    """Return a picture in RGB with a short text, white on black; a small one gets a strip for it.

    The text is in the upper left corner of the largest centred square: galleries crop the rest.
    """
    font = ImageFont.load_default(SIZE * 0.75)
    width = max(SIZE, round(font.getlength(text)) + SIZE // 2)
    if min(picture.size) < ROOM:
        picture = _with_strip(picture, width)
    draw = ImageDraw.Draw(picture)
    side = min(picture.size)
    left, top = (picture.width - max(side, width)) // 2, (picture.height - max(side, SIZE)) // 2
    draw.rectangle((left, top, left + width - 1, top + SIZE - 1), fill="black", outline="white", width=2)
    draw.text((left + width / 2, top + SIZE / 2), text, fill="white", font=font, anchor="mm")
    return picture


def _with_strip(picture: Image.Image, badge: int) -> Image.Image:
    """Add a black strip for the badge above a wide picture, or left of a tall one. badge: its width in pixels."""
    wide = picture.width >= picture.height
    left, top = (0, SIZE) if wide else (badge, 0)
    canvas = Image.new("RGB", (max(left + picture.width, badge), max(top + picture.height, SIZE)))
    canvas.paste(picture, (left, top))
    return canvas
