"""Tables of a TOML file, read strictly: what is unknown or of a wrong type is refused, with what would be right."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sandbox.discord.jsontypes import is_list, is_object
from sandbox.once import UsageError

KINDS: dict[type, str] = {str: "text", int: "a whole number", float: "a number", bool: "true or false"}


class StoryError(UsageError):
    """The file is not a story that can be played; the text says where, why, and what would be right."""


def one_of(names: Iterable[str]) -> str:
    """Return names as a list in words."""
    return ", ".join(sorted(names)) or "none"


def nearest(name: str, known: Iterable[str]) -> str:
    """Return a hint at the known name that was most likely meant; nothing when none is near."""
    found = difflib.get_close_matches(name, list(known), 1)
    return f' (did you mean "{found[0]}"?)' if found else ""


class Table:
    """A table whose entries are taken one by one, each with the type that it has to have.

    where: the table's place in the file, as errors name it.
    """

    def __init__(self, entries: Mapping[str, Any], where: str) -> None:
        self.entries = entries
        self.where = where

    def error(self, problem: str) -> StoryError:
        """Return the error that names this place."""
        return StoryError(f"{self.where}: {problem}")

    def only(self, known: Sequence[str]) -> None:
        """Refuse entries other than these. Raises StoryError."""
        for name in self.entries:
            if name not in known:
                raise self.error(f'"{name}" is unknown here{nearest(name, known)}. Known: {one_of(known)}.')

    def text(self, name: str, default: str | None = None) -> str:
        """Return a text that is not empty; a missing one is the default, refused without one. Raises StoryError."""
        value = self.entries.get(name, default)
        if value is None:
            raise self.error(f'"{name}" is missing.')
        if not isinstance(value, str) or not value.strip():
            raise self.wrong(name, "text")
        return value

    def number(self, name: str, default: float, low: float, high: float) -> float:
        """Return a number from `low` to `high`. Raises StoryError."""
        value = self.entries.get(name, default)
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not low <= value <= high:
            raise self.wrong(name, f"a number from {low:g} to {high:g}")
        return value

    def texts(self, name: str) -> list[str]:
        """Return a list of texts, empty when it is missing. Raises StoryError."""
        value: object = self.entries.get(name, [])
        if not is_list(value) or not all(isinstance(item, str) and item for item in value):
            raise self.wrong(name, 'a list of texts, as in ["fox.jpg"]')
        return [str(item) for item in value]

    def table(self, name: str) -> dict[str, Any]:
        """Return a table, empty when it is missing. Raises StoryError."""
        value: object = self.entries.get(name, {})
        if not is_object(value):
            raise self.wrong(name, "a table, as in { prompt = … }")
        return value

    def wrong(self, name: str, right: str) -> StoryError:
        """Return the error of an entry whose value is of another kind."""
        return self.error(f'"{name}" has to be {right}, not {self.entries.get(name)!r}.')
