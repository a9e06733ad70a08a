"""Buttons, menus and fields, found by the words that a story has for them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sandbox.clock import Clock
from sandbox.discord import Upload
from sandbox.discord.snowflake import Snowflakes
from sandbox.discord.world import World
from sandbox.play import targets
from sandbox.play.targets import NotThere

WORLD = World(Clock(), Snowflakes(Clock()))


def buttons(*labels: str, **more: object) -> dict[str, Any]:
    row = [{"type": 2, "label": label, "custom_id": f"id {label}", **more} for label in labels]
    return {"components": [{"type": 1, "components": row}]}


def labelled(label: str, **component: object) -> dict[str, Any]:
    return {"type": 18, "id": 1, "label": label, "component": {"custom_id": f"id {label}", "id": 2, **component}}


OPTIONS = [{"label": "4 seconds", "value": "4", "default": True}, {"label": "8 seconds", "value": "8"}]


@pytest.mark.parametrize("words", ["Generate", "generate", "GENERATE ·  $0.42"])
def test_a_button_is_named_by_the_beginning_of_its_label_whatever_its_case(words: str) -> None:
    found = targets.button(buttons("Generate · $0.42", "Cancel"), words, "panel")
    assert found["custom_id"] == "id Generate · $0.42"


def test_a_label_that_is_exactly_the_words_goes_before_longer_ones() -> None:
    assert targets.button(buttons("Edit prompt", "Edit"), "edit", "panel")["custom_id"] == "id Edit"


@pytest.mark.parametrize(
    ("message", "words", "problem"),
    [
        (buttons("Run again"), "Continue", '"Continue": no such button under video 1; there are: Run again'),
        (buttons(), "Continue", '"Continue": no such button under video 1; there are none'),
        (buttons("Run A", "Run B"), "Run", '"Run" is the beginning of several buttons under video 1; there are: Run A'),
        (buttons("Run", disabled=True), "Run", 'the button "Run" under video 1 is disabled'),
    ],
)
def test_a_button_that_cannot_be_pressed_is_said(message: dict[str, Any], words: str, problem: str) -> None:
    with pytest.raises(NotThere) as caught:
        targets.button(message, words, "video 1")
    assert str(caught.value).startswith(problem)


def test_a_menu_is_named_by_its_placeholder_or_by_what_is_chosen_in_it() -> None:
    menu = {"type": 3, "custom_id": "length", "placeholder": "Length", "options": OPTIONS}
    message = {"components": [{"type": 1, "components": [menu]}]}
    for words in ("length", "4 sec"):
        assert targets.menu(message, words, "panel") == menu
    assert targets.entries(menu, ["8"], WORLD, "Length") == ["8"]


def test_people_in_menus_are_named_by_their_names() -> None:
    assert targets.entries({"type": 5}, ["ben"], WORLD, "Who") == [WORLD.user_named("Ben").id]


def test_a_window_is_filled_in_by_the_labels_of_its_fields(tmp_path: Path) -> None:
    (tmp_path / "cat.png").write_bytes(b"cat")
    window = {
        "components": [
            labelled("Prompt", type=4, value="A fox"),
            labelled("References", type=19),
            labelled("Length", type=3, options=OPTIONS),
            labelled("Sound", type=21, options=OPTIONS),
            labelled("Loop", type=23),
        ]
    }
    given = {"prompt": "A cat", "References": ["cat.png", "fox.jpg"], "Length": "8", "Loop": True}
    values = targets.window_values(window, given, WORLD, tmp_path)

    assert values.pop("id References") == [
        Upload("cat.png", b"cat"),
        Upload("fox.jpg", (targets.SAMPLES / "fox.jpg").read_bytes()),
    ]
    # A choice that nobody touched is sent as it stands.
    assert values == {"id Prompt": "A cat", "id Length": ["8"], "id Sound": "4", "id Loop": True}


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"Promt": "A"}, '"Promt": no such field in the window; there are: Prompt, Loop'),
        ({"Prompt": ["A", "B"]}, 'the field "Prompt" takes text, not a list'),
        ({"Loop": "yes"}, "the field \"Loop\" is true or false, not 'yes'"),
    ],
)
def test_a_field_that_cannot_be_filled_in_so_is_said(tmp_path: Path, fields: dict[str, Any], problem: str) -> None:
    window = {"components": [labelled("Prompt", type=4), labelled("Loop", type=23)]}
    with pytest.raises(NotThere) as caught:
        targets.window_values(window, fields, WORLD, tmp_path)
    assert str(caught.value) == problem
