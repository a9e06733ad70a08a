"""What a file is, by its first bytes. Names and headers are claims and are not believed."""

from __future__ import annotations

HEAD = 64
"""Bytes that are enough to tell."""

READ = frozenset(
    {"image/jpeg", "image/png", "image/webp", "image/gif", "image/bmp", "image/tiff", "image/heic", "image/avif"}
)
"""What can be made into what models take."""

_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF8", "image/gif"),
    (b"BM", "image/bmp"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"%PDF-", "application/pdf"),
    (b"PK\x03\x04", "application/zip"),
    (b"\x1aE\xdf\xa3", "video/webm"),
)
_HEIC = (b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1")

_HTML = tuple(b"<" + tag for tag in b"!doctype html head ?xml !-- meta title link base script style body div".split())
"""What pages begin with; html and head may be left out (HTML standard, optional tags)."""


def sniff(head: bytes) -> str | None:
    """The media type that the first bytes show, or None when they show none that is known."""
    for magic, media_type in _MAGIC:
        if head.startswith(magic):
            return media_type
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    if head[4:8] == b"ftyp":
        brand = head[8:12]
        return "image/heic" if brand in _HEIC else "image/avif" if brand in (b"avif", b"avis") else "video/mp4"
    return _sniff_text(head.lstrip(b"\xef\xbb\xbf \t\r\n").lower())


def _sniff_text(text: bytes) -> str | None:
    if text.startswith((b"<svg", b"<!doctype svg")) or (text.startswith(b"<?xml") and b"<svg" in text):
        return "image/svg+xml"
    if text.startswith(b"<?xml") and b"html" not in text:
        return "text/xml"
    if text.startswith(_HTML):
        return "text/html"
    return None


def refusal(media_type: str | None) -> str | None:
    """Why a file of this type cannot be a reference, and what to do; None when it can."""
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
    return "is not an image; references are PNG, JPEG, WebP, HEIC, AVIF, GIF, TIFF or BMP files"
