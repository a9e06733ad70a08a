"""Every model of the capture with every value of every setting: a request that is right, or a refusal that helps.

The SDK's models say what a request looks like, the stand-in of OpenRouter what each model takes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import cycle, product
from typing import Any

import openrouter.components
import pytest

from dailies import explain
from dailies.catalog.options import Options, check_options
from dailies.catalog.references import ReferenceModels
from dailies.errors import OptionRefused
from dailies.openrouter.models import VideoModel
from sandbox.openrouter.errors import ApiError
from sandbox.openrouter.validate import validate
from tests.unit import kit
from tests.unit.kit import DEFAULTS

CATALOG = kit.catalog()
KNOWN = ReferenceModels()
LINK = "https://a.example/fox.png"
MODELS = list(CATALOG)
OFFERED = [model for model in MODELS if not KNOWN.needs(model)]
SDK = openrouter.components.VideoGenerationRequest


def counts(model: VideoModel) -> list[int]:
    """Return no, one, and the most references."""
    most = KNOWN.verdict(model).most
    return sorted({0, 1, 4 if most is None else most})


def settings(model: VideoModel) -> Iterator[dict[str, Any]]:
    """Yield every pair of a length and a resolution, with every value of the others in turn."""
    durations = (None, 0, 7777, *(model.durations or ()))
    resolutions = (None, "999p", *(model.resolutions or ()))
    others = {
        "aspect_ratio": (None, "5:1", *(model.aspect_ratios or ())),
        "audio": (None, True, False),
        "seed": (None, 0, -1, 2**31 - 1),
    }
    turns = {name: cycle(values) for name, values in others.items()}
    for duration, resolution in product(durations, resolutions):
        yield {"duration": duration, "resolution": resolution} | {name: next(turn) for name, turn in turns.items()}
    nothing = dict.fromkeys(("duration", "resolution", *others))
    for name, values in others.items():
        yield from (nothing | {name: value} for value in values)
    yield from (nothing | {"duration": duration} for duration in durations)
    yield from (nothing | {"resolution": resolution} for resolution in resolutions)


def body_of(model: VideoModel, count: int, given: dict[str, Any]) -> dict[str, Any]:
    """Return the body of the paid request. Raises OptionRefused."""
    options = Options("a kite", model.id, references=count, **given)
    return check_options(options, CATALOG, DEFAULTS).body([LINK] * count)


@pytest.mark.parametrize("model", OFFERED, ids=lambda model: model.id)
def test_every_setting_gives_a_right_request_or_a_refusal_that_names_what_is_right(model: VideoModel) -> None:
    sent, refused = 0, 0
    for count, given in product(counts(model), settings(model)):
        try:
            body = body_of(model, count, given)
        except OptionRefused as error:
            refused += 1
            helps(error, model, count)
        else:
            sent += 1
            assert SDK.model_validate(body).model_dump(exclude_none=True, by_alias=True) == body
            assert validate(body).model.id == model.id
    assert sent
    assert refused


def helps(error: OptionRefused, model: VideoModel, count: int) -> None:
    """Check that a refusal names what is taken in place of what was refused."""
    sentence = explain.explain(error)
    assert sentence.endswith("You weren't charged.")
    option = error.reason.values["option"]
    if option in ("duration", "resolution", "aspect_ratio"):
        assert error.offers
        near = error.problem.values.get("nearest", error.offers[0])
        assert str(near) in sentence
        for one in error.offers if option == "duration" else [near]:
            wished = {option: one}
            if option == "duration" and error.problem.values.get("resolution"):
                wished["resolution"] = error.problem.values["resolution"]
            assert body_of(model, count, wished)[option] == one
    else:
        assert option in ("audio", "seed", "references", "model")


@pytest.mark.parametrize("model", OFFERED, ids=lambda model: model.id)
def test_no_offered_value_is_refused_that_openrouter_takes(model: VideoModel) -> None:
    for count, given in product(counts(model), settings(model)):
        try:
            body_of(model, count, given)
        except OptionRefused:
            raw = {name: value for name, value in given.items() if value is not None}
            if "audio" in raw:
                raw["generate_audio"] = raw.pop("audio")
            pictures = [{"type": "image_url", "image_url": {"url": LINK}}] * count
            body = {"model": model.id, "prompt": "a kite"} | raw | ({"input_references": pictures} if count else {})
            # Ours alone: xAI documents at most 10 s with references, and providers take signed 32-bit seeds.
            if (model.id == "x-ai/grok-imagine-video" and count) or raw.get("seed") == -1:
                continue
            with pytest.raises(ApiError):
                validate(body)


@pytest.mark.parametrize("model", OFFERED, ids=lambda model: model.id)
def test_one_reference_more_than_the_most_is_refused(model: VideoModel) -> None:
    most = KNOWN.verdict(model).most
    with pytest.raises(OptionRefused):
        body_of(model, (30 if most is None else most) + 1, {})


@pytest.mark.parametrize("model", [model for model in MODELS if KNOWN.needs(model)], ids=lambda model: model.id)
def test_a_model_that_works_from_a_video_is_refused_by_both(model: VideoModel) -> None:
    with pytest.raises(OptionRefused):
        body_of(model, 0, {})
    with pytest.raises(ApiError, match="input_references"):
        validate({"model": model.id, "prompt": "a kite"})


def test_every_setting_of_the_capture_was_tried() -> None:
    """Show that the product above leaves none out."""
    for model in OFFERED:
        tried = list(settings(model))
        for name, offered in (
            ("duration", model.durations),
            ("resolution", model.resolutions),
            ("aspect_ratio", model.aspect_ratios),
        ):
            assert {*(offered or ())} <= {one[name] for one in tried}


def test_a_request_made_again_is_the_same() -> None:
    for model in OFFERED:
        request = check_options(Options("a kite", model.id, references=0), CATALOG, DEFAULTS)
        again = check_options(request.options, CATALOG, DEFAULTS)
        assert replace(again, notes=()) == replace(request, notes=())
