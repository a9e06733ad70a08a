"""The options of a slash command, as Discord's client lets a person fill them in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from sandbox.discord.commands import (
    ATTACHMENT,
    BOOLEAN,
    CHANNEL,
    INTEGER,
    MENTIONABLE,
    NUMBER,
    ROLE,
    STRING,
    SUB_COMMAND,
    SUB_GROUP,
    USER,
)
from sandbox.discord.jsontypes import JsonObject, is_integer, objects
from sandbox.discord.records import Upload

MAX_STRING, MAX_SAFE_INTEGER = 6000, 2**53


class PersonError(Exception):
    """An input that Discord's client would not allow; the text says why."""


Store = Callable[[Upload], JsonObject]
Resolve = Callable[[int, str], Mapping[str, JsonObject]]


@dataclass
class Filled:
    """Filled-in options and the objects that they name."""

    options: list[JsonObject]
    resolved: dict[str, dict[str, JsonObject]] = field(default_factory=dict[str, dict[str, JsonObject]])


def subcommand(command: JsonObject, path: list[str]) -> tuple[JsonObject, list[JsonObject]]:
    """Return the (sub)command that a path of names leads to, and the groups and subcommands on the way."""
    here, way = command, list[JsonObject]()
    for name in path:
        inner = [o for o in objects(here.get("options")) if o["type"] in (SUB_COMMAND, SUB_GROUP)]
        found = next((option for option in inner if option["name"] == name), None)
        if found is None:
            raise PersonError(f"/{command['name']} has no {name}.")
        way.append(found)
        here = found
    if any(option["type"] in (SUB_COMMAND, SUB_GROUP) for option in objects(here.get("options"))):
        raise PersonError(f"/{' '.join([command['name'], *path])} needs a subcommand.")
    return here, way


def used(data: JsonObject) -> list[str]:
    """The names of the command of an interaction, of its group and of its subcommand."""
    names, here = [str(data["name"])], data
    while inner := [o for o in objects(here.get("options")) if o["type"] in (SUB_COMMAND, SUB_GROUP)]:
        here = inner[0]
        names.append(here["name"])
    return names


def nest(options: list[JsonObject], way: list[JsonObject]) -> list[JsonObject]:
    """Wrap options into the subcommands they belong to."""
    for step in reversed(way):
        options = [{"type": step["type"], "name": step["name"], "options": options}]
    return options


def fill(
    definition: JsonObject,
    values: Mapping[str, object],
    store: Store,
    resolve: Resolve,
) -> Filled:
    """Check values as Discord's client does before it sends them; PersonError."""
    known = {option["name"]: option for option in objects(definition.get("options"))}
    if unknown := set(values) - set(known):
        raise PersonError(f"There is no option {', '.join(sorted(unknown))}.")
    filled = Filled([])
    for name, option in known.items():
        value = values.get(name)
        if value is None:
            if option.get("required"):
                raise PersonError(f"{name} is required.")
            continue
        filled.options.append(_one(option, value, filled, store, resolve))
    return filled


def partial(
    definition: JsonObject, values: Mapping[str, object], focused: str, new_id: Callable[[], str]
) -> list[JsonObject]:
    """Collect options while one is being typed: unchecked, the focused one as text.

    Files are sent with the finished command only; until then the bot is told an id, and nothing of the file.
    """
    known = {option["name"]: option for option in objects(definition.get("options"))}
    if not known.get(focused, {}).get("autocomplete"):
        raise PersonError(f"{focused} has no autocomplete.")
    done: list[JsonObject] = []
    for name, option in known.items():
        if name == focused:
            typed = values.get(name)
            text = "" if typed is None else str(typed)
            done.append({"name": name, "type": option["type"], "value": text, "focused": True})
        elif values.get(name) is not None:
            value = new_id() if option["type"] == ATTACHMENT else values[name]
            done.append({"name": name, "type": option["type"], "value": value})
    return done


def _one(option: JsonObject, value: object, filled: Filled, store: Store, resolve: Resolve) -> JsonObject:
    name, kind = option["name"], option["type"]
    done: JsonObject = {"name": name, "type": kind}
    if kind == ATTACHMENT:
        if not isinstance(value, Upload):
            raise PersonError(f"{name} takes a file.")
        stored = store(value)
        filled.resolved.setdefault("attachments", {})[stored["id"]] = stored
        return {**done, "value": stored["id"]}
    if kind in (USER, CHANNEL, ROLE, MENTIONABLE):
        for group, entry in resolve(kind, str(value)).items():
            if group == "channels" and entry["type"] not in (option.get("channel_types") or [entry["type"]]):
                raise PersonError(f"{name} does not take {entry['name']}.")
            filled.resolved.setdefault(group, {})[str(value)] = entry
        return {**done, "value": str(value)}
    return {**done, "value": _plain(option, value)}


def _plain(option: JsonObject, value: object) -> object:
    name, kind = option["name"], option["type"]
    good = {
        STRING: isinstance(value, str),
        INTEGER: is_integer(value) and abs(value) <= MAX_SAFE_INTEGER,
        BOOLEAN: isinstance(value, bool),
        NUMBER: is_integer(value) or isinstance(value, float),
    }
    if not good[kind]:
        kinds = {STRING: "text", INTEGER: "a whole number", BOOLEAN: "True or False", NUMBER: "a number"}
        raise PersonError(f"{name} takes {kinds[kind]}.")
    if isinstance(value, str):
        low, high = option.get("min_length") or 0, option.get("max_length") or MAX_STRING
        if not low <= len(value) <= high:
            raise PersonError(f"{name} takes {low} to {high} characters, not {len(value)}.")
        if not value and option.get("required"):
            raise PersonError(f"{name} is required.")
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        low, high = option.get("min_value"), option.get("max_value")
        if (low is not None and value < low) or (high is not None and value > high):
            raise PersonError(f"{name} takes {low} to {high}, not {value}.")
    choices = [choice["value"] for choice in objects(option.get("choices"))]
    if choices and value not in choices:
        raise PersonError(f"{name} offers only {', '.join(map(str, choices))}.")
    return value
