"""Kinds of refusals: OpenRouter's error types and providers' codes first, then words, all in error_causes.toml."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from dailies.reason import ReasonCode

_SUPPORT_CODE = 8
"""Digits of Google's support codes, which stand among the words."""
_BETWEEN = re.compile(r"[\W_]+")
"""Everything between words of letters and digits."""


@dataclass(frozen=True)
class _Refusal:
    """An entry of error_causes.toml."""

    advice: ReasonCode
    types: frozenset[str]
    codes: frozenset[str]
    groups: tuple[frozenset[str], ...]

    def fits(self, text: str) -> bool:
        return all(any(phrase in text for phrase in group) for group in self.groups)


def _load() -> tuple[_Refusal, ...]:
    table = tomllib.loads(files("dailies.openrouter").joinpath("error_causes.toml").read_text(encoding="utf-8"))
    lists: dict[str, list[str]] = table["lists"]

    def refusal(entry: dict[str, Any]) -> _Refusal:
        groups = (
            frozenset(phrase for one in group for phrase in (lists[one[1:]] if one[:1] == "@" else [one]))
            for group in entry["groups"]
        )
        advice, types, codes = ReasonCode(entry["advice"]), entry.get("type", ()), entry.get("codes", ())
        return _Refusal(advice, frozenset(types), frozenset(codes), tuple(groups))

    return tuple(map(refusal, table["refusal"]))


REFUSALS = _load()


def cause_of(types: Sequence[str], texts: Sequence[str], codes: Sequence[str]) -> ReasonCode | None:
    """Return the code of the advice for an error; None when it is not known what it is about.

    types: OpenRouter's error types. texts, codes: all words and codes that the error holds.
    """
    text = "\n".join(map(_plain, (*texts, *codes, *types)))
    numbers = {*codes, *(word for word in text.split() if len(word) == _SUPPORT_CODE)}
    fitting = (
        *(one for one in REFUSALS if one.types & set(types)),
        *(one for one in REFUSALS if one.codes & numbers),
        *(one for one in REFUSALS if one.fits(text)),
    )
    return fitting[0].advice if fitting else None


def _plain(text: str) -> str:
    return _BETWEEN.sub(" ", text.lower()).strip()
