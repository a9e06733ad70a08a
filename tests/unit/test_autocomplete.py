"""Autocomplete offers what the catalogue has, within Discord's bounds."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cogs import autocomplete as choices
from dailies.catalog.options import Options
from dailies.catalog.references import ReferenceModels
from dailies.openrouter.models import Catalog, VideoModel
from dailies.openrouter.payload import Role
from dailies.shot import ShotTake
from tests.unit.kit import DEFAULTS, a_job, guide

KNOWN = ReferenceModels()
MODEL = VideoModel("a/b", "B", (8, 4, 12, 1), ("480p", "720p", "4K"), ("16:9", "9:16", "1:1"))
DEFAULT = DEFAULTS.model


def test_the_default_model_comes_first(catalog: Catalog) -> None:
    first = choices.models(guide(catalog), "")[0]
    assert first.value == DEFAULT
    assert first.name.endswith(" · $0.45 · up to 9 references · default")


def test_at_most_twenty_five_are_offered(catalog: Catalog) -> None:
    assert len(catalog) > 25
    assert len(choices.models(guide(catalog), "")) == 25


def test_models_are_searched_by_what_is_typed(catalog: Catalog) -> None:
    found = choices.models(guide(catalog), "veo lite")
    assert [choice.value for choice in found] == ["google/veo-3.1-lite"]
    assert found[0].name.endswith(" · $0.20 · 5 s → 4 s · no references")


def test_models_that_take_the_references_come_before_the_default(catalog: Catalog) -> None:
    loaded = guide(catalog, replace(DEFAULTS, model="google/veo-3.1-lite"))
    found = choices.models(loaded, "", Options("", references=9))
    takers = [KNOWN.verdict(model).enough(9) for one in found if (model := catalog.get(one.value))]
    assert takers[0]
    assert takers == sorted(takers, reverse=True)
    assert "google/veo-3.1-lite" not in [one.value for one in found[: sum(takers)]]
    (lite,) = choices.models(loaded, "veo lite", Options("", references=9))
    assert lite.name.endswith(" · doesn't accept reference images · default")


def test_a_price_is_that_of_what_is_filled_in(catalog: Catalog) -> None:
    options = Options("", duration=8, resolution="1080p", audio=False)
    (choice,) = choices.models(guide(catalog), "veo lite", options)
    assert choice.name.endswith(" · $0.40 · no references")


def test_several_takes_have_one_price(catalog: Catalog) -> None:
    (choice,) = choices.models(guide(catalog), "veo lite", Options("", duration=8, resolution="720p"), takes=3)
    assert " · $1.20 for 3 · " in choice.name


def test_an_unconfirmed_model_says_so() -> None:
    (choice,) = choices.models(guide(Catalog([MODEL])), "")
    assert choice.name.startswith("B · price not known · ")
    assert choice.name.endswith(" · references not confirmed")
    (choice,) = choices.models(guide(Catalog([replace(MODEL, durations=None)])), "", Options("", references=1))
    assert choice.name.startswith("B · price not known · references not confirmed")


def test_a_model_whose_id_does_not_fit_a_choice_is_left_out() -> None:
    assert choices.models(guide(Catalog([VideoModel("a/" + "x" * 99, "X")])), "") == []


@given(st.text(min_size=1, max_size=300))
def test_any_name_fits_a_choice(name: str) -> None:
    (choice,) = choices.models(guide(Catalog([VideoModel(DEFAULT, name)])), "")
    assert 1 <= len(choice.name) <= 100
    refused = choices.models(guide(Catalog([VideoModel(DEFAULT, name)])), "", Options("", frames=(Role.LAST,)))
    assert all(1 <= len(one.name) <= 100 for one in refused)


def test_lengths_are_offered_in_order() -> None:
    assert [choice.value for choice in choices.durations(MODEL.durations, "")] == [1, 4, 8, 12]


def test_lengths_begin_with_what_is_typed() -> None:
    assert [choice.name for choice in choices.durations(MODEL.durations, "1")] == ["1 s", "12 s"]


@pytest.mark.parametrize(("references", "lengths"), [(True, [8]), (False, [4, 6, 8])])
def test_lengths_depend_on_references_where_the_model_does(
    catalog: Catalog, references: bool, lengths: list[int]
) -> None:
    model = catalog.get("google/veo-3.1")
    assert model is not None
    assert [choice.value for choice in choices.durations(KNOWN.durations(model, references=references), "")] == lengths


def test_words_begin_with_what_is_typed_in_any_case() -> None:
    assert [choice.value for choice in choices.words(MODEL.resolutions, " 4k")] == ["4K"]


def test_what_is_not_published_has_no_choices() -> None:
    bare = VideoModel("a/b", "B")
    assert choices.words(bare.resolutions, "") == []
    assert choices.durations(bare.durations, "") == []


def test_a_job_is_offered_with_its_shot_and_take() -> None:
    job = a_job(shot=ShotTake("s", "12A", 3))
    (choice,) = choices.jobs([job], job.created_at + 120)
    assert " · 12A · take 3 · " in choice.name
    assert choice.name.endswith(" · 2 min ago")
    assert len(choice.name) <= 100
