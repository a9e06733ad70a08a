"""A reference image is decoded fully, within bounds, before anything is paid."""

from __future__ import annotations

import io
import random
import struct
import warnings
import zlib
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageOps

from dailies.errors import ReferenceRefused
from dailies.references.picture import THUMBNAIL, Picture, look_into
from tests.support.images import image


def seen(data: bytes, folder: Path, *, megapixels: float = 80) -> Picture:
    path = folder / "image"
    path.write_bytes(data)
    return look_into(path, "fox.png", megapixels=megapixels)


def refusal(data: bytes, folder: Path, *, megapixels: float = 80) -> str:
    with pytest.raises(ReferenceRefused) as caught:
        seen(data, folder, megapixels=megapixels)
    assert caught.value.name == "fox.png"
    return caught.value.problem


def saved(picture: Image.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_an_images_size_is_read(tmp_path: Path, kind: str) -> None:
    picture = seen(image("red", kind=kind, size=(640, 480)), tmp_path)
    assert (picture.width, picture.height) == (640, 480)


def test_the_thumbnail_is_a_small_jpeg(tmp_path: Path) -> None:
    with Image.open(seen(image("red", size=(1000, 500)), tmp_path).thumbnail) as thumbnail:
        assert thumbnail.format == "JPEG"
        assert thumbnail.size == (THUMBNAIL, THUMBNAIL // 2)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_every_kind_of_png_has_a_thumbnail(tmp_path: Path, mode: str) -> None:
    seen(saved(Image.new(mode, (320, 300)), "PNG"), tmp_path)


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK", "YCbCr"])
def test_every_kind_of_jpeg_has_a_thumbnail(tmp_path: Path, mode: str) -> None:
    seen(saved(Image.new(mode, (320, 300)), "JPEG"), tmp_path)


def test_transparent_parts_are_grey_in_the_thumbnail(tmp_path: Path) -> None:
    picture = seen(saved(Image.new("RGBA", (300, 300), (255, 0, 0, 0)), "PNG"), tmp_path)
    with Image.open(picture.thumbnail) as thumbnail:
        pixel = thumbnail.getpixel((100, 100))
    assert isinstance(pixel, tuple)
    assert all(abs(value - 128) < 4 for value in pixel)


def test_the_thumbnail_stands_upright(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # orientation: turned by 90 degrees
    picture = seen(saved(Image.new("RGB", (400, 200)), "JPEG", exif=exif), tmp_path)
    assert (picture.width, picture.height) == (400, 200)
    with Image.open(picture.thumbnail) as thumbnail:
        assert thumbnail.size == (128, 256)


def test_the_thumbnail_has_no_exif_of_the_original(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x010E] = "where I live"
    picture = seen(saved(Image.new("RGB", (400, 200)), "JPEG", exif=exif), tmp_path)
    assert b"where I live" not in picture.thumbnail.read_bytes()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
@pytest.mark.parametrize("part", [0.3, 0.6, 0.95])
def test_a_truncated_image_is_refused(tmp_path: Path, kind: str, part: float) -> None:
    noise = Image.effect_noise((200, 200), 80).convert("RGB")
    data = saved(noise, kind)
    assert "broken image" in refusal(data[: int(len(data) * part)], tmp_path)


def test_more_pixels_than_allowed_are_refused_with_their_number(tmp_path: Path) -> None:
    assert "1200 × 1000 pixels; at most 1 million" in refusal(image("red", size=(1200, 1000)), tmp_path, megapixels=1)


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few hundred bytes that claims so many pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("side", [9_500, 60_000])
def test_a_decompression_bomb_is_refused_before_it_is_decoded(tmp_path: Path, side: int) -> None:
    assert "million" in refusal(bomb(side, side), tmp_path)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_thumbnail_is_turned_as_pillow_would_turn_it(tmp_path: Path, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    original = Image.linear_gradient("L").crop((0, 0, 256, 128))
    picture = seen(saved(original, "JPEG", exif=exif, quality=95), tmp_path)
    with Image.open(io.BytesIO(saved(original, "JPEG", exif=exif, quality=95))) as turned:
        expected = ImageOps.exif_transpose(turned).convert("RGB")
    with Image.open(picture.thumbnail) as thumbnail:
        assert ImageChops.difference(thumbnail, expected).getbbox() is None or (
            max(high for _, high in ImageChops.difference(thumbnail, expected).getextrema()) < 12  # type: ignore[misc]
        )


@pytest.mark.parametrize("kind", ["GIF", "BMP", "TIFF"])
def test_other_formats_are_not_decoded(tmp_path: Path, kind: str) -> None:
    assert "broken image" in refusal(image("red", kind=kind), tmp_path)


@pytest.mark.parametrize(("tag", "kind"), [(0x0100, 2), (0x011A, 7), (0x010E, 5)])
def test_an_odd_exif_block_does_not_keep_an_image_out(tmp_path: Path, tag: int, kind: int) -> None:
    """Cameras and apps write fields of the wrong kind, which Pillow reads but cannot write back."""
    entries = struct.pack("<HHII", 0x0112, 3, 1, 6) + struct.pack("<HHII", tag, kind, 1, 5)
    exif = b"Exif\x00\x00II*\x00\x08\x00\x00\x00" + struct.pack("<H", 2) + entries + bytes(4)
    picture = seen(saved(Image.new("RGB", (400, 200)), "JPEG", exif=exif), tmp_path)
    with Image.open(picture.thumbnail) as thumbnail:
        assert thumbnail.size == (128, 256)


def test_damaged_images_are_refused_or_shown_and_nothing_else(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "a fox"
    noise = Image.effect_noise((64, 60), 50).convert("RGB")
    originals = [saved(noise, "JPEG", exif=exif), saved(noise, "PNG", exif=exif), saved(noise, "WEBP", exif=exif)]
    dice = random.Random(7)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for _ in range(600):
            data = bytearray(dice.choice(originals))
            for _ in range(dice.choice([1, 2, 5])):
                data[dice.randrange(min(len(data), 200))] = dice.choice([0, 1, 128, 255, dice.randrange(256)])
            try:
                seen(bytes(data), tmp_path)
            except ReferenceRefused:
                continue
