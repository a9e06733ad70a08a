"""The words of a message or a window as a person reads them, and apart from them its buttons, menus and fields."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

from sandbox.discord.component_tree import BUTTON, ROW, SELECTS, walk
from sandbox.discord.jsontypes import JsonObject, is_object, objects
from sandbox.plain import Name, plain_text

T = TypeVar("T")
LABEL = 18


def words_of(message: JsonObject, *, now: float, name: Name) -> str:
    """Return a message's words without its buttons, menus and files. now: world time, in Unix seconds."""
    parts = [_without_controls(part) for part in objects(message.get("components")) if part["type"] != ROW]
    forwarded = [snapshot["message"] for snapshot in objects(message.get("message_snapshots"))]
    texts = [plain_text({**message, "components": parts, "attachments": []}, now=now, name=name)]
    texts += [words_of(one, now=now, name=name) for one in forwarded]
    return "\n".join(text for text in texts if text)


def _without_controls(part: JsonObject) -> JsonObject:
    inner = [_without_controls(child) for child in objects(part.get("components")) if child["type"] != ROW]
    done = {**part, "components": inner} if "components" in part else dict(part)
    if part.get("accessory", {}).get("type") == BUTTON:
        done["accessory"] = {"type": 0}
    return done


def buttons_of(message: JsonObject) -> list[JsonObject]:
    """Return a message's buttons in order."""
    return [part for part in walk(objects(message.get("components"))) if part["type"] == BUTTON]


def menus_of(message: JsonObject) -> list[JsonObject]:
    """Return a message's menus in order."""
    return [part for part in walk(objects(message.get("components"))) if part["type"] in SELECTS]


def label_of(button: JsonObject) -> str:
    """Return a button's label; of one without, its emoji."""
    emoji: object = button.get("emoji")
    return str(button.get("label") or (emoji.get("name") if is_object(emoji) else None) or "")


def menu_name(menu: JsonObject) -> str:
    """Return the words that a menu shows: the chosen entries, or its placeholder (Discord's own if it has none)."""
    chosen = [str(option["label"]) for option in objects(menu.get("options")) if option.get("default")]
    return ", ".join(chosen) or placeholder(menu)


def placeholder(menu: JsonObject) -> str:
    """Return the words that a menu shows while nothing is chosen."""
    return str(menu.get("placeholder") or "Make a selection")


def fields_of(window: JsonObject) -> list[tuple[str, JsonObject]]:
    """Return a window's fields in order, each with its label."""
    found: list[tuple[str, JsonObject]] = []
    for item in objects(window.get("components")):
        if item["type"] == LABEL:
            found.append((str(item["label"]), item["component"]))
        elif item["type"] == ROW:
            found += [(str(child.get("label") or child["custom_id"]), child) for child in item["components"]]
    return found


def beginning(wanted: str, named: Iterable[tuple[str, T]]) -> list[T]:
    """Return those whose name begins with the words, case ignored; if names are exactly the words, only those."""
    pairs = [(" ".join(name.split()).casefold(), one) for name, one in named]
    start = " ".join(wanted.split()).casefold()
    exact = [one for name, one in pairs if name == start]
    return exact or [one for name, one in pairs if name.startswith(start)]


def listed(names: Sequence[str]) -> str:
    """Return names as what there is, in order, each once."""
    return f"there are: {', '.join(dict.fromkeys(names))}" if names else "there are none"
