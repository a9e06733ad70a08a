"""Lengths that depend on references and on the resolution: Veo 3.1 makes 8 s of 1080p, of 4K, and with references."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from dailies import explain
from dailies.catalog import facts
from dailies.catalog.facts import Facts, FactsFile, LengthRule
from dailies.catalog.guide import ModelFilter
from dailies.catalog.options import Options, VideoRequest, check_options
from dailies.catalog.references import ReferenceModels
from dailies.errors import OptionRefused, TooManyReferences
from dailies.openrouter.models import Catalog, VideoModel
from tests.unit import kit
from tests.unit.kit import DEFAULTS, guide

CATALOG = kit.catalog()
KNOWN = ReferenceModels()
VEO = ["google/veo-3.1", "google/veo-3.1-fast"]
ALL_VEO = [*VEO, "google/veo-3.1-lite"]


def request(model: str, **options: object) -> VideoRequest:
    return check_options(Options("a kite", model, **options), CATALOG, DEFAULTS)  # type: ignore[arg-type]


def refusal(model: str, **options: object) -> str:
    with pytest.raises(OptionRefused) as caught:
        request(model, **options)
    return explain.explain(caught.value)


@pytest.mark.parametrize("model", VEO)
@pytest.mark.parametrize("references", [1, 3])
def test_with_references_and_no_length_it_is_eight_seconds(model: str, references: int) -> None:
    assert request(model, references=references).duration == 8


@pytest.mark.parametrize("model", VEO)
@pytest.mark.parametrize("duration", [4, 6])
def test_with_references_another_length_is_refused_with_the_reason(model: str, duration: int) -> None:
    assert refusal(model, references=1, duration=duration) == (
        f"duration: {duration} isn't offered by {model} with reference images. It offers 8. You weren't charged."
    )


@pytest.mark.parametrize("model", VEO)
def test_a_fourth_reference_is_refused(model: str) -> None:
    with pytest.raises(TooManyReferences):
        request(model, references=4)


@pytest.mark.parametrize("model", ALL_VEO)
def test_at_1080p_it_is_eight_seconds(model: str) -> None:
    assert request(model, resolution="1080p").duration == 8
    assert request(model, resolution="1080P", duration=8).duration == 8


@pytest.mark.parametrize("model", VEO)
def test_in_4k_it_is_eight_seconds(model: str) -> None:
    assert request(model, resolution="4k").duration == 8


@pytest.mark.parametrize("model", VEO)
def test_another_length_in_4k_is_refused_with_the_resolutions_that_have_it(model: str) -> None:
    assert refusal(model, resolution="4k", duration=6) == (
        f"duration: 6 isn't offered by {model} at 4K, only at 720p. It offers 8. You weren't charged."
    )


def test_both_reasons_are_given_where_both_hold() -> None:
    assert refusal("google/veo-3.1", resolution="1080p", duration=4, references=2) == (
        "duration: 4 isn't offered by google/veo-3.1 with reference images at 1080p. It offers 8. You weren't charged."
    )


def test_a_length_that_is_nowhere_offered_is_refused_with_the_nearest() -> None:
    assert refusal("google/veo-3.1", duration=5) == (
        "duration: 5 isn't offered by google/veo-3.1. It offers 4, 6 and 8. The nearest is 4. You weren't charged."
    )


def test_a_resolution_and_a_shape_that_are_not_offered_are_refused_with_the_nearest() -> None:
    assert "It offers 720p, 1080p and 4K. The nearest is 1080p." in refusal("google/veo-3.1", resolution="1440p")
    assert "It offers 16:9 and 9:16. The nearest is 9:16." in refusal("google/veo-3.1", aspect_ratio="2:3")
    assert "The nearest" not in refusal("google/veo-3.1", aspect_ratio="wide")


@pytest.mark.parametrize("duration", [4, 6])
def test_a_chosen_length_moves_the_default_resolution_to_one_that_has_it(duration: int) -> None:
    defaults = replace(DEFAULTS, resolution="1080p")
    made = check_options(Options("a kite", "google/veo-3.1", duration=duration), CATALOG, defaults)
    assert (made.duration, made.resolution) == (duration, "720p")


def test_a_default_resolution_moves_the_default_length() -> None:
    made = check_options(Options("a kite", "google/veo-3.1"), CATALOG, replace(DEFAULTS, resolution="1080p"))
    assert (made.duration, made.resolution) == (8, "1080p")


def test_models_without_rules_are_as_before() -> None:
    made = request("bytedance/seedance-2.0", resolution="4K", duration=5, references=1)
    assert (made.duration, made.resolution) == (5, "4K")


def test_the_lists_of_what_can_be_chosen_follow_the_rules() -> None:
    model = CATALOG["google/veo-3.1-lite"]
    assert model.durations == (8, 4, 6)  # unsorted, as published
    assert KNOWN.durations(model, references=False) == (4, 6, 8)
    assert KNOWN.durations(model, references=False, resolution=" 1080P ") == (8,)
    assert KNOWN.resolutions(model, references=False, duration=4) == ("720p",)
    assert KNOWN.resolutions(model, references=False, duration=8) == ("720p", "1080p")
    assert KNOWN.resolutions(model, references=False, duration=77) == ("720p", "1080p")
    assert KNOWN.resolutions(model, references=False, duration=None) == ("720p", "1080p")


def test_offers_are_only_of_what_goes_together() -> None:
    def found(**wish: object) -> set[str]:
        return {one.model.id for one in guide(CATALOG).offers(ModelFilter(**wish))}  # type: ignore[arg-type]

    assert {*ALL_VEO} <= found(duration=4)
    assert not {*ALL_VEO} & found(duration=4, resolution="1080p")
    assert {*ALL_VEO} <= found(duration=8, resolution="1080p")
    assert not {*VEO} & found(duration=4, references=True)


def test_a_price_is_that_of_the_length_that_is_made() -> None:
    (veo,) = (one for one in guide(CATALOG).offers(ModelFilter(resolution="4K")) if one.model.id == "google/veo-3.1")
    assert (veo.request.duration, str(veo.quote.usd)) == (8, "4.80")


def test_an_operator_s_rules_go_before_ours() -> None:
    ours = FactsFile(Path("x"), {"google/veo-3.1": Facts(takes=True, source="we tried", most=5)})
    made = check_options(
        Options("a kite", "google/veo-3.1", resolution="4K", duration=4, references=5),
        CATALOG,
        DEFAULTS,
        ReferenceModels(ours),
    )
    assert (made.duration, made.resolution) == (4, "4K")


def test_a_rule_that_is_older_than_the_list_is_not_used() -> None:
    model = VideoModel("google/veo-3.1", "Veo", durations=(10, 5), resolutions=("1080p",))
    made = check_options(Options("a kite", model.id, references=1), Catalog([model]), DEFAULTS)
    assert made.duration == 5


def test_rules_are_read_from_a_file() -> None:
    text = '["a/b"]\nrules = [{ when = { resolution = ["1080p", "4K"] }, durations = [8, 6] }]\nsource = "x"'
    rule = LengthRule(frozenset({"1080p", "4k"}), (8, 6))
    assert facts.parse(text) == {"a/b": Facts(takes=None, source="x", rules=(rule,))}


@pytest.mark.parametrize(
    "rules",
    [
        "[]",
        "8",
        "[8]",
        "[{}]",
        "[{ durations = [8] }]",
        '[{ when = { resolution = ["4K"] } }]',
        "[{ when = { resolution = [] }, durations = [8] }]",
        '[{ when = { resolution = "4K" }, durations = [8] }]',
        '[{ when = { resolution = ["4K"], sound = true }, durations = [8] }]',
        '[{ when = { resolution = ["4K"] }, durations = [0] }]',
        '[{ when = { resolution = ["4K"] }, durations = [8], images = 3 }]',
    ],
)
def test_a_mistake_in_a_rule_is_named_with_what_would_be_right(rules: str) -> None:
    with pytest.raises(ValueError, match=r"rules = .* must be a list of rules, as in \[\{ when = \{ resolution = "):
        facts.parse(f'["a/b"]\nrules = {rules}\nsource = "x"')


def test_an_entry_about_lengths_says_nothing_of_references() -> None:
    text = '["a/b"]\nrules = [{ when = { resolution = ["4K"] }, durations = [8] }]\nsource = "x"'
    known = ReferenceModels(FactsFile(Path("x"), facts.parse(text)))
    assert known.verdict(VideoModel("a/b", "B")).takes is None
