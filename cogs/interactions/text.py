"""Text for Discord: user text made inert, and relative times that each reader's client keeps updating."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

import discord
from discord import ui

from dailies.explain import sentence
from dailies.reason import Reason

_MARKUP = re.compile(
    r"([\\*_~|`<\[@]"  # emphasis, code, spoilers, masked links, every mention, timestamps and custom emoji
    r"|:(?=//)"  # bare links
    r"|^[#>+-])"  # headings, quotes, lists, subtext: only at the beginning of a line
)
"""Characters that can begin markup. Discord shows a character after a backslash as it is, unless it is a letter, a
digit or white space."""
NOBODY = discord.AllowedMentions.none()
"""Passed with every message and every edit: an edit without content does not apply the client's default."""
LAYOUT = 4000
"""Maximum characters of all texts of a layout."""
_TIME = re.compile(r"\\(<t:\d{1,12}:f>)")
_NUMBERED = re.compile(r"^(\d+)([.)])")


def plain(text: str) -> str:
    """Return one line without control characters and without characters that change the direction of other text."""
    kept = (_plain_character(character) for character in text)
    return " ".join("".join(kept).split())


def _plain_character(character: str) -> str:
    category = unicodedata.category(character)
    if category in ("Cc", "Zl", "Zp"):
        return " "
    # Format characters include direction overrides; only the joiner is kept, because it holds emoji together.
    if category in ("Cf", "Cs", "Co") and character != "\u200d":
        return ""
    return character


def shorten(text: str, limit: int) -> str:
    """Shorten to this many characters, with an ellipsis if something was cut."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def inert(text: str, limit: int) -> str:
    """Return user text on one line of at most `limit` characters, which neither pings nor becomes markup.

    The backslashes that this adds come on top of the limit, at most one for each character.
    """
    return _NUMBERED.sub(r"\1\\\2", _MARKUP.sub(r"\\\1", shorten(plain(text), limit)))


def inert_reason(reason: Reason, limit: int, say: Callable[[Reason], str] = sentence) -> str:
    """Return a reason in words, inert but for the times that are its values: those Discord shows as times."""
    text = inert(say(reason), limit)
    for at in reason.values.values():
        if isinstance(at, int):
            text = text.replace(f"\\<t:{at}:f>", f"<t:{at}:f>")
    return text


def inert_but_times(text: str, limit: int) -> str:
    """Return text without words of people's, inert but for the times in it."""
    return _TIME.sub(r"\1", inert(text, limit))


def relative(seconds: float) -> str:
    """Format a Unix time as Discord shows it: "2 minutes ago", updated by each reader's client."""
    return f"<t:{int(seconds)}:R>"


def words_view(text: str) -> ui.LayoutView:
    """Return a view with text only."""
    view = ui.LayoutView(timeout=None)
    view.add_item(ui.TextDisplay(shorten(text, LAYOUT)))
    return view
