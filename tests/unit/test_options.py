"""Options become a request that the model takes, or a refusal that says what would be right."""

# ruff: noqa: RUF001 (the characters that look like others are the test)

from __future__ import annotations

from dataclasses import replace
from typing import Any

import openrouter.components
import pydantic
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dailies.catalog.option_checks import SEED_MOST
from dailies.catalog.options import Defaults, Options, check_options
from dailies.catalog.references import ReferenceModels
from dailies.errors import OptionRefused
from dailies.openrouter.models import Catalog, VideoModel
from tests.support.reasons import in_words, raises
from tests.unit import kit

KNOWN = ReferenceModels()
DEFAULTS = Defaults("bytedance/seedance-2.0-fast", 5, "720p", "16:9")
CATALOG = kit.catalog()
OFFERED = [model for model in CATALOG if not KNOWN.needs(model)]
EVERYTHING = VideoModel("a/all", "All", (4, 5, 8, 12), ("480p", "1080p", "4K"), ("16:9", "9:16"), True, True)
NOTHING = VideoModel("a/null", "Null")
SILENT = VideoModel("a/silent", "Silent", (6,), ("720p",), ("1:1",), False, False)
SMALL = Catalog([EVERYTHING, NOTHING, SILENT])
SMALL_DEFAULTS = Defaults("a/all", 5, "720p", "16:9")
LINK = "https://a.example/fox.png"


def settled(**given: Any) -> dict[str, Any]:
    """Return the body for options on the small catalogue, without references."""
    options: dict[str, Any] = {"prompt": "a kite"} | given
    return check_options(Options(**options), SMALL, SMALL_DEFAULTS).body([])


def refusal(**given: Any) -> OptionRefused:
    with pytest.raises(OptionRefused) as caught:
        settled(**given)
    return caught.value


def held_against_the_sdk(body: dict[str, Any]) -> None:
    """The SDK's model takes the body, knows every field of it, and gives the same back."""
    known = openrouter.components.VideoGenerationRequest.model_validate(body)
    assert set(body) <= set(openrouter.components.VideoGenerationRequest.model_fields)
    assert not known.model_extra
    assert known.model_dump(exclude_none=True, by_alias=True) == body


@pytest.mark.parametrize("model", OFFERED, ids=lambda model: model.id)
def test_the_sdk_takes_what_is_sent_when_only_the_model_is_chosen(model: VideoModel) -> None:
    references = [LINK] * 2 if KNOWN.verdict(model).enough(2) else []
    request = check_options(Options("a kite", model.id, references=len(references)), CATALOG, DEFAULTS)
    held_against_the_sdk(request.body(references))


@pytest.mark.slow
@given(st.data())
def test_the_sdk_takes_every_legal_choice_of_every_model(data: st.DataObject) -> None:
    model = data.draw(st.sampled_from(OFFERED))
    most = KNOWN.verdict(model).most
    count = data.draw(st.integers(0, 4 if most is None else most))

    def one(offered: Any) -> Any:
        return data.draw(st.none() | st.sampled_from(offered)) if offered else data.draw(st.none())

    resolution = one(model.resolutions)
    options = Options(
        # Without what names references: whether they came along is another test's matter.
        prompt=data.draw(st.text(st.characters(exclude_characters="@＠{}｛｝"), max_size=20)) + "a",
        model=model.id,
        duration=one(KNOWN.durations(model, references=count > 0, resolution=resolution)),
        resolution=resolution,
        aspect_ratio=one(model.aspect_ratios),
        audio=data.draw(st.none() | st.booleans()) if model.audio else None,
        seed=data.draw(st.none() | st.integers(0, SEED_MOST)) if model.seed is not False else None,
        references=count,
    )
    inline = "data:image/png;base64,AAAA"
    references = data.draw(st.lists(st.sampled_from([LINK, inline]), min_size=count, max_size=count))
    body = check_options(options, CATALOG, DEFAULTS).body(references)
    held_against_the_sdk(body)
    for name in ("duration", "resolution", "aspect_ratio"):
        chosen = getattr(options, name)
        assert chosen is None or body[name] == chosen
    assert [one["image_url"]["url"] for one in body.get("input_references", [])] == references


@pytest.mark.parametrize("model", OFFERED, ids=lambda model: model.id)
def test_what_the_catalogue_leaves_null_is_not_sent(model: VideoModel) -> None:
    body = check_options(Options("a kite", model.id), CATALOG, DEFAULTS).body([])
    assert ("duration" in body) == (model.durations is not None)
    assert ("resolution" in body) == (model.resolutions is not None)
    assert ("aspect_ratio" in body) == (model.aspect_ratios is not None)
    assert ("generate_audio" in body) == (model.audio is True)
    assert "seed" not in body


def test_what_the_catalogue_leaves_null_is_not_checked_and_said() -> None:
    options = Options("a kite", "a/null", duration=77, resolution="9000p", aspect_ratio="5:1", audio=True, seed=3)
    request = check_options(options, SMALL, SMALL_DEFAULTS)
    assert request.body([]) == {"model": "a/null", "prompt": "a kite"}
    assert [in_words(note).split()[0] for note in request.notes] == [
        "duration",
        "resolution",
        "aspect_ratio",
        "audio",
        "seed",
    ]


def test_references_are_input_references_and_never_frames() -> None:
    body = check_options(Options("a kite", references=2), SMALL, SMALL_DEFAULTS).body(
        [LINK, "data:image/png;base64,AAAA"]
    )
    assert "frame_images" not in body
    assert body["input_references"] == [
        {"type": "image_url", "image_url": {"url": LINK}},
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}},
    ]


def test_without_references_there_is_no_such_field() -> None:
    assert "input_references" not in settled()


def test_the_sdk_refuses_a_body_that_is_wrong() -> None:
    """Show that the comparison above can fail."""
    with pytest.raises(pydantic.ValidationError):
        openrouter.components.VideoGenerationRequest.model_validate({"model": "a/b", "duration": "long"})


def test_a_prompt_of_white_space_is_refused() -> None:
    assert refusal(prompt=" \n ").reason.values["option"] == "prompt"


@pytest.mark.parametrize(
    "prompt",
    ["", "\u200b", "\u2060\ufeff", "\u00ad", "\ufe0f", "\U000e0100", "\u2800", "\u3164", "\uffa0", "\u115f\u1160",
     "\u3000",
     "\u00a0", "\u2028", "\x00", "\x1b", "\u200e\u202e", "\u034f", "\u0301", "\u17b4", "\u180e", "\u20e3", "\U000e0041",
     "\U0001d159", "\U0001d173", "\ufffc", " \u200d \n\u2063"],
    ids=ascii,
)  # fmt: skip
def test_a_prompt_that_nobody_sees_is_empty(prompt: str) -> None:
    error = refusal(prompt=prompt)
    assert (error.reason.values["option"], error.reason.values["value"]) == ("prompt", "")
    assert "is empty; describe the video" in in_words(error.reason)


@pytest.mark.parametrize(
    "prompt",
    ["\u200ba kite\u200b", "\u3164x", "👩\u200d🚀", "❤\ufe0f", "e\u0301", "ह\u093f", "한", "…", "🫨", "\U0001fae9",
     "\ue000",
     "\u2801", "_"],
    ids=ascii,
)  # fmt: skip
def test_a_prompt_with_anything_to_see_is_sent_as_it_was_typed(prompt: str) -> None:
    assert settled(prompt=prompt)["prompt"] == prompt


@given(st.text(max_size=30), st.sampled_from("a7狐🦊—"), st.text(max_size=30))
def test_one_visible_character_is_enough(before: str, one: str, after: str) -> None:
    prompt = (before + one + after).translate(dict.fromkeys(map(ord, "@＠{}｛｝")))
    assert settled(prompt=prompt)["prompt"] == prompt


def test_an_unknown_model_is_refused_with_similar_ones() -> None:
    error = refusal(model="a/al")
    assert error.reason.values["option"] == "model"
    assert "a/all" in error.offers


def test_a_default_model_that_is_gone_is_refused_too() -> None:
    with pytest.raises(OptionRefused):
        check_options(Options("a kite"), SMALL, replace(SMALL_DEFAULTS, model="a/gone"))


@pytest.mark.parametrize(
    ("option", "value"),
    [("duration", 7), ("duration", 0), ("duration", -4), ("resolution", "720p"), ("aspect_ratio", "1:1")],
)
def test_a_value_outside_the_published_ones_is_refused_with_what_is_offered(option: str, value: object) -> None:
    error = refusal(**{option: value})
    assert (error.reason.values["option"], error.reason.values["value"]) == (option, value)
    assert error.offers


def test_a_resolution_in_another_spelling_is_sent_in_the_models_own() -> None:
    assert settled(resolution=" 4k ")["resolution"] == "4K"


def test_the_default_length_is_the_nearest_that_is_offered() -> None:
    assert check_options(Options("x"), SMALL, replace(SMALL_DEFAULTS, duration=9)).duration == 8


def test_of_two_equally_near_lengths_the_shorter_is_taken() -> None:
    assert check_options(Options("x"), SMALL, replace(SMALL_DEFAULTS, duration=10)).duration == 8


def test_the_smallest_resolution_stands_in_for_a_default_that_is_not_offered() -> None:
    assert settled()["resolution"] == "480p"


def test_a_default_resolution_that_is_offered_is_taken() -> None:
    assert check_options(Options("x"), SMALL, replace(SMALL_DEFAULTS, resolution="4k")).resolution == "4K"


def test_4k_is_not_smaller_than_1080p() -> None:
    model = VideoModel("a/b", "B", resolutions=("4K", "1080p"))
    assert check_options(Options("x", "a/b"), Catalog([model]), SMALL_DEFAULTS).resolution == "1080p"


def test_the_first_shape_stands_in_for_a_default_that_is_not_offered() -> None:
    assert check_options(Options("x", "a/silent"), SMALL, SMALL_DEFAULTS).aspect_ratio == "1:1"


def test_sound_is_on_where_the_model_makes_it() -> None:
    assert settled()["generate_audio"] is True


def test_sound_can_be_switched_off() -> None:
    assert settled(audio=False)["generate_audio"] is False


def test_sound_is_refused_where_the_model_is_silent() -> None:
    assert refusal(model="a/silent", audio=True).reason.values["option"] == "audio"


def test_no_sound_is_fine_where_the_model_is_silent() -> None:
    assert "generate_audio" not in settled(model="a/silent", audio=False)


def test_a_seed_is_sent_where_the_model_takes_one() -> None:
    assert settled(seed=0)["seed"] == 0


def test_a_seed_is_refused_where_the_model_takes_none() -> None:
    assert refusal(model="a/silent", seed=1).reason.values["option"] == "seed"


@pytest.mark.parametrize("seed", [-1, SEED_MOST + 1])
def test_a_seed_out_of_range_is_refused(seed: int) -> None:
    assert refusal(seed=seed).reason.values["option"] == "seed"


def test_more_references_than_a_model_takes_are_refused() -> None:
    with raises(OptionRefused, match="takes up to 3"):
        check_options(Options("x", "google/veo-3.1", references=4), CATALOG, DEFAULTS)


def test_references_to_a_model_without_any_are_refused() -> None:
    with raises(OptionRefused, match="doesn't accept reference"):
        check_options(Options("x", "google/veo-3.1-lite", references=1), CATALOG, DEFAULTS)


def test_references_to_an_unconfirmed_model_pass() -> None:
    assert check_options(Options("x", references=9), SMALL, SMALL_DEFAULTS).model == "a/all"


def test_a_length_that_is_not_offered_with_references_is_refused_only_then() -> None:
    options = Options("x", "google/veo-3.1", duration=4)
    assert check_options(options, CATALOG, DEFAULTS).duration == 4
    with pytest.raises(OptionRefused):
        check_options(replace(options, references=1), CATALOG, DEFAULTS)
