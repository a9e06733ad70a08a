"""Metadata never keeps a sound picture out, and a place in it is found wherever it stands."""

from __future__ import annotations

import io
import random
import struct
import warnings
import zlib
from pathlib import Path

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from tests.support.images import corners, near, quarters, saved, turned
from tests.support.reasons import each_in_words
from tests.unit.looking import converted, seen

WHOLE = ((255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255))
GARBAGE = b"\x00\x01garbage" * 20
BARE = "metadata that can't be read left out"
PLACE = ("sent as it is, with the place where it was taken in it",)


def tiff(*entries: tuple[int, int, int, int], order: str = "<", following: int = 0) -> bytes:
    """An EXIF block of tag, type, count and value each. following: where the next directory is said to be."""
    head = b"II*\0" if order == "<" else b"MM\0*"
    fields = b"".join(struct.pack(f"{order}HHII", *entry) for entry in entries)
    return head + struct.pack(f"{order}IH", 8, len(entries)) + fields + struct.pack(f"{order}I", following)


ODD = {
    "garbage": GARBAGE,
    "nothing": b"",
    "zeros": bytes(64),
    "BigTIFF's number": b"II+\0" + tiff((0x0112, 3, 1, 6))[4:],
    "half a header": b"II*\0",
    "half a directory": tiff((0x0112, 3, 1, 1), (0x010E, 2, 9, 8))[:-12],
    "text for a number": tiff((0x0112, 2, 4, 0x36363636)),
    "a fraction for a number": tiff((0x0112, 5, 1, 8)),
    "a fraction by nothing": tiff((0x0112, 5, 1, 8), (0x011A, 5, 1, 4)),
    "a type that is none": tiff((0x0112, 99, 1, 6)),
    "a huge count": tiff((0x0112, 3, 0xFFFFFFFF, 6)),
    "a place beyond the end": tiff((0x010E, 2, 4000, 0xFFFFFFF0), (0x0112, 3, 5, 0xFFFFFFF0)),
    "no such orientation": tiff((0x0112, 3, 1, 42)),
    "orientation 0": tiff((0x0112, 3, 1, 0)),
    "a directory in itself": tiff((0x8769, 4, 1, 8), (0x8825, 4, 1, 8), (0xA005, 4, 1, 8), following=8),
    "text for a directory": tiff((0x8825, 2, 4, 0x36363636), (0x8769, 2, 4, 0x36363636)),
    "a directory beyond the end": tiff((0x8825, 4, 1, 0xFFFFFFFF), following=0xFFFFFFFF),
    "ten thousand entries": b"II*\0" + struct.pack("<IH", 8, 10_000),
}


def png(*chunks: tuple[bytes, bytes], spoil: bool = False) -> bytes:
    """A PNG with more chunks. spoil: their checksums are wrong."""
    data = saved(corners(), "PNG")
    more = b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body) ^ spoil)
        for name, body in chunks
    )
    return data[:33] + more + data[33:]


def webp(*chunks: tuple[bytes, bytes], flags: int) -> bytes:
    """A WebP with more chunks behind the pixels."""
    pixels = saved(corners(), "WEBP", lossless=True)[12:]
    header = struct.pack("<4sIB3x", b"VP8X", 10, flags) + (319).to_bytes(3, "little") + (239).to_bytes(3, "little")
    more = b"".join(name + struct.pack("<I", len(body)) + body + bytes(len(body) % 2) for name, body in chunks)
    body = b"WEBP" + header + pixels + more
    return b"RIFF" + struct.pack("<I", len(body)) + body


def jpeg(*segments: tuple[int, bytes]) -> bytes:
    """A JPEG with more segments at its beginning: the number of each after APP0, and what is in it."""
    data = saved(corners(), "JPEG", quality=95)
    more = b"".join(struct.pack(">HH", 0xFFE0 + number, len(body) + 2) + body for number, body in segments)
    return data[:2] + more + data[2:]


def check_sound(data: bytes, folder: Path) -> None:
    look = seen(data, folder)
    assert (look.width, look.height) == (320, 240)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow's, of what is odd
        shown = converted(folder) if look.changes else Image.open(io.BytesIO(data))
    assert all(near(colour, meant, 24) for colour, meant in zip(quarters(shown), WHOLE, strict=True))


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("odd", ODD)
def test_odd_exif_is_ignored_in_every_format(tmp_path: Path, odd: str, order: str) -> None:
    block = ODD[odd] if order == "<" else ODD[odd].replace(b"II*\0", b"MM\0*")
    check_sound(png((b"eXIf", block)), tmp_path)
    check_sound(webp((b"EXIF", block), flags=8), tmp_path)
    check_sound(jpeg((1, b"Exif\0\0" + block)), tmp_path)
    check_sound(jpeg((1, b"Exif\0\0" + block), (1, b"Exif\0\0" + block)), tmp_path)
    check_sound(exif_of(saved(corners(), "AVIF", exif=tiff((0x010E, 2, 4, 0)) + bytes(900)), block), tmp_path)
    check_sound(exif_of(saved(corners(), "HEIF", exif=tiff((0x010E, 2, 4, 0)) + bytes(900)), block), tmp_path)


def exif_of(data: bytes, block: bytes) -> bytes:
    """A HEIC or AVIF with another EXIF block in the place of its own, which is longer."""
    at = data.index(b"II*\0")
    return data[:at] + block + data[at + len(block) :]


@pytest.mark.parametrize(
    "text",
    ["", "x", "\n\n\n", "\nexif\n      32\n" + "4578696600zz", "\nexif\n 8\n457", "\nexif\n 8\n4578\0",
     "\nexif\n 99\n" + "00" * 40,
     "\nexif\n 40\n" + GARBAGE.hex(), "\nexif\n 8\n" + "\u00e9" * 9],
)  # fmt: skip
@pytest.mark.parametrize("name", ["exif", "xmp", "APP1", "iptc", "icc"])
def test_odd_raw_profiles_in_text_are_ignored(tmp_path: Path, name: str, text: str) -> None:
    check_sound(png((b"tEXt", b"Raw profile type " + name.encode() + b"\0" + text.encode("latin-1"))), tmp_path)
    check_sound(png((b"zTXt", b"Raw profile type " + name.encode() + b"\0\0" + zlib.compress(text.encode()))), tmp_path)


@pytest.mark.parametrize(
    ("chunk", "spoil"),
    [
        ((b"tEXt", b"Comment\0a fox"), True),
        ((b"eXIf", tiff((0x0112, 3, 1, 6))), True),
        ((b"iCCP", b"name\0\0" + zlib.compress(b"profile")), True),
        ((b"zTXt", b"Comment\0\x07packed in no known way"), False),
        ((b"zTXt", b"Comment\0\0" + zlib.compress(bytes(90_000_000))), False),
        ((b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0not packed"), False),
        ((b"iCCP", b"no end"), False),
        ((b"iCCP", b"name\0\7"), False),
        ((b"gAMA", b"\0"), False),
        ((b"cHRM", b"\0" * 7), False),
        ((b"pHYs", b""), False),
        ((b"sRGB", b""), False),
        ((b"cICP", b""), False),
        ((b"cICP", b"\xff\xff\xff\xff"), False),
    ],
)
def test_a_png_whose_odd_chunk_pillow_stumbles_over_is_usable(
    tmp_path: Path, chunk: tuple[bytes, bytes], spoil: bool
) -> None:
    check_sound(png(chunk, spoil=spoil), tmp_path)


def test_what_cannot_be_read_is_left_out_of_what_is_sent(tmp_path: Path) -> None:
    """A provider's reader may stumble over it as ours does."""
    assert each_in_words(seen(png((b"tEXt", b"Comment\0a fox"), spoil=True), tmp_path).changes) == (
        BARE,
        "saved as JPEG",
    )


@pytest.mark.parametrize("spoil", [False, True], ids=["sound metadata", "odd metadata"])
def test_broken_pixels_are_still_refused(tmp_path: Path, spoil: bool) -> None:
    data = bytearray(png((b"tEXt", b"Comment\0a fox"), spoil=spoil))
    at = data.index(b"IDAT") + 4
    data[at : at + 2] = b"\xff\xff"  # no beginning of what zlib packs
    with pytest.raises((OSError, SyntaxError)):
        seen(bytes(data), tmp_path)


@pytest.mark.parametrize(
    "segment",
    [(1, b"http://ns.adobe.com/xap/1.0/\0\xff\xfe<x"), (1, b"http://ns.adobe.com/xmp/extension/\0"), (2,
     b"ICC_PROFILE\0"),
     (2, b"ICC_PROFILE\0\x09\x02" + GARBAGE), (2, b"MPF\0" + GARBAGE), (2, b"MPF\0"), (13,
     b"Photoshop 3.0\0008BIM" + GARBAGE),
     (2, b"FPXR\0"), (1, b""), (15, GARBAGE)],
)  # fmt: skip
def test_odd_segments_of_a_jpeg_are_ignored(tmp_path: Path, segment: tuple[int, bytes]) -> None:
    check_sound(jpeg(segment), tmp_path)


@pytest.mark.parametrize("profile", [b"", GARBAGE, bytes(200), b"\xff" * 128])
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "AVIF", "TIFF"])
def test_a_broken_profile_is_ignored(tmp_path: Path, kind: str, profile: bytes) -> None:
    check_sound(saved(corners(), kind, icc_profile=profile), tmp_path)


@pytest.mark.parametrize("xmp", [b"", b"<", GARBAGE, b"\xff\xfe<\0", b'tiff:Orientation="9"', b'tiff:Orientation=""'])
@pytest.mark.parametrize("kind", ["JPEG", "WEBP", "AVIF", "HEIF"])
def test_broken_xmp_is_ignored(tmp_path: Path, kind: str, xmp: bytes) -> None:
    check_sound(saved(corners(), kind, xmp=xmp), tmp_path)


@pytest.mark.parametrize("orientation", [1, 6])
def test_an_odd_field_of_a_tiff_is_ignored(tmp_path: Path, orientation: int) -> None:
    data = bytearray(turned(corners(), orientation, "TIFF", tiffinfo={305: "a fox", 0x0112: orientation}))
    at = data.index(struct.pack("<HH", 305, 2))
    for field in (struct.pack("<HHII", tag, 4, 1, 0xFFFFFFF0) for tag in (0x8825, 0x8769, 0x014A)):
        data[at : at + 12] = field
        check_sound(bytes(data), tmp_path)


def test_an_orientation_beside_an_odd_field_still_counts(tmp_path: Path) -> None:
    block = tiff((0x0112, 3, 1, 3), (0x010E, 99, 7, 0xFFFFFFFF), (0x8825, 4, 1, 0xFFFFFFFF))
    look = seen(jpeg((1, b"Exif\0\0" + block)), tmp_path)
    assert each_in_words(look.changes) == ("turned upright",)
    assert near(quarters(converted(tmp_path))[3], (255, 0, 0), 24)


@pytest.mark.slow
def test_no_damage_to_metadata_keeps_a_picture_out(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x010E], exif[0x8825], exif[0x8769] = "a fox", {2: (52.0, 31.0, 12.0)}, {0x9000: b"0230"}
    sound, dice = exif.tobytes(), random.Random(7)
    for _ in range(150):
        block = bytearray(sound)
        for _ in range(dice.choice([1, 2, 5, 20])):
            block[dice.randrange(6, len(block))] = dice.choice([0, 1, 5, 255, dice.randrange(256)])
        data = [jpeg((1, bytes(block))), png((b"eXIf", bytes(block[6:]))), webp((b"EXIF", bytes(block)), flags=8)]
        assert {seen(dice.choice(data), tmp_path).width} <= {320, 240}


RDF = '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF><rdf:Description {}>{}</rdf:Description></rdf:RDF></x:xmpmeta>'
PLACES = [
    RDF.format('exif:GPSLatitude="52,31.2N" exif:GPSLongitude="13,24.6E"', ""),
    RDF.format("exif:GPSLatitude = '52,31.2N'", ""),
    RDF.format("", "<exif:GPSLatitude>52,31.2N</exif:GPSLatitude>"),
    RDF.format("", "<exif:GPSLatitude>\n  52,31.2N\n</exif:GPSLatitude>"),
    RDF.format('drone-dji:GpsLatitude="+52.52"', ""),
]
NO_PLACES = [RDF.format('exif:GPSLatitude=""', ""), RDF.format("", "<exif:GPSLatitude></exif:GPSLatitude>"),
             RDF.format('exif:GPSLatitudeRef="N" dc:title="GPSLatitude"', ""), RDF.format("",
     "<exif:GPSLatitude/>")]  # fmt: skip


def with_xmp(xmp: bytes) -> dict[str, bytes]:
    """Every way in which a picture that is sent as it is may hold XMP."""
    raw = f"\nxmp\n{len(xmp):8}\n{xmp.hex()}\n"
    named, info = b"XML:com.adobe.xmp\0", PngInfo()
    info.add_text("Raw profile type xmp", raw)
    extension = b"http://ns.adobe.com/xmp/extension/\0" + b"0" * 32 + struct.pack(">II", len(xmp), 0) + xmp
    main, other = b"http://ns.adobe.com/xap/1.0/\0", RDF.format("", "").encode()
    last = saved(corners(), "PNG")
    chunk = struct.pack(">I", len(named) + 4 + len(xmp)) + b"iTXt" + named + bytes(4) + xmp
    return {
        "JPEG": jpeg((1, main + xmp)),
        "JPEG, the first of two": jpeg((1, main + xmp), (1, main + other)),
        "JPEG, extended": jpeg((1, extension), (1, main + other)),
        "PNG": png((b"iTXt", named + bytes(4) + xmp)),
        "PNG, packed": png((b"iTXt", named + b"\1\0\0\0" + zlib.compress(xmp))),
        "PNG, behind the pixels": last[:-12] + chunk + struct.pack(">I", zlib.crc32(chunk[4:])) + last[-12:],
        "PNG, ImageMagick's": saved(corners(), "PNG", pnginfo=info),
        "WebP": webp((b"XMP ", xmp), flags=4),
    }


@pytest.mark.parametrize("kind", with_xmp(b""))
@pytest.mark.parametrize("place", PLACES)
def test_a_position_in_xmp_alone_is_said(tmp_path: Path, kind: str, place: str) -> None:
    for encoding in ("utf-8", "utf-16"):
        look = seen(with_xmp(place.encode(encoding))[kind], tmp_path)
        assert (each_in_words(look.changes), each_in_words(look.remarks)) == ((), PLACE)


@pytest.mark.parametrize("kind", with_xmp(b""))
@pytest.mark.parametrize("xmp", NO_PLACES)
def test_xmp_without_a_position_is_not_mentioned(tmp_path: Path, kind: str, xmp: str) -> None:
    assert each_in_words(seen(with_xmp(xmp.encode())[kind], tmp_path).remarks) == ()


@pytest.mark.parametrize("kind", ["HEIF", "AVIF"])
def test_a_converted_picture_has_no_position_in_xmp(tmp_path: Path, kind: str) -> None:
    assert each_in_words(seen(saved(corners(), kind, xmp=PLACES[0].encode()), tmp_path).remarks) == ()
    assert b"GPSLatitude" not in (tmp_path / "converted").read_bytes()


@pytest.mark.parametrize(
    "hostile", [b"GPSLatitude" + b" " * 3_000_000, b"GPSLatitude = " * 300_000, b"GPSLatitude>\n<" * 300_000]
)
def test_hostile_xmp_takes_no_time(tmp_path: Path, hostile: bytes) -> None:
    assert each_in_words(seen(webp((b"XMP ", hostile), flags=4), tmp_path).remarks) == ()
