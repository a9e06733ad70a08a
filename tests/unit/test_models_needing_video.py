"""Models that need a video or a recording are not offered, and are refused by what they need when they are typed."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cogs import autocomplete as choices
from dailies import explain
from dailies.catalog import facts
from dailies.catalog.facts import OWN, Facts, FactsFile
from dailies.catalog.guide import ModelFilter
from dailies.catalog.inputs import needed
from dailies.catalog.options import Options, check_options
from dailies.catalog.references import ReferenceModels
from dailies.errors import OptionRefused
from dailies.openrouter.models import Catalog, VideoModel
from tests.unit import kit
from tests.unit.kit import CATALOG_FILE, DEFAULTS, guide

CATALOG = kit.catalog()
NEEDED = {
    "black-forest-labs/flux-video-edit": "needs a video to edit",
    "black-forest-labs/flux-video-upscale": "needs a video to enlarge",
    "runway/aleph-2": "needs a video to edit",
    "heygen/avatar-iv": "needs a sound recording to work from",
}
ENTRIES: list[dict[str, Any]] = json.loads(CATALOG_FILE.read_bytes())["data"]
LIKE_EDIT = VideoModel("new/edit", "New", input_modalities=("text", "image", "video"))


@pytest.mark.parametrize(("model", "words"), NEEDED.items())
def test_a_typed_one_is_refused_by_what_it_needs(model: str, words: str) -> None:
    with pytest.raises(OptionRefused) as caught:
        check_options(Options("a kite", model), CATALOG, DEFAULTS)
    assert explain.explain(caught.value) == (
        f"model: {model} {words}; this bot sends prompts and images. "
        "Pick one from the list that appears as you type. You weren't charged."
    )


def test_no_menu_and_no_list_has_them() -> None:
    loaded = guide(CATALOG)
    assert {model.id for model in CATALOG} - {model.id for model in loaded.offered} == {*NEEDED}
    assert not {*NEEDED} & {one.model.id for one in loaded.offers(ModelFilter())}
    for typed in ("flux", "runway", "heygen", "avatar", "aleph", "edit"):
        assert not {*NEEDED} & {one.value for one in choices.models(loaded, typed)}


def test_none_is_suggested_for_a_typing_error() -> None:
    with pytest.raises(OptionRefused) as caught:
        check_options(Options("a kite", "runway/aleph-3"), CATALOG, DEFAULTS)
    assert "runway/aleph-2" not in caught.value.offers


def test_none_takes_the_place_of_a_default_model_that_is_gone() -> None:
    cheap = replace(LIKE_EDIT, id="new/cheap", description="Up to 9 reference images.", resolutions=("720p",))
    cheap = replace(cheap, pricing_skus={"cents_per_second_output": "1"})
    loaded = guide(Catalog([cheap, *CATALOG]), replace(DEFAULTS, model="a/gone"))
    assert loaded.default_model not in {"new/cheap", *NEEDED}


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry["id"])
def test_published_facts_alone_tell_them_from_the_others(entry: dict[str, Any]) -> None:
    """As for a model of a later list, of which models.toml says nothing."""
    assert (needed(VideoModel.from_dict(entry)) is not None) == (entry["id"] in NEEDED)


@pytest.mark.parametrize(
    "prices",
    [
        {"cents_per_second_video_continuation_720p": "41", "cents_per_second_video_continuation_1080p": "53"},
        {"cents_per_megapixel_second_fast": "3"},
        {"video_tokens_with_video_input": "0.000002", "minimum_cents_per_generation": "10"},
        {"cents_per_second_video_continuation": "41", "video_tokens_4k_with_video_input": "0.000002"},
    ],
)
def test_prices_for_such_input_alone_are_a_sign(prices: dict[str, object]) -> None:
    model = VideoModel("new/b", "B", durations=(5, 10), frame_images=("first_frame",), pricing_skus=prices)
    assert needed(model)
    assert needed(replace(model, pricing_skus=prices | {"duration_seconds": "0.1"})) is None
    assert needed(replace(model, pricing_skus=prices | {"per_unheard_of": "0.1"})) is None


@pytest.mark.parametrize(
    ("changes", "needs"),
    [
        ({}, "video"),
        ({"input_modalities": ("text", "video")}, "video"),
        ({"input_modalities": ("Video",)}, "video"),
        ({"input_modalities": ("text", "audio")}, "audio"),
        ({"input_modalities": ("text", "image", "audio"), "resolutions": ("720p",)}, "audio"),
        ({"input_modalities": ("video",), "durations": (5,)}, "video"),
        ({"input_modalities": None, "enlarges": True}, "upscale"),
        # As a new model may come that works from a prompt.
        ({"durations": (5,)}, None),
        ({"frame_images": ("first_frame",)}, None),
        ({"sizes": ("1280x720",)}, None),
        ({"pricing_skus": {"text_to_video_duration_seconds": "0.1"}}, None),
        ({"input_modalities": ("text", "image")}, None),
        ({"input_modalities": ("text",)}, None),
        ({"input_modalities": ("image",)}, None),
        ({"input_modalities": None}, None),
        ({"input_modalities": ("text", "video"), "durations": (5,)}, None),
    ],
)
def test_a_model_that_lacks_one_sign_is_offered(changes: dict[str, Any], needs: str | None) -> None:
    assert needed(replace(LIKE_EDIT, **changes)) == needs


def test_factors_of_enlargement_are_a_sign() -> None:
    entry = {"id": "a/b", "upscale_factor": {"min": 1.5, "max": 3}}
    assert needed(VideoModel.from_dict(entry)) == "upscale"
    assert needed(VideoModel.from_dict(entry | {"upscale_factor": None})) is None


def test_an_operator_s_entry_brings_a_model_back_and_takes_one_out() -> None:
    operators = FactsFile(
        Path("x"),
        {
            "new/edit": Facts(takes=True, source="we tried"),
            **facts.parse('["runway/gen-4.5"]\nneeds = "video"\nsource = "we tried"'),
        },
    )
    known = ReferenceModels(operators)
    assert ReferenceModels().needs(LIKE_EDIT) == "video"
    assert known.needs(LIKE_EDIT) is None
    assert known.needs(CATALOG["runway/gen-4.5"]) == "video"


def test_a_wrong_need_in_a_file_is_named() -> None:
    with pytest.raises(ValueError, match="needs = 'film' must be one of video, upscale, continuation, audio"):
        facts.parse('["a/b"]\nneeds = "film"\nsource = "x"')


def test_our_file_names_the_four() -> None:
    assert {model for model, one in OWN.items() if one.needs} == {*NEEDED}
