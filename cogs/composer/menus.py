"""The menus of the panel: models, and the values of settings that the model offers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import discord
from discord import SelectOption, ui

from cogs import autocomplete
from cogs.composer import ids
from cogs.composer.outlook import Outlook
from cogs.interactions.text import inert, plain, shorten
from dailies.catalog.comparison import ModelChoice
from dailies.catalog.guide import ModelGuide
from dailies.catalog.options import OPTIONS
from dailies.errors import CatalogMissing
from dailies.language import gettext, gettext_noop, ngettext

MOST = 25
"""Maximum entries of a menu."""
LABEL = 100
SEARCH = "search"
"""Entry of the menu of models that opens a window; no model's id is without a slash."""
MENUS = {
    "duration": gettext_noop("Length"),
    "resolution": gettext_noop("Resolution"),
    "aspect_ratio": gettext_noop("Shape"),
}
"""Settings with a menu of their own, and what it is called, in English."""
_LABELS = {
    "duration": gettext_noop("Length: {value}"),
    "resolution": gettext_noop("Resolution: {value}"),
    "aspect_ratio": gettext_noop("Shape: {value}"),
}
"""Buttons in place of a menu."""


def models(guide: ModelGuide, seen: Outlook, typed: str = "") -> ui.Select[Any] | None:
    """Return the menu of models that match what was typed, with what the draft would cost with each, or why it cannot
    be made with it; None while there is no list of them.
    """
    draft, guide = seen.draft, guide.with_own(seen.draft.defaults)
    try:
        chosen, found = seen.model and seen.model.id, guide.compare(draft.counted, typed)
        here = guide.compare(draft.counted, chosen or "") if typed else found
        more = bool(typed) or len(guide.offered) >= MOST
    except CatalogMissing:
        return None
    # The chosen one stands first, whatever was typed.
    first = [one for one in here if one.model.id == chosen]
    others = [one for one in found if one.model.id != chosen and len(one.model.id) <= LABEL]
    options = [_model(one, draft.takes, chosen=True) for one in first]
    if seen.model and not first and len(seen.model.id) <= LABEL:  # one that is not offered, as it needs a film
        options = [SelectOption(label=shorten(plain(seen.model.name), LABEL), value=seen.model.id, default=True)]
    options += [_model(one, draft.takes) for one in others[: MOST - len(options) - more]]
    if more:
        options.append(SelectOption(label=gettext("Search all models …"), value=SEARCH))
    return _menu(gettext("Model"), "model", options, seen) if options else None


def matching(number: int, typed: str) -> str:
    """Return how many models match what was typed."""
    typed = inert(typed, 80)
    if not number:
        return gettext("No model matches “{typed}”.", typed=typed)
    return ngettext(
        "{n} model matches “{typed}”. Pick it from the menu.",
        "{n} models match “{typed}”. Pick one from the menu.",
        number,
        typed=typed,
    )


def _model(choice: ModelChoice, takes: int, *, chosen: bool = False) -> SelectOption:
    name, price = plain(choice.model.name), autocomplete.price_words(choice, takes)
    differs = " · ".join(autocomplete.difference_words(choice))
    if choice.refused:
        label, description = shorten(name, LABEL), gettext("Not for this draft: {why}", why=price)
    else:
        label, description = f"{shorten(name, LABEL - len(price) - 3)} · {price}", differs
    return SelectOption(
        label=label,
        value=choice.model.id,
        description=shorten(description, LABEL) or None,
        default=chosen,
    )


def choices(seen: Outlook) -> list[ui.Item[Any]]:
    """Return a menu for each setting of which the model publishes values; a button where they are too many for one."""
    request, given = seen.request, seen.draft.options
    found: list[ui.Item[Any]] = []
    for name, offered in (("duration", seen.lengths), ("resolution", seen.resolutions), ("aspect_ratio", seen.shapes)):
        value = getattr(request or given, name)
        shown = OPTIONS[name].shown
        if len(offered) > MOST:
            now = gettext("not chosen") if value is None else shown(value)
            label = shorten(gettext(_LABELS[name], value=now), 80)
            found.append(ids.OPEN.button(label, what=name, **ids.of(seen.draft)))
        elif offered:
            options = [
                SelectOption(label=shorten(shown(one), LABEL), value=str(one)[:LABEL], default=one == value)
                for one in offered
            ]
            found.append(_menu(gettext(MENUS[name]), name, options, seen))
    return found


def _menu(title: str, what: str, options: Sequence[discord.SelectOption], seen: Outlook) -> ui.Select[Any]:
    menu = ids.CHOOSE.select(options, what=what, **ids.of(seen.draft))
    menu.placeholder = title
    return menu
