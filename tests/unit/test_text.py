"""Other people's words cannot ping, format, hide or turn text."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cogs.interactions.text import inert, plain, relative, shorten

MARKUP = set("\\*_~|`<[@")
"""Marks that mean something anywhere in a line."""

sharp = st.text(alphabet="\\*_~|`><#@&!:/[]()-+. a1\n\u202e\u200d", max_size=300)


def unescaped(shown: str) -> str:
    """Return the text as a reader sees it. Fails on a mark that is not escaped."""
    seen, characters = "", iter(shown)
    for character in characters:
        assert character == "\\" or character not in MARKUP
        seen += next(characters) if character == "\\" else character
    return seen


@given(st.text(max_size=300) | sharp, st.integers(1, 200))
def test_no_text_keeps_an_unescaped_mark(text: str, limit: int) -> None:
    shown = inert(text, limit)
    assert not re.search(r"(?<!\\)://", shown)
    assert not re.match(r"[#>+-]|\d+[.)]", shown)
    assert unescaped(shown) == shorten(plain(text), limit)


@given(st.text(max_size=300) | sharp, st.integers(1, 200))
def test_no_text_gets_longer_than_its_limit_and_its_escapes(text: str, limit: int) -> None:
    shown = inert(text, limit)
    assert len(unescaped(shown)) <= limit
    assert len(shown) <= 2 * limit


@given(st.text(max_size=300))
def test_no_text_keeps_a_control_or_a_direction_character(text: str) -> None:
    for character in inert(text, 300):
        category = unicodedata.category(character)
        assert category not in ("Cc", "Zl", "Zp", "Cs", "Co")
        assert category != "Cf" or character == "\u200d"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("@everyone", "\\@everyone"),
        ("<@123>", "\\<\\@123>"),
        ("<t:0:R>", "\\<t:0:R>"),
        ("[a](b)", "\\[a](b)"),
        ("https://evil.example", "https\\://evil.example"),
        ("# big", "\\# big"),
        ("-# small", "\\-# small"),
        (">>> quote", "\\>>> quote"),
        ("1. one", "1\\. one"),
        ("**fox** ||x||", "\\*\\*fox\\*\\* \\|\\|x\\|\\|"),
        ("\\@everyone", "\\\\\\@everyone"),
        ("a red fox, 16:9 (wide) - no #logo.", "a red fox, 16:9 (wide) - no #logo."),
    ],
)
def test_what_discord_would_act_on_is_escaped_and_the_rest_is_not(text: str, shown: str) -> None:
    assert inert(text, 100) == shown


def test_line_breaks_become_spaces() -> None:
    assert plain("a\n# b\u2028c\td\x00e") == "a # b c d e"


def test_direction_overrides_go_and_joined_emoji_stay() -> None:
    assert plain("\u202egpj.exe \u200b👩\u200d🚀") == "gpj.exe 👩\u200d🚀"


def test_short_text_stays_as_it_is() -> None:
    assert shorten("fox", 3) == "fox"


def test_long_text_ends_in_an_ellipsis() -> None:
    assert shorten("red fox", 5) == "red…"


def test_a_time_is_discords_own() -> None:
    assert relative(1_790_000_000.9) == "<t:1790000000:R>"
