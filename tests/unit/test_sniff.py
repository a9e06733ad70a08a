"""A file's first bytes decide its type."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dailies.references.sniff import HEAD, READ, refusal, sniff
from tests.support.images import image
from tests.support.reasons import in_words


@pytest.mark.parametrize(
    ("kind", "media_type"),
    [
        ("PNG", "image/png"),
        ("JPEG", "image/jpeg"),
        ("WEBP", "image/webp"),
        ("GIF", "image/gif"),
        ("BMP", "image/bmp"),
        ("TIFF", "image/tiff"),
    ],
)
def test_real_images_are_told_apart(kind: str, media_type: str) -> None:
    assert sniff(image("red", kind=kind)[:HEAD]) == media_type


@pytest.mark.parametrize(
    ("head", "media_type"),
    [
        (b"\x00\x00\x00\x18ftypheic", "image/heic"),
        (b"\x00\x00\x00\x18ftypmif1", "image/heic"),
        (b"\x00\x00\x00\x18ftypavif", "image/avif"),
        (b"\x00\x00\x00\x18ftypisom", "video/mp4"),
        (b"\x1aE\xdf\xa3", "video/webm"),
        (b"%PDF-1.7", "application/pdf"),
        (b"PK\x03\x04", "application/zip"),
        (b"\n <!DOCTYPE html>", "text/html"),
        (b"\xef\xbb\xbf<html>", "text/html"),
        (b"<!-- hello -->", "text/html"),
        (b"<meta property='og:image'", "text/html"),
        (b"<TITLE>Fox</TITLE>", "text/html"),
        (b'<?xml version="1.0"?><rss>', "text/xml"),
        (b'<?xml version="1.0"?><html>', "text/html"),
        (b"<!DOCTYPE svg PUBLIC", "image/svg+xml"),
        (b"<svg xmlns=''>", "image/svg+xml"),
        (b"<!-- License: PD. Made by somebody: https://a.example/ -->\n<svg xmlns=''>", "image/svg+xml"),
        (
            b'<?xml version="1.0"?><!-- Uploaded to a library, with a tool of its own -->\n<!-- 2 --><svg>',
            "image/svg+xml",
        ),
        (b"<!-- a page --><p>", "text/html"),
        (b"\x00\x00\x00\x0cjP  \r\n\x87\n", "image/jp2"),
        (b"\x00\x00\x00\x0cJXL \r\n\x87\n", "image/jxl"),
        (b"\xff\x0a\xfa\x7f", "image/jxl"),
        (b"8BPS\x00\x01", "image/vnd.adobe.photoshop"),
        (b"\x00\x00\x00\x18ftypcrx ", "image/x-canon-cr3"),
        (b"<?xml version='1.0'?>\n<svg>", "image/svg+xml"),
        (b"", None),
        (b"RIFF\x00\x00\x00\x00WAVE", None),
        (b"hello", None),
    ],
)
def test_other_files_are_known_by_their_first_bytes(head: bytes, media_type: str | None) -> None:
    assert sniff(head) == media_type


def test_a_video_is_a_video(mp4: Path) -> None:
    assert sniff(mp4.read_bytes()[:HEAD]) == "video/mp4"


@pytest.mark.parametrize("media_type", sorted(READ))
def test_what_can_be_read_is_not_refused(media_type: str) -> None:
    assert refusal(media_type) is None


@pytest.mark.parametrize(
    ("media_type", "advice"),
    [
        ("text/html", "address of the picture itself"),
        ("image/svg+xml", "export it as PNG"),
        ("text/xml", "perhaps an SVG drawing"),
        ("video/mp4", "is a video"),
        ("application/pdf", "n't an image"),
        ("image/jxl", "is an image of a kind that isn't read here; save it as PNG or JPEG"),
        (None, "n't an image"),
    ],
)
def test_a_refusal_says_what_it_is_and_what_to_do(media_type: str | None, advice: str) -> None:
    assert advice in in_words(refusal(media_type))


@given(st.binary(max_size=HEAD))
def test_any_bytes_are_told_or_not(head: bytes) -> None:
    refusal(sniff(head))
