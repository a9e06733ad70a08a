"""Detection of file types by their first bytes. Names and headers are only claims, and are ignored."""

from __future__ import annotations

import re

from dailies.reason import Reason, ReasonCode

HEAD = 256
"""Bytes needed to detect a type, even if an SVG drawing begins with a comment."""

READ = frozenset(
    {"image/jpeg", "image/png", "image/webp", "image/gif", "image/bmp", "image/tiff", "image/heic", "image/avif"}
)
"""Types that can be converted to types that models take."""

_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF8", "image/gif"),
    (b"BM", "image/bmp"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"\x00\x00\x00\x0cjP  ", "image/jp2"),
    (b"\x00\x00\x00\x0cJXL ", "image/jxl"),
    (b"\xff\x0a", "image/jxl"),
    (b"8BPS", "image/vnd.adobe.photoshop"),
    (b"%PDF-", "application/pdf"),
    (b"PK\x03\x04", "application/zip"),
    (b"\x1aE\xdf\xa3", "video/webm"),
)
_BRANDS = {
    **dict.fromkeys((b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1"), "image/heic"),
    **dict.fromkeys((b"avif", b"avis"), "image/avif"),
    b"crx ": "image/x-canon-cr3",
}
"""Types by the first brand of an ISO base media file; every other brand is a video. An AVIF may begin with mif1 too."""

_HTML = tuple(b"<" + tag for tag in b"!doctype html head ?xml !-- meta title link base script style body div".split())
"""Beginnings of web pages; html and head may be left out (HTML standard, optional tags)."""

_PROLOG = re.compile(rb"(?:\s|<\?xml.*?\?>|<!--.*?-->)*", re.DOTALL)
"""Markup that may precede the first element of a drawing or a page."""


def sniff(head: bytes) -> str | None:
    """Return the media type that the first bytes show, or None when it is unknown."""
    for magic, media_type in _MAGIC:
        if head.startswith(magic):
            return media_type
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    if head[4:8] == b"ftyp":
        brand = head[8:12]
        return _BRANDS.get(brand, "video/mp4")
    return _sniff_text(head.lstrip(b"\xef\xbb\xbf \t\r\n").lower())


def _sniff_text(text: bytes) -> str | None:
    prolog = _PROLOG.match(text)
    if text[prolog.end() if prolog else 0 :].startswith((b"<svg", b"<!doctype svg")):
        return "image/svg+xml"
    if text.startswith(b"<?xml") and b"html" not in text:
        return "text/xml"
    if text.startswith(_HTML):
        return "text/html"
    return None


_REFUSED = {
    "text/html": ReasonCode.WEB_PAGE,
    "image/svg+xml": ReasonCode.SVG,
    "text/xml": ReasonCode.XML,
}


def refusal(media_type: str | None) -> Reason | None:
    """Return the reason why a file of this type cannot be a reference; None when it can."""
    if media_type in READ:
        return None
    kind = (media_type or "").partition("/")[0]
    by_kind = {"video": ReasonCode.VIDEO_GIVEN, "image": ReasonCode.KIND_UNREAD}.get(kind, ReasonCode.NOT_AN_IMAGE)
    return Reason(_REFUSED.get(media_type or "", by_kind))
