"""Recognition of a file by its first bytes, and the order of the parts of an MP4. Names are only claims."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import BinaryIO

HEAD = 1024
"""Bytes that are read to recognise a file."""
MOST_BOXES = 10_000
MOST_INDEX = 64 * 1024 * 1024
"""Bytes of an MP4's index that are read; larger ones are not looked into."""
MP4 = "mp4"
CREDENTIALS = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")
"""Name of the box that holds Content Credentials (C2PA, "Embedding manifests into BMFF-based assets")."""
XMP = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
"""Name of the box that holds an XMP packet (ISO 16684-1)."""
MOST_XMP = 256 * 1024
"""Bytes of an XMP packet that are read."""

_PACKET = 188
"""Bytes of a packet of an MPEG transport stream (ISO/IEC 13818-1)."""
_TYPES: tuple[tuple[bytes, str | None, str], ...] = (
    (b"\x1aE\xdf\xa3", "matroska", "mkv"),
    (b"GIF8", "gif", "gif"),
    (b"\x89PNG\r\n\x1a\n", None, "png"),
    (b"\xff\xd8\xff", None, "jpg"),
    (b"FLV\x01", "flv", "flv"),
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "asf", "wmv"),
    (b"OggS", "ogg", "ogg"),
    (b"DKIF", "ivf", "ivf"),
    (b"YUV4MPEG2 ", "yuv4mpegpipe", "y4m"),
    (b"\x00\x00\x01\xba", "mpeg", "mpg"),
    (b"fLaC", None, "flac"),
    (b"ID3", None, "mp3"),
    (b"%PDF-", None, "pdf"),
)
"""First bytes, ffmpeg's name of the demuxer (None: not moving pictures), and the usual end of the file's name."""
_RIFF: dict[bytes, tuple[str | None, str]] = {
    b"AVI ": ("avi", "avi"),
    b"WEBP": ("webp_anim", "webp"),
    b"WAVE": (None, "wav"),
}
_BOXES = frozenset({b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot"})
"""Boxes that an MP4 or a QuickTime file may begin with."""
_SOURCE_TYPE = re.compile(rb"DigitalSourceType.{1,40}/newscodes/digitalsourcetype/([A-Za-z]{3,60})\b", re.DOTALL)
_BRANDS = {b"qt  ": "mov", b"M4A ": "m4a", b"heic": "heic", b"heix": "heic", b"mif1": "heic", b"avif": "avif"}


@dataclass(frozen=True)
class Kind:
    """Kind of a file. demuxer: ffmpeg's name of the one that reads it; None: it holds no moving pictures that are read.

    extension: usual end of its name, "txt" for any text, so that nothing runs it as a page, "bin" if it is not known.
    """

    demuxer: str | None
    extension: str


MP4_FILE = Kind("mov", MP4)


@dataclass(frozen=True)
class Index:
    """Order of an MP4's parts. first: the index comes before the media. fragmented: there are several indexes.

    level: of the first H.264 track, ten times its number; None: there is none. credentials: there is a box for Content
    Credentials. source_type: IPTC's code of how the pictures were made, as in trainedAlgorithmicMedia; empty: none.
    """

    first: bool
    fragmented: bool
    level: int | None
    credentials: bool = False
    source_type: str = ""


def recognise(path: Path) -> Kind:
    """Recognise a file by its first bytes. Blocks. Raises OSError.

    Playlists and scripts, which name other files or addresses, are text: ffmpeg never gets to read them.
    """
    with path.open("rb") as file:
        head = file.read(HEAD)
    for magic, demuxer, extension in _TYPES:
        if head.startswith(magic):
            return _kind(head, demuxer, extension)
    if head[:4] == b"RIFF" and head[8:12] in _RIFF:
        return Kind(*_RIFF[head[8:12]])
    if head[4:8] in _BOXES:
        return Kind("mov", _BRANDS.get(head[8:12], MP4) if head[4:8] == b"ftyp" else "mov")
    # Each packet begins with a G; on discs, four bytes of a time stand before it.
    if len(head) > 2 * _PACKET and {b"G"[0]} in (set(head[::_PACKET]), set(head[4 :: _PACKET + 4])):
        return Kind("mpegts", "ts")
    return Kind(None, "txt" if _is_text(head) else "bin")


def _kind(head: bytes, demuxer: str | None, extension: str) -> Kind:
    """Tell animated pictures and WebM from others that begin alike."""
    if extension == "png" and b"acTL" in head:
        return Kind("apng", extension)
    return Kind(demuxer, "webm" if extension == "mkv" and b"webm" in head[:64] else extension)


def _is_text(head: bytes) -> bool:
    try:
        text = head.decode()
    except UnicodeDecodeError as error:
        # The last character may be cut.
        if error.start < len(head) - 4:
            return False
        text = head[: error.start].decode()
    return bool(text) and all(character.isprintable() or character.isspace() for character in text)


def read_index(path: Path) -> Index | None:
    """Read the order of the parts of an MP4 or a QuickTime file; None without an index. Blocks. Raises OSError."""
    moov, media, fragmented = None, False, False
    first, credentials, xmp = False, False, b""
    with path.open("rb") as file:
        end = file.seek(0, os.SEEK_END)
        file.seek(0)
        for _ in range(MOST_BOXES):
            start = file.tell()
            size, name = _header(file)
            size = size or end - start
            if name == b"moov":
                moov = file.read(min(size, MOST_INDEX))
                first = not media
            media |= name == b"mdat"
            if name == b"uuid":
                own = file.read(16)
                credentials |= own == CREDENTIALS
                xmp += file.read(max(0, min(size - 24, MOST_XMP))) if own == XMP and not xmp else b""
            fragmented |= name == b"moof"
            if size < 8 or start + size >= end or fragmented:
                break
            file.seek(start + size)
    if moov is None:
        return None
    at = moov.find(b"avcC")
    level = moov[at + 7] if 0 <= at < len(moov) - 7 else None
    kind = _SOURCE_TYPE.search(xmp)
    fragmented |= b"mvex" in moov[:MOST_INDEX]
    return Index(first, fragmented, level, credentials, kind[1].decode() if kind else "")


def _header(file: BinaryIO) -> tuple[int, bytes]:
    """Return the size (0: to the end of the file) and the name of the box at this place."""
    head = file.read(8)
    size = int.from_bytes(head[:4])
    if size == 1:  # the size follows in 64 bits
        size = int.from_bytes(file.read(8))
    return size, head[4:]


@dataclass(frozen=True)
class Film:
    """The first track of an MP4. config: what its decoder is told before the first picture, as it stands in the file;
    pictures with the same one can follow each other. seconds: its exact length.
    """

    config: bytes
    seconds: Fraction


def read_film(path: Path) -> Film | None:
    """Read the first track of an MP4; None without an index, or without H.264. Blocks. Raises OSError."""
    moov = _moov(path)
    at = moov.find(b"avcC")
    head = moov.find(b"mdhd") + 4
    if at < 4 or head < 4:
        return None
    config = moov[at : at + int.from_bytes(moov[at - 4 : at]) - 4]
    # ISO/IEC 14496-12: the times in front of the clock's ticks a second and the length in ticks have 64 bits or 32.
    wide = 8 if moov[head : head + 1] == b"\x01" else 4
    clock = head + 4 + 2 * wide
    ticks, length = int.from_bytes(moov[clock : clock + 4]), int.from_bytes(moov[clock + 4 : clock + 4 + wide])
    return Film(config, Fraction(length, ticks)) if ticks else None


def _moov(path: Path) -> bytes:
    """Return the index of an MP4; empty without one."""
    with path.open("rb") as file:
        end = file.seek(0, os.SEEK_END)
        start = 0
        for _ in range(MOST_BOXES):
            file.seek(start)
            size, name = _header(file)
            if name == b"moov":
                return file.read(min(size, MOST_INDEX))
            start += size
            if size < 8 or start >= end:
                break
    return b""
