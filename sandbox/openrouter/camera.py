"""The camera of a prompt: the moves that its words ask for, as a still is filmed with them."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

Span = tuple[float, float]
"""A value at the beginning of a still, and at its end."""


@dataclass(frozen=True)
class Move:
    """A camera's move over one still.

    zoom: 1 for the whole picture, larger for a part of it. x, y: the part's place, from 0 (left, top) to 1.
    turn: how far the camera stands to the side of its subject, from -1 (left) to 1. sway: a hand's unrest, 0 to 1.
    """

    zoom: Span = (1.0, 1.0)
    x: Span = (0.5, 0.5)
    y: Span = (0.5, 0.5)
    turn: Span = (0.0, 0.0)
    sway: float = 0.0

    @property
    def still(self) -> bool:
        """True if it shows the whole picture, unmoved."""
        return self.zoom == (1.0, 1.0) and self.turn == (0.0, 0.0)

    def leaving(self) -> Move:
        """Return the same move from the whole picture on."""
        return replace(self, zoom=(1.0, self.zoom[1]), turn=(0.0, self.turn[1]), sway=0.0)

    def arriving(self) -> Move:
        """Return the same move up to the whole picture."""
        return replace(self, zoom=(self.zoom[0], 1.0), turn=(self.turn[0], 0.0), sway=0.0)


_DIRECTIONS = {
    "in": ("zoom", 1), "forward": ("zoom", 1), "forwards": ("zoom", 1), "closer": ("zoom", 1), "into": ("zoom", 1),
    "toward": ("zoom", 1), "towards": ("zoom", 1), "inward": ("zoom", 1), "inwards": ("zoom", 1),
    "out": ("zoom", -1), "back": ("zoom", -1), "backward": ("zoom", -1), "backwards": ("zoom", -1),
    "away": ("zoom", -1), "outward": ("zoom", -1), "outwards": ("zoom", -1),
    "left": ("pan", -1), "leftward": ("pan", -1), "leftwards": ("pan", -1),
    "right": ("pan", 1), "rightward": ("pan", 1), "rightwards": ("pan", 1), "clockwise": ("pan", -1),
    "counterclockwise": ("pan", 1), "anticlockwise": ("pan", 1),
    "up": ("tilt", -1), "upward": ("tilt", -1), "upwards": ("tilt", -1),
    "down": ("tilt", 1), "downward": ("tilt", 1), "downwards": ("tilt", 1),
}  # fmt: skip
"""Axis and sign of the words that follow a move, or stand right before it."""
_IN, _OUT, _UP, _SIDEWAYS, _AROUND = ("zoom", 1), ("zoom", -1), ("tilt", -1), ("pan", 0), ("orbit", 0)
_MOVES = {
    "zoom": _IN, "dolly": _IN, "dollies": _IN, "push": _IN, "pull": _OUT, "pan": _SIDEWAYS, "track": _SIDEWAYS,
    "truck": _SIDEWAYS, "slide": _SIDEWAYS, "slider": _SIDEWAYS, "tilt": _UP, "crane": _UP, "pedestal": _UP,
    "jib": _UP, "boom": _UP, "orbit": _AROUND, "arc": _AROUND, "circle": _AROUND, "circling": _AROUND,
}  # fmt: skip
"""Names of moves, with the direction that they have by themselves; 0: either side."""
_STILL = frozenset({"static", "locked", "tripod", "stationary", "fixed", "motionless"})
_HAND = frozenset({"handheld", "shaky", "shake", "shaking"})
_SLOW = frozenset({"slow", "slowly", "gentle", "gently", "subtle", "subtly", "slight", "slightly"})
_FAST = frozenset({"fast", "quick", "quickly", "rapid", "rapidly", "whip", "sudden", "suddenly"})
_REACH = 4
"""Words after the name of a move among which its direction is looked for."""
_BY_ITSELF = (("zoom", 1), ("pan", 1), ("zoom", -1), ("pan", -1))
"""Moves of prompts that name none."""


def read(prompt: str, rng: random.Random) -> Move:
    """Return the move that a prompt's words ask for: several at once are combined, without any it is a slow one."""
    # "hand-held" is one word; other hyphens part words ("left-to-right", "push-in").
    words = re.findall(r"[a-z]+|[.,;:!?]", prompt.lower().replace("hand-held", "handheld"))
    axes: dict[str, int] = {}
    for at, word in enumerate(words):
        if (name := _move(word)) is not None:
            axis, sign = _direction(words, at, _MOVES[name])
            axes[axis] = sign or rng.choice((-1, 1))
    said = set(words)
    strength = 0.6 if said & _SLOW else 1.5 if said & _FAST else 1.0
    sway = 1.0 if said & _HAND else 0.0
    if not axes and not sway and not said & _STILL:
        axis, sign = rng.choice(_BY_ITSELF)
        axes, strength = {axis: sign}, 0.7
    # Takes of one prompt differ in their seeds: so do their moves, a little.
    place = (rng.uniform(0.35, 0.65), rng.uniform(0.35, 0.65))
    return _filmed(axes, strength * rng.uniform(0.85, 1.15), sway, place)


def _move(word: str) -> str | None:
    for ending in ("", "s", "es", "ing", "ning", "ed", "ies"):
        if word.endswith(ending) and (name := word.removesuffix(ending)) in _MOVES:
            return name
    return None


def _direction(words: Sequence[str], at: int, own: tuple[str, int]) -> tuple[str, int]:
    axis, sign = own
    behind: list[str] = []
    for word in words[at + 1 : at + 1 + _REACH]:
        if not word.isalpha() or _move(word):
            break
        behind.append(word)
    for word in [*behind, *reversed(words[max(0, at - 1) : at])]:
        if word in _DIRECTIONS:
            way, to = _DIRECTIONS[word]
            if axis == "orbit":
                return (axis, to) if way == "pan" else own
            # "A pan in the rain" goes to a side; "pan up" is a tilt.
            if way != "zoom" or axis == "zoom" or word not in ("in", "into", "out"):
                return way, to
    return axis, sign


def _filmed(axes: dict[str, int], strength: float, sway: float, place: Span) -> Move:
    reach = 1 + 0.28 * strength
    # A part of the picture has to be out of sight for the camera to move to it.
    base = reach if "pan" in axes or "tilt" in axes else 1.08 if sway else 1.0
    zoom = {1: (base, base * reach), -1: (base * reach, base)}.get(axes.get("zoom", 0), (base, base))
    turn = axes.get("orbit", 0) * min(1.0, strength)
    return Move(zoom, _span(axes.get("pan", 0), place[0]), _span(axes.get("tilt", 0), place[1]), (-turn, turn), sway)


def _span(sign: int, place: float) -> Span:
    return {1: (0.0, 1.0), -1: (1.0, 0.0)}.get(sign, (place, place))
