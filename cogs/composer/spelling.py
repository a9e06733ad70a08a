"""The question about a name in a prompt that is close to one of the cast: a slip, or meant as text."""

from __future__ import annotations

from typing import Any

from discord import ui

from cogs.interactions.text import plain, shorten
from cogs.video.refusals import FIX, NAME, TEXT, near_name
from dailies.cast.resolve import Cast
from dailies.catalog.prompt_names import closest, escaped, mentions, renamed
from dailies.draft import Draft
from dailies.language import gettext
from dailies.reason import Reason

_LABEL = 60


def spelling(problem: Reason, draft: Draft) -> list[ui.Button[Any]]:
    """Return the two answers to the question that a problem asks; none if it asks none."""
    name = near_name(problem)
    if name is None:
        return []
    use = FIX.button(shorten(plain(gettext("Use {name}", name=name)), _LABEL), way=NAME, draft_id=draft.id)
    return [use, FIX.button(gettext("Keep it as text"), way=TEXT, draft_id=draft.id)]


def spelled(prompt: str, cast: Cast, way: str) -> str:
    """Return a prompt with every name that is close to one of the cast as that one (NAME), or as text (TEXT)."""
    for one in reversed(mentions(prompt, cast.by_key)):
        if one.key is None and (near := closest(one.name, cast.by_key)):
            prompt = renamed(prompt, one, cast.by_key[near].name) if way == NAME else escaped(prompt, one)
    return prompt
