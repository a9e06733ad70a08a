"""OpenRouter's announced field about references, in any shape it may come."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dailies import explain
from dailies.catalog.facts import Facts, FactsFile
from dailies.catalog.options import Options, check_options
from dailies.catalog.references import ReferenceHistory, ReferenceModels
from dailies.errors import OptionRefused
from dailies.openrouter import published
from dailies.openrouter.models import Catalog, VideoModel
from tests.support.reasons import in_words
from tests.unit.kit import DEFAULTS

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.decimals(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["image_url", "max", "type", "types"]) | st.text(max_size=10), inner, max_size=3
        )
    ),
    max_leaves=6,
)


def model(value: object, model_id: str = "a/b", **entry: Any) -> VideoModel:
    return VideoModel.from_dict({"id": model_id, "supported_input_references": value, **entry})


@pytest.mark.parametrize(
    ("value", "references"),
    [
        (None, None),
        (True, True),
        (False, False),
        (0, False),
        (9, 9),
        (1, 1),
        (100_000, True),
        (["image_url"], True),
        (["image_url", "video_url", "audio_url"], True),
        (["image"], True),
        (["video_url"], False),
        ([], False),
        ([{"type": "image_url", "max": 4}, {"type": "video_url", "max": 1}], 4),
        ([{"type": "image_url"}], True),
        ({"image_url": 9, "video_url": 3}, 9),
        ({"image_url": {"max": 9}}, 9),
        ({"image_url": {"max_count": 9, "formats": ["png"]}}, 9),
        ({"image_url": {}}, True),
        ({"image_url": {"max": None}}, True),
        ({"image_url": False, "video_url": True}, False),
        ({"images": {"supported": True, "max": 5}}, 5),
        ({"max_images": 7}, 7),
        ({"max_image_count": 7}, 7),
        ({"types": ["image_url"], "max": 3}, 3),
        ({"types": ["image_url"]}, True),
        ({"types": ["video_url"], "max": 3}, False),
        ({"type": "image_url", "max": 3}, 3),
        ({"max": 6}, 6),
        ({"supported": False}, False),
        ({"supported": True}, True),
        ({"video_url": 3}, False),
        ("image_url", None),
        (-1, None),
        ({}, None),
        ({"image_url": "many"}, None),
        ({"anything": 3}, None),
        ([7], None),
    ],
)
def test_a_shape_is_read(value: object, references: bool | int | None) -> None:
    found = model(value).references
    assert found == references
    assert type(found) is type(references)  # True is not 1


def test_a_shape_that_is_not_understood_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    published._odd_shapes.clear()  # pyright: ignore[reportPrivateUsage]
    for _ in range(3):
        model("a shape of its own")
    assert len([one for one in caplog.records if "a shape of its own" in one.getMessage()]) == 1


def test_a_yes_is_confirmed_knowledge_with_the_number() -> None:
    verdict = ReferenceModels().verdict(model({"image_url": {"max": 4}}))
    assert (verdict.takes, verdict.most, in_words(verdict.source)) == (True, 4, "OpenRouter's list of models")


def test_a_no_refuses_before_anything_is_paid() -> None:
    refusing = model([], "bytedance/seedance-2.0")
    with pytest.raises(OptionRefused) as caught:
        check_options(Options("x", refusing.id, references=1), Catalog([refusing]), DEFAULTS)
    assert explain.explain(caught.value) == (
        "bytedance/seedance-2.0 doesn't accept reference images (OpenRouter's list of models). You weren't charged."
    )


@pytest.mark.parametrize(
    ("value", "model_id", "takes", "most"),
    [
        (5, "bytedance/seedance-2.0", True, 5),
        (True, "bytedance/seedance-2.0", True, 9),
        (["image_url"], "google/veo-3.1-lite", True, None),
        (2, "google/veo-3.1-lite", True, 2),
        (False, "minimax/hailuo-3", False, 0),
        ("?", "minimax/hailuo-3", True, 9),
        (None, "google/veo-3.1-lite", False, 0),
    ],
)
def test_it_goes_before_our_file(value: object, model_id: str, takes: bool, most: int | None) -> None:
    verdict = ReferenceModels().verdict(model(value, model_id))
    assert (verdict.takes, verdict.most) == (takes, most)


def test_our_file_still_says_how_references_are_named_and_how_long_it_is_with_them() -> None:
    veo = model(3, "google/veo-3.1", supported_durations=[4, 6, 8])
    made = check_options(Options("x", veo.id, references=3), Catalog([veo]), DEFAULTS)
    assert made.duration == 8
    assert ReferenceModels().naming("bytedance/seedance-2.0") == "@Image{n}"


def test_an_operator_s_file_goes_before_it() -> None:
    known = ReferenceModels(FactsFile(Path("x"), {"a/b": Facts(takes=True, most=2, source="we tried")}))
    verdict = known.verdict(model(False))
    assert (verdict.takes, verdict.most, in_words(verdict.source)) == (True, 2, "we tried")


async def test_it_goes_before_what_was_seen_here() -> None:
    async def look() -> dict[str, ReferenceHistory]:
        return {"a/b": ReferenceHistory(finished=3, most=8)}

    known = ReferenceModels(look=look)
    await known.refresh()
    assert known.verdict(model(6)).most == 6
    assert known.verdict(model(False)).takes is False


@pytest.mark.slow
@given(json_values)
def test_no_shape_breaks_anything(value: Any) -> None:
    found = published.reference_images({"supported_input_references": value})
    assert found is None or isinstance(found, bool) or 1 <= found <= published.IMAGES_MOST
    verdict = ReferenceModels().verdict(model(value))
    assert verdict.most is None or verdict.most >= 0


@given(st.integers())
def test_any_number_is_a_maximum_or_nothing(number: int) -> None:
    found = model(number).references
    assert found is None if number < 0 else found is not None
