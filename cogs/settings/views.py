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
from dailies.formatting import joined, usd
from dailies.language import NATIVE_NAMES, gettext
from dailies.reason import Reason
from dailies.server_settings import ROLES_MOST, SERVER_SETTINGS, WORD_MOST, Kind, as_text, offered_now
from dailies.store.server_settings import Change

CHOSEN, TYPED = "chosen", "typed"
"""Fields of a window."""
MENU = 25
"""Maximum entries of a menu."""
_BLUE = 0x5865F2
_NAME = 80


def panel(state: State, said: str = "") -> ui.LayoutView:
    """Return the panel. said: a line above it, our own markup."""
    container: ui.Container[ui.LayoutView] = ui.Container(accent_colour=discord.Colour(_BLUE))
    container.add_item(Words(f"{said}\n{_head()}" if said else _head()))
    for name, setting in SERVER_SETTINGS.items():
        lines = [f"**{gettext(setting.label)}** · {value_words(name, state.value(name), state.guide)}"]
        notes = (_source(state, name), *_warnings(state, name), gettext(setting.help))
        lines += [f"-# {line}" for line in notes if line]
        container.add_item(Words("\n".join(lines), cut=1))
        row: ui.ActionRow[ui.LayoutView] = ui.ActionRow()
        row.add_item(ids.CHANGE.button(gettext(setting.change), name=name))
        if state.own(name) is not None:
            row.add_item(ids.RESET.button(gettext(setting.reset), name=name))
        container.add_item(row)
    foot = gettext(
        "Budgets are set with /budget. The operators' channel and every ceiling belong to the bot's operator."
    )
    container.add_item(Words(f"-# {foot}"))
    view = ui.LayoutView(timeout=None)
    return fitted(view.add_item(container))


def _head() -> str:
    title = gettext("This server's settings")
    hold = gettext("They hold for new drafts and commands here. Videos that were started stay as they are.")
    return f"### {title}\n-# {hold}"


def _source(state: State, name: str) -> str:
    """Say whose value holds, and who changed it when."""
    change = state.changes.get(name)
    own = state.own(name) is not None
    source = gettext("This server") if own else gettext("The bot's default")
    if change is None:
        return source
    return f"{source} · {_set(change) if own else _reset(change)}"


def _set(change: Change) -> str:
    if change.by is None:
        return gettext("set {when}", when=relative(change.at))
    return gettext("set by {person} {when}", person=f"<@{change.by}>", when=relative(change.at))


def _reset(change: Change) -> str:
    if change.by is None:
        return gettext("reset {when}", when=relative(change.at))
    return gettext("reset by {person} {when}", person=f"<@{change.by}>", when=relative(change.at))


def _warnings(state: State, name: str) -> list[str]:
    warning, holds = state.unmet.get(name), state.holding(name)
    capped = holds != state.value(name)
    lines: list[str] = []
    if capped:
        lines.append(gettext("The bot's ceiling holds: {value}", value=value_words(name, holds, state.guide)))
    if name == "model" and state.notes:
        lines.append(inert("; ".join(map(sentence, state.notes)), 300))
    if warning:
        lines.append(gettext("With the default model: {change}", change=inert(sentence(warning), 100)))
    return lines


def value_words(name: str, value: object, guide: ModelGuide) -> str:
    """Return a value as the panel shows it."""
    kind = SERVER_SETTINGS[name].kind
    if isinstance(value, bool):
        return gettext("On") if value else gettext("Off")
    if name == "duration":
        return gettext("{seconds} s", seconds=value)
    if kind is Kind.LANGUAGE:
        return gettext("as set in Discord") if value is None else NATIVE_NAMES[str(value)]
    if kind is Kind.CHANNEL:
        return gettext("none") if value is None else f"<#{value}>"
    if kind is Kind.ROLES:
        roles = cast("Collection[int]", value)
        return " ".join(f"<@&{role}>" for role in sorted(roles)) or gettext("everyone in the channel")
    if kind is Kind.AMOUNT:
        return _amount(value)
    if kind is Kind.MODEL and (model := guide.model(str(value))):
        return inert(model.name, _NAME)
    return inert(str(value), _NAME)


def _amount(value: object) -> str:
    if value is None:
        return gettext("never")
    amount = usd(Decimal(str(value)))
    return amount if value else gettext("$0, so every price")


def window(state: State, name: str) -> ui.Modal:
    """Return the window of a setting: a menu where there is something to choose from, else a field. A model has both,
    because a menu does not hold all of them. Raises CatalogMissing.
    """
    kind, title = SERVER_SETTINGS[name].kind, gettext(SERVER_SETTINGS[name].label)
    if kind in (Kind.CHANNEL, Kind.ROLES):
        return ids.SENT.window(title, _labelled(name, _discords(state, name)), name=name)
    options = _options(state, name)
    labels: list[ui.Label[Any]] = []
    if options:
        menu: ui.Select[Any] = ui.Select(custom_id=CHOSEN, options=options, required=kind is not Kind.MODEL)
        labels.append(_labelled(name, menu))
    if kind is Kind.MODEL or not options:
        labels.append(_field(state, name, beside=bool(options)))
    return ids.SENT.window(title, *labels, name=name)


def _labelled(name: str, component: ui.Item[Any]) -> ui.Label[Any]:
    setting = SERVER_SETTINGS[name]
    return ui.Label(text=gettext(setting.label), description=gettext(setting.help) or None, component=component)


def _discords(state: State, name: str) -> ui.ChannelSelect[Any] | ui.RoleSelect[Any]:
    """Return a menu of the server's channels or roles, which Discord fills."""
    own: Any = state.own(name)
    if SERVER_SETTINGS[name].kind is Kind.CHANNEL:
        kept = [discord.Object(own, type=discord.abc.GuildChannel)] if own else []
        return ui.ChannelSelect(custom_id=CHOSEN, channel_types=POSTABLE, default_values=kept, required=True)
    roles = [discord.Object(role, type=discord.Role) for role in sorted(own or ())]
    return ui.RoleSelect(custom_id=CHOSEN, max_values=ROLES_MOST, default_values=roles, required=True)


def _options(state: State, name: str) -> list[SelectOption]:
    """Return the entries of a setting's menu; none: its value is typed."""
    kind = SERVER_SETTINGS[name].kind
    if kind is Kind.LANGUAGE:
        now = state.own(name)
        return [SelectOption(label=own, value=code, default=code == now) for code, own in NATIVE_NAMES.items()]
    return _models(state) if kind is Kind.MODEL else _offered(state, name)


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
        example = gettext("As in {example}", example="kling")
        field = ui.TextInput[Any](custom_id=TYPED, required=not beside, max_length=80, placeholder=example)
        text = gettext("Or part of another name") if beside else gettext(setting.label)
        return ui.Label(text=text, component=field)
    filled = None if value is None else as_text(value)
    field = ui.TextInput[Any](custom_id=TYPED, max_length=WORD_MOST, default=filled, placeholder=_example(name, state))
    return _labelled(name, field)


def _example(name: str, state: State) -> str:
    bots = state.operators(name)
    if SERVER_SETTINGS[name].kind is Kind.AMOUNT:
        return gettext("USD, as in 0.25") if bots is None else gettext("USD, {most} at most", most=f"{bots:f}")
    return gettext("As in {example}", example=bots)


def question(name: str, value: object, guide: ModelGuide, unmet: Mapping[str, Reason]) -> ui.LayoutView:
    """Return what the default model will make otherwise, with a button that saves the value all the same."""
    label, words = gettext(SERVER_SETTINGS[name].label), value_words(name, value, guide)
    changes = joined([inert(sentence(one), 100) for one in unmet.values()])
    model = guide.model(None)
    by = inert(model.name, _NAME) if model else gettext("The default model")
    said = gettext(
        "{model} doesn't offer everything that is set here. Where nobody picks something else, its videos would come "
        "with: {changes}. Other models keep to the settings.",
        model=by,
        changes=changes,
    )
    nothing = gettext("Nothing is saved yet.")
    view = words_view(f"### {label}: {words}\n{said}\n-# {nothing}")
    row: ui.ActionRow[ui.LayoutView] = ui.ActionRow()
    row.add_item(ids.SAVE.button(gettext("Save"), discord.ButtonStyle.primary, name=name, value=as_text(value)))
    row.add_item(ids.SHOW.button(gettext("Back")))
    return view.add_item(row)


def chosen(fields: Mapping[str, Any]) -> tuple[str, str]:
    """Return what was chosen in a window's menu, with commas between several, and what was typed; empty: nothing."""
    menu: Sequence[str] = fields.get(CHOSEN) or ()
    return ",".join(menu), str(fields.get(TYPED) or "").strip()
