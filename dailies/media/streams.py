"""Reads ffmpeg's description of a file's tracks: it carries no ffprobe everywhere, and prints them in one form."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

FRAMES = 24.0
"""Pictures a second if ffmpeg names none."""
PICTURES = frozenset({"mjpeg", "png", "bmp", "tiff", "webp", "jpeg2000", "jpegxl"})
"""Codecs of pictures: such a track is the film only if there is no other one."""

_STREAM = re.compile(
    r"^ +Stream #0:(\d+)[^\n]*?: (Video|Audio|Data|Subtitle|Attachment|Unknown): ([^\n]*)", re.MULTILINE
)
_OUTPUT = re.compile(r"^(?:Stream mapping:|Output #0)", re.MULTILINE)
_TAG_LINE = re.compile(r"^    (\S[^\n:]{0,80}?) *: ([^\n]{0,1000})", re.MULTILINE)
_PART = re.compile(r",\s+(?![^(\[]*[)\]])")
"""A comma outside brackets."""
_CODEC = re.compile(r"(\w+)(?: \(([^/)]+)\))?(?:.*? / )?")
_TAG = re.compile(r"\((\S{4}) / 0x")
_PIXELS = re.compile(r"(\w+)(?:\(([^)]*)\))?")
_SIZE = re.compile(r"(\d+)x(\d+)(?: \[SAR (\d+):(\d+))?")
_SHAPE = re.compile(r"SAR (\d+):(\d+)")
_RATE = re.compile(r"([\d.]+)(k?) (fps|tbr)$")
_BITRATE = re.compile(r"(\d+) kb/s")
_ROTATION = re.compile(r"rotation of (-?\d+)")
_DEPTH = re.compile(r"p?(9|10|12|14|16)(?:le|be)$")
_CHANNELS = {"mono": 1, "stereo": 2}
_FIELDS = frozenset({"top first", "bottom first", "top coded first (swapped)", "bottom coded first (swapped)"})


@dataclass(frozen=True)
class Track:
    """A track of moving pictures. number: ffmpeg's. width, height: as shown: after any rotation, pixels made square.

    pixels: ffmpeg's pixel format. depth: bits of a colour. matrix, primaries, transfer: of the colours, as ffmpeg names
    them; empty: not named. square: its pixels are. rotation: degrees. frames: pictures a second. exact: rate at which
    each picture has its time, which is higher if they come irregularly.
    """

    number: int = 0
    codec: str = ""
    profile: str = ""
    tag: str = ""
    pixels: str = ""
    depth: int = 8
    full_range: bool = False
    interlaced: bool = False
    matrix: str = ""
    primaries: str = ""
    transfer: str = ""
    width: int = 0
    height: int = 0
    square: bool = True
    rotation: int = 0
    kbps: int = 0
    frames: float = FRAMES
    exact: float = FRAMES


UNKNOWN_TRACK = Track()


@dataclass(frozen=True)
class Sound:
    """A track of sound. number: ffmpeg's. channels: 0: not known. rate: samples a second."""

    number: int
    codec: str
    profile: str = ""
    kbps: int = 0
    channels: int = 0
    rate: int = 0


@dataclass(frozen=True)
class Streams:
    """Tracks of a file. film: the moving pictures; None: none. films: tracks that may be it. tracks: all of them.

    tags: metadata of the whole file, by lower-case names; the first line of each.
    """

    film: Track | None
    films: int
    sound: Sound | None
    tracks: int
    tags: Mapping[str, str]


def read_streams(output: bytes) -> Streams:
    """Read the tracks of the input that ffmpeg describes. Pictures that come along, such as covers, are no films."""
    text = output.decode(errors="replace")
    if begun := _OUTPUT.search(text):
        # Output is described in the same form.
        text = text[: begun.start()]
    found = list(_STREAM.finditer(text))
    ends = [one.start() for one in found[1:]] + [len(text)]
    films: list[Track] = []
    sounds: list[Sound] = []
    for one, end in zip(found, ends, strict=True):
        number, kind, line = int(one[1]), one[2], one[3]
        if kind == "Video" and "(attached pic)" not in line and (track := _track(number, line, text[one.end() : end])):
            films.append(track)
        elif kind == "Audio":
            sounds.append(_sound(number, line))
    films.sort(key=lambda track: track.codec in PICTURES)
    head = text[: found[0].start()] if found else text
    tags = {name.lower(): value for name, value in _TAG_LINE.findall(head)}
    return Streams(films[0] if films else None, len(films), sounds[0] if sounds else None, len(found), tags)


def _track(number: int, line: str, details: str) -> Track | None:
    """Read the line of a film, and the lines below it; None without a size."""
    codec, *parts = _PART.split(line)
    sized = next(((at, found) for at, part in enumerate(parts) if (found := _SIZE.match(part))), None)
    if sized is None or not all(int(side) for side in sized[1].group(1, 2)):
        return None
    at, size = sized
    # The shape of the pixels is named once more behind the size if the container has another one.
    shape = _SHAPE.search(", ".join(parts[at + 1 :])) or _SHAPE.search(parts[at])
    across, down = (int(shape[1]) or 1, int(shape[2]) or 1) if shape else (1, 1)
    square = abs(across / down - 1) < 0.01
    width, height = round(int(size[1]) * (1 if square else across / down)), int(size[2])
    turn = _ROTATION.search(details)
    rotation = int(turn[1]) if turn else 0
    if rotation % 180 == 90:
        width, height = height, width
    named = _PIXELS.match(parts[0]) if at else None
    pixels, colours = (named[1], (named[2] or "").split(", ")) if named else ("", [])
    matrix, primaries, transfer = _colours(colours)
    depth = _DEPTH.search(pixels)
    rated = [found for part in parts if (found := _RATE.search(_bare(part)))]
    rates = {found[3]: float(found[1]) * (1000 if found[2] else 1) for found in rated}
    frames = rates.get("fps") or rates.get("tbr") or FRAMES
    name, profile, tag = _codec(codec)
    return Track(
        number=number,
        codec=name,
        profile=profile,
        tag=tag,
        pixels=pixels,
        depth=int(depth[1]) if depth else 8,
        full_range="pc" in colours or pixels.startswith("yuvj"),
        interlaced=bool(_FIELDS & set(colours)),
        matrix=matrix,
        primaries=primaries,
        transfer=transfer,
        width=width,
        height=height,
        square=square,
        rotation=rotation,
        kbps=_kbps(line),
        frames=frames,
        exact=rates.get("tbr") or frames,
    )


def _bare(part: str) -> str:
    """Return a part without remarks such as "(default)"."""
    return part.split(" (", 1)[0].strip()


def _codec(text: str) -> tuple[str, str, str]:
    """Return a codec, its profile and its tag; the latter may be empty."""
    found, tag = _CODEC.match(text), _TAG.search(text)
    if not found:
        return "", "", ""
    return found[1], found[2] or "", tag[1] if tag else ""


def _colours(named: list[str]) -> tuple[str, str, str]:
    """Return matrix, primaries and transfer, from "bt2020nc/bt2020/smpte2084", or "bt709" for all three."""
    for part in named:
        if part in ("tv", "pc", "progressive") or part in _FIELDS or " bpc" in part:
            continue
        several = ["" if one in ("unknown", "reserved") else one for one in part.split("/")]
        return (several[0], several[1], several[2]) if len(several) == 3 else (part, part, part)
    return "", "", ""


def _sound(number: int, line: str) -> Sound:
    codec, *parts = _PART.split(line)
    name, profile, _ = _codec(codec)
    rate = next((int(part.split()[0]) for part in parts if re.fullmatch(r"\d+ Hz", part)), 0)
    channels = next((count for part in parts if (count := _count(part))), 0)
    return Sound(number, name, profile, _kbps(line), channels, rate)


def _count(layout: str) -> int:
    """Return the number of channels of a layout, as in "mono", "5.1(side)" or "6 channels"; 0: no layout."""
    if layout in _CHANNELS:
        return _CHANNELS[layout]
    if found := re.fullmatch(r"(\d)\.(\d)(?:\.(\d))?(?:\(\w+\))?", layout):
        return sum(int(one) for one in found.groups() if one)
    found = re.fullmatch(r"(\d+) channels(?: .*)?", layout)
    return int(found[1]) if found else 0


def _kbps(line: str) -> int:
    found = _BITRATE.search(line)
    return int(found[1]) if found else 0
