"""One picture: decoded whole, and made into what models take when it is not that already.

Runs in a process of its own (worker.py), because a decoder that is fed hostile bytes may want all memory and time.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pi_heif
from PIL import AvifImagePlugin, ExifTags, Image
from PIL.Image import Transpose
from PIL.TiffImagePlugin import TiffImageFile

from dailies.errors import ReferenceRefused
from dailies.references.colours import DEEP, UNREAD, foreign_profile, to_srgb
from dailies.references.trailing_bytes import has_tail

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF", "HEIF")
"""In the order in which they are tried: what AVIF's reader leaves may be HEIC, not the other way round."""
TAKEN = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
"""What models take as it is."""
THUMBNAIL = 256
"""Pixels of a thumbnail's longer side."""
QUALITY = 92
"""Of a converted JPEG: high enough that a model sees no blocks."""
DECODER_THREADS = 2
"""By default a decoder takes a thread for each core; each reserves memory that counts against the limit."""

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

pi_heif.register_heif_opener()  # pyright: ignore[reportUnknownMemberType] (untyped options)
pi_heif.options.DECODE_THREADS = DECODER_THREADS
AvifImagePlugin.DEFAULT_MAX_THREADS = DECODER_THREADS


@dataclass(frozen=True)
class PictureLimits:
    """What a picture may be. megapixels: at most, before it is decoded. side: pixels of the longer side that is sent.

    scale: of both sides on top of that, at most 1, for a picture that has to become smaller with others.
    """

    megapixels: float
    side: int
    scale: float = 1.0


@dataclass(frozen=True)
class Inspection:
    """What a picture is, and what was done to it. width, height: pixels of what is sent.

    changes: in a few words each; empty when the bytes are sent as they are. remarks: what else is worth knowing.
    """

    media_type: str
    width: int
    height: int
    changes: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


def look_into(path: Path, name: str, rules: PictureLimits, *, thumbnail: Path, converted: Path) -> Inspection:
    """Decode a picture fully, write its thumbnail, and write it converted when models do not take it as it is. Blocks.

    Raises ReferenceRefused; whatever else Pillow's decoders raise means that the picture is broken.
    """
    try:
        with Image.open(path, formats=FORMATS) as image:
            _check(image, name, rules)
            changes = _changes(image, path, rules)
            orientation = _orientation(image)
            image.load()
            # Pillow turns a TIFF by itself while it loads it, and pi-heif a HEIC.
            turn = None if image.format in ("TIFF", "HEIF") else _UPRIGHT.get(orientation)
            if not changes:
                look = Inspection(TAKEN[image.format or ""], *image.size, remarks=_remarks(image))
                image.thumbnail((THUMBNAIL, THUMBNAIL))
                _on_grey(to_srgb(image)).save(thumbnail, "JPEG", quality=85)
                return look
            given = image.format
            ready = _sized(to_srgb(image), rules)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise ReferenceRefused(name, f"is over {rules.megapixels:g} million pixels; save it smaller") from error
    if turn is not None:
        ready = ready.transpose(turn)
    kind = "PNG" if ready.mode == "RGBA" else "JPEG"
    ready.save(converted, kind, **({"optimize": False} if kind == "PNG" else {"quality": QUALITY}))
    look = Inspection(TAKEN[kind], *ready.size, changes=tuple(_worded(changes, given or "", kind, ready.size)))
    ready.thumbnail((THUMBNAIL, THUMBNAIL))
    _on_grey(ready).save(thumbnail, "JPEG", quality=85)
    return look


def _check(image: Image.Image, name: str, rules: PictureLimits) -> None:
    width, height = image.size
    if width * height > rules.megapixels * 1_000_000:
        problem = f"has {width} × {height} pixels; at most {rules.megapixels:g} million fit, save it smaller"
        raise ReferenceRefused(name, problem)
    if isinstance(image, TiffImageFile) and image.tag_v2.get(_SUBFILE, 0) & 1:
        problem = "is a camera's raw file, of which only a small preview can be read here; save it as JPEG"
        raise ReferenceRefused(name, problem)
    if image.mode in UNREAD:
        raise ReferenceRefused(name, "has pixels of a kind that is not read here; save it as PNG or JPEG")


_SUBFILE = 254
"""TIFF's tag NewSubfileType; its lowest bit marks a reduced version of another picture in the file."""
_FORMAT, _SIZE = "format", "size"
"""Changes whose words are known only when the picture is ready."""


def _changes(image: Image.Image, path: Path, rules: PictureLimits) -> list[str]:
    """Everything that keeps the bytes from being sent as they are."""
    form = "JPEG" if image.format == "MPO" else image.format or ""
    frames = getattr(image, "n_frames", 1)
    several = {"MPO": "pictures", "TIFF": "pages", "HEIF": "pictures"}.get(image.format or "")
    tests: list[tuple[str, Callable[[], bool]]] = [
        (_FORMAT, lambda: form not in TAKEN),
        (f"only the first of {frames} {several}", lambda: frames > 1 and several is not None),
        ("only the first frame of the animation", lambda: frames > 1 and several is None),
        ("turned upright", lambda: _orientation(image) in _UPRIGHT),
        ("colours turned from CMYK to sRGB", lambda: image.mode == "CMYK"),
        ("colours turned to sRGB", lambda: image.mode != "CMYK" and foreign_profile(image) is not None),
        ("reduced to 8 bits a colour", lambda: _deep(image, path)),
        (_SIZE, lambda: max(image.size) > rules.side or rules.scale < 1),
        ("what stood behind the picture left out", lambda: image.format in TAKEN and has_tail(path.read_bytes(), form)),
    ]
    return [words for words, applies in tests if applies()]


def _worded(changes: list[str], given: str, kind: str, size: tuple[int, int]) -> list[str]:
    form = {"HEIF": "HEIC", "MPO": "JPEG", "WEBP": "WebP"}.get(given, given)
    words = {_FORMAT: f"converted to {kind}", _SIZE: f"scaled to {size[0]} × {size[1]}"}
    said = [words.get(change, change) for change in changes]
    return said if form == kind or _FORMAT in changes else [*said, f"saved as {kind}"]


def _orientation(image: Image.Image) -> int:
    # pi-heif turns the picture by itself and keeps what it was turned by.
    return image.info.get("original_orientation") or image.getexif().get(ExifTags.Base.Orientation, 1)


def _deep(image: Image.Image, path: Path) -> bool:
    if image.format != "PNG":
        return image.mode in DEEP
    # Pillow opens a PNG with 16 bits a colour as one with 8; its header tells (PNG specification, IHDR).
    with path.open("rb") as file:
        return file.read(25)[24:] == b"\x10"


def _remarks(image: Image.Image) -> tuple[str, ...]:
    try:
        position = image.getexif().get_ifd(ExifTags.IFD.GPSInfo)
    except (OSError, ValueError, SyntaxError, KeyError, TypeError, struct.error):
        return ()  # cameras and apps write odd blocks; the picture is whole all the same
    known = ExifTags.GPS.GPSLatitude in position
    return ("sent as it is, with the place where it was taken in it",) if known else ()


def _sized(image: Image.Image, rules: PictureLimits) -> Image.Image:
    factor = min(1.0, rules.side / max(image.size)) * rules.scale
    if factor >= 1:
        return image
    width, height = (max(1, round(side * factor)) for side in image.size)
    return image.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=3.0)


def _on_grey(image: Image.Image) -> Image.Image:
    """JPEG has no transparency: a middle grey shows both a black and a white logo."""
    if image.mode != "RGBA":
        return image
    canvas = Image.new("RGBA", image.size, (128, 128, 128, 255))
    return Image.alpha_composite(canvas, image).convert("RGB")
