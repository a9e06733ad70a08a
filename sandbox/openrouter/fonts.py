"""Fonts for any script: of each text's characters as many as this machine has a font for."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

Font = ImageFont.FreeTypeFont

# Looked up by name among the system's fonts; missing ones are skipped.
_USUAL = (
    "DejaVuSans.ttf",
    "NotoSans-Regular.ttf",
    "LiberationSans-Regular.ttf",
    "Arial Unicode.ttf",
    "Arial.ttf",
    "arial.ttf",
    "segoeui.ttf",
)
_PLAIN_LAST = ("bold", "italic", "oblique", "light", "thin", "black", "condensed", "mono", "serif")
"""In file names of fonts that are used where no plainer one will do."""
_KINDS = {"So": "emoji and symbols", "Sk": "emoji and symbols", "Sm": "emoji and symbols"}


@dataclass(frozen=True)
class Text:
    """A text with the fonts that show it. missing: names of the scripts that no font here has ("Hiragana")."""

    runs: tuple[tuple[Font, str], ...]
    missing: tuple[str, ...] = ()

    def __str__(self) -> str:
        return "".join(run for _, run in self.runs)

    @property
    def length(self) -> float:
        """Pixels from its beginning to its end."""
        return sum(font.getlength(run) for font, run in self.runs)


def fitted(text: str, size: int, *, more: Callable[[], Sequence[Path]] | None = None) -> Text:
    """Choose fonts for a text, without the characters that none can show.

    more: the machine's font files, looked through for what the usual fonts do not have. Reads the disk.
    """
    usual = _usual(size)
    # The font that shows most of the text comes first, so that its words look alike.
    fonts = sorted(usual, key=lambda font: -sum(can_show(font, char) for char in text))
    unknown = sorted({char for char in text if not any(can_show(font, char) for font in fonts)})
    fonts += _others("".join(unknown), size, (more or _installed)()) if unknown else []
    runs: list[tuple[Font, str]] = []
    lost: dict[str, None] = {}
    for char in text:
        # A mark or a blank goes on in the font of what it stands after.
        wanted = [runs[-1][0], *fonts] if runs and (char == " " or unicodedata.category(char)[0] == "M") else fonts
        font = next((font for font in wanted if can_show(font, char)), None)
        if font is None:
            lost[_script(char)] = None
        elif runs and runs[-1][0] is font:
            runs[-1] = (font, runs[-1][1] + char)
        else:
            runs.append((font, char))
    return Text(tuple(runs), tuple(lost))


def can_show(font: Font, char: str) -> bool:
    """Return whether the font has a glyph of its own for it, not the box drawn for unknown characters."""
    return char == " " or _glyph(font, char) != _glyph(font, "\U0010fffe")


@cache
def _usual(size: int) -> tuple[Font, ...]:
    fonts = [font for name in _USUAL if (font := _opened(name, size)) is not None]
    own = ImageFont.load_default(size)  # Latin only, and always there
    return (*fonts, *([own] if isinstance(own, ImageFont.FreeTypeFont) else []))


def _others(unknown: str, size: int, files: Sequence[Path]) -> list[Font]:
    """Open the files that show the most of the unknown characters, until all are shown or none helps."""
    fonts: list[Font] = []
    left, unread = {ord(char) for char in unknown}, list(files)
    while left and unread:
        best = max(unread, key=lambda file: len(left & _characters(file)))
        if not left & _characters(best):
            break
        unread.remove(best)
        if (font := _opened(str(best), size)) is not None:
            fonts.append(font)
            left -= _characters(best)
    return fonts


@cache
def _opened(name: str, size: int) -> Font | None:
    try:
        return ImageFont.truetype(name, size)
    except OSError:
        return None  # not on this machine, or of pictures in one size only


@cache
def _installed() -> tuple[Path, ...]:
    """The font files of this machine, plain ones first."""
    # Here, because it takes a while and is seldom needed.
    from matplotlib.font_manager import findSystemFonts  # pyright: ignore[reportUnknownVariableType]

    def rank(path: Path) -> tuple[int, str]:
        return sum(word in path.stem.lower() for word in _PLAIN_LAST), path.name

    return tuple(sorted(map(Path, findSystemFonts()), key=rank))


@cache
def _characters(file: Path) -> frozenset[int]:
    from matplotlib.ft2font import FT2Font

    try:
        return frozenset(FT2Font(str(file)).get_charmap())
    except (OSError, RuntimeError):
        return frozenset()  # a file that is none, or a kind that cannot be drawn


def _script(char: str) -> str:
    if kind := _KINDS.get(unicodedata.category(char)):
        return kind
    name = unicodedata.name(char, "other").split(" ")[0]
    return name if name == "CJK" else name.capitalize()


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
