"""Expectations of a story, read from their words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from sandbox.play.places import Place, parse_place
from sandbox.play.strict import Table

RIGHT = (
    '"2 videos", "3 submits" (paid requests that OpenRouter got), "2 charges", "charged 0.42" (USD in all), '
    '"3 actions" (since they were counted last), "panel says: words" (or another place) or "nobody sees: words"'
)
_COUNT = re.compile(r"(\d+) (video|submit|charge)s?")
_ACTIONS = re.compile(r"(\d+) actions?")
_CHARGED = re.compile(r"charged \$?(\d+(?:\.\d+)?)(?: USD)?")
_SAYS = re.compile(r"([a-z]+(?: \d+)?) says: *(\S.*)", re.DOTALL)
_NOBODY = re.compile(r"nobody sees: *(\S.*)", re.DOTALL)


@dataclass(frozen=True)
class Count:
    """So many videos posted, paid requests got, or jobs charged. what: "video", "submit" or "charge"."""

    what: str
    number: int

    def __str__(self) -> str:
        return f"{self.number} {self.what}{'' if self.number == 1 else 's'}"


def parse_count(text: str) -> Count | None:
    """Return the number of things that a text names; None for anything else."""
    match = _COUNT.fullmatch(text)
    return Count(match[2], int(match[1])) if match else None


@dataclass(frozen=True)
class Charged:
    """So many USD charged in all: to the cent, or to more digits if the story gives them; 0 is nothing at all."""

    usd: Decimal

    def __str__(self) -> str:
        return f"charged {self.usd} USD"

    def holds(self, charged: Decimal) -> bool:
        """Return whether an amount is this one at this one's digits."""
        if self.usd == 0:
            return charged == 0
        digits = min(self.usd, self.usd.quantize(Decimal("0.01")), key=lambda usd: usd.as_tuple().exponent)
        return charged.quantize(digits) == self.usd


@dataclass(frozen=True)
class Says:
    """A message says the words now, case ignored."""

    place: Place
    words: str

    def __str__(self) -> str:
        return f"{self.place} says: {self.words}"


@dataclass(frozen=True)
class NobodySees:
    """No message or window has shown the words to anybody, at any time; case ignored."""

    words: str

    def __str__(self) -> str:
        return f"nobody sees: {self.words}"


@dataclass(frozen=True)
class Actions:
    """So many commands, clicks and choices since they were counted last; a window counts with what opened it."""

    number: int

    def __str__(self) -> str:
        return f"{self.number} action{'' if self.number == 1 else 's'}"


Expectation = Count | Actions | Charged | Says | NobodySees


def read_expectation(table: Table) -> Expectation:
    """Read what a step expects. Raises StoryError."""
    text = table.text("expect").strip()
    if count := parse_count(text):
        return count
    if match := _ACTIONS.fullmatch(text):
        return Actions(int(match[1]))
    if match := _CHARGED.fullmatch(text):
        return Charged(Decimal(match[1]))
    if match := _NOBODY.fullmatch(text):
        return NobodySees(match[1])
    match = _SAYS.fullmatch(text)
    place = parse_place(match[1]) if match else None
    if match and place:
        return Says(place, match[2])
    raise table.wrong("expect", RIGHT)
