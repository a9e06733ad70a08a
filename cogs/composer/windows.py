"""The windows of the panel: what they ask, and what is changed by what was filled in."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, get_args, get_type_hints

import discord
from discord import SelectOption, ui

from cogs.command_texts import CONTEXT
from cogs.composer import ids
from cogs.composer.menus import MENUS
from cogs.composer.outlook import Outlook
from cogs.composer.provider_fields import provider_label, provider_values
from cogs.interactions.text import inert, shorten
from cogs.interactions.windows import Fields
from dailies.catalog.options import OPTIONS, SECONDS, Options, VideoSettings
from dailies.catalog.provider_options import OptionField
from dailies.draft import Draft
from dailies.explain.sentences import listed
from dailies.language import gettext, pgettext
from dailies.openrouter.models import VideoModel

PROMPT, SETTINGS, SEARCH = "prompt", "options", "search"
"""Names of windows; that of a setting with too many values for a menu is the setting's."""
FIRST, SECOND = "prompt", "more"
TYPED = "typed"
_FIRST_MOST, _SECOND_MOST = 4000, 2000
_LABEL, _DESCRIPTION, _PLACEHOLDER = 45, 100, 100
_FIELDS_MOST = 5
_TYPED_MOST, _SETTING_MOST = 20, 100
_ON, _OFF = "on", "off"


def prompt_window(draft: Draft) -> ui.Modal:
    """Return the window of the prompt: two fields, because Discord takes 4,000 characters in one."""
    first, second = split(draft.options.prompt)
    return ids.SENT.window(
        gettext("Prompt"),
        _long(gettext("Prompt"), FIRST, first, _FIRST_MOST, gettext("What happens, and what should stay the same")),
        _long(
            gettext("Prompt, continued"),
            SECOND,
            second,
            min(max(_SECOND_MOST, _size(second)), _FIRST_MOST),
            gettext("If the first field is full"),
        ),
        what=PROMPT,
        **ids.of(draft),
    )


def search_window(draft: Draft) -> ui.Modal:
    """Return the window that searches all models."""
    placeholder = gettext("Part of a name, as in kling")
    field: ui.TextInput[Any] = ui.TextInput(custom_id=TYPED, max_length=80, placeholder=placeholder)
    label = ui.Label[Any](text=gettext("Model"), component=field)
    return ids.SENT.window(gettext("Search models"), label, what=SEARCH, **ids.of(draft))


def typed_window(seen: Outlook, name: str) -> ui.Modal:
    """Return the window of a setting with too many values for a menu."""
    offered = {"duration": seen.lengths, "resolution": seen.resolutions, "aspect_ratio": seen.shapes}[name]
    value = getattr(seen.request or seen.draft.options, name)
    field: ui.TextInput[Any] = ui.TextInput(
        custom_id=TYPED, max_length=_TYPED_MOST, default=_short(value, _TYPED_MOST), required=False
    )
    said = gettext("Offered: {values}", values=listed(offered))
    if OPTIONS[name].unit == SECONDS:
        said = gettext("Offered: {values} seconds", values=listed(offered))
    title = gettext(MENUS[name])
    label = ui.Label[Any](text=title, description=shorten(said, _DESCRIPTION), component=field)
    return ids.SENT.window(title, label, what=name, **ids.of(seen.draft))


def settings_window(seen: Outlook) -> ui.Modal | None:
    """Return the window of the settings without a menu; None when the model has none of them."""
    labels = [_setting(name, seen) for name in settings_of(seen.model)]
    labels = [*labels, *map(provider_label, seen.provider)][:_FIELDS_MOST]
    return ids.SENT.window(gettext("Options"), *labels, what=SETTINGS, **ids.of(seen.draft)) if labels else None


def has_settings(seen: Outlook) -> bool:
    """Tell if there is anything to be set in that window."""
    return bool(settings_of(seen.model) or seen.provider)


def settings_of(model: VideoModel | None) -> list[str]:
    """Return the settings without a menu that the model may take."""
    lacking = set[str]()
    if model is None or not model.audio:
        lacking.add("audio")
    if model is not None and model.seed is False:
        lacking.add("seed")
    return [name for name in OPTIONS if name not in MENUS and name not in lacking]


def _setting(name: str, seen: Outlook) -> ui.Label[Any]:
    option, value = OPTIONS[name], getattr(seen.request or seen.draft.options, name)
    field: ui.Item[Any]
    if bool in _kinds(name):
        entries = (
            (_ON, pgettext("setting", "On"), value is not False),
            (_OFF, pgettext("setting", "Off"), value is False),
        )
        field = ui.Select(
            custom_id=name, options=[SelectOption(value=key, label=label, default=on) for key, label, on in entries]
        )
    else:
        field = ui.TextInput(
            custom_id=name,
            default=_short(value, _SETTING_MOST),
            required=False,
            max_length=_SETTING_MOST,
            placeholder=gettext(option.empty),
        )
    description = shorten(pgettext(CONTEXT, option.description), _DESCRIPTION)
    return ui.Label(text=gettext(option.label)[:_LABEL], description=description, component=field)


def _short(value: object, most: int) -> str | None:
    """Return a value as a field's text; None for one that does not fit, which no model offers."""
    text = "" if value is None else str(value)
    return text if 0 < len(text) <= most else None


def filled(options: Options, fields: Fields, provider: Sequence[OptionField] = ()) -> tuple[Options, list[str]]:
    """Return options with the settings that were filled in by their names, and what could not be read, in words.

    provider: the fields of the model's provider.
    """
    values, unread = provider_values(options.provider_options, fields, provider)
    changes: dict[str, Any] = {"provider_options": values}
    for name, value in fields.items():
        if name not in OPTIONS:
            continue
        try:
            changes[name] = read(name, value)
        except ValueError:
            unread.append(
                gettext(
                    "{setting} has to be a whole number, so “{typed}” was left out.",
                    setting=gettext(OPTIONS[name].label),
                    typed=inert(str(value), 40),
                )
            )
    return replace(options, **changes), unread


def read(name: str, value: str | Sequence[str]) -> bool | int | str | None:
    """Return the value of a setting that was filled in; None for an empty field. Raises ValueError for no number."""
    text = (value if isinstance(value, str) else "".join(value)).strip()
    kinds = _kinds(name)
    if not text:
        return None
    if bool in kinds:
        return text == _ON
    if int in kinds:
        number = re.fullmatch(r"([+-]?[0-9]{1,18})\s*(?:s|sec|seconds?)?", text, re.IGNORECASE | re.ASCII)
        if number is None:
            raise ValueError(text)
        return int(number[1])
    return text


def _kinds(name: str) -> tuple[Any, ...]:
    return get_args(get_type_hints(VideoSettings)[name])


def _long(label: str, name: str, value: str, most: int, placeholder: str) -> ui.Label[Any]:
    field: ui.TextInput[Any] = ui.TextInput(
        style=discord.TextStyle.paragraph,
        custom_id=name,
        default=value or None,
        max_length=most,
        required=False,
        placeholder=shorten(placeholder, _PLACEHOLDER),
    )
    return ui.Label(text=label, component=field)


def split(prompt: str) -> tuple[str, str]:
    """Return a prompt in two parts that fit into the fields, parted at a space if possible; `joined` undoes it."""
    if _size(prompt) <= _FIRST_MOST:
        return prompt, ""
    end = min(len(prompt), _FIRST_MOST)
    while (over := _size(prompt[:end]) - _FIRST_MOST) > 0:
        end -= max(1, over // 2)
    if _size(prompt[end:]) > _FIRST_MOST:  # then Discord counts characters, or it would not have taken it
        end = _FIRST_MOST
    space = max(prompt.rfind(" ", 0, end), prompt.rfind("\n", 0, end)) + 1
    if space and _size(prompt[space:]) <= _SECOND_MOST:
        end = space
    return prompt[:end], prompt[end:]


def joined(first: str, second: str) -> str:
    """Return the prompt of two fields."""
    if not first or not second:
        return first or second
    whole = _size(first) >= _FIRST_MOST or first[-1].isspace() or second[0].isspace()
    return f"{first}{second}" if whole else f"{first} {second}"


def _size(text: str) -> int:
    """Count UTF-16 code units, the most that anything at Discord counts."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
