"""Fonts for any script: of each text's characters as many as this machine has a font for."""

from __future__ import annotations

import unicodedata
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

Font = ImageFont.FreeTypeFont
Run = tuple[Font, str]
"""A font and the text that it shows."""

FOLDERS = (
    *("/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts", "~/.fonts"),
    *("/System/Library/Fonts", "/Library/Fonts", "C:/Windows/Fonts"),
)
"""Folders in which systems keep fonts, looked through for what the font that comes along does not have."""
_ENDINGS = frozenset({".ttf", ".otf", ".ttc"})
_PLAIN_LAST = ("bold", "italic", "oblique", "light", "thin", "black", "condensed", "mono", "serif")
"""In file names of fonts that are used where no plainer one will do."""
_UNKNOWN = "\U0010fffe"
"""A character that no font has: what is drawn for it is the box for unknown ones."""


def set_in(text: str, size: int) -> list[Run]:
    """Return a text in runs with the fonts that show it, without the characters that none shows. Reads the disk."""
    runs: list[Run] = []
    for char in text:
        if char == " " and runs and runs[-1][1].endswith(" "):
            continue  # what stood between them is left out
        # A mark or a blank goes on in the font of what it stands after.
        joins = bool(runs) and (char == " " or unicodedata.category(char)[0] == "M")
        font = runs[-1][0] if joins and _shows(runs[-1][0], char) else font_of(char, size)
        if font and runs and runs[-1][0] is font:
            runs[-1] = font, runs[-1][1] + char
        elif font:
            runs.append((font, char))
    return runs


def shows(text: str, size: int) -> bool:
    """Tell if this machine has fonts for the whole text. Reads the disk."""
    return all(char == " " or font_of(char, size) for char in text)


def shortened(text: str, size: int, width: float) -> list[Run]:
    """Return the runs of a text, cut and with an ellipsis if it takes more than `width` pixels."""
    runs, short = set_in(text, size), text
    while length(runs) > width and short:
        # In steps, because the text may be a long one.
        short = short[: min(len(short) - 1, int(len(short) * width / length(runs)))]
        runs = set_in(short.rstrip() + "…", size)
    return runs


def length(runs: list[Run]) -> float:
    """Return the pixels from the beginning of the text to its end."""
    return sum(font.getlength(text) for font, text in runs)


def write(draw: ImageDraw.ImageDraw, left: float, baseline: float, runs: list[Run], fill: str) -> None:
    """Draw a text from this place on."""
    for font, text in runs:
        draw.text((left, baseline), text, fill=fill, font=font, anchor="ls")
        left += font.getlength(text)


def comes_along(text: str) -> bool:
    """Return whether the font that comes along shows all of a text, so that no machine lacks one for it."""
    font = _opened(_own(), 12)
    return font is not None and all(_shows(font, char) for char in text)


@cache
def font_of(char: str, size: int) -> Font | None:
    """Return a font that has the character; None if there is none on this machine."""
    fonts = (_opened(path, size) for path in (_own(), *installed()))
    return next((font for font in fonts if font and _shows(font, char)), None)


@cache
def _own() -> Path:
    """Return DejaVu Sans, which comes along with matplotlib; that is not imported for it."""
    found = find_spec("matplotlib")
    folders = found.submodule_search_locations if found else None
    return Path(folders[0] if folders else "", "mpl-data", "fonts", "ttf", "DejaVuSans.ttf")


@cache
def installed() -> tuple[Path, ...]:
    """Return the font files of this machine, plain ones first."""
    found = {path for folder in FOLDERS for path in Path(folder).expanduser().rglob("*")}

    def rank(path: Path) -> tuple[int, str]:
        return sum(word in path.stem.lower() for word in _PLAIN_LAST), path.name

    return tuple(sorted((path for path in found if path.suffix.lower() in _ENDINGS), key=rank))


@cache
def _opened(path: Path, size: int) -> Font | None:
    try:
        return ImageFont.truetype(path, size)
    except OSError:
        return None  # not a font after all, or one of pictures in one size only


def _shows(font: Font, char: str) -> bool:
    return char == " " or _glyph(font, char) != _glyph(font, _UNKNOWN)


@cache
def _glyph(font: Font, char: str) -> bytes:
    side = 2 * int(font.size)
    picture = Image.new("L", (side, side))
    ImageDraw.Draw(picture).text((0, 0), char, font=_unshaped(font), fill=255)
    return picture.tobytes()


@cache
def _unshaped(font: Font) -> Font:
    # Shaping puts a circle under a mark that stands alone, and its box would not be known for one.
    return font.font_variant(layout_engine=ImageFont.Layout.BASIC)
