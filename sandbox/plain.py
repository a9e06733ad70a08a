"""A Discord message as plain text, for a terminal and for comparing what a reader sees."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from typing import Any

Message = dict[str, Any]
Name = Callable[[str, str], str]
"""Returns the name shown for a kind ("user" or "channel") and an id."""

_ACTION_ROW, _BUTTON, _SECTION, _TEXT, _THUMBNAIL, _GALLERY, _FILE, _CONTAINER = 1, 2, 9, 10, 11, 12, 13, 17
_UNITS = ((86400, "day"), (3600, "hour"), (60, "minute"), (1, "second"))


def plain_text(message: Message, *, now: float, name: Name) -> str:
    """Return content, embeds, components and files of a message, a line each.

    now: world time (Unix seconds), for the relative times in it. name: looks up mentioned users and channels.
    """
    lines = [message.get("content") or ""]
    for embed in message.get("embeds", []):
        lines += [embed.get("title") or "", embed.get("description") or ""]
        lines += [f"{field['name']}: {field['value']}" for field in embed.get("fields", [])]
    for component in message.get("components", []):
        lines += _component(component)
    lines += [f"[file {attachment['filename']}]" for attachment in message.get("attachments", [])]
    text = "\n".join(line for line in lines if line.strip())
    return _without_markup(text, now, name)


def _component(component: Message) -> Iterator[str]:
    kind = component.get("type")
    if kind == _TEXT:
        yield component["content"]
    elif kind == _CONTAINER:
        for child in component["components"]:
            yield from _component(child)
    elif kind == _SECTION:
        for child in component["components"]:
            yield from _component(child)
        yield from _component(component["accessory"])
    elif kind == _ACTION_ROW:
        yield "  ".join(line for child in component["components"] for line in _component(child))
    elif kind == _BUTTON:
        yield f"[{component.get('label') or component.get('emoji', {}).get('name', 'button')}]"
    elif kind == _GALLERY:
        count = len(component["items"])
        yield f"[{count} picture{'s' if count > 1 else ''}]"
    elif kind == _THUMBNAIL:
        yield "[picture]"
    elif kind == _FILE:
        yield f"[file {component.get('name', '')}]"


def _without_markup(text: str, now: float, name: Name) -> str:
    text = re.sub(r"<t:(-?\d+)(?::([tTdDfFsSR]))?>", lambda match: _moment(int(match[1]), match[2], now), text)
    text = re.sub(r"<@!?(\d+)>", lambda match: "@" + name("user", match[1]), text)
    text = re.sub(r"<#(\d+)>", lambda match: "#" + name("channel", match[1]), text)
    text = re.sub(r"<(/[^:>]+):\d+>", r"\1", text)
    text = re.sub(r"\[([^\]\n]+)\]\((https?://[^)\s]+)\)", r"\1 (\2)", text)
    text = re.sub(r"^(?:#{1,3} |-# |> )", "", text, flags=re.MULTILINE)
    text = re.sub(r"(?<!\\)(\*\*|__|~~|\|\|)(.+?)\1", r"\2", text)
    text = re.sub(r"(?<![\\\w*])\*([^\s*][^*\n]*)\*(?![\w*])", r"\1", text)
    text = re.sub(r"(?<!\\)`+([^`\n]+)`+", r"\1", text)
    return re.sub(r"\\([^A-Za-z0-9\s])", r"\1", text)


def _moment(moment: int, style: str | None, now: float) -> str:
    if style != "R":
        return time.strftime("%H:%M:%S" if style in ("t", "T") else "%Y-%m-%d %H:%M", time.localtime(moment))
    away = round(moment - now)
    size, unit = next(((size, unit) for size, unit in _UNITS if abs(away) >= size), _UNITS[-1])
    count = round(abs(away) / size)
    words = f"{count} {unit}{'' if count == 1 else 's'}"
    return f"in {words}" if away > 0 else f"{words} ago"
