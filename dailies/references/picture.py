"""One picture: decoded whole, and made into what models take when it is not that already.

Runs in a process of its own (worker.py), because a decoder that is fed hostile bytes may want all memory and time.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pi_heif
from PIL import AvifImagePlugin, Image
from PIL.Image import Transpose
from PIL.TiffImagePlugin import TiffImageFile

from dailies.errors import ReferenceRefused
from dailies.openrouter.payload import Fit, Fitting
from dailies.reason import Reason, ReasonCode
from dailies.references.cicp import code_points
from dailies.references.colours import DEEP, UNREAD, is_foreign, to_srgb
from dailies.references.fitting import fitted
from dailies.references.metadata import bare, has_place, orientation
from dailies.references.trailing_bytes import has_tail, is_cut

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF", "HEIF")
"""In the order in which they are tried: what AVIF's reader leaves may be HEIC, not the other way round."""
TAKEN = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
"""Formats that models take as they are."""
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
    """Limits of a picture. megapixels: at most, before it is decoded. side: pixels of the longer side that is sent.

    scale: of both sides on top of that, at most 1, for a picture that has to become smaller with others.
    fit: the shape that it is given after that; None: its own.
    room: pixels for which there is memory; None: for all that are allowed.
    """

    megapixels: float
    side: int
    scale: float = 1.0
    fit: Fit | None = None
    room: int | None = None


class TooLittleRoom(Exception):
    """A picture has more pixels than there is memory for. It may be decoded with more."""

    def __init__(self, pixels: int) -> None:
        super().__init__(pixels)
        self.pixels = pixels


@dataclass(frozen=True)
class Inspection:
    """Description of a picture, and of what was done to it. width, height: pixels of what is sent.

    changes: empty when the bytes are sent as they are. remarks: what else is worth knowing.
    """

    media_type: str
    width: int
    height: int
    changes: tuple[Reason, ...] = ()
    remarks: tuple[Reason, ...] = ()


def look_into(path: Path, name: str, rules: PictureLimits, *, thumbnail: Path, converted: Path) -> Inspection:
    """Decode a picture fully, write its thumbnail, and write it converted when models do not take it as it is. Blocks.

    Raises ReferenceRefused and TooLittleRoom; whatever else Pillow's decoders raise means that the picture is broken.
    """
    files = thumbnail, converted
    data = path.read_bytes()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of odd metadata, and of sizes that are checked here
        try:
            return _look(data, name, rules, files)
        except (ReferenceRefused, TooLittleRoom, Image.DecompressionBombError, MemoryError):
            raise
        except Exception:
            # Pillow raises nearly anything for odd metadata; without it a sound picture decodes, a broken one does not.
            if (sound := bare(data)) == data:
                raise
            return _look(sound, name, rules, files, [Reason(ReasonCode.METADATA_LEFT_OUT)])


def _look(
    data: bytes, name: str, rules: PictureLimits, files: tuple[Path, Path], done: Sequence[Reason] = ()
) -> Inspection:
    """Inspect its bytes. files: of the thumbnail and the converted picture. done: changes that were made."""
    thumbnail, converted = files
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            _check(image, data, name, rules)
            given = image.format or ""
            if given != "TIFF":
                image.load()  # first: Pillow reads a PNG whole for its EXIF, and broken pixels would pass for odd EXIF
            held = orientation(image)
            image.info["cicp"] = code_points(image, data)
            changes = [*_changes(image, data, rules), *done]
            if given == "TIFF":
                image.getexif().clear()  # or Pillow turns it while it loads it, and stumbles over what is odd
                image.load()
            turn = None if given == "HEIF" else _UPRIGHT.get(held)  # pi-heif turns it by itself
            if not changes:
                look = Inspection(
                    TAKEN[given], *image.size, remarks=(Reason(ReasonCode.PLACE_INSIDE),) if has_place(image) else ()
                )
                image.thumbnail((THUMBNAIL, THUMBNAIL))
                _save(_on_grey(to_srgb(image)), thumbnail, "JPEG", quality=85)
                return look
            ready = _sized(to_srgb(image), rules)
    except Image.DecompressionBombError as error:
        raise ReferenceRefused(name, Reason(ReasonCode.TOO_MANY_PIXELS, megapixels=rules.megapixels)) from error
    if turn is not None:
        ready = ready.transpose(turn)
    if rules.fit is not None:
        ready = fitted(ready, rules.fit)
    kind = "PNG" if ready.mode == "RGBA" else "JPEG"
    _save(ready, converted, kind, **({"optimize": False} if kind == "PNG" else {"quality": QUALITY}))
    look = Inspection(TAKEN[kind], *ready.size, changes=tuple(_completed(changes, given, kind, ready.size)))
    ready.thumbnail((THUMBNAIL, THUMBNAIL))
    _save(_on_grey(ready), thumbnail, "JPEG", quality=85)
    return look


class _Written(io.FileIO):
    """A file that hides its descriptor: Pillow would write to it by itself, and not say why it cannot."""

    def fileno(self) -> int:
        raise io.UnsupportedOperation


def _save(image: Image.Image, path: Path, kind: str, **options: int) -> None:
    with io.BufferedWriter(_Written(path, "w")) as file:
        image.save(file, kind, **options)


def _check(image: Image.Image, data: bytes, name: str, rules: PictureLimits) -> None:
    width, height = image.size
    if width * height > rules.megapixels * 1_000_000:
        problem = Reason(ReasonCode.PIXELS_BEYOND, width=width, height=height, megapixels=rules.megapixels)
        raise ReferenceRefused(name, problem)
    if rules.room is not None and width * height > rules.room:
        raise TooLittleRoom(width * height)
    if isinstance(image, TiffImageFile) and image.tag_v2.get(_SUBFILE, 0) & 1:
        raise ReferenceRefused(name, Reason(ReasonCode.RAW_PREVIEW))
    if image.format in ("HEIF", "AVIF") and is_cut(data):
        raise OSError("a part of the picture is not in the file")
    if image.mode in UNREAD:
        raise ReferenceRefused(name, Reason(ReasonCode.PIXELS_UNREAD))


_SUBFILE = 254
"""TIFF's tag NewSubfileType; its lowest bit marks a reduced version of another picture in the file."""


def _changes(image: Image.Image, data: bytes, rules: PictureLimits) -> list[Reason]:
    """Everything that keeps the bytes from being sent as they are. `_completed` adds the form and the size."""
    form = "JPEG" if image.format == "MPO" else image.format or ""
    frames = getattr(image, "n_frames", 1)
    pages, pictures = image.format == "TIFF", image.format in ("MPO", "HEIF")
    tests: list[tuple[Reason, Callable[[], bool]]] = [
        (Reason(ReasonCode.CONVERTED), lambda: form not in TAKEN),
        (Reason(ReasonCode.FIRST_PAGE, pages=frames), lambda: frames > 1 and pages),
        (Reason(ReasonCode.FIRST_PICTURE, pictures=frames), lambda: frames > 1 and pictures),
        (Reason(ReasonCode.FIRST_FRAME), lambda: frames > 1 and not (pages or pictures)),
        (Reason(ReasonCode.TURNED), lambda: orientation(image) in _UPRIGHT),
        (Reason(ReasonCode.FROM_CMYK), lambda: image.mode == "CMYK"),
        (Reason(ReasonCode.TO_SRGB), lambda: image.mode != "CMYK" and is_foreign(image)),
        (Reason(ReasonCode.TO_8_BITS), lambda: _deep(image, data)),
        (Reason(ReasonCode.SCALED), lambda: max(image.size) > rules.side or rules.scale < 1),
        (_fitted(rules.fit), lambda: rules.fit is not None),
        (Reason(ReasonCode.TAIL_LEFT_OUT), lambda: image.format in TAKEN and has_tail(data, form)),
    ]
    return [change for change, applies in tests if applies()]


def _fitted(fit: Fit | None) -> Reason:
    padded = fit is not None and fit.fitting is Fitting.PAD
    return Reason(ReasonCode.FRAME_PADDED if padded else ReasonCode.FRAME_CROPPED, shape=fit and fit.shape)


def _completed(changes: list[Reason], given: str, kind: str, size: tuple[int, int]) -> list[Reason]:
    width, height = size
    ready = {
        ReasonCode.CONVERTED: Reason(ReasonCode.CONVERTED, form=kind),
        ReasonCode.SCALED: Reason(ReasonCode.SCALED, width=width, height=height),
    }
    done = [ready.get(change.code, change) for change in changes]
    same = ("JPEG" if given == "MPO" else given) == kind
    return done if same or ready[ReasonCode.CONVERTED] in done else [*done, Reason(ReasonCode.SAVED_AS, form=kind)]


def _deep(image: Image.Image, data: bytes) -> bool:
    # Pillow opens a PNG with 16 bits a colour as one with 8; its header tells (PNG specification, IHDR).
    return image.mode in DEEP if image.format != "PNG" else data[24] == 16


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
