"""Models for a wish, cheapest first; and the replacement when the default one is gone."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from dailies.catalog.browse import ModelFilter, offers, stand_in
from dailies.catalog.options import Defaults
from dailies.openrouter.models import Catalog, VideoModel

DEFAULTS = Defaults("bytedance/seedance-2.0-fast", 5, "720p", "16:9")


def test_models_come_by_price_and_unknown_ones_last(catalog: Catalog) -> None:
    found = offers(catalog, DEFAULTS, ModelFilter())

    prices = [one.quote.usd for one in found]
    known = [price for price in prices if price is not None]
    assert len(found) == len(catalog)
    assert known == sorted(known)
    assert prices[len(known) :] == [None] * 4
    # Without 720p, as in /video: its smallest.
    assert (found[0].model.id, found[0].request.resolution) == ("heygen/heygen-video-1", "480p")
    assert (found[1].model.id, found[1].quote.usd) == ("x-ai/grok-imagine-video-1.5-lite", Decimal("0.15"))


def test_the_price_is_that_of_the_wished_length_and_resolution(catalog: Catalog) -> None:
    found = {one.model.id: one for one in offers(catalog, DEFAULTS, ModelFilter(duration=10, resolution="1080P"))}
    assert found["alibaba/wan-3.0"].quote.usd == Decimal("2.00")
    assert "bytedance/seedance-2.0-fast" not in found  # no 1080p
    assert "google/veo-3.1" not in found  # no 10 s


def test_only_models_known_to_take_references_when_that_is_wished(catalog: Catalog) -> None:
    found = {one.model.id: one for one in offers(catalog, DEFAULTS, ModelFilter(references=True))}
    assert "google/veo-3.1-lite" not in found
    assert "runway/gen-4.5" not in found  # not confirmed
    assert found["google/veo-3.1"].request.duration == 8  # the only length with references
    assert found["minimax/hailuo-3"].quote.usd == Decimal("0.69")  # 0.65 and one reference


def test_an_unknown_price_is_not_at_most_anything(catalog: Catalog) -> None:
    found = offers(catalog, DEFAULTS, ModelFilter(at_most=Decimal("0.25")))
    assert found
    assert all(one.quote.usd is not None and one.quote.usd <= Decimal("0.25") for one in found)


def test_a_default_model_that_is_there_stays(catalog: Catalog) -> None:
    assert stand_in(catalog, DEFAULTS) == (DEFAULTS, ())


def test_a_vanished_default_is_replaced_by_the_cheapest_that_takes_references(catalog: Catalog) -> None:
    found, notes = stand_in(catalog, replace(DEFAULTS, model="gone/model"))
    assert found.model == "x-ai/grok-imagine-video"  # 0.352 with one reference; seedance-2.0-mini is 0.378
    assert notes == (
        "the default model gone/model is gone; x-ai/grok-imagine-video is used",
        "it is the cheapest that is known to take references in 720p",
    )


def test_without_a_model_that_could_stand_in_the_default_stays() -> None:
    gone = replace(DEFAULTS, model="gone/model")
    assert stand_in(Catalog([VideoModel("a/b", "B")]), gone) == (gone, ())
