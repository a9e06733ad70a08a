"""Pictures in the shape of a video: cropped, or padded with bars."""

from __future__ import annotations

from PIL import Image

from dailies.openrouter.payload import Fit, Fitting

PADDED_SIDE = 4096
"""Most pixels of a padded picture's longer side: no video is larger, and bars take memory."""


def fitted(picture: Image.Image, fit: Fit, *, side: int = PADDED_SIDE) -> Image.Image:
    """Return an upright picture in another shape: the middle of it, or all of it between black bars.

    side: most pixels of the longer side with bars.
    """
    width, height = fitted_size(picture.size, fit)
    if fit.fitting is Fitting.CROP:
        left, top = (picture.width - width) // 2, (picture.height - height) // 2
        return picture.crop((left, top, left + width, top + height))
    if (scale := side / max(width, height)) < 1:
        size = max(1, round(picture.width * scale)), max(1, round(picture.height * scale))
        picture = picture.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)
    canvas = Image.new(picture.mode, fitted_size(picture.size, fit), "black")
    canvas.paste(picture, ((canvas.width - picture.width) // 2, (canvas.height - picture.height) // 2))
    return canvas


def fitted_size(size: tuple[int, int], fit: Fit) -> tuple[int, int]:
    """Return the width and height that a picture of this size is given, before large ones are scaled down."""
    (width, height), (wide, high) = size, fit.sides
    keeps_height = (width * high > height * wide) == (fit.fitting is Fitting.CROP)
    return (_side(height, wide, high), height) if keeps_height else (width, _side(width, high, wide))


def _side(other: int, numerator: int, denominator: int) -> int:
    return max(1, round(other * numerator / denominator))
