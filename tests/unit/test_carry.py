"""A change of the model keeps everything as near as the new model offers it, and says what changed."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dailies.catalog.carry import Carried, carried
from dailies.catalog.option_checks import SEED_MOST
from dailies.catalog.options import OPTIONS, Options, check_options
from dailies.catalog.references import ReferenceModels
from dailies.errors import OptionRefused
from dailies.openrouter.models import Catalog, VideoModel
from dailies.openrouter.payload import Role
from tests.support.reasons import each_in_words
from tests.unit import kit
from tests.unit.kit import DEFAULTS

CATALOG = kit.catalog()
KNOWN = ReferenceModels()
OFFERED = [model for model in CATALOG if not KNOWN.needs(model)]
PERSONS = {"references", "model", "frames"}
"""Options that only the person can cure."""

EVERYTHING = VideoModel("a/all", "All", (4, 5, 8, 12), ("480p", "720p", "1080p"), ("21:9", "16:9"), True, True)
SILENT = VideoModel("a/silent", "Silent", (6,), ("720p",), ("1:1", "3:2"), False, False)
OPEN = VideoModel("a/open", "Open")
SMALL = Catalog([EVERYTHING, SILENT, OPEN, replace(EVERYTHING, id="a/other")])
SMALL_DEFAULTS = replace(DEFAULTS, model="a/all")


def over(model_id: str, **given: Any) -> Carried:
    """Carry options from the model that has everything."""
    return carried(Options("a kite", "a/all", **given), model_id, SMALL, SMALL_DEFAULTS)


def said(model_id: str, **given: Any) -> tuple[str, ...]:
    return each_in_words(over(model_id, **given).changes)


@pytest.mark.parametrize("old", OFFERED, ids=lambda model: model.id)
def test_every_model_takes_what_comes_from_any_other(old: VideoModel) -> None:
    durations, resolutions = old.durations or (None,), old.resolutions or (None,)
    rows = itertools.zip_longest((durations[0], durations[-1]), resolutions, old.aspect_ratios or (), (True, False))
    for new, (duration, resolution, shape, sound) in itertools.product(CATALOG, rows):
        options = Options("a kite", old.id, duration=duration, resolution=resolution, aspect_ratio=shape, audio=sound)
        options = replace(options, seed=7)
        there = carried(options, new.id, CATALOG, DEFAULTS)
        assert (there.refused is None) == (KNOWN.needs(new) is None)
        assert there.options.model == new.id


@pytest.mark.slow
@settings(max_examples=60)
@given(st.data())
def test_whatever_was_chosen_the_new_model_takes_it_or_only_the_person_can_cure_it(data: st.DataObject) -> None:
    old, new = data.draw(st.sampled_from(OFFERED)), data.draw(st.sampled_from(OFFERED))
    sizes = ["360p", "480p", "720p", "768p", "1080p", "2K", "4K", "odd", " 4k "]
    options = Options(
        "a kite",
        old.id,
        duration=data.draw(st.none() | st.integers(-3, 40)),
        resolution=data.draw(st.none() | st.sampled_from(sizes)),
        aspect_ratio=data.draw(st.none() | st.sampled_from(["16:9", "9:16", "1:1", "21:9", "5:1", "tall"])),
        audio=data.draw(st.none() | st.booleans()),
        seed=data.draw(st.none() | st.integers(-5, SEED_MOST + 5)),
        references=data.draw(st.integers(0, 31)),
        frames=data.draw(st.sampled_from([(), (), (Role.FIRST,), (Role.LAST,), (Role.FIRST, Role.LAST)])),
    )
    there = carried(options, new.id, CATALOG, DEFAULTS)
    if there.refused is None:
        check_options(there.options, CATALOG, DEFAULTS)
    else:
        assert there.refused.reason.values["option"] in PERSONS
    again = carried(there.options, new.id, CATALOG, DEFAULTS)
    assert again.options == there.options
    assert not again.changes
    same = {name for name in OPTIONS if getattr(there.options, name) == getattr(options, name)}
    if there.refused is None and old.id == new.id and not there.changes:
        assert same >= {"seed", "audio"}


def test_what_the_new_model_offers_too_stays_and_nothing_is_said() -> None:
    given: dict[str, Any] = {"resolution": "720p", "aspect_ratio": "16:9", "duration": 12, "audio": False, "seed": 3}
    there = over("a/other", **given)
    assert there.options == Options("a kite", "a/other", **given)
    assert not there.changes


def test_each_change_is_said_in_a_few_words() -> None:
    assert said("a/silent", duration=8, resolution="1080p", aspect_ratio="21:9", audio=True, seed=3) == (
        "8 s → 6 s",
        "1080p → 720p",
        "shape 21:9 → 3:2",
        "sound off: not offered",
        "seed dropped: not offered",
    )


def test_what_was_left_open_is_said_too_where_the_video_differs() -> None:
    assert said("a/silent") == ("5 s → 6 s", "shape 16:9 → 1:1", "sound off: not offered")
    back = carried(Options("a kite", "a/silent"), "a/all", SMALL, SMALL_DEFAULTS)
    assert each_in_words(back.changes) == ("6 s → 5 s", "shape 1:1 → 16:9", "sound on")
    assert back.options == Options("a kite", "a/all")


def test_what_the_new_model_does_not_publish_is_up_to_it() -> None:
    there = over("a/open", duration=8, resolution="1080p", audio=True)
    assert each_in_words(there.changes) == (
        "8 s → the model's own length",
        "1080p → the model's own size",
        "shape 16:9 → up to the model",
        "sound is up to the model",
    )
    assert there.options.duration == 8  # kept for the way back


def test_a_length_that_goes_with_some_resolutions_only_changes_what_looks_least_different() -> None:
    there = carried(
        Options("a kite", DEFAULTS.model, duration=4, resolution="1080p"), "google/veo-3.1", CATALOG, DEFAULTS
    )
    assert (there.options.duration, there.options.resolution) == (4, "720p")
    there = carried(
        Options("a kite", DEFAULTS.model, duration=7, resolution="1080p"), "google/veo-3.1", CATALOG, DEFAULTS
    )
    assert (there.options.duration, there.options.resolution) == (8, "1080p")


def test_a_length_follows_the_references() -> None:
    options = Options("a kite", DEFAULTS.model, duration=5, references=2)
    there = carried(options, "google/veo-3.1", CATALOG, DEFAULTS)
    assert (there.options.duration, each_in_words(there.changes)) == (8, ("5 s → 8 s",))


def test_too_many_references_are_left_to_the_person() -> None:
    options = Options("a kite", DEFAULTS.model, duration=5, references=9)
    there = carried(options, "google/veo-3.1", CATALOG, DEFAULTS)
    assert isinstance(there.refused, OptionRefused)
    assert there.options.references == 9


def test_a_prompt_that_is_wrong_for_every_model_hides_no_change() -> None:
    there = carried(Options("{2}", "a/all", duration=12), "a/silent", SMALL, SMALL_DEFAULTS)
    assert there.refused is not None
    assert there.refused.reason.values["option"] == "prompt"
    assert "12 s → 6 s" in each_in_words(there.changes)


def test_another_model_cannot_continue_the_video() -> None:
    there = over("a/silent", continues="gen-vid-1", continues_model="a/all").options
    assert (there.continues, there.continues_model) == (None, None)
    assert "no longer continues" in " ".join(said("a/silent", continues="gen-vid-1"))


def test_a_refused_request_is_mended_by_its_own_model() -> None:
    there = over("a/all", duration=7, resolution="4K", seed=-4)
    assert there.refused is None
    assert (there.options.duration, there.options.resolution, there.options.seed) == (8, "1080p", 0)
    assert each_in_words(there.changes) == ("7 s → 8 s", "4K → 1080p", "seed -4 → 0")


def test_a_model_that_is_gone_is_refused_and_nothing_is_lost() -> None:
    there = over("a/gone", duration=8, seed=3)
    assert there.refused is not None
    assert there.options == Options("a kite", "a/gone", duration=8, seed=3)
