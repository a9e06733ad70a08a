"""The fields of the Options window that belong to a model's provider."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import discord
from discord import SelectOption, ui

from cogs.interactions.text import inert, shorten
from cogs.interactions.windows import Fields
from dailies.catalog.provider_options import Kind, OptionField
from dailies.errors import OptionRefused
from dailies.explain import sentence
from dailies.language import gettext, pgettext

_PREFIX = "provider:"
_OWN = "own"
_LABEL, _DESCRIPTION, _ENTRY, _TEXT = 45, 100, 100, 4000
_PROBLEM = 300


def provider_label(field: OptionField) -> ui.Label[Any]:
    """Return the field for an option of the provider, filled in with its value."""
    option = field.option
    return ui.Label(
        text=shorten(gettext(option.label), _LABEL),
        description=shorten(field.hint[:1].upper() + field.hint[1:], _DESCRIPTION),
        component=_menu(field) if option.kind in (Kind.SWITCH, Kind.CHOICE) else _text(field),
    )


def _menu(field: OptionField) -> ui.Select[Any]:
    option, value = field.option, field.value
    offered = {one: gettext(words) for one, words in option.choices.items()}
    if option.kind is Kind.SWITCH:
        offered = {"yes": pgettext("setting", "On"), "no": pgettext("setting", "Off")}
    now = ("yes" if value else "no") if isinstance(value, bool) else _OWN if value is None else str(value)
    entries = [SelectOption(value=_OWN, label=gettext("The model's own"), default=now not in offered)]
    entries += [
        SelectOption(value=one, label=shorten(words, _ENTRY), default=one == now) for one, words in offered.items()
    ]
    return ui.Select(custom_id=f"{_PREFIX}{option.name}", options=entries[:25])


def _text(field: OptionField) -> ui.TextInput[Any]:
    option = field.option
    long = option.kind is Kind.TEXT
    return ui.TextInput(
        custom_id=f"{_PREFIX}{option.name}",
        style=discord.TextStyle.paragraph if long else discord.TextStyle.short,
        default=field.text[:_TEXT] or None,
        required=False,
        max_length=min(_TEXT, int(option.most)) if long else 20,
        placeholder=gettext("Leave empty for the model's own"),
    )


def provider_values(
    before: Mapping[str, object], filled: Fields, fields: Sequence[OptionField]
) -> tuple[dict[str, object], list[str]]:
    """Return values by name as they were filled in, and what could not be read, in words: it stays as it was before."""
    values, unread = dict(before), list[str]()
    for option in (one.option for one in fields):
        typed = filled.get(f"{_PREFIX}{option.name}")
        if typed is None:
            continue
        text = typed if isinstance(typed, str) else "".join(typed)
        try:
            value = None if text == _OWN else option.read(text)
        except OptionRefused as error:
            label, problem = inert(gettext(option.label), _LABEL), inert(sentence(error.problem), _PROBLEM)
            unread.append(gettext("{option} {problem}.", option=label, problem=problem))
            continue
        values.pop(option.name, None)
        if value is not None:
            values[option.name] = value
    return values, unread
