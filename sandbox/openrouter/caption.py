"""The prompt as a caption, drawn by Pillow on a transparent strip."""

from __future__ import annotations

import math
import unicodedata

from PIL import Image, ImageDraw

from sandbox.openrouter.fonts import Text, fitted

_READ = 500
"""Characters considered; a caption of three lines shows fewer."""
_LINES = 3


def draw_caption(text: str, label: str, width: int, height: int) -> Image.Image:
    """An RGBA strip for the frame's upper edge, clear of a player's controls: a dark panel, `label` above three lines.

    text: anything at all; line breaks become spaces. Characters that no font here can show are left out, and the label
    says which scripts they are of. width, height: the frame's, in pixels; the strip is only as high as it needs to be.
    """
    unit = max(10, round(min(width, height) / 26))
    margin, padding = unit, round(unit * 0.7)
    shown = fitted(_clean(text), unit)
    room = width - 2 * margin - 2 * padding
    small = max(9, round(unit * 0.62))
    heads = [line for head in (label, _note(shown)) for line in _wrap(fitted(head, small), room, small, 1)]
    lines = _wrap(shown, room, unit, _LINES)
    small_height, line_height = round(unit * 0.95), round(unit * 1.3)
    panel_height = 2 * padding + small_height * len(heads) + line_height * len(lines)
    strip = Image.new("RGBA", (width, panel_height + margin), (0, 0, 0, 0))
    draw = ImageDraw.Draw(strip)
    left, y = margin + padding, margin + padding
    right = left + max(math.ceil(line.length) for line in (*heads, *lines, fitted("", unit)))
    panel = (margin, margin, right + padding, margin + panel_height)
    draw.rounded_rectangle(panel, radius=round(unit * 0.6), fill=(12, 14, 20, 150))
    for head in heads:
        _write(draw, head, (left, right), y + small, 165)
        y += small_height
    for line in lines:
        _write(draw, line, (left, right), y + unit, 240, from_right=_is_right_to_left(str(shown)))
        y += line_height
    return strip


def _write(
    draw: ImageDraw.ImageDraw, text: Text, sides: tuple[int, int], base: int, opacity: int, *, from_right: bool = False
) -> None:
    """Write a line on its base line, from the left, or the right as Arabic and Hebrew begin."""
    x: float = sides[1] if from_right else sides[0]
    for font, run in text.runs:
        length = font.getlength(run)
        x -= length if from_right else 0
        draw.text((x, base), run, font=font, fill=(255, 255, 255, opacity), anchor="ls")
        x += 0 if from_right else length


def _note(text: Text) -> str:
    if not text.missing:
        return ""
    return f"No font here shows {', '.join(text.missing[:4])}. Install one, such as Noto."


def _clean(text: str) -> str:
    """Remove controls, format characters, lone surrogates and private use; collapse runs of blanks."""
    spaced = "".join(" " if char.isspace() else char for char in text[:_READ])
    kept = (char for char in spaced if unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co", "Cn"))
    cut = "…" if len(text) > _READ else ""
    return " ".join("".join(kept).split()) + cut


def _wrap(text: Text, room: int, size: int, most: int) -> list[Text]:
    """Wrap into at most so many lines that fit, the last one with an ellipsis if there was more."""
    lines: list[str] = []
    rest = str(text).strip()
    while rest and len(lines) < most:
        line = _fitting(rest, room, size)
        lines.append(line.strip())
        rest = rest[len(line) :].lstrip()
    if rest and lines:
        last = lines[-1]
        while last and fitted(f"{last}…", size).length > room:
            last = last[:-1]
        lines[-1] = f"{last.rstrip()}…"
    return [fitted(line, size) for line in lines]


def _fitting(text: str, room: int, size: int) -> str:
    """Return the longest beginning that fits, up to the end of a word if possible."""
    low, high = 1, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if fitted(text[:middle], size).length <= room else (low, middle - 1)
    if low == len(text) or text[low] == " ":
        return text[:low]
    blank = text.rfind(" ", 0, low)
    return text[:blank] if blank > 0 else text[:low]


def _is_right_to_left(text: str) -> bool:
    directions = (unicodedata.bidirectional(char) for char in text)
    return next((way in ("R", "AL") for way in directions if way in ("L", "R", "AL")), False)
