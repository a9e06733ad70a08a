"""The end of a picture in its file. Bytes behind it (an archive, a page, a video) are not the picture."""

from __future__ import annotations

_ALONE = frozenset({0x01, *range(0xD0, 0xD9)})
"""JPEG markers without a length: TEM, the restart markers and the start of the image (ITU-T T.81, table B.1)."""
_END = 0xD9


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
