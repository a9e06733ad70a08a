"""The button, the menu entry, the field or the file that the words of a story mean."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sandbox.discord import Upload
from sandbox.discord.commands import ATTACHMENT, CHANNEL, CHAT_INPUT, MENTIONABLE, ROLE, USER
from sandbox.discord.component_tree import CHANNEL_SELECT, ROLE_SELECT, STRING_SELECT, USER_SELECT
from sandbox.discord.jsontypes import JsonObject, is_list, objects
from sandbox.discord.modals import CHECKBOX, CHECKBOX_GROUP, FILE_UPLOAD, RADIO_GROUP, SELECTS, TEXT_INPUT
from sandbox.discord.options import PersonError, subcommand
from sandbox.discord.world import World
from sandbox.play.strict import nearest
from sandbox.play.texts import beginning, buttons_of, fields_of, label_of, listed, menu_name, menus_of, placeholder
from sandbox.stack import Stack

SAMPLES = Path(__file__).resolve().parent.parent / "assets"


class NotThere(Exception):
    """Something that a step names is not there, or not yet; the text says what there is instead."""


def button(message: JsonObject, label: str, where: str) -> JsonObject:
    """Return the button whose label begins so. Raises NotThere."""
    offered = buttons_of(message)
    found = beginning(label, [(label_of(one), one) for one in offered])
    if not found:
        raise NotThere(f'"{label}": no such button under {where}; {listed([label_of(one) for one in offered])}')
    usable = [one for one in found if not one.get("disabled")]
    if not usable:
        raise NotThere(f'the button "{label_of(found[0])}" under {where} is disabled')
    if len({label_of(one) for one in usable}) > 1:
        names = listed([label_of(one) for one in usable])
        raise NotThere(f'"{label}" is the beginning of several buttons under {where}; {names}')
    if "custom_id" not in usable[0]:
        raise NotThere(f'the button "{label_of(usable[0])}" under {where} is a link, which opens in a browser')
    return usable[0]


def menu(message: JsonObject, words: str, where: str) -> JsonObject:
    """Return the menu whose words begin so. Raises NotThere."""
    offered = menus_of(message)
    named = [(name, number) for number, one in enumerate(offered) for name in {menu_name(one), placeholder(one)}]
    found = [offered[number] for number in dict.fromkeys(beginning(words, named))]
    if len(found) != 1:
        problem = "no such menu" if not found else "more than one such menu"
        raise NotThere(f'"{words}": {problem} under {where}; {listed([menu_name(one) for one in offered])}')
    if found[0].get("disabled"):
        raise NotThere(f'the menu "{menu_name(found[0])}" under {where} is disabled')
    return found[0]


def entries(of: JsonObject, words: list[str], world: World, name: str) -> list[str]:
    """Return the values of a menu's entries that begin with the words. Raises NotThere."""
    kind = of["type"]
    if kind in (STRING_SELECT, RADIO_GROUP, CHECKBOX_GROUP):
        named = [(str(option["label"]), str(option["value"])) for option in objects(of.get("options"))]
    else:
        named: list[tuple[str, str]] = []
        if kind not in (ROLE_SELECT, CHANNEL_SELECT):
            named += [(user.global_name or user.username, user.id) for user in world.users.values()]
        if kind not in (USER_SELECT, CHANNEL_SELECT):
            named += [(role.name, role.id) for role in world.guild.roles.values()]
        if kind == CHANNEL_SELECT:
            named += [(one.name, one.id) for one in world.channels.values() if one.name]
    chosen: list[str] = []
    for word in words:
        found = beginning(word, named)
        if len(found) != 1:
            problem = "no such entry" if not found else "more than one such entry"
            raise NotThere(f'"{word}": {problem} in "{name}"; {listed([label for label, _ in named])}')
        chosen.append(found[0])
    return chosen


def upload(folder: Path, name: str) -> Upload:
    """Return a file beside the story, or else a sample of the sandbox. Raises NotThere."""
    for place in (folder / name, SAMPLES / name):
        if place.is_file():
            return Upload(place.name, place.read_bytes())
    samples = sorted(path.name for path in SAMPLES.glob("*.jpg"))
    raise NotThere(f'there is no file "{name}" beside the story; the sandbox has {" and ".join(samples)}')


def options_of(stack: Stack, command: str) -> dict[str, JsonObject]:
    """Return the options that a command has, by name. Raises NotThere for an unknown one."""
    name, *path = command.split(" ")
    world = stack.discord.world
    found = stack.discord.commands.find(world.guild.id, name, CHAT_INPUT)
    if found is None:
        known = [
            f"/{one['name']}" for one in stack.discord.commands.visible(world.guild.id) if one["type"] == CHAT_INPUT
        ]
        raise NotThere(f"there is no command /{name}; {listed(known)}")
    try:
        definition, _ = subcommand(found, path)
    except PersonError as error:
        raise NotThere(f"{error} It has: {', '.join(o['name'] for o in objects(found.get('options')))}") from None
    return {str(option["name"]): option for option in objects(definition.get("options"))}


def filled_options(
    command: str, options: Mapping[str, JsonObject], given: Mapping[str, Any], world: World, folder: Path
) -> dict[str, object]:
    """Return options as Discord's client sends them: files read; people, channels and roles by their ids.

    Raises NotThere for an unknown option, file or name.
    """
    filled: dict[str, object] = {}
    for key, value in given.items():
        if key not in options:
            raise NotThere(f'/{command} has no option "{key}"{nearest(key, options)}; {listed(list(options))}')
        filled[key] = _option(options[key], value, world, folder)
    return filled


def _option(option: JsonObject, value: object, world: World, folder: Path) -> object:
    kind, name = option["type"], str(option["name"])
    if kind == ATTACHMENT:
        return upload(folder, str(value))
    menus = {USER: USER_SELECT, ROLE: ROLE_SELECT, CHANNEL: CHANNEL_SELECT, MENTIONABLE: 7}
    if kind in menus:
        return entries({"type": menus[kind]}, [str(value).lstrip("#@")], world, name)[0]
    choices = [(str(choice["name"]), choice["value"]) for choice in objects(option.get("choices"))]
    named = beginning(str(value), choices) if isinstance(value, str) else []
    # As in Discord's client, where a person sees the names of choices; the value itself is understood too.
    return named[0] if len(named) == 1 else value


def window_values(window: JsonObject, given: Mapping[str, Any], world: World, folder: Path) -> dict[str, object]:
    """Return the values of a window's fields by custom_id, from those by label. Raises NotThere."""
    fields = fields_of(window)
    values = _held(fields)
    for label, value in given.items():
        found = beginning(label, [(name, (name, part)) for name, part in fields])
        if len(found) != 1:
            problem = "no such field" if not found else "more than one such field"
            raise NotThere(f'"{label}": {problem} in the window; {listed([name for name, _ in fields])}')
        name, part = found[0]
        values[part["custom_id"]] = _field(name, part, value, world, folder)
    return values


def _held(fields: list[tuple[str, JsonObject]]) -> dict[str, object]:
    """Return what fields hold that Discord's client sends although nobody touched them."""
    held: dict[str, object] = {}
    for _, part in fields:
        chosen = [option["value"] for option in objects(part.get("options")) if option.get("default")]
        if part["type"] == RADIO_GROUP and chosen:
            held[part["custom_id"]] = chosen[0]
        if part.get("default_values"):
            held[part["custom_id"]] = [str(one["id"]) for one in objects(part["default_values"])]
    return held


def _field(name: str, part: JsonObject, value: object, world: World, folder: Path) -> object:
    kind = part["type"]
    words: list[str] = [str(one) for one in value] if is_list(value) else [str(value)]
    if kind == FILE_UPLOAD:
        return [upload(folder, word) for word in words]
    if kind == CHECKBOX:
        if not isinstance(value, bool):
            raise NotThere(f'the field "{name}" is true or false, not {value!r}')
        return value
    if kind == TEXT_INPUT and not is_list(value):
        return str(value)
    if kind == RADIO_GROUP and len(words) == 1:
        return entries(part, words, world, name)[0]
    if kind in (*SELECTS, CHECKBOX_GROUP):
        return entries(part, words, world, name)
    raise NotThere(f'the field "{name}" takes {"text" if kind == TEXT_INPUT else "one entry"}, not a list')
