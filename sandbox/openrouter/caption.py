"""The prompt as a caption, drawn by Pillow on a transparent strip."""

from __future__ import annotations

import unicodedata
from functools import cache

from PIL import Image, ImageDraw, ImageFont

Font = ImageFont.FreeTypeFont

# Looked up by name among the system's fonts; missing ones are skipped. The one that can show most of
# the text is used. Pillow's own font (Latin only) comes last and is always there.
_FONTS = (
    "DejaVuSans.ttf",
    "NotoSans-Regular.ttf",
    "NotoSansCJK-Regular.ttc",
    "LiberationSans-Regular.ttf",
    "Arial Unicode.ttf",
    "Arial.ttf",
    "arial.ttf",
    "segoeui.ttf",
)
_READ = 500
"""Characters considered; a caption of three lines shows fewer."""
_LINES = 3


def draw_caption(text: str, label: str, width: int, height: int) -> Image.Image:
    """An RGBA strip as wide as the frame: a dark, rounded panel with `label` above at most three lines.

    text: anything at all; line breaks become spaces, characters that no font here can show are left out.
    width, height: the frame's, in pixels; the strip is only as high as its lines need.
    """
    unit = max(10, round(min(width, height) / 26))
    margin, padding = unit, round(unit * 0.7)
    shown = _clean(text)
    font = _font(shown, unit)
    shown = "".join(char for char in shown if _can_show(font, char)).strip()
    small = _font(label, max(9, round(unit * 0.62)))
    room = width - 2 * margin - 2 * padding
    lines = _wrap(shown, font, room)
    label = (_wrap(label, small, room) or [""])[0]
    small_height, line_height = round(unit * 0.95), round(unit * 1.3)
    panel_height = 2 * padding + small_height + line_height * len(lines)
    strip = Image.new("RGBA", (width, panel_height + margin), (0, 0, 0, 0))
    draw = ImageDraw.Draw(strip)
    panel = (margin, 0, width - margin, panel_height)
    draw.rounded_rectangle(panel, radius=round(unit * 0.6), fill=(12, 14, 20, 150))
    left, right, y = margin + padding, width - margin - padding, padding
    draw.text((left, y), label, font=small, fill=(255, 255, 255, 165))
    y += small_height
    for line in lines:
        # Arabic and Hebrew begin at the right.
        x, anchor = (right, "ra") if _is_right_to_left(shown) else (left, "la")
        draw.text((x, y), line, font=font, fill=(255, 255, 255, 240), anchor=anchor)
        y += line_height
    return strip


def _clean(text: str) -> str:
    """Remove controls, format characters, lone surrogates and private use; collapse runs of blanks."""
    spaced = "".join(" " if char.isspace() else char for char in text[:_READ])
    kept = (char for char in spaced if unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co", "Cn"))
    cut = "…" if len(text) > _READ else ""
    return " ".join("".join(kept).split()) + cut


def _font(text: str, size: int) -> Font:
    fonts = _available(size)
    return max(fonts, key=lambda font: sum(_can_show(font, char) for char in text))


@cache
def _available(size: int) -> tuple[Font, ...]:
    fonts: list[Font] = []
    for name in _FONTS:
        try:
            fonts.append(ImageFont.truetype(name, size))
        except OSError:
            continue  # not on this machine
    own = ImageFont.load_default(size)
    if isinstance(own, ImageFont.FreeTypeFont):
        fonts.append(own)
    return tuple(fonts)


def _can_show(font: Font, char: str) -> bool:
    """Return whether the font has a glyph of its own for it, not the box drawn for unknown characters."""
    return char == " " or _glyph(font, char) != _glyph(font, "\U0010fffe")


@cache
def _glyph(font: Font, char: str) -> bytes:
    side = 2 * int(font.size)
    picture = Image.new("L", (side, side))
    ImageDraw.Draw(picture).text((0, 0), char, font=font, fill=255)
    return picture.tobytes()


def _wrap(text: str, font: Font, room: int) -> list[str]:
    """Wrap into at most three lines that fit, the last one with an ellipsis if there was more."""
    lines: list[str] = []
    rest = text
    while rest and len(lines) < _LINES:
        line = _fitting(rest, font, room)
        lines.append(line.strip())
        rest = rest[len(line) :].lstrip()
    if rest and lines:
        last = lines[-1]
        while last and font.getlength(f"{last}…") > room:
            last = last[:-1]
        lines[-1] = f"{last.rstrip()}…"
    return lines


def _fitting(text: str, font: Font, room: int) -> str:
    """Return the longest beginning that fits, up to the end of a word if possible."""
    low, high = 1, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if font.getlength(text[:middle]) <= room else (low, middle - 1)
    if low == len(text) or text[low] == " ":
        return text[:low]
    blank = text.rfind(" ", 0, low)
    return text[:blank] if blank > 0 else text[:low]


def _is_right_to_left(text: str) -> bool:
    directions = (unicodedata.bidirectional(char) for char in text)
    return next((way in ("R", "AL") for way in directions if way in ("L", "R", "AL")), False)
