"""File types by their first bytes. Names and headers are claims and are not believed."""

from __future__ import annotations

import re

HEAD = 256
"""Bytes that are enough to tell, also where an SVG drawing begins with a comment."""

READ = frozenset(
    {"image/jpeg", "image/png", "image/webp", "image/gif", "image/bmp", "image/tiff", "image/heic", "image/avif"}
)
"""Types that can be converted to what models take."""

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
"""Types by first brand of an ISO base media file; every other brand is a video's. An AVIF may begin with mif1 too."""

_HTML = tuple(b"<" + tag for tag in b"!doctype html head ?xml !-- meta title link base script style body div".split())
"""Beginnings of pages; html and head may be left out (HTML standard, optional tags)."""

_PROLOG = re.compile(rb"(?:\s|<\?xml.*?\?>|<!--.*?-->)*", re.DOTALL)
"""Markup that may stand before the first element of a drawing or a page."""


def sniff(head: bytes) -> str | None:
    """The media type that the first bytes show, or None when they show none that is known."""
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


def refusal(media_type: str | None) -> str | None:
    """Explain why a file of this type cannot be a reference, and what to do; None when it can."""
    if media_type in READ:
        return None
    if media_type == "text/html":
        return "is a web page, not an image; open it, copy the address of the picture itself, and use that"
    if media_type == "image/svg+xml":
        return "is an SVG drawing, which video models cannot read; export it as PNG"
    if media_type == "text/xml":
        return "is XML, perhaps an SVG drawing, which video models cannot read; export it as PNG"
    if media_type and media_type.startswith("video/"):
        return "is a video; references are images (PNG, JPEG, WebP, HEIC, AVIF, GIF, TIFF or BMP)"
    if media_type and media_type.startswith("image/"):
        return "is an image of a kind that is not read here; save it as PNG or JPEG"
    return "is not an image; references are PNG, JPEG, WebP, HEIC, AVIF, GIF, TIFF or BMP files"
