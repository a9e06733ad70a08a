"""A prompt's words about the camera are understood, wherever they stand in it."""

from __future__ import annotations

import random

import pytest

from sandbox.openrouter.camera import Move, read

NOTHING: frozenset[str] = frozenset()
LEFT, RIGHT, UP, DOWN = (1.0, 0.0), (0.0, 1.0), (1.0, 0.0), (0.0, 1.0)


def moved(prompt: str) -> Move:
    return read(prompt, random.Random(1))


def said(move: Move) -> set[str]:
    """Name what a move does."""
    ways = {"in": move.zoom[1] > move.zoom[0], "out": move.zoom[1] < move.zoom[0]}
    ways |= {"left": move.x == LEFT, "right": move.x == RIGHT, "up": move.y == UP, "down": move.y == DOWN}
    ways |= {"orbit": move.turn != (0.0, 0.0), "sway": move.sway > 0}
    return {name for name, is_so in ways.items() if is_so}


@pytest.mark.parametrize(
    ("prompt", "ways"),
    [
        ("Slow dolly in on a fox", {"in"}),
        ("the camera dollies slowly out", {"out"}),
        ("push-in", {"in"}),
        ("pull back to reveal the valley", {"out"}),
        ("zooming out", {"out"}),
        ("dolly shot through a forest", {"in"}),
        ("Pan left over the town", {"left"}),
        ("a slow pan to the right", {"right"}),
        ("left-to-right pan", {"right"}),
        ("camera pans up", {"up"}),
        ("tilt down to her shoes", {"down"}),
        ("upward tilt", {"up"}),
        ("crane shot", {"up"}),
        ("tracking right", {"right"}),
        ("pan left, then zoom in", {"left", "in"}),
        ("orbit around the lantern", {"orbit"}),
        ("hand-held", {"sway"}),
        ("static shot", NOTHING),
        ("locked-off camera, tripod", NOTHING),
    ],
)
def test_words_become_moves(prompt: str, ways: set[str]) -> None:
    assert said(moved(prompt)) == ways


def test_a_pan_without_a_side_goes_to_one() -> None:
    assert said(moved("a pan in the rain")) in ({"left"}, {"right"})


def test_takes_of_one_prompt_differ_a_little() -> None:
    one, other = (read("dolly in", random.Random(seed)) for seed in (1, 2))
    assert said(one) == said(other)
    assert one != other


def test_slow_and_fast_differ_in_their_reach() -> None:
    slow, plain, fast = (moved(f"{pace} zoom in").zoom[1] for pace in ("slow", "", "fast"))
    assert slow < plain < fast


@pytest.mark.parametrize("prompt", ["", "A fox in the snow", "狐", "x" * 6000])
def test_without_such_words_it_moves_a_little(prompt: str) -> None:
    assert len(said(moved(prompt))) == 1
