"""Properties for every list of models, also for one that makes no sense; and agreement with the stand-in's bills."""

from __future__ import annotations

import json
from decimal import Decimal
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dailies.catalog.continuation import continues
from dailies.catalog.offers import Setting, least_per_second, missing
from dailies.catalog.references import ReferenceModels
from dailies.openrouter.fields import json_object
from dailies.openrouter.models import Catalog, VideoModel
from dailies.openrouter.pricing import quote
from sandbox.openrouter.prices import cost
from sandbox.openrouter.validate import validate
from tests.sandbox.openrouter_kit import body, reference
from tests.support.reasons import in_words
from tests.unit import kit

CATALOG = kit.catalog()
MODELS = list(CATALOG)
KEYS = sorted({key for model in MODELS for key in model.pricing_skus})

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=5,
)
amounts = json_values | st.sampled_from(
    ["-1", "NaN", "1e999999999", "0.1", "14", "9" * 400, "0", "1e-99", -0.0, 1e-300]
)
skus = st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=60), amounts, max_size=8)
words = st.sampled_from(["480p", "720p", "1080p", "4K", "16:9", "9:16", "0:0", "854x480", "1280x720", "0p", ""])
lists = st.lists(words | json_values, max_size=5) | json_values
entries = st.fixed_dictionaries(
    {"id": st.just("a/b")},
    optional={
        "name": json_values,
        "supported_durations": st.lists(st.integers(), max_size=4) | lists,
        "supported_resolutions": lists,
        "supported_aspect_ratios": lists,
        "supported_sizes": lists,
        "supported_frame_images": lists,
        "input_modalities": lists,
        "generate_audio": json_values,
        "pricing_skus": skus | json_values,
    },
)
settings = st.fixed_dictionaries(
    {
        "resolution": st.none() | words | st.text(max_size=8),
        "aspect_ratio": st.none() | words | st.text(max_size=8),
        "audio": st.none() | st.booleans(),
        "references": st.integers(0, 30),
        "frames": st.integers(0, 2),
        "continuation": st.booleans(),
    }
)


def as_sent(entry: dict[str, Any]) -> VideoModel:
    """Make an entry, through JSON and the bot's reading of it."""
    read = json_object(json.dumps(entry).encode())
    assert read is not None
    return VideoModel.from_dict(read)


@pytest.mark.slow
@given(entries, settings, st.none() | st.integers(1, 10**6))
def test_no_entry_raises_and_no_quote_is_negative(
    entry: dict[str, Any], chosen: dict[str, Any], duration: int | None
) -> None:
    model = as_sent(entry)

    found = quote(model, duration=duration, **chosen)

    assert found.usd is None or (found.usd.is_finite() and found.usd >= 0)
    assert found.at_most is None or found.at_most >= (found.usd or 0)
    assert not found.exact or found.usd is not None
    assert in_words(found.basis)
    assert len(in_words(found.basis)) < 300
    assert found.kept().basis == found.basis
    least = least_per_second(model)
    assert least is None or least >= 0


@pytest.mark.slow
@given(st.sampled_from(MODELS) | entries.map(as_sent), settings, st.integers(1, 3600), st.integers(0, 3600))
def test_a_quote_never_falls_when_seconds_grow(
    model: VideoModel, chosen: dict[str, Any], seconds: int, more: int
) -> None:
    short = quote(model, duration=seconds, **chosen)
    long = quote(model, duration=seconds + more, **chosen)
    if short.usd is not None and long.usd is not None:
        assert long.usd >= short.usd


def legal(model: VideoModel) -> list[Setting]:
    """Return every legal setting, of lengths the shortest and the longest."""
    durations = model.durations or (1, 9)
    found = [
        Setting(duration, resolution, ratio, audio, references, frames, continuation)
        for duration in {min(durations), max(durations)}
        for resolution, ratio in product(model.resolutions or (None,), model.aspect_ratios or (None,))
        for audio in ((True, False) if model.audio else (None,))
        for references, frames in ((0, 0), (1, 0), (3, 0), (0, 1), (0, 2))
        for continuation in ((False, True) if continues(model) else (False,))
    ]
    return [one for one in found if missing(model, one) is None and one.frames <= len(model.frame_images or ())]


def billed(model: VideoModel, setting: Setting) -> Decimal | None:
    """Return the stand-in's price for it."""
    picture = reference("http://127.0.0.1:1/a.png")
    fields = {
        "duration": setting.duration,
        "resolution": setting.resolution,
        "aspect_ratio": setting.aspect_ratio,
        "generate_audio": setting.audio,
        "input_references": [picture] * setting.references or None,
        "frame_images": [
            picture | {"frame_type": name} for name in ("first_frame", "last_frame")[: setting.frames]
        ] or None,
        "previous_job_id": "gen-vid-1" if setting.continuation else None,
    }  # fmt: skip
    request = validate(body(model=model.id, **{name: value for name, value in fields.items() if value is not None}))
    return cost(request.model, request.work)


@pytest.mark.slow
def test_the_stand_in_bills_what_was_quoted_for_every_legal_setting(catalog: Catalog) -> None:
    compared, unknown = 0, set[str]()
    for model in catalog:
        for setting in () if ReferenceModels().needs(model) else legal(model):
            found = setting.quote(model).usd
            if found is None:
                unknown.add(model.id)
            else:
                assert billed(model, setting) == found, (model.id, setting)
                compared += 1
    assert compared > 2000
    # Nothing is published for wan-2.6 with references; the stand-in has to bill something all the same.
    assert unknown == {"alibaba/wan-2.6"}
