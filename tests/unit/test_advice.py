"""Advice names what is known of the model, and only what fits the request."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dailies import explain
from dailies.catalog.options import VideoRequest
from dailies.reason import Reason, ReasonCode
from tests.unit.kit import catalog, guide

REQUEST = VideoRequest(
    "a boat", "bytedance/seedance-2.0-fast", "Seedance", duration=5, resolution="720p", aspect_ratio="16:9", audio=True
)
CAUSES = [one for one in ReasonCode if one.startswith("advice_")]
PICTURES = ("download", "format", "large", "picture", "shape", "small")


def advised(cause: ReasonCode, references: int = 1, request: VideoRequest = REQUEST) -> Reason | None:
    if cause is ReasonCode.ADVICE_CONTINUATION:
        request = replace(request, continues="gen-vid-1-a")
    return guide(catalog()).advise(cause, request, references)


@pytest.mark.parametrize("cause", CAUSES)
def test_every_cause_has_advice_that_says_what_to_do(cause: ReasonCode) -> None:
    advice = advised(cause)
    assert advice is not None
    sentence = explain.sentence(advice)
    assert sentence.endswith(".")
    assert "None" not in sentence
    assert ".." not in sentence


@pytest.mark.parametrize("cause", CAUSES)
def test_advice_for_a_model_that_is_gone_is_still_a_sentence(cause: ReasonCode) -> None:
    advice = advised(cause, request=replace(REQUEST, model="a/gone"))
    assert advice is None or "None" not in explain.sentence(advice)


@pytest.mark.parametrize("kind", PICTURES)
def test_pictures_are_no_matter_without_references(kind: str) -> None:
    assert advised(ReasonCode(f"advice_{kind}"), references=0) is None


def test_people_in_a_prompt_alone_need_no_other_model() -> None:
    assert advised(ReasonCode.ADVICE_PEOPLE, references=0) == Reason(ReasonCode.ADVICE_CONTENT)


def test_models_that_take_as_many_pictures_of_people_are_named() -> None:
    advice = advised(ReasonCode.ADVICE_PEOPLE, references=8)
    assert advice is not None
    offers = advice.values["offers"]
    assert offers
    assert not [one for one in offers if "seedance-2" in one]
    assert "google/veo-3.1" not in offers  # it takes three


def test_a_silent_run_is_priced_without_sound() -> None:
    kling = replace(REQUEST, model="kwaivgi/kling-v3.0-std", model_name="Kling")
    models = guide(catalog())
    advice = models.advise(ReasonCode.ADVICE_SOUND, kling, 0)
    loud, silent = (models.quote(replace(kling, audio=audio), 0) for audio in (True, False))
    assert loud
    assert silent
    assert advice == Reason(ReasonCode.ADVICE_SOUND, usd=silent.usd)
    assert silent.usd != loud.usd


def test_sound_is_no_matter_where_none_was_ordered() -> None:
    assert advised(ReasonCode.ADVICE_SOUND, request=replace(REQUEST, audio=False)) == Reason(ReasonCode.ADVICE_CONTENT)


def test_a_size_that_is_not_right_comes_with_what_the_model_takes() -> None:
    small = advised(ReasonCode.ADVICE_SMALL)
    assert small is not None
    assert "Seedance needs at least 300 pixels" in explain.sentence(small)
    setting = advised(ReasonCode.ADVICE_SETTING)
    assert setting is not None
    assert "every whole number from 4 to 15" in explain.sentence(setting)


def test_an_unknown_cause_has_no_advice() -> None:
    assert guide(catalog()).advise(None, REQUEST, 1) is None
