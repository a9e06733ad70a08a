"""A picture with a few words, in place of one that there is not."""

from __future__ import annotations

import io

from PIL import Image, ImageDraw

from dailies.language import gettext
from dailies.media.fonts import length, shortened, shows, write

SIZE = 40
_PAPER, _INK = "#2b2d31", "#b5bac1"


def placeholder(words: str, width: int = 640, height: int = 360) -> bytes:
    """Return a grey JPEG with words of ours, marked by gettext_noop, in the language that is spoken; in English where
    this machine has no font for that one. width, height: pixels. Blocks.
    """
    said = gettext(words)
    runs = shortened(said if shows(said, SIZE) else words, SIZE, width)
    picture = Image.new("RGB", (width, height), _PAPER)
    write(ImageDraw.Draw(picture), (width - length(runs)) / 2, height / 2 + SIZE / 3, runs, _INK)
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=85)
    return out.getvalue()
