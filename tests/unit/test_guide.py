"""The default model and its stand-in, options checked by the newest list, prices of now, and models by price."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from dailies.catalog.guide import ModelFilter, ModelGuide
from dailies.catalog.options import Options
from dailies.errors import CatalogMissing, OptionRefused
from dailies.openrouter.models import Catalog, VideoModel
from tests.support.reasons import each_in_words, raises
from tests.unit.kit import DEFAULTS, REQUEST, guide

GONE = replace(DEFAULTS, model="gone/model")


def test_a_default_model_that_is_there_stays(catalog: Catalog) -> None:
    assert guide(catalog).defaults() == (DEFAULTS, ())


def test_a_vanished_default_is_replaced_by_the_cheapest_that_takes_references(catalog: Catalog) -> None:
    found, notes = guide(catalog, GONE).defaults()
    assert found.model == "x-ai/grok-imagine-video"  # 0.352 with one reference; seedance-2.0-mini is 0.378
    assert each_in_words(notes) == (
        "the default model gone/model is gone; x-ai/grok-imagine-video is used",
        "it is the cheapest that is known to take references in 720p",
    )


def test_without_a_model_that_could_stand_in_the_default_stays() -> None:
    assert guide(Catalog([VideoModel("a/b", "B")]), GONE).defaults() == (GONE, ())


def test_who_chooses_no_model_is_told_which_one_stands_in(catalog: Catalog) -> None:
    request = guide(catalog, GONE).check(Options("a kite"))
    assert request.model == "x-ai/grok-imagine-video"
    assert each_in_words(request.notes)[0] == "the default model gone/model is gone; x-ai/grok-imagine-video is used"
    assert guide(catalog, GONE).check(Options("a kite", request.model)).notes == ()


def test_a_model_that_is_gone_is_refused_and_has_no_price(catalog: Catalog) -> None:
    with raises(OptionRefused, match="isn't a video model on OpenRouter"):
        guide(catalog).check(Options("a kite", "gone/model"))
    assert guide(catalog).quote(replace(REQUEST, model="gone/model"), 0) is None


async def test_without_a_list_there_is_no_model_and_no_price_and_nothing_can_be_checked() -> None:
    async def fetch() -> Catalog:
        raise AssertionError("nobody asks for the list")

    empty = ModelGuide(fetch, DEFAULTS, every=3600)
    assert empty.model(None) is None
    assert empty.quote(REQUEST, 0) is None
    with pytest.raises(CatalogMissing):
        empty.check(Options("a kite"))


def test_models_come_by_price_and_unknown_ones_last(catalog: Catalog) -> None:
    unpriced = VideoModel("a/unpriced", "Unpriced")
    found = guide(Catalog([unpriced, *catalog])).offers(ModelFilter())

    prices = [one.quote.usd for one in found]
    known = [price for price in prices if price is not None]
    assert len(found) == 1 + len(catalog) - 4  # those that need a video or a recording
    assert known == sorted(known)
    assert prices[len(known) :] == [None]
    # Without 720p, as in /video: its smallest.
    assert (found[0].model.id, found[0].request.resolution) == ("heygen/heygen-video-1", "480p")
    assert (found[1].model.id, found[1].quote.usd) == ("x-ai/grok-imagine-video-1.5-lite", Decimal("0.15"))


def test_the_price_is_that_of_the_wished_length_and_resolution(catalog: Catalog) -> None:
    found = {one.model.id: one for one in guide(catalog).offers(ModelFilter(duration=10, resolution="1080P"))}
    assert found["alibaba/wan-3.0"].quote.usd == Decimal("2.00")
    assert "bytedance/seedance-2.0-fast" not in found  # no 1080p
    assert "google/veo-3.1" not in found  # no 10 s


def test_only_models_known_to_take_references_when_that_is_wished(catalog: Catalog) -> None:
    found = {one.model.id: one for one in guide(catalog).offers(ModelFilter(references=True))}
    assert "google/veo-3.1-lite" not in found
    assert "runway/gen-4.5" not in found  # not confirmed
    assert found["google/veo-3.1"].request.duration == 8  # the only length with references
    assert found["minimax/hailuo-3"].quote.usd == Decimal("0.69")  # 0.65 and one reference


def test_an_unknown_price_is_not_at_most_anything(catalog: Catalog) -> None:
    found = guide(catalog).offers(ModelFilter(at_most=Decimal("0.25")))
    assert found
    assert all(one.quote.usd is not None and one.quote.usd <= Decimal("0.25") for one in found)
