"""Views of /settings: the panel with a row for each setting, its windows, and the question before a value is saved."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from typing import Any, cast

import discord
from discord import SelectOption, ui

from cogs import autocomplete
from cogs.interactions.permissions import POSTABLE
from cogs.interactions.text import Words, fitted, inert, plain, relative, shorten, words_view
from cogs.settings import ids
from cogs.settings.state import State
from dailies.catalog.guide import ModelGuide
from dailies.explain import sentence
from dailies.formatting import usd
from dailies.reason import Reason
from dailies.server_settings import ROLES_MOST, SERVER_SETTINGS, WORD_MOST, Kind, as_text, offered_now
from dailies.store.server_settings import Change

CHOSEN, TYPED = "chosen", "typed"
"""Fields of a window."""
MENU = 25
"""Maximum entries of a menu."""
HEAD = """### This server's settings
-# They hold for new drafts and commands here. Videos that were started stay as they are."""
FOOT = "-# Budgets are set with /budget. The operators' channel and every ceiling belong to the bot's operator."
_BLUE = 0x5865F2
_NAME = 80


def panel(state: State, said: str = "") -> ui.LayoutView:
    """Return the panel. said: a line above it, our own markup."""
    container: ui.Container[ui.LayoutView] = ui.Container(accent_colour=discord.Colour(_BLUE))
    container.add_item(Words(f"{said}\n{HEAD}" if said else HEAD))
    for name, setting in SERVER_SETTINGS.items():
        lines = [f"**{setting.label}** · {value_words(name, state.value(name), state.guide)}"]
        lines += [f"-# {line}" for line in (_source(state, name), *_warnings(state, name), setting.help) if line]
        container.add_item(Words("\n".join(lines), cut=1))
        row: ui.ActionRow[ui.LayoutView] = ui.ActionRow()
        row.add_item(ids.CHANGE.button(f"Change {setting.label.lower()}", name=name))
        if state.own(name) is not None:
            row.add_item(ids.RESET.button(f"Reset {setting.label.lower()}", name=name))
        container.add_item(row)
    container.add_item(Words(FOOT))
    view = ui.LayoutView(timeout=None)
    return fitted(view.add_item(container))


def _source(state: State, name: str) -> str:
    change = state.changes.get(name)
    if state.own(name) is not None:
        return f"This server{_changed(change)}"
    return f"The bot's default{_changed(change, 'reset')}"


def _changed(change: Change | None, how: str = "set") -> str:
    if change is None:
        return ""
    by = "" if change.by is None else f" by <@{change.by}>"
    return f" · {how}{by} {relative(change.at)}"


def _warnings(state: State, name: str) -> list[str]:
    warning, holds = state.unmet.get(name), state.holding(name)
    capped = holds != state.value(name)
    lines = [f"The bot's ceiling holds: {value_words(name, holds, state.guide)}"] if capped else []
    if name == "model" and state.notes:
        lines.append(inert("; ".join(map(sentence, state.notes)), 300))
    if warning:
        lines.append(f"With the default model: {inert(sentence(warning), 100)}")
    return lines


def value_words(name: str, value: object, guide: ModelGuide) -> str:
    """Return a value as the panel shows it."""
    setting = SERVER_SETTINGS[name]
    if isinstance(value, bool):
        return "On" if value else "Off"
    if setting.kind is Kind.CHANNEL:
        return "none" if value is None else f"<#{value}>"
    if setting.kind is Kind.ROLES:
        roles = cast("Collection[int]", value)
        return " ".join(f"<@&{role}>" for role in sorted(roles)) or "everyone in the channel"
    if setting.kind is Kind.AMOUNT:
        return "never" if value is None else usd(Decimal(str(value))) if value else "$0, so every price"
    if setting.kind is Kind.MODEL and (model := guide.model(str(value))):
        return inert(model.name, _NAME)
    return inert(f"{value}{setting.unit}", _NAME)


def window(state: State, name: str) -> ui.Modal:
    """Return the window of a setting: a menu where there is something to choose from, else a field. A model has both,
    because a menu does not hold all of them. Raises CatalogMissing.
    """
    setting = SERVER_SETTINGS[name]
    if setting.kind in (Kind.CHANNEL, Kind.ROLES):
        label = ui.Label(text=setting.label, description=setting.help or None, component=_discords(state, name))
        return ids.SENT.window(setting.label, label, name=name)
    options = _models(state) if setting.kind is Kind.MODEL else _offered(state, name)
    labels: list[ui.Label[Any]] = []
    if options:
        menu: ui.Select[Any] = ui.Select(custom_id=CHOSEN, options=options, required=setting.kind is not Kind.MODEL)
        labels.append(ui.Label(text=setting.label, description=setting.help or None, component=menu))
    if setting.kind is Kind.MODEL or not options:
        labels.append(_field(state, name, beside=bool(options)))
    return ids.SENT.window(setting.label, *labels, name=name)


def _discords(state: State, name: str) -> ui.ChannelSelect[Any] | ui.RoleSelect[Any]:
    """Return a menu of the server's channels or roles, which Discord fills."""
    own: Any = state.own(name)
    if SERVER_SETTINGS[name].kind is Kind.CHANNEL:
        kept = [discord.Object(own, type=discord.abc.GuildChannel)] if own else []
        return ui.ChannelSelect(custom_id=CHOSEN, channel_types=POSTABLE, default_values=kept, required=True)
    roles = [discord.Object(role, type=discord.Role) for role in sorted(own or ())]
    return ui.RoleSelect(custom_id=CHOSEN, max_values=ROLES_MOST, default_values=roles, required=True)


def _models(state: State) -> list[SelectOption]:
    chosen = state.guide.default_model
    found = [one for one in autocomplete.models(state.guide, "") if len(one.value) <= ids.VALUE_MOST]
    return [SelectOption(label=one.name, value=one.value, default=one.value == chosen) for one in found[:MENU]]


def _offered(state: State, name: str) -> list[SelectOption]:
    values = offered_now(name, state.guide) or ()
    if len(values) > MENU:
        return []
    return [
        SelectOption(
            label=shorten(plain(value_words(name, one, state.guide)), 100),
            value=as_text(one),
            default=one == state.value(name),
        )
        for one in values
    ]


def _field(state: State, name: str, *, beside: bool) -> ui.Label[Any]:
    setting, value = SERVER_SETTINGS[name], state.own(name)
    if setting.kind is Kind.MODEL:
        field = ui.TextInput[Any](custom_id=TYPED, required=not beside, max_length=80, placeholder="As in kling")
        return ui.Label(text="Or part of another name" if beside else setting.label, component=field)
    filled = None if value is None else as_text(value)
    field = ui.TextInput[Any](custom_id=TYPED, max_length=WORD_MOST, default=filled, placeholder=_example(name, state))
    return ui.Label(text=setting.label, description=setting.help or None, component=field)


def _example(name: str, state: State) -> str:
    bots = state.operators(name)
    if SERVER_SETTINGS[name].kind is Kind.AMOUNT:
        return "USD, as in 0.25" if bots is None else f"USD, {bots:f} at most"
    return f"As in {bots}"


def question(name: str, value: object, guide: ModelGuide, unmet: Mapping[str, Reason]) -> ui.LayoutView:
    """Return what the default model will make otherwise, with a button that saves the value all the same."""
    label, words = SERVER_SETTINGS[name].label, value_words(name, value, guide)
    changes = ", ".join(inert(sentence(one), 100) for one in unmet.values())
    model = guide.model(None)
    by = inert(model.name, _NAME) if model else "The default model"
    view = words_view(
        f"### {label}: {words}\n"
        f"{by} doesn't offer everything that is set here. Where nobody picks something else, its videos would come "
        f"with: {changes}. Other models keep to the settings.\n"
        "-# Nothing is saved yet."
    )
    row: ui.ActionRow[ui.LayoutView] = ui.ActionRow()
    row.add_item(ids.SAVE.button("Save", discord.ButtonStyle.primary, name=name, value=as_text(value)))
    row.add_item(ids.SHOW.button("Back"))
    return view.add_item(row)


def chosen(fields: Mapping[str, Any]) -> tuple[str, str]:
    """Return what was chosen in a window's menu, with commas between several, and what was typed; empty: nothing."""
    menu: Sequence[str] = fields.get(CHOSEN) or ()
    return ",".join(menu), str(fields.get(TYPED) or "").strip()
