"""Both ways to make a frame fit the video, drawn small, so that a person can choose before anything is paid."""

from __future__ import annotations

import io

from PIL import Image, ImageDraw, ImageEnhance

from dailies.language import gettext, gettext_noop
from dailies.openrouter.payload import Fit, Fitting
from dailies.references.badge import badged, legible
from dailies.references.fitting import fitted, fitted_size

LABELS = {Fitting.CROP: gettext_noop("Crop"), Fitting.PAD: gettext_noop("Pad")}
SIDE = 256
"""Pixels of each side: galleries cut pictures to squares, so that a square alone is seen whole."""
_AROUND = (43, 45, 49)
"""Colour around what is no part of the picture or its bars."""
_LOST = 0.25
"""Brightness of what a crop takes away."""


def previews(thumbnail: bytes, shape: str) -> dict[Fitting, bytes]:
    """Return a small JPEG of each way to give a picture this shape, with its name in a corner and a line around what
    the video shows.

    thumbnail: a JPEG of this package's. Blocks. Raises OSError.
    """
    with Image.open(io.BytesIO(thumbnail), formats=("JPEG",)) as image:
        picture = _within(image.convert("RGB"))
    crop, pad = (Fit(shape, one) for one in (Fitting.CROP, Fitting.PAD))
    padded = _within(fitted(picture, pad, side=SIDE))
    drawn = {
        Fitting.CROP: _framed(_dimmed(picture, crop), fitted_size(picture.size, crop)),
        Fitting.PAD: _framed(padded, padded.size),
    }
    return {fitting: _encoded(badged(one, _label(fitting))) for fitting, one in drawn.items()}


def _label(fitting: Fitting) -> str:
    """Return the name of a way, in English where its letters cannot be drawn."""
    label = gettext(LABELS[fitting])
    return label if legible(label) == label else LABELS[fitting]


def _within(picture: Image.Image) -> Image.Image:
    """Return a picture scaled to fill a square in one direction."""
    scale = SIDE / max(picture.size)
    size = max(1, round(picture.width * scale)), max(1, round(picture.height * scale))
    return picture.resize(size, Image.Resampling.LANCZOS)


def _dimmed(picture: Image.Image, fit: Fit) -> Image.Image:
    """Return a picture of which all that a crop takes away is dark."""
    dim, kept = ImageEnhance.Brightness(picture).enhance(_LOST), fitted(picture, fit)
    dim.paste(kept, ((dim.width - kept.width) // 2, (dim.height - kept.height) // 2))
    return dim


def _framed(picture: Image.Image, shown: tuple[int, int]) -> Image.Image:
    """Return a picture in the middle of a square, with a line around the part in its middle that the video shows."""
    square = Image.new("RGB", (SIDE, SIDE), _AROUND)
    square.paste(picture, ((SIDE - picture.width) // 2, (SIDE - picture.height) // 2))
    left, top = (SIDE - shown[0]) // 2, (SIDE - shown[1]) // 2
    ImageDraw.Draw(square).rectangle((left, top, left + shown[0] - 1, top + shown[1] - 1), outline="white", width=2)
    return square


def _encoded(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=85)
    return out.getvalue()
