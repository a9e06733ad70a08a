"""The window in which a draft's names of the cast are chosen."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from discord import SelectOption, ui

from cogs.composer import ids
from cogs.interactions.text import inert, plain, shorten
from cogs.interactions.windows import Fields
from cogs.video.cast_names import names_in
from dailies.cast.entry import CastEntry
from dailies.cast.resolve import Cast
from dailies.catalog.prompt_names import key_of, mentioned
from dailies.draft import Draft
from dailies.errors import RefusedError
from dailies.formatting import joined
from dailies.language import gettext, gettext_noop, ngettext

CAST = "cast"
"""The window's name, and its field's."""
NOBODY_YET = gettext_noop("There's nobody in the cast here yet. Add someone with /cast add.")
_OPTIONS_MOST = 25


def cast_window(draft: Draft, cast: Cast) -> ui.Modal:
    """Return the window: a menu of the names, or a text field where they are too many for a menu."""
    chosen = {key_of(name) for one in draft.sources for name in one.cast}
    entries = list(cast.by_key.values())
    if len(entries) > _OPTIONS_MOST:
        text = " ".join(f"@{one.name}" for one in entries if one.key in chosen)
        field: ui.TextInput[Any] = ui.TextInput(custom_id=CAST, default=text or None, required=False, max_length=1000)
        label = ui.Label[Any](
            text=gettext("Cast"), description=gettext("Names from /cast list, as in @hero @villain"), component=field
        )
        return ids.SENT.window(gettext("Cast"), label, what=CAST, **ids.of(draft))
    options = [
        SelectOption(
            label=shorten(plain(f"@{one.name}"), 100),
            value=one.id,
            description=_note(one),
            default=one.key in chosen,
        )
        for one in entries
    ]
    menu: ui.Select[Any] = ui.Select(
        custom_id=CAST, options=options, min_values=0, max_values=len(options), required=False
    )
    label = ui.Label[Any](text=gettext("Cast"), description=gettext("Their pictures become references"), component=menu)
    return ids.SENT.window(gettext("Cast"), label, what=CAST, **ids.of(draft))


def _note(entry: CastEntry) -> str:
    number = len(entry.pictures)
    return shorten(plain(entry.note) or ngettext("{n} picture", "{n} pictures", number), 100)


def chosen_names(fields: Fields, cast: Cast) -> list[str]:
    """Return the names that were chosen or typed, without the @."""
    given = fields.get(CAST) or ()
    if isinstance(given, str):
        return names_in(given)
    return [one.name for one in cast.by_key.values() if one.id in given]


def reworded(draft: Draft, cast: Cast, prompt: str) -> tuple[Draft, str]:
    """Return a draft with another prompt and the pictures of its names; those that only the earlier one had go."""
    options = replace(draft.options, prompt=prompt)
    try:
        sources = cast.resolve(options, draft.sources, before=draft.options.prompt).sources
    except RefusedError:  # the panel says why
        sources = draft.sources
    return replace(draft, options=options, sources=sources), ""


def recast(draft: Draft, cast: Cast, fields: Fields) -> tuple[Draft, str]:
    """Return a draft with the names of the cast that were chosen, and what is worth saying about it.

    Raises OptionRefused for a typed name that there is not.
    """
    names = chosen_names(fields, cast)
    stays = [key for key in mentioned(draft.options.prompt, cast.by_key) if key not in {*map(key_of, names)}]
    keys = {*map(key_of, names), *stays}
    kept = [one for one in draft.sources if not one.cast or keys & {*map(key_of, one.cast)}]
    sources = cast.resolve(draft.options, kept, chosen=names).sources
    if not stays:
        return replace(draft, sources=sources), ""
    listed = joined([inert(f"@{cast.by_key[key].name}", 60) for key in stays])
    said = gettext("Still in, because your prompt mentions them: {names}.", names=listed)
    return replace(draft, sources=sources), said
