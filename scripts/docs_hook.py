"""Hook of mkdocs: puts the tables that are made from the code, and files of the root, in place of their markers.

A marker is a comment alone in its line: `<!-- code: NAME -->` with a key of MADE, or `<!-- file: NAME -->`.
"""

from __future__ import annotations

import importlib
import inspect
import re
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))  # mkdocs runs from its own folder

from discord import AppCommandOptionType as Kind  # noqa: E402  # after the path is set
from discord import app_commands  # noqa: E402
from discord.ext import commands  # noqa: E402

from cogs.command_texts import cogs  # noqa: E402
from dailies.catalog.facts import OWN, Facts  # noqa: E402
from dailies.server_settings import SERVER_SETTINGS  # noqa: E402
from dailies.settings import VARIABLES, Variable, meanings  # noqa: E402

importlib.import_module("cogs.client")  # loads every cog; mkdocs takes the path back after this

MARKER = re.compile(r"^<!-- (code|file): ([\w.]+) -->$", re.MULTILINE)

SECTIONS = {
    "DISCORD_TOKEN": "Required",
    "DEFAULT_MODEL": "Defaults of a video",
    "CONFIRM_ABOVE_USD": "Prices and budgets",
    "JOBS_PER_USER": "Limits on people and servers",
    "OPERATOR_CHANNEL_ID": "Notices to operators",
    "POLL_INTERVAL_SECONDS": "Checks of running jobs",
    "DATA_DIR": "Storage",
    "DEV_GUILD_ID": "Discord servers and processes",
    "LOG_LEVEL": "Log and tools",
    "CATALOG_REFRESH_SECONDS": "OpenRouter",
    "MEDIA_TIMEOUT_SECONDS": "Video files",
    "REFERENCE_MAX_MB": "Reference images",
    "GATEWAY_TIMEOUT_SECONDS": "Messages and delivery",
    "PUBLIC_URL": "Web server and webhooks",
    "METRICS_PORT": "Metrics",
    "DISCORD_API_BASE": "Addresses of the APIs",
}
"""Headings of the page of settings, by the first setting below each."""

UNITS = {
    "USD": "US dollars",
    "SECONDS": "seconds",
    "HOURS": "hours",
    "DAYS": "days",
    "MB": "MB",
    "MEGAPIXELS": "megapixels",
}
"""Units of settings, by the last word of their names."""

LONG = 4
"""Options from which on a command is said to take those of another, instead of listing them again."""

KINDS = {
    Kind.string: "Text",
    Kind.integer: "Whole number",
    Kind.number: "Number",
    Kind.boolean: "Yes or no",
    Kind.attachment: "File",
    Kind.user: "Person",
    Kind.role: "Role",
    Kind.channel: "Channel",
}


def on_page_markdown(markdown: str, **_: object) -> str:
    """Return a page's text with what its markers stand for. mkdocs calls it for each page."""
    return MARKER.sub(lambda found: MADE[found[2]]() if found[1] == "code" else file(found[2]), markdown)


def file(name: str) -> str:
    """Return a Markdown file of the root as a part of a page: without its title, links relative to docs/."""
    text = (ROOT / name).read_text(encoding="utf-8")
    text = re.sub(r"\A# .+\n+", "", text).replace("](docs/", "](")
    return re.sub(r"\]\(([A-Z]+\.md)\)", lambda link: f"]({link[1].lower()})", text)  # CHANGELOG.md is changelog.md


def listed(entries: Iterable[tuple[str, str, str]]) -> str:
    """Return a list of names, each with its description and, below that, its details."""
    return "\n\n".join(f"{name}\n:   {description}  \n    {details}" for name, description, details in entries)


def settings() -> str:
    """Return all settings, in the order of .env.example: name, meaning, default, unit with range."""
    parts: list[str] = []
    for variable in VARIABLES:
        if variable.name in SECTIONS:
            parts.append(f"## {SECTIONS[variable.name]}")
        default = "**Required**" if variable.required else f"Default: `{variable.default}`"
        default = default if variable.required or variable.default else "Default: empty"
        details = " · ".join(filter(None, (default, values(variable))))
        parts.append(listed([(f"`{variable.name}`", meanings()[variable.name], details)]))
    return "\n\n".join(parts)


def server_settings() -> str:
    """Return the settings of /settings, in the order of its panel."""
    return "\n".join(
        f"- **{one.label}**{': ' if one.help or one.capped else ''}"
        + " ".join(filter(None, (one.help, "It can only be lower than the bot's." if one.capped else "")))
        for one in SERVER_SETTINGS.values()
    )


def values(variable: Variable) -> str:
    """Return a setting's unit and range, as far as it has them."""
    bounds = _bounds(variable.parse)
    span = "{:,g} to {:,g}".format(*bounds) if bounds else ""
    return ", ".join(filter(None, (UNITS.get(variable.name.rpartition("_")[2], ""), span)))


def _bounds(parse: Callable[[str], object]) -> tuple[float, float] | None:
    """Return least and most of a parser that dailies/values.py made, through `optional` too."""
    if not inspect.isfunction(parse):
        return None
    inner = inspect.getclosurevars(parse).nonlocals
    if "parse" in inner:
        return _bounds(inner["parse"])
    return (inner["least"], inner["most"]) if {"least", "most"} <= set(inner) else None


@dataclass(frozen=True)
class Command:
    """A command as people type it, without its slash. group: its first word, if it has two. where: a sentence."""

    name: str
    group: str | None
    description: str
    options: list[app_commands.Parameter]
    where: str


def all_commands() -> list[Command]:
    """Return every slash command of the bot, by name; each one of a group by itself."""
    found: list[Command] = []
    for cog in cogs():
        group = str(cog.__cog_group_name__) if cog.__cog_is_app_commands_group__ else None
        for command in cog.__cog_app_commands__:
            if isinstance(command, app_commands.Command):
                name = f"{group} {command.name}" if group else command.name
                contexts, installs = _allowed(cog) if group else (command.allowed_contexts, command.allowed_installs)
                where = _where(contexts, installs)
                found.append(Command(name, group, str(command.description), command.parameters, where))
    return sorted(found, key=lambda one: one.name)


def _allowed(group: type[commands.Cog]) -> tuple[Any, Any]:
    """Return contexts and installs of a group, where discord.py's decorators leave them on its class."""
    marks = vars(group)
    return marks.get("__discord_app_commands_contexts__"), marks.get("__discord_app_commands_installation_types__")


def _where(contexts: app_commands.AppCommandContext | None, installs: app_commands.AppInstallationType | None) -> str:
    names = {"guild": "servers", "dm_channel": "direct messages with the bot", "private_channel": "group chats"}
    places = [words for name, words in names.items() if contexts is None or getattr(contexts, name)]
    own = " People who installed the bot for themselves can use it everywhere." if installs and installs.user else ""
    return f"Works in {' and '.join(filter(None, (', '.join(places[:-1]), places[-1])))}.{own}"


def reference() -> str:
    """Return every command with its options and their limits, /video first."""
    parts: list[str] = []
    shown: dict[tuple[str, ...], Command] = {}
    groups: set[str] = set()
    for command in sorted(all_commands(), key=lambda one: (one.name != "video", one.name)):
        if command.group and command.group not in groups:
            groups.add(command.group)
            parts += [f"## /{command.group}", command.where]
        where = "" if command.group else f" {command.where}"
        parts += [f"{'###' if command.group else '##'} /{command.name}", f"{command.description}.{where}"]
        names = tuple(one.display_name for one in command.options)
        if same := shown.get(names) if len(names) >= LONG else None:
            required = [f"`{one.display_name}`" for one in command.options if one.required]
            need = f"only {', '.join(required)} is required" if required else "all of them optional"
            parts.append(f"Takes the options of [/{same.name}](#{same.name.replace(' ', '-')}), {need}.")
        elif names:
            shown[names] = command
            parts.append(listed((f"`{one.display_name}`", f"{one.description}", _kind(one)) for one in command.options))
    return "\n\n".join(parts)


def _kind(option: app_commands.Parameter) -> str:
    words = KINDS[option.type]
    least, most = option.min_value, option.max_value
    if option.choices:
        *most_of, last = [f"`{one.name}`" for one in option.choices]
        words = " or ".join(filter(None, (", ".join(most_of), last)))
    elif option.type is Kind.string and most is not None:
        words += f", up to {most:,} characters"
    elif least is not None and most is not None:
        words += f", {least:,g} to {most:,g}"
    suggesting = ", with suggestions" if option.autocomplete else ""
    return f"{'**Required** · ' if option.required else ''}{words}{suggesting}"


def models() -> str:
    """Return what the bot knows of models and reference images before it asks OpenRouter."""
    lines = ["| Model | Reference images | Photos of people | Its words for {1} |", "| --- | --- | --- | --- |"]
    for name, facts in sorted(OWN.items()):
        if facts.takes is not None:
            people = "refused" if facts.refuses_people else ""
            words = facts.naming.replace("{n}", "1")
            lines.append(f"| `{name}` | {_images(facts)} | {people} | `{words}` |")
    return "\n".join(lines)


def _images(facts: Facts) -> str:
    if not facts.takes:
        return "none"
    return f"up to {facts.most}" if facts.most else "yes; how many isn't known"


MADE: dict[str, Callable[[], str]] = {
    "settings": settings,
    "server_settings": server_settings,
    "commands": reference,
    "models": models,
}
"""Makers of parts of pages, by the names in their markers."""
