"""The number of a reference, drawn on its thumbnail: a gallery of pictures shows no captions."""

from __future__ import annotations

import io

from PIL import Image, ImageDraw, ImageFont

SIZE = 40
"""Pixels of the badge's height, on a thumbnail of 256: Discord shows it at about half of that, still legible."""


def numbered(thumbnail: bytes, number: int) -> bytes:
    """The same JPEG with the number in its upper left corner, white on black. Blocks. Raises OSError."""
    with Image.open(io.BytesIO(thumbnail), formats=("JPEG",)) as image:
        picture = image.convert("RGB")
    text = str(number)
    font = ImageFont.load_default(SIZE * 0.75)
    draw = ImageDraw.Draw(picture)
    width = max(SIZE, round(draw.textlength(text, font)) + SIZE // 2)
    draw.rectangle((0, 0, width - 1, SIZE - 1), fill="black", outline="white", width=2)
    draw.text((width / 2, SIZE / 2), text, fill="white", font=font, anchor="mm")
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=85)
    return out.getvalue()
