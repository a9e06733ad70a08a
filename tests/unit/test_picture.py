"""A picture is decoded whole; formats that models take stay as they are, others are converted, and it is said."""

from __future__ import annotations

import io
import random
import struct
import warnings
import zipfile
from functools import cache
from pathlib import Path

import pytest
from PIL import Image, ImageCms, ImageDraw

from dailies.errors import ReferenceRefused
from dailies.references.picture import THUMBNAIL, Inspection
from tests.support.images import corners, image, near, quarters, saved, turned
from tests.support.reasons import each_in_words, raises
from tests.unit.looking import converted, seen, thumbnail

RED, LIME, BLUE, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)
BROKEN = (OSError, ValueError, SyntaxError, struct.error, ReferenceRefused)
"""Errors that a broken file is known to raise; the process around it takes any Exception for a broken file."""


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_what_models_take_is_left_as_it_is(tmp_path: Path, kind: str) -> None:
    look = seen(image("red", kind=kind, size=(640, 480)), tmp_path)
    assert look == Inspection(f"image/{kind.lower()}", 640, 480)
    assert not (tmp_path / "converted").exists()


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA"])
def test_every_kind_of_png_of_8_bits_is_left_as_it_is(tmp_path: Path, mode: str) -> None:
    assert each_in_words(seen(saved(Image.new(mode, (320, 300)), "PNG"), tmp_path).changes) == ()


def test_a_palette_with_transparency_is_left_as_it_is(tmp_path: Path) -> None:
    picture = corners().quantize(8)
    assert each_in_words(seen(saved(picture, "PNG", transparency=0), tmp_path).changes) == ()
    assert thumbnail(tmp_path).mode == "RGB"


@pytest.mark.parametrize(("kind", "more"), [("JPEG", {"quality": 95}), ("PNG", {}), ("WEBP", {"lossless": True})])
@pytest.mark.parametrize("orientation", range(2, 9))
def test_a_picture_is_turned_upright(tmp_path: Path, orientation: int, kind: str, more: dict[str, object]) -> None:
    look = seen(turned(corners(), orientation, kind, **more), tmp_path)
    assert each_in_words(look.changes)[0] == "turned upright"
    assert (look.width, look.height) == (320, 240)
    for picture in (converted(tmp_path), thumbnail(tmp_path)):
        for colour, meant in zip(quarters(picture), (RED, LIME, BLUE, WHITE), strict=True):
            assert near(colour, meant, 24)
    assert dict(converted(tmp_path).getexif()) == {}


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["TIFF", "AVIF"])
def test_a_turned_picture_of_another_format_is_upright_too(tmp_path: Path, kind: str, orientation: int) -> None:
    look = seen(turned(corners(), orientation, kind), tmp_path)
    assert each_in_words(look.changes) == ("converted to JPEG", *(["turned upright"] if orientation > 1 else []))
    colours = zip(quarters(converted(tmp_path)), (RED, LIME, BLUE, WHITE), strict=True)
    assert all(near(colour, meant, 24) for colour, meant in colours)


@pytest.mark.parametrize("kind", ["GIF", "BMP", "TIFF", "AVIF"])
def test_other_formats_are_converted(tmp_path: Path, kind: str) -> None:
    look = seen(saved(corners(), kind), tmp_path)
    assert each_in_words(look.changes) == ("converted to JPEG",)
    assert (look.media_type, converted(tmp_path).format) == ("image/jpeg", "JPEG")
    assert near(quarters(converted(tmp_path))[0], RED, 24)


@pytest.mark.parametrize("brand", [b"mif1", b"heic"])
def test_a_heic_that_names_itself_otherwise_is_read(tmp_path: Path, brand: bytes) -> None:
    data = saved(corners(), "HEIF")
    assert each_in_words(seen(data[:8] + brand + data[12:], tmp_path).changes) == ("converted to JPEG",)


def test_an_avif_in_the_brand_that_it_shares_with_heic_is_read(tmp_path: Path) -> None:
    data = saved(corners(), "AVIF")
    assert each_in_words(seen(data[:8] + b"mif1" + data[12:], tmp_path).changes) == ("converted to JPEG",)
    assert near(quarters(converted(tmp_path))[0], RED, 24)


def test_the_small_preview_of_a_camera_s_raw_file_is_not_taken_for_the_photo(tmp_path: Path) -> None:
    """DNG and NEF are TIFF files whose first picture is a thumbnail, marked as that (TIFF 6.0, NewSubfileType)."""
    with raises(ReferenceRefused, match="is a camera's raw file, of which only a small preview can be read here"):
        seen(saved(corners(), "TIFF", tiffinfo={254: 1}), tmp_path)


@pytest.mark.parametrize("mode", ["I", "F"])
def test_colours_that_are_not_read_are_said(tmp_path: Path, mode: str) -> None:
    with raises(ReferenceRefused, match="has pixels of a kind that isn't read here; save it as PNG or JPEG"):
        seen(saved(Image.new(mode, (320, 300)), "TIFF"), tmp_path)


def test_transparency_stays_transparent_as_png(tmp_path: Path) -> None:
    picture = corners().convert("RGBA")
    ImageDraw.Draw(picture).rectangle((0, 0, 100, 100), fill=(0, 0, 0, 0))
    assert each_in_words(seen(saved(picture, "TIFF"), tmp_path).changes) == ("converted to PNG",)
    assert converted(tmp_path).getpixel((50, 50)) == (0, 0, 0, 0)
    assert thumbnail(tmp_path).mode == "RGB"


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP", "AVIF"])
def test_the_first_frame_of_an_animation_is_used(tmp_path: Path, kind: str) -> None:
    frames = [Image.new("RGB", (320, 300), colour) for colour in ("red", "blue", "green")]
    look = seen(saved(frames[0], kind, save_all=True, append_images=frames[1:]), tmp_path)
    assert "only the first frame of the animation" in each_in_words(look.changes)
    assert near(quarters(converted(tmp_path))[0], RED, 24)


def test_the_first_of_several_pictures_in_a_file_is_used(tmp_path: Path) -> None:
    data = saved(corners(), "MPO", save_all=True, append_images=[Image.new("RGB", (320, 240))])
    assert "only the first of 2 pictures" in each_in_words(seen(data, tmp_path).changes)
    assert converted(tmp_path).format == "JPEG"
    assert near(quarters(converted(tmp_path))[1], LIME, 24)


def test_a_cmyk_photo_keeps_its_colours(tmp_path: Path) -> None:
    look = seen(saved(corners().convert("CMYK"), "JPEG", quality=95), tmp_path)
    assert each_in_words(look.changes) == ("colours turned from CMYK to sRGB",)
    assert converted(tmp_path).mode == "RGB"
    assert all(near(a, b, 24) for a, b in zip(quarters(converted(tmp_path)), (RED, LIME, BLUE, WHITE), strict=True))


def test_sixteen_bits_become_eight_of_the_same_brightness(tmp_path: Path) -> None:
    grey = Image.new("I;16", (320, 300), 200 * 256 + 100)
    assert each_in_words(seen(saved(grey, "PNG"), tmp_path).changes) == ("reduced to 8 bits a colour", "saved as JPEG")
    assert near(quarters(converted(tmp_path))[0], (200, 200, 200), 3)


def test_colours_of_a_profile_are_turned_to_srgb(tmp_path: Path) -> None:
    """The profile of a space with red and green exchanged: what is stored as red is meant as green."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]
    for one, other in ((b"rXYZ", b"gXYZ"),):
        at, to = profile.index(one), profile.index(other)
        profile[at : at + 4], profile[to : to + 4] = other, one
    profile = bytes(profile).replace("sRGB".encode("utf-16-be"), "swap".encode("utf-16-be"))
    look = seen(saved(corners(), "JPEG", icc_profile=profile, quality=95), tmp_path)
    assert each_in_words(look.changes) == ("colours turned to sRGB",)
    assert near(quarters(converted(tmp_path))[0], LIME, 24)
    assert "icc_profile" not in converted(tmp_path).info


def test_an_srgb_profile_and_a_broken_one_are_left_alone(tmp_path: Path) -> None:
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]
    for profile in (srgb, b"no profile at all"):
        assert each_in_words(seen(saved(corners(), "JPEG", icc_profile=profile), tmp_path).changes) == ()


def test_a_large_picture_is_scaled_to_what_models_take(tmp_path: Path) -> None:
    look = seen(saved(corners((1600, 800)), "JPEG"), tmp_path, side=1000)
    assert each_in_words(look.changes) == ("scaled to 1000 × 500",)
    assert converted(tmp_path).size == (look.width, look.height) == (1000, 500)


def test_a_picture_is_scaled_further_with_others(tmp_path: Path) -> None:
    look = seen(saved(corners((1600, 800)), "JPEG"), tmp_path, side=1000, scale=0.5)
    assert (look.width, look.height) == (500, 250)


def archive() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr("evil.class", b"\xca\xfe\xba\xbe" + bytes(100))
        file.comment = b"\xff\xd9"
    return buffer.getvalue()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
@pytest.mark.parametrize(
    "tail", [b"<html><script>alert(1)</script>", archive(), b"\xff\xd9"], ids=["page", "zip", "end"]
)
def test_what_stands_behind_a_picture_is_not_sent(tmp_path: Path, kind: str, tail: bytes) -> None:
    look = seen(saved(corners(), kind) + tail, tmp_path)
    assert each_in_words(look.changes)
    assert tail not in (tmp_path / "converted").read_bytes()[-len(tail) - 2 :] or tail == b"\xff\xd9"
    if kind != "GIF":
        assert each_in_words(look.changes)[0] == "what stood behind the picture left out"


@pytest.mark.parametrize(
    ("kind", "more"), [("JPEG", {"progressive": True}), ("JPEG", {"comment": b"\xff\xd9"}), ("PNG", {})]
)
def test_zeros_behind_a_picture_do_no_harm(tmp_path: Path, kind: str, more: dict[str, object]) -> None:
    assert each_in_words(seen(saved(corners(), kind, **more) + bytes(512), tmp_path).changes) == ()


def gps() -> Image.Exif:
    exif = Image.Exif()
    exif[0x8825] = {1: "N", 2: (52.0, 31.0, 12.0), 3: "E", 4: (13.0, 24.0, 36.0)}
    return exif


def test_an_untouched_photo_keeps_its_gps_position_and_it_is_said(tmp_path: Path) -> None:
    look = seen(saved(corners(), "JPEG", exif=gps()), tmp_path)
    assert each_in_words(look.changes) == ()
    assert each_in_words(look.remarks) == ("sent as it is, with the place where it was taken in it",)


def test_a_converted_photo_has_no_metadata(tmp_path: Path) -> None:
    exif = gps()
    exif[0x010E], exif[0x0112] = "where I live", 3
    look = seen(saved(corners(), "JPEG", exif=exif, comment=b"where I live"), tmp_path)
    assert each_in_words(look.remarks) == ()
    for file in ("converted", "thumbnail"):
        data = (tmp_path / file).read_bytes()
        assert b"where I live" not in data
        assert b"Exif" not in data


def test_the_thumbnail_is_a_small_jpeg(tmp_path: Path) -> None:
    seen(image("red", size=(1000, 500)), tmp_path)
    assert (thumbnail(tmp_path).format, thumbnail(tmp_path).size) == ("JPEG", (THUMBNAIL, THUMBNAIL // 2))


def test_transparent_parts_are_grey_in_the_thumbnail(tmp_path: Path) -> None:
    seen(saved(Image.new("RGBA", (300, 300), (255, 0, 0, 0)), "PNG"), tmp_path)
    assert near(quarters(thumbnail(tmp_path))[0], (128, 128, 128), 4)


@pytest.mark.parametrize("part", [0.3, 0.6, 0.9, 0.95])
@pytest.mark.parametrize(
    ("kind", "more"),
    [
        *((kind, {}) for kind in ("PNG", "JPEG", "WEBP", "GIF", "TIFF", "BMP", "AVIF", "HEIF")),
        ("HEIF", {"tile_size": 64}),
        ("JPEG", {"progressive": True}),
        ("WEBP", {"lossless": True}),
        *(("TIFF", {"compression": kind}) for kind in ("tiff_lzw", "tiff_deflate", "jpeg", "packbits")),
    ],
)
def test_a_truncated_image_is_refused(tmp_path: Path, kind: str, more: dict[str, object], part: float) -> None:
    data = noisy(kind, tuple(more.items()))  # the same for each part
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises(BROKEN):
            seen(data[: int(len(data) * part)], tmp_path)


@pytest.mark.parametrize("open_ended", [False, True], ids=["sized", "to the end of the file"])
@pytest.mark.parametrize("part", [0.3, 0.5, 0.7, 0.9, 0.999])
def test_a_photo_in_tiles_of_which_some_are_missing_is_refused(tmp_path: Path, part: float, open_ended: bool) -> None:
    """Phones store them so. Their decoder fills what is missing with green, and says nothing."""
    data = tiled()
    if open_ended:  # a box without a size reaches to the end of the file, wherever that is
        at = data.index(b"mdat") - 4
        data = data[:at] + bytes(4) + data[at + 4 :]
    assert each_in_words(seen(data, tmp_path).changes) == ("converted to JPEG",)
    with pytest.raises(OSError, match="a part of the picture is not in the file"):
        seen(data[: int(len(data) * part)], tmp_path)


@pytest.mark.parametrize("kind", ["HEIF", "AVIF"])
def test_a_download_that_was_given_its_size_and_not_all_of_its_bytes_is_refused(tmp_path: Path, kind: str) -> None:
    data = tiled() if kind == "HEIF" else saved(Image.effect_noise((300, 200), 80).convert("RGB"), kind)
    half = len(data) // 2
    with pytest.raises(OSError, match="a part of the picture is not in the file"):
        seen(data[:half] + bytes(len(data) - half), tmp_path)


@pytest.mark.parametrize("colour", ["black", "white", "#123456"])
@pytest.mark.parametrize("kind", ["HEIF", "AVIF"])
def test_a_picture_of_one_colour_is_whole(tmp_path: Path, kind: str, colour: str) -> None:
    assert each_in_words(seen(saved(Image.new("RGB", (320, 240), colour), kind), tmp_path).changes) == (
        "converted to JPEG",
    )


@cache
def noisy(kind: str, options: tuple[tuple[str, object], ...]) -> bytes:
    """Make a picture of noise. options: of its encoding."""
    return saved(Image.effect_noise((200, 200), 80).convert("RGB"), kind, **dict(options))


@cache
def tiled() -> bytes:
    """Make a photo in twelve tiles, each of which takes its time to encode."""
    return saved(Image.effect_noise((400, 300), 80).convert("RGB"), "HEIF", tile_size=128)


def test_more_pixels_than_allowed_are_refused_with_their_number(tmp_path: Path) -> None:
    with raises(ReferenceRefused, match="1200 × 1000 pixels; at most 1 million"):
        seen(image("red", size=(1200, 1000)), tmp_path, megapixels=1)


@pytest.mark.parametrize(("tag", "kind"), [(0x0100, 2), (0x011A, 7), (0x010E, 5), (0x8825, 2)])
def test_an_odd_exif_block_does_not_keep_an_image_out(tmp_path: Path, tag: int, kind: int) -> None:
    """Cameras and apps write fields of the wrong kind, which Pillow reads but cannot write back."""
    entries = struct.pack("<HHII", 0x0112, 3, 1, 6) + struct.pack("<HHII", tag, kind, 1, 5)
    exif = b"Exif\x00\x00II*\x00\x08\x00\x00\x00" + struct.pack("<H", 2) + entries + bytes(4)
    assert seen(saved(Image.new("RGB", (400, 200)), "JPEG", exif=exif), tmp_path).width == 200


@pytest.mark.slow
def test_damaged_images_are_refused_or_shown_and_nothing_else(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "a fox"
    noise = Image.effect_noise((64, 60), 50).convert("RGB")
    originals = [saved(noise, kind, exif=exif) for kind in ("JPEG", "PNG", "WEBP")] + [saved(noise, "GIF")]
    dice = random.Random(7)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for _ in range(600):
            data = bytearray(dice.choice(originals))
            for _ in range(dice.choice([1, 2, 5])):
                data[dice.randrange(min(len(data), 200))] = dice.choice([0, 1, 128, 255, dice.randrange(256)])
            try:
                seen(bytes(data), tmp_path)
            except BROKEN:
                continue
