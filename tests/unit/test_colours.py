"""Colours are converted by what describes them: a profile by what it does, code points by what they mean."""

from __future__ import annotations

import io
import math
import struct
import zlib
from itertools import pairwise
from pathlib import Path

import pytest
from PIL import Image, ImageCms

from tests.support.images import corners, near, quarters, saved
from tests.support.reasons import each_in_words
from tests.unit.looking import converted, seen, thumbnail

COLOURS = ((200, 60, 60), (60, 160, 90), (70, 90, 200), (128, 128, 128))
"""All of them inside sRGB, and below what is shared by highlights."""
TO_REC2020 = ((0.6274, 0.3293, 0.0433), (0.0691, 0.9195, 0.0114), (0.0164, 0.0880, 0.8956))
"""ITU-R BT.2087, linear light."""
TO_P3 = ((0.8225, 0.1774, 0.0), (0.0332, 0.9669, 0.0), (0.0171, 0.0724, 0.9108))


def light(level: float) -> float:
    value = level / 255
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4


def srgb(value: float) -> float:
    return 12.92 * value if value <= 0.0031308 else 1.055 * value ** (1 / 2.4) - 0.055


def pq(nits: float) -> float:
    y = (nits / 10_000) ** (2610 / 16384)
    return ((0.8359375 + 18.8515625 * y) / (1 + 18.6875 * y)) ** (2523 / 32)


def hlg(colour: tuple[float, ...]) -> tuple[float, ...]:
    """From light on a display of 1,000 nits, 1 being 203 of them."""
    shown = [one * 203 / 1000 for one in colour]
    luminance = 0.2627 * shown[0] + 0.6780 * shown[1] + 0.0593 * shown[2]
    scene = [one * luminance ** (1 / 1.2 - 1) if luminance else 0.0 for one in shown]
    return tuple(
        math.sqrt(3 * one) if one <= 1 / 12 else 0.17883277 * math.log(12 * one - 0.28466892) + 0.55991073
        for one in scene
    )


def stored(colour: tuple[int, int, int], primaries: int, transfer: int) -> tuple[int, ...]:
    """Return a colour of sRGB as it is stored under these code points, in 8 bits."""
    matrix = {9: TO_REC2020, 12: TO_P3}.get(primaries, ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)))
    linear = tuple(sum(a * light(b) for a, b in zip(row, colour, strict=True)) for row in matrix)
    if transfer == 18:
        return tuple(round(255 * one) for one in hlg(linear))
    return tuple(round(255 * encoded(one, transfer)) for one in linear)


def encoded(value: float, transfer: int) -> float:
    if transfer == 16:
        return pq(203 * value)
    return {8: value, 4: value ** (1 / 2.2)}.get(transfer, srgb(value))


def painted(colours: tuple[tuple[int, ...], ...]) -> Image.Image:
    picture = Image.new("RGB", (320, 240))
    for number, colour in enumerate(colours):
        left, top = 160 * (number % 2), 120 * (number // 2)
        picture.paste(colour, (left, top, left + 160, top + 120))
    return picture


def coded(picture: Image.Image, kind: str, primaries: int, transfer: int) -> bytes:
    """A file of these code points and no profile. kind: HEIF, AVIF or PNG."""
    if kind == "PNG":
        data, chunk = saved(picture, "PNG"), b"cICP" + bytes((primaries, transfer, 0, 1))
        return data[:33] + struct.pack(">I", 4) + chunk + struct.pack(">I", zlib.crc32(chunk)) + data[33:]
    if kind == "HEIF":
        codes = {"color_primaries": primaries, "transfer_characteristics": transfer, "matrix_coefficients": 6}
        return saved(picture, "HEIF", quality=-1, chroma=444, full_range_flag=1, **codes)
    data = saved(picture, "AVIF", quality=100, subsampling="4:4:4")
    at = data.index(b"colrnclx") + 8
    return data[:at] + struct.pack(">HH", primaries, transfer) + data[at + 4 :]


CODES = [(9, 16), (9, 18), (9, 14), (9, 1), (12, 13), (12, 16), (1, 16), (1, 8), (9, 8), (1, 4)]


@pytest.mark.parametrize("kind", ["HEIF", "AVIF", "PNG"])
@pytest.mark.parametrize(("primaries", "transfer"), CODES)
def test_colours_described_by_code_points_alone_look_as_they_were_meant(
    tmp_path: Path, kind: str, primaries: int, transfer: int
) -> None:
    picture = painted(tuple(stored(colour, primaries, transfer) for colour in COLOURS))
    look = seen(coded(picture, kind, primaries, transfer), tmp_path)
    assert "colours turned to sRGB" in each_in_words(look.changes)
    for shown in (converted(tmp_path), thumbnail(tmp_path)):
        assert all(near(one, other, 10) for one, other in zip(quarters(shown), COLOURS, strict=True))


@pytest.mark.parametrize("kind", ["HEIF", "AVIF", "PNG"])
@pytest.mark.parametrize(("primaries", "transfer"), [(1, 13), (1, 1), (1, 6), (2, 2), (6, 6), (1, 14)])
def test_what_is_srgb_or_shown_as_that_keeps_its_colours(
    tmp_path: Path, kind: str, primaries: int, transfer: int
) -> None:
    look = seen(coded(painted(COLOURS), kind, primaries, transfer), tmp_path)
    assert "colours turned to sRGB" not in each_in_words(look.changes)
    if kind != "PNG":
        assert all(near(one, other, 6) for one, other in zip(quarters(converted(tmp_path)), COLOURS, strict=True))


@pytest.mark.parametrize("transfer", [16, 18])
def test_white_paper_is_bright_and_lights_are_brighter(tmp_path: Path, transfer: int) -> None:
    levels = [
        tuple(round(255 * one) for one in ([pq(nits)] * 3 if transfer == 16 else hlg((nits / 203,) * 3)))
        for nits in (100, 203, 400, 1000)
    ]
    seen(coded(painted(tuple(levels)), "PNG", 9, transfer), tmp_path)
    grey, paper, lamp, sun = (colour[1] for colour in quarters(converted(tmp_path)))
    assert 180 <= grey < 235 <= paper < lamp < sun


def test_brightness_never_falls_where_it_rises(tmp_path: Path) -> None:
    ramp = Image.linear_gradient("L").resize((256, 256)).convert("RGB")
    for transfer in (16, 18, 8):
        seen(coded(ramp, "PNG", 9, transfer), tmp_path)
        levels = list(converted(tmp_path).convert("L").crop((128, 0, 129, 256)).tobytes())
        falls = [one - other for one, other in pairwise(levels)]
        assert max(falls) <= 1  # JPEG's rounding


def test_transparency_survives_the_conversion(tmp_path: Path) -> None:
    picture = painted(COLOURS).convert("RGBA")
    picture.paste((0, 0, 0, 0), (0, 0, 50, 50))
    seen(coded(picture, "PNG", 12, 13), tmp_path)
    assert converted(tmp_path).getpixel((10, 10)) == (0, 0, 0, 0)


def test_a_profile_counts_before_code_points(tmp_path: Path) -> None:
    data = saved(painted(COLOURS), "HEIF", icc_profile=profile("sRGB"), quality=-1, chroma=444)
    assert each_in_words(seen(data, tmp_path).changes) == ("converted to JPEG",)


def profile(name: str, gamma: float | None = None, primaries: str = "sRGB") -> bytes:
    """A matrix profile with this description. gamma: None for sRGB's curve. primaries: sRGB or P3."""
    made = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]
    bodies: dict[bytes, bytes] = {}
    for at in range(132, 132 + 12 * made[131], 12):
        start, size = struct.unpack(">II", made[at + 4 : at + 12])
        bodies[bytes(made[at : at + 4])] = bytes(made[start : start + size])
    text = name.encode("utf-16-be")
    bodies[b"desc"] = b"mluc" + struct.pack(">IIIHHII", 0, 1, 12, 0x656E, 0x5553, len(text), 28) + text
    if gamma is not None:
        curve = b"curv" + struct.pack(">IIH", 0, 1, round(gamma * 256)) + b"\0\0"
        bodies |= dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve)
    if primaries == "P3":
        xyz = {b"rXYZ": (0.5151, 0.2412, -0.0011), b"gXYZ": (0.2919, 0.6922, 0.0419), b"bXYZ": (0.1572, 0.0666, 0.7841)}
        for tag, values in xyz.items():
            bodies[tag] = b"XYZ \0\0\0\0" + struct.pack(">iii", *(round(one * 65536) for one in values))
    table, data, at = b"", b"", 132 + 12 * len(bodies)
    for tag, body in bodies.items():
        table += tag + struct.pack(">II", at + len(data), len(body))
        data += body + bytes(-len(body) % 4)
    head = struct.pack(">I", at + len(data)) + bytes(made[4:128])
    return head + struct.pack(">I", len(bodies)) + table + data


@pytest.mark.parametrize("name", ["sRGB IEC61966-2.1 linear", "sRGB", "sRGB built-in", "linear"])
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "TIFF", "HEIF", "AVIF"])
def test_a_linear_profile_is_one_whatever_its_name(tmp_path: Path, kind: str, name: str) -> None:
    linear = painted(tuple(stored(colour, 1, 8) for colour in COLOURS))
    best = {"PNG": {}, "TIFF": {}, "WEBP": {"lossless": True}, "HEIF": {"quality": -1, "chroma": 444}}
    more = best.get(kind, {"quality": 100, "subsampling": "4:4:4"})
    look = seen(saved(linear, kind, icc_profile=profile(name, 1.0), **more), tmp_path)
    assert "colours turned to sRGB" in each_in_words(look.changes)
    assert all(near(one, other, 10) for one, other in zip(quarters(converted(tmp_path)), COLOURS, strict=True))


@pytest.mark.parametrize("name", ["Display P3", "sRGB", "c2"])
def test_a_wide_profile_is_one_whatever_its_name(tmp_path: Path, name: str) -> None:
    wide = painted(tuple(stored(colour, 12, 13) for colour in COLOURS))
    look = seen(saved(wide, "PNG", icc_profile=profile(name, primaries="P3")), tmp_path)
    assert each_in_words(look.changes)[0] == "colours turned to sRGB"
    assert all(near(one, other, 6) for one, other in zip(quarters(converted(tmp_path)), COLOURS, strict=True))


@pytest.mark.parametrize("name", ["sRGB", "c2", "Display P3", "linear", "", "狐"])
def test_a_profile_that_does_what_srgb_does_is_that_whatever_its_name(tmp_path: Path, name: str) -> None:
    assert each_in_words(seen(saved(corners(), "PNG", icc_profile=profile(name)), tmp_path).changes) == ()


def test_a_grey_profile_is_judged_by_what_it_does(tmp_path: Path) -> None:
    def grey(gamma: float) -> bytes:
        made = bytearray(profile("Gray", gamma))
        made[16:20] = b"GRAY"
        return bytes(made).replace(b"rTRC", b"kTRC", 1)

    picture = Image.new("L", (320, 240), 56)
    assert (
        each_in_words(seen(saved(picture, "PNG", icc_profile=grey(1.0)), tmp_path).changes)[0]
        == "colours turned to sRGB"
    )
    assert near(quarters(converted(tmp_path))[0], (128, 128, 128), 4)
    assert converted(tmp_path).size == Image.open(io.BytesIO((tmp_path / "image").read_bytes())).size
