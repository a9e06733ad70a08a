"""Lists of models that make no sense break nothing: menus, prices, requests and both databases go on."""

# ruff: noqa: RUF001 (the characters that look like others are the test)

from __future__ import annotations

import json
import time
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cogs import autocomplete as choices
from cogs.models.cog import Models
from cogs.models.views import ModelsPage, models_view
from dailies import explain
from dailies.catalog.changes import differences, remembered
from dailies.catalog.guide import ModelFilter
from dailies.catalog.options import Options, VideoRequest, check_options
from dailies.catalog.references import ReferenceModels
from dailies.errors import DailiesError, OptionRefused
from dailies.openrouter.models import Catalog, VideoModel
from dailies.openrouter.protocol import read_inputs, read_models
from dailies.schema import jobs
from dailies.store.sql import SqlStore
from tests.unit.kit import CATALOG_FILE, DEFAULTS, a_job, guide

ENTRIES: list[dict[str, Any]] = json.loads(CATALOG_FILE.read_bytes())["data"]

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=5,
)
words = st.sampled_from(
    ["720p", "4K", "4k", "²p", "K", "p", " 720 p ", "720P", "9" * 31 + "p", "x" * 300, "", " ", "16:9", "0:0", "16：9",
     "1920x1080", "\ud800", "\x00", "\u202e720p", "360p", "768p", "1K", "2K", "first_frame", "image", "video", "audio"]
)  # fmt: skip
lists = st.lists(words | json_values, max_size=6) | json_values
lengths = st.lists(st.integers(-5, 20) | st.integers(), max_size=6) | lists
ids = st.sampled_from(["a/b", "bytedance/seedance-2.0-fast", "google/veo-3.1", "x/" + "y" * 198, "x/" + "y" * 199])
names = st.sampled_from(["²p", "\u202e\u200b", "\ud800", "@everyone", "x" * 500, "👩\u200d🚀" * 60]) | json_values
entries = st.fixed_dictionaries(
    {"id": ids | json_values},
    optional={
        "name": names,
        "description": json_values,
        "supported_durations": lengths,
        "supported_resolutions": lists,
        "supported_aspect_ratios": lists,
        "supported_sizes": lists,
        "supported_frame_images": lists,
        "supported_input_references": json_values,
        "input_modalities": lists,
        "allowed_passthrough_parameters": lists,
        "upscale_factor": json_values,
        "generate_audio": json_values,
        "seed": json_values,
        "pricing_skus": st.dictionaries(st.sampled_from(["duration_seconds_4K", "video_tokens"]), json_values)
        | json_values,
    },
)


def read(*given: object) -> Catalog:
    """Return what the bot makes of these entries."""
    return read_models(200, {}, json.dumps({"data": given}).encode())


def fits_or_is_refused(options: Options, catalog: Catalog) -> None:
    try:
        request = check_options(options, catalog, DEFAULTS)
    except OptionRefused as error:
        words = explain.explain(error)
    else:
        fits(request)
        words = json.dumps(request.body([]))
    assert words


def fits(request: VideoRequest) -> None:
    """Every value fits its column."""
    for name, value in (("model", request.model), ("model_name", request.model_name),
                        ("resolution", request.resolution), ("aspect_ratio", request.aspect_ratio)):  # fmt: skip
        assert value is None or 0 < len(value) <= jobs.c[name].type.length  # type: ignore[attr-defined]
        assert value is None or ("\0" not in value and value.encode())
    assert request.duration is None or 1 <= request.duration <= 3600


@pytest.mark.slow
@given(st.lists(entries | json_values, min_size=1, max_size=4), st.sampled_from(["", "720p", "x", "²"]))
def test_no_list_breaks_a_menu_a_price_or_a_request(given: list[Any], typed: str) -> None:
    catalog = read(*given)
    if not len(catalog):
        return
    loaded = guide(catalog, replace(DEFAULTS, model=next(iter(catalog)).id))

    offered = choices.models(loaded, typed)
    assert len(offered) <= 25
    assert all(1 <= len(one.name) <= 100 and 1 <= len(one.value) <= 100 for one in offered)
    for model in catalog:
        every = [
            *choices.durations(loaded.references.durations(model, references=True, resolution="4k"), typed),
            *choices.words(loaded.references.resolutions(model, references=False, duration=8), typed),
            *choices.words(model.aspect_ratios, typed),
        ]
        assert all(1 <= len(one.name) <= 100 for one in every)
        for options in (Options("x", model.id), Options("x", model.id, duration=5, resolution="720p", references=1)):
            fits_or_is_refused(options, catalog)
    offers = loaded.offers(ModelFilter())
    resolutions = Models(loaded)._resolutions()  # pyright: ignore[reportPrivateUsage]
    view = models_view(offers, ModelsPage(ModelFilter()), resolutions, loaded.references, {})
    assert len(json.dumps(view.to_components())) < 20_000
    assert differences(remembered(catalog), remembered(catalog)) == []


def test_an_id_that_no_column_holds_is_no_model_and_is_refused_by_name() -> None:
    long = "x/" + "y" * 199
    catalog = read({"id": long}, {"id": long[:200]}, {"id": "a b\n"}, {"id": " a/b"}, {"id": "a/b"})
    assert [model.id for model in catalog] == [long[:200], "a/b"]
    with pytest.raises(OptionRefused) as caught:
        check_options(Options("x", long), catalog, DEFAULTS)
    assert "isn't a video model on OpenRouter" in explain.explain(caught.value)


def test_a_number_of_five_thousand_digits_loses_one_value_only() -> None:
    body = '{"data": [{"id": "a/b", "supported_durations": [%s, 5, -3, 0, 1e999999, 8.0, 4000]}]}' % ("9" * 5000)
    assert read_models(200, {}, body.encode())["a/b"].durations == (5, 8)


def test_values_come_once_and_lengths_in_order_in_menus() -> None:
    (model,) = read({"id": "a/b", "supported_durations": [8, 4, 8, 6], "supported_resolutions": ["4K", "4k", "720p"]})
    assert [one.value for one in choices.durations(ReferenceModels().durations(model, references=False), "")] == [
        4,
        6,
        8,
    ]
    assert [one.value for one in choices.words(model.resolutions, "")] == ["4K", "720p"]


@pytest.mark.parametrize("word", ["²p", "½K", "p", "K", "９p", "x" * 32])
def test_a_resolution_that_nobody_can_read_is_the_last_choice(word: str) -> None:
    catalog = read({"id": "a/b", "supported_resolutions": [word, "1080p"]})
    assert check_options(Options("x", "a/b"), catalog, replace(DEFAULTS, resolution="480p")).resolution == "1080p"
    assert check_options(Options("x", "a/b", resolution=word), catalog, DEFAULTS).resolution == word


def test_a_resolution_with_spaces_is_found_as_people_type_it() -> None:
    catalog = read({"id": "a/b", "supported_resolutions": ["720 p", "x" * 300]})
    assert check_options(Options("x", "a/b", resolution="720p"), catalog, DEFAULTS).resolution == "720 p"


@pytest.mark.parametrize("resolution", ["360p", "480p", "720p", "768p", "1080p", "1K", "2K", "4K"])
def test_every_resolution_of_the_api_is_priced_in_both_spellings_of_its_key(resolution: str) -> None:
    for key in (resolution, resolution.lower(), resolution.upper()):
        prices = {f"duration_seconds_{key}": "0.1"}
        catalog = read({"id": "a/b", "supported_durations": [5], "supported_resolutions": [resolution],
                        "pricing_skus": prices})  # fmt: skip
        (offer,) = guide(catalog).offers(ModelFilter(resolution=resolution.lower()))
        assert offer.quote.usd == Decimal("0.5")
        assert offer.quote.exact


@pytest.mark.slow
def test_ten_thousand_models_are_searched_and_priced_in_time() -> None:
    """Discord waits three seconds for a menu; a machine that is busy, or counts lines, gets more here."""
    many = [ENTRIES[n % 30] | {"id": f"{ENTRIES[n % 30]['id']}-{n}"} for n in range(10_000)]
    loaded = guide(read(*many), replace(DEFAULTS, model="a/gone"))
    assert loaded.default_model.startswith("bytedance/")  # fills what is kept of each model
    begun = time.process_time()
    assert len(choices.models(loaded, "veo")) == 25
    with pytest.raises(DailiesError):
        loaded.check(Options("x", "google/veo-3.2"))
    assert time.process_time() - begun < 20
    page = ModelsPage(ModelFilter(), 1100)
    view = models_view(loaded.offers(ModelFilter()), page, ["720p"], loaded.references, {})
    assert "Page 1084 of 1084" in json.dumps(view.to_components())


async def test_a_job_with_the_longest_values_is_kept_by_both_databases(store: SqlStore) -> None:
    entry = {
        "id": "x/" + "y" * 198,
        "name": "N" * 900,
        "supported_durations": [3600],
        "supported_resolutions": ["r" * 32, "r" * 33],
        "supported_aspect_ratios": ["a" * 16, "a" * 17],
    }
    catalog = read(entry)
    request = check_options(Options("x", "x/" + "y" * 198), catalog, DEFAULTS)
    assert (request.resolution, request.aspect_ratio) == ("r" * 32, "a" * 16)
    job = replace(a_job(), request=request)
    assert await store.create(job)
    assert await store.get(job.id) == job


def test_input_types_of_an_odd_list_are_left_out() -> None:
    data = [{"id": "a/b", "architecture": {"input_modalities": ["text", 7, None]}}, 3, {"id": None}, {"id": "c/d"}]
    assert read_inputs(200, {}, json.dumps({"data": data}).encode()) == {"a/b": ("text",)}


def test_a_model_made_by_hand_needs_no_reading() -> None:
    assert VideoModel("a/b", "B").references is None
