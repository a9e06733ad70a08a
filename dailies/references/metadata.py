"""Data beside a picture's pixels. Cameras, apps and sites write it oddly; what cannot be read of it is left alone."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator

from PIL import ExifTags, Image

_PLACE = re.compile(rb"GPSLatitude\s*(?:=\s*[\"']\s*[^\s\"']|>\s*[^\s<])", re.IGNORECASE)
"""A latitude in XMP, as an attribute or an element, that is not empty (exif:GPSLatitude, DJI's GpsLatitude)."""
_KEPT = (b"tRNS", b"cICP", b"acTL", b"fcTL", b"fdAT")
"""PNG chunks that change what is seen, besides the critical ones, whose names begin with a capital."""
_EXIF_ITEM = re.compile(rb"(infe[\x02\x03].{7,9}?)Exif", re.DOTALL)
"""The entry of an AVIF's EXIF (ISO/IEC 14496-12, 8.11.6)."""

_SEGMENT = re.compile(rb"(?<=\xff[\xe0-\xed]..)[A-Za-z]{2}", re.DOTALL)
"""The beginning of a name of a JPEG's metadata; Adobe's, in the next kind of segment, says what the colours are."""


def orientation(image: Image.Image) -> int:
    """EXIF's orientation, 1 to 8; 1 where there is none that can be read."""
    try:
        # pi-heif turns the picture by itself and keeps what it was turned by.
        value = image.info.get("original_orientation") or image.getexif().get(ExifTags.Base.Orientation, 1)
        return value if value in range(1, 9) else 1
    except Exception:  # noqa: BLE001 (Pillow raises nearly anything for odd EXIF)
        return 1


def has_place(image: Image.Image) -> bool:
    """Tell if EXIF or XMP says where the picture was taken. The picture is loaded."""
    try:
        position = image.getexif().get_ifd(ExifTags.IFD.GPSInfo)
    except Exception:  # noqa: BLE001 (as above)
        position = {}
    # Without zeros, because XMP may be in UTF-16.
    known = (_PLACE.search(block.replace(b"\0", b"")) for block in _blocks(image))
    return ExifTags.GPS.GPSLatitude in position or any(known)


def _blocks(image: Image.Image) -> Iterator[bytes]:
    """Everything that may hold XMP: of JPEG all segments, because there may be several; ImageMagick's is in hex."""
    yield from (block for _, block in getattr(image, "applist", ()))
    for name, value in image.info.items():
        if isinstance(value, str) and name == "Raw profile type xmp":
            digits = "".join(value.split()[2:])
            yield bytes.fromhex(digits) if re.fullmatch(r"(?:[0-9A-Fa-f]{2})+", digits) else b""
        elif isinstance(value, (str, bytes)):
            yield value.encode(errors="replace") if isinstance(value, str) else value


def bare(data: bytes) -> bytes:
    """The same picture without the metadata that can keep Pillow from opening a JPEG, PNG or AVIF."""
    if data.startswith(b"\xff\xd8"):
        return _SEGMENT.sub(b"--", data)
    if not data.startswith(b"\x89PNG"):
        return _EXIF_ITEM.sub(rb"\1free", data) if data[4:8] == b"ftyp" else data
    kept, at = [data[:8]], 8
    while at + 12 <= len(data):
        end = at + 12 + int.from_bytes(data[at : at + 4])
        name, chunk = data[at + 4 : at + 8], data[at:end]
        sound = zlib.crc32(chunk[4:-4]) == int.from_bytes(chunk[-4:])
        kept += [chunk] if name[:1].isupper() or (name in _KEPT and sound) else []
        at = end
    return b"".join(kept)
