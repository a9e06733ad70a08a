"""The end of a picture in its file: bytes behind it (a page, an archive) are no picture, and none may be missing."""

from __future__ import annotations

import re

_ALONE = frozenset({0x01, *range(0xD0, 0xD9)})
"""JPEG markers without a length: TEM, the restart markers and the start of the image (ITU-T T.81, table B.1)."""
_END = 0xD9
_TILE = re.compile(rb"infe(?:\x02...(?P<short>..)|\x03...(?P<long>....))..(?:hvc1|av01)", re.DOTALL)
"""The entry of an item that is coded pixels (ISO/IEC 14496-12, 8.11.6, with HEVC's and AV1's names)."""
_EMPTY = 8
"""Zeros at the end of coded pixels that no encoder writes: HEVC keeps three in a row out, AV1 ends with a one."""


def has_tail(data: bytes, form: str) -> bool:
    """Tell if bytes other than zeros follow the picture's end. form: JPEG, PNG or WEBP, decoded without an error."""
    end = {"JPEG": _jpeg_end, "PNG": _png_end, "WEBP": _webp_end}[form](data)
    return bool(data[end:].strip(b"\x00"))


def _png_end(data: bytes) -> int:
    at = 8
    while at + 12 <= len(data):
        kind = data[at + 4 : at + 8]
        at += 12 + int.from_bytes(data[at : at + 4])
        if kind == b"IEND":
            break
    return at


def _webp_end(data: bytes) -> int:
    # RIFF chunks have even lengths; some writers count the padding and some do not.
    return 8 + int.from_bytes(data[4:8], "little")


def _jpeg_end(data: bytes) -> int:
    at = 2
    while 0 <= at < len(data) - 1:
        if data[at] != 0xFF:
            at = data.find(b"\xff", at)  # the scan's data, until its next marker
            continue
        marker = data[at + 1]
        if marker == _END:
            return at + 2
        if marker == 0xFF:
            at += 1  # padding before a marker
        elif marker == 0x00 or marker in _ALONE:
            at += 2  # a 0xFF of the data, or a marker without a length
        else:
            at += 2 + int.from_bytes(data[at + 2 : at + 4])
    return len(data)


def is_cut(data: bytes) -> bool:
    """Tell if a HEIC or AVIF lacks a part of its coded pixels; libheif leaves such tiles green without an error.

    Their places are in the iloc box (ISO/IEC 14496-12, 8.11.3).
    """
    tiles = {int.from_bytes(match["short"] or match["long"]) for match in _TILE.finditer(data)}
    at = data.find(b"iloc") + 4
    if not tiles or at < 4:
        return False
    version, of = data[at], [int(digit, 16) for digit in data[at + 4 : at + 6].hex()]
    of_offset, of_length, of_base, of_index = *of[:3], of[3] if version else 0
    wide, at = 4 if version == 2 else 2, at + 6

    def read(size: int) -> int:
        nonlocal at
        at += size
        return int.from_bytes(data[at - size : at])

    for _ in range(read(wide)):
        item, elsewhere = read(wide), read(2) & 15 if version else 0
        base = read(2 + of_base) & (1 << 8 * of_base) - 1  # without the index of another file
        for _ in range(read(2)):
            start, length = base + (read(of_index), read(of_offset))[1], read(of_length)
            end = start + length
            if item not in tiles or elsewhere or not length:  # none: the whole file
                continue
            if end > len(data) or not data[max(start, end - _EMPTY) : end].strip(b"\0"):
                return True
    return False
