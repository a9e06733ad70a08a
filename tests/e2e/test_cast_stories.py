"""The cast on the unmodified bot: tests/stories/cast_*.toml."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.test_stories import STORIES, play

pytestmark = pytest.mark.slow


def test_the_cast_comes_along_in_three_shots_on_two_models(tmp_path: Path) -> None:
    """Each body has the right pictures in the right order, named in the model's own words."""
    played = play(STORIES / "cast_shots.toml", tmp_path)

    assert played["failed_step"] is None
    first, second, third = (request["body"] for request in played["requests"])
    assert [body["prompt"] for body in (first, second, third)] == [
        "@Image1 and @Image2 stands in fog",
        "reference image 1 carries reference image 2 and reference image 3 away",
        "@Image1 and @Image2 at dawn",
    ]
    hero, boat = first["input_references"], second["input_references"][:1]
    assert (len(hero), hero[0] != hero[1], boat[0] not in hero) == (2, True, True)
    assert second["input_references"] == [*boat, *hero]
    assert third["input_references"] == [*hero, *boat]


def test_an_expired_consent_refuses_the_name_until_it_is_renewed(tmp_path: Path) -> None:
    played = play(STORIES / "cast_consent.toml", tmp_path)

    assert played["failed_step"] is None
    assert [request["body"]["prompt"] for request in played["requests"]] == [
        "reference image 1 looks up",
        "reference image 1 looks down",
    ]


def test_a_job_that_waits_keeps_the_pictures_of_a_name_that_is_removed(tmp_path: Path) -> None:
    played = play(STORIES / "cast_removed.toml", tmp_path, long=True)

    assert played["failed_step"] is None
    assert len(played["requests"][1]["body"]["input_references"]) == 1
