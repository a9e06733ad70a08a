"""Stories as they are written: a TOML file becomes people, settings and steps, or an error that names the place."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from sandbox.botprocess import ROOT
from sandbox.discord.jsontypes import is_list, is_object
from sandbox.discord.locales import LOCALES
from sandbox.discord.permissions import Permission
from sandbox.play.steps import Action, read_action
from sandbox.play.strict import StoryError, Table, one_of

LIMIT_SECONDS = 120.0
"""Real seconds that a wait may take when the story says nothing else."""
SPEED = 20.0
ANSWER_SECONDS = 3.0
"""Real seconds that Discord gives the bot to react to a command or a click."""
TOP = ("title", "clock", "begins", "limit", "answer_seconds", "settings", "guild", "people", "forums", "step")
PERSON = ("name", "locale", "permissions", "roles")
FORUM = ("name", "tags", "denied")
NUMBERED = {"people": "person", "forums": "forum"}
FIXED = ("DISCORD_TOKEN", "OPENROUTER_API_KEY", "DISCORD_API_BASE", "OPENROUTER_API_BASE")
"""Settings that a story may not have: with them it could reach the real services, and cost something."""


@dataclass(frozen=True)
class PersonOfStory:
    """A member of the server. permissions: what a role of their own lets them do. roles: names of further roles."""

    name: str
    locale: str
    permissions: Permission
    roles: list[str]


@dataclass(frozen=True)
class ForumOfStory:
    """A forum channel of the server. tags: that posts can have. denied: what the bot may not do there."""

    name: str
    tags: list[str]
    denied: Permission


@dataclass(frozen=True)
class Step:
    """One thing that happens. number: counted from 1. line: its line in the file; None if it cannot be told."""

    number: int
    line: int | None
    action: Action

    @property
    def where(self) -> str:
        """Return the step's place as a person finds it."""
        return place_of(self.number, self.line)


@dataclass(frozen=True)
class Story:
    """A story that can be played.

    clock: world seconds in a real one. begins: the sandbox's time at its start, in Unix seconds; None: now.
    limit: real seconds that one wait may take. answer_seconds: real seconds that Discord gives the bot to react.
    settings: the bot's environment. locale: the server's language. folder: holds the files that the story names.
    """

    title: str
    folder: Path
    clock: float = SPEED
    begins: float | None = None
    limit: float = LIMIT_SECONDS
    answer_seconds: float = ANSWER_SECONDS
    settings: dict[str, str] = field(default_factory=dict[str, str])
    locale: str = "en-US"
    people: list[PersonOfStory] = field(default_factory=list[PersonOfStory])
    forums: list[ForumOfStory] = field(default_factory=list[ForumOfStory])
    steps: list[Step] = field(default_factory=list[Step])


def place_of(number: int, line: int | None) -> str:
    """Return a step's place in the file."""
    return f"step {number}" + (f" (line {line})" if line else "")


def read_story(path: Path) -> Story:
    """Read a story. Raises StoryError."""
    try:
        text = path.read_text(encoding="utf-8")
        whole: dict[str, Any] = tomllib.loads(text)
    except OSError as error:
        raise StoryError(f"{path} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise StoryError(f"{path} is not UTF-8 text.") from None
    except tomllib.TOMLDecodeError as error:
        raise StoryError(f"{path.name} is not TOML: {error}.") from None
    top = Table(whole, path.name)
    top.only(TOP)
    people = _people(top)
    clock, limit = top.number("clock", SPEED, 1, 1000), top.number("limit", LIMIT_SECONDS, 1, 3600)
    return Story(
        title=top.text("title", path.stem),
        folder=path.parent,
        clock=clock,
        begins=_begins(top, clock),
        limit=limit,
        answer_seconds=top.number("answer_seconds", ANSWER_SECONDS, 1, 600),
        settings=_settings(top),
        locale=_guild(top),
        people=people,
        forums=[_forum(table) for table in _tables(top, "forums", "[[forums]] with a name")],
        steps=_steps(top, text, [person.name for person in people], longest_wait=clock * limit),
    )


def _begins(top: Table, clock: float) -> float | None:
    value = top.entries.get("begins")
    if value is None:
        return None
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise top.wrong("begins", "a time with its zone, as in 2027-12-31T23:55:00Z")
    if clock == 1:
        raise top.error('"begins" needs a "clock" that runs faster than real time, such as 20.')
    return value.timestamp()


def _settings(top: Table) -> dict[str, str]:
    table = Table(top.table("settings"), f"{top.where}, [settings]")
    example = ROOT / ".env.example"
    if example.exists():
        names = re.findall(r"^(?:# )?([A-Z][A-Z0-9_]+)=", example.read_text(), re.MULTILINE)
        table.only([name for name in names if name not in FIXED])
    found: dict[str, str] = {}
    for name, value in table.entries.items():
        if name in FIXED:
            raise table.error(f'"{name}" is the sandbox\'s own and cannot be set.')
        if not isinstance(value, (str, int, float)):
            raise table.wrong(name, "text or a number, as in the bot's environment")
        found[name] = str(value).lower() if isinstance(value, bool) else str(value)
    return found


def _guild(top: Table) -> str:
    """Return the server's language."""
    table = Table(top.table("guild"), f"{top.where}, [guild]")
    table.only(("locale",))
    return _locale(table)


def _locale(table: Table) -> str:
    locale = table.text("locale", "en-US")
    if locale not in LOCALES:
        raise table.error(f'Discord has no locale "{locale}". It has: {one_of(LOCALES)}.')
    return locale


def _people(top: Table) -> list[PersonOfStory]:
    people: list[PersonOfStory] = []
    for table in _tables(top, "people", "[[people]] with a name") or [Table({"name": "Ann"}, top.where)]:
        table.only(PERSON)
        name, locale = table.text("name"), _locale(table)
        if name in [person.name for person in people] or name == "Dailies":
            raise table.error(f'"{name}" is somebody else already; every name has to be one person\'s.')
        people.append(PersonOfStory(name, locale, _permissions(table, "permissions"), table.texts("roles")))
    return people


def _forum(table: Table) -> ForumOfStory:
    table.only(FORUM)
    return ForumOfStory(table.text("name"), table.texts("tags"), _permissions(table, "denied"))


def _tables(top: Table, key: str, right: str) -> list[Table]:
    """Return the tables of a list; none where it is left out. Raises StoryError."""
    given: object = top.entries.get(key, [])
    if not is_list(given) or not all(is_object(entry) for entry in given) or (key in top.entries and not given):
        raise top.wrong(key, f"a list of tables: {right}")
    return [Table(entry, f"{top.where}, {NUMBERED[key]} {number}") for number, entry in enumerate(given, start=1)]


def _permissions(table: Table, key: str) -> Permission:
    granted = Permission(0)
    for name in table.texts(key):
        if name.upper() not in Permission.__members__:
            known = one_of(member.lower() for member in Permission.__members__)
            raise table.error(f'there is no permission "{name}". There are: {known}.')
        granted |= Permission[name.upper()]
    return granted


def _steps(top: Table, text: str, people: list[str], *, longest_wait: float) -> list[Step]:
    given: object = top.entries.get("step", [])
    if not is_list(given) or not given or not all(is_object(entry) for entry in given):
        raise top.error("a story needs steps: a [[step]] for each.")
    lines = [
        number for number, line in enumerate(text.splitlines(), start=1) if re.match(r"\s*\[\[\s*step\s*\]\]", line)
    ]
    steps: list[Step] = []
    for number, entry in enumerate(given, start=1):
        # Steps that are written as an inline array have no line of their own.
        line = lines[number - 1] if len(lines) == len(given) else None
        table = Table(entry, f"{top.where}, {place_of(number, line)}")
        steps.append(Step(number, line, read_action(table, people, longest_wait=longest_wait)))
    return steps
