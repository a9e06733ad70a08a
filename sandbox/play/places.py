"""Places in a story, "video 1" or "panel", which stand for a message that somebody sees."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sandbox.play.strict import Table

NUMBERED = ("status", "video", "message")
RIGHT = '"panel", "last", "status 1", "video 1" or "message 1"'


@dataclass(frozen=True)
class Place:
    """A message, by its kind and for the numbered kinds by its number in the order of appearance, from 1.

    panel: the bot's newest message that only the person sees. last: its newest of all that the person sees. status: its
    messages with a layout and without a video. video: those with a video. message: what people posted. The numbered
    kinds are what stands in a channel or in direct messages, and stays there.
    """

    kind: str
    number: int = 0

    def __str__(self) -> str:
        return f"{self.kind} {self.number}" if self.number else self.kind


def parse_place(text: str) -> Place | None:
    """Return the place that a text names; None for anything else."""
    if text in ("panel", "last"):
        return Place(text)
    match = re.fullmatch(rf"({'|'.join(NUMBERED)}) ([1-9]\d{{0,3}})", text)
    return Place(match[1], int(match[2])) if match else None


def read_place(table: Table, name: str, default: str | None = None) -> Place:
    """Read a place. Raises StoryError."""
    place = parse_place(table.text(name, default))
    if place is None:
        raise table.wrong(name, RIGHT)
    return place
