"""Text for Discord: user text made inert, and relative times that each reader's client keeps updating."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Any

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
CONTENT = 2000
"""Maximum characters of a message's content."""
LAYOUT = 4000
"""Maximum characters of all texts of a layout together."""
LAYOUT_BYTES = 10_000
"""Maximum bytes of them in UTF-8, with TEXT_BYTES more for each: Discord answers 500 above about 10,170."""
TEXT_BYTES = 12
ALT_TEXT = 1024
"""Maximum characters of an image's description."""
STAYS = 60
"""Characters of a cut text, behind its first line break, that stay as long as another text can be cut."""
NEVER = 1000
JOINER = "\u200d"
"""Joins emoji to one."""
_TIME = re.compile(r"\\(<t:\d{1,12}:f>)")
_NUMBERED = re.compile(r"^(\d+)([.)])")


def plain(text: str) -> str:
    """Return one line without control characters and without characters that change the direction of other text."""
    # Printable characters stay, and most texts have no others.
    odd = {ord(one): _plain_character(one) for one in set(text) if not one.isprintable()}
    return " ".join((text.translate(odd) if odd else text).split())


def _plain_character(character: str) -> str:
    category = unicodedata.category(character)
    if category in ("Cc", "Zl", "Zp"):
        return " "
    # Format characters include direction overrides; only the joiner is kept, because it holds emoji together.
    if category in ("Cf", "Cs", "Co") and character != JOINER:
        return ""
    return character


def shorten(text: str, limit: int) -> str:
    """Shorten to this many characters, with an ellipsis if something was cut."""
    return text if len(text) <= limit else text[: limit - 1].rstrip().rstrip(JOINER) + "…"


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


def content(text: str, *, below: str = "") -> str:
    """Return text that fits into the content of one message, with an ellipsis if something was cut. below: a last line
    that stays whole.
    """
    last = f"\n{below}" if below else ""
    return _longest(text, 0, lambda one: _characters(one + last) <= CONTENT) + last


class Words(ui.TextDisplay[ui.LayoutView]):
    """Text of a layout. cut: the place among those that are cut if all are too long together; NEVER: the last one."""

    def __init__(self, text: str, *, cut: int = NEVER) -> None:
        super().__init__(text)
        self.cut = cut


def fitted(view: ui.LayoutView) -> ui.LayoutView:
    """Return a layout with its texts cut to what Discord takes in one message, the least important first."""
    texts = [one for one in view.walk_children() if isinstance(one, ui.TextDisplay)]
    texts.reverse()
    in_order = sorted(texts, key=lambda one: one.cut if isinstance(one, Words) else NEVER)
    for stays in (STAYS, 0):
        for text in in_order:
            whole = text.content

            def fits(shorter: str, text: ui.TextDisplay[Any] = text) -> bool:
                text.content = shorter
                return _fit([one.content for one in texts])

            least = whole.find("\n") + 1 + stays if stays else 0
            text.content = _longest(whole, least, fits)
    return view


def _fit(texts: list[str]) -> bool:
    size = sum(len(text.encode("utf-8", "surrogatepass")) + TEXT_BYTES for text in texts)
    return size <= LAYOUT_BYTES and sum(map(_characters, texts)) <= LAYOUT


def _characters(text: str) -> int:
    """Count UTF-16 code units, the most that anything at Discord counts."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _longest(text: str, least: int, fits: Callable[[str], bool]) -> str:
    """Return as much of the beginning of a text as fits, but this many characters of it in any case."""
    if len(text) <= least or fits(text):
        return text
    fewer, more = least, len(text)
    while more - fewer > 1:
        half = (fewer + more) // 2
        fewer, more = (half, more) if fits(_begun(text, half)) else (fewer, half)
    return _begun(text, fewer)


def _begun(text: str, length: int) -> str:
    """Return the beginning of a text with an ellipsis, not cut between a backslash and what it escapes."""
    begun = text[:length]
    escapes = len(begun) - len(begun.rstrip("\\"))
    return begun[: length - escapes % 2].rstrip().rstrip(JOINER) + "…"


def words_view(*texts: str | Words) -> ui.LayoutView:
    """Return a view with text only."""
    view = ui.LayoutView(timeout=None)
    for text in texts:
        view.add_item(text if isinstance(text, Words) else Words(text))
    return fitted(view)
