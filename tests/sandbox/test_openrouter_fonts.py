"""Captions in any script: a font is found where the machine has one, and what is missing is named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen

from sandbox.openrouter.caption import draw_caption
from sandbox.openrouter.fonts import fitted

UNKNOWN = "𐤀𐤁"
"""Phoenician, which no ordinary font has."""


@pytest.fixture
def phoenician(tmp_path: Path) -> Path:
    """A font with these two letters only, drawn as triangles."""
    builder: Any = FontBuilder(1000, isTTF=True)  # its annotations are partial
    names = [".notdef", "alf", "bet"]
    pen: Any = TTGlyphPen(None)
    pen.moveTo((0, 0))
    pen.lineTo((400, 700))
    pen.lineTo((800, 0))
    pen.closePath()
    blank: Any = TTGlyphPen(None)
    triangle, box = pen.glyph(), blank.glyph()
    builder.setupGlyphOrder(names)
    builder.setupCharacterMap({ord(char): name for char, name in zip(UNKNOWN, names[1:], strict=True)})
    builder.setupGlyf({".notdef": box, "alf": triangle, "bet": triangle})
    builder.setupHorizontalMetrics(dict.fromkeys(names, (900, 0)))
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupNameTable({"familyName": "Phoenician", "styleName": "Regular"})
    builder.setupOS2()
    builder.setupPost()
    path = tmp_path / "Phoenician.ttf"
    builder.save(path)
    return path


def test_a_script_that_the_usual_fonts_lack_is_shown_by_another_one_of_the_machine(phoenician: Path) -> None:
    text = fitted(f"fox {UNKNOWN} fox", 20, more=lambda: [phoenician])
    assert str(text) == f"fox {UNKNOWN} fox"
    assert text.missing == ()
    assert [run for font, run in text.runs if font.path == str(phoenician)] == [f"{UNKNOWN} "]


def test_a_script_without_a_font_is_left_out_and_named() -> None:
    text = fitted(f"fox {UNKNOWN}", 20, more=list)
    assert (str(text), text.missing) == ("fox ", ("Phoenician",))


def test_a_mark_is_left_out_with_what_it_stands_on() -> None:
    """Drawn alone, it would be a circle or a box."""
    text = fitted("नमस्ते fox", 20, more=list)
    assert str(text).strip() == "fox"
    assert text.missing == ("Devanagari",)


def test_a_caption_says_which_font_is_needed() -> None:
    plain, lacking = draw_caption("fox", "label", 640, 360), draw_caption(f"fox {UNKNOWN}", "label", 640, 360)
    assert lacking.height > plain.height


@pytest.mark.parametrize(("word", "empty"), [("שלום", (0.0, 0.5)), ("fox", (0.5, 1.0))])
def test_words_stand_where_their_script_begins(word: str, empty: tuple[float, float]) -> None:
    """Hebrew at the right of the panel, Latin at the left."""
    strip = draw_caption(word, "a label which is longer", 640, 360)
    left, _, right, _ = strip.getchannel("A").getbbox() or (0, 0, 0, 0)
    line = [left + round((right - left) * part) for part in empty]
    levels: Any = strip.convert("L").crop((line[0], strip.height - 26, line[1], strip.height - 12)).getextrema()
    assert max(levels) < 60
