"""Models compared by what a request would cost with each."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from dailies.catalog.comparison import COMPARED_MOST
from dailies.catalog.options import Options
from dailies.explain import short
from dailies.openrouter.models import Catalog
from dailies.openrouter.payload import Role
from tests.support.reasons import each_in_words
from tests.unit import kit
from tests.unit.kit import DEFAULTS, guide

CATALOG = kit.catalog()
GUIDE = guide(CATALOG)


def test_the_chosen_model_comes_first_and_the_others_by_price() -> None:
    found = GUIDE.compare(Options("", "google/veo-3.1", duration=8))
    assert (found[0].model.id, found[0].chosen) == ("google/veo-3.1", True)
    prices = [one.usd for one in found[1:] if one.quote]
    known = [price for price in prices if price is not None]
    assert known == sorted(known)
    assert prices[: len(known)] == known  # those with unknown prices come last


def test_each_price_is_that_of_the_request_that_would_be_made() -> None:
    plain, frames = Options(""), Options("", frames=(Role.FIRST,))
    for options in (plain, frames, Options("", duration=10, resolution="1080p", audio=False, references=1)):
        for one in GUIDE.compare(options):
            if one.quote is None:
                continue
            request = GUIDE.check(replace(one.carried.options, prompt="a kite"))
            quote = GUIDE.quote(request, options.references, len(options.frames))
            assert quote is not None
            assert one.quote.kept() == quote


def test_a_model_that_does_not_take_the_references_comes_last_with_the_reason() -> None:
    found = GUIDE.compare(Options("", "google/veo-3.1-lite", references=4))
    assert (found[0].chosen, found[0].quote) == (True, None)  # still the one that is chosen
    refused = {one.model.id: short(one.refused) for one in found if one.refused}
    assert refused["google/veo-3.1-lite"] == "doesn't accept reference images"
    assert refused["google/veo-3.1"] == "takes up to 3 references"
    takes = [one.quote is not None for one in found[1:]]
    assert takes == sorted(takes, reverse=True)


def test_a_frame_that_a_model_does_not_take_is_said_in_a_few_words() -> None:
    refused = {
        one.model.id: short(one.refused) for one in GUIDE.compare(Options("", frames=(Role.LAST,))) if one.refused
    }
    assert refused["x-ai/grok-imagine-video"] == "doesn't take a last frame"
    assert refused["google/veo-3.1"] == "takes a last frame only with a first one"
    both = GUIDE.compare(Options("", frames=(Role.FIRST,), references=1))
    assert {short(one.refused) for one in both if one.refused} >= {"no model takes frames and references together"}


def test_only_the_model_that_made_a_video_is_priced_as_going_on_with_it() -> None:
    flux = "black-forest-labs/flux-3-video"
    found = GUIDE.compare(Options("", flux, continues="gen-vid-1", continues_model=flux))
    assert (found[0].model.id, found[0].carried.options.continues) == (flux, "gen-vid-1")
    (anew,) = GUIDE.compare(Options("", flux), "flux-3-video")
    assert found[0].usd is not None
    assert found[0].usd != anew.usd
    assert all("no longer continues" in each_in_words(one.carried.changes)[-1] for one in found[1:] if one.quote)


def test_models_that_may_ignore_the_references_come_behind_those_that_take_them() -> None:
    confirmed = [one.confirmed for one in GUIDE.compare(Options("", references=1)) if one.quote]
    assert confirmed == sorted(confirmed, reverse=True)
    assert not all(confirmed)


def test_what_would_be_otherwise_is_said() -> None:
    (veo,) = GUIDE.compare(Options("", duration=5, references=1), "veo-3.1-fast")
    assert each_in_words(veo.carried.changes) == ("5 s → 8 s",)
    assert veo.usd == Decimal("0.80")


def test_the_prompt_makes_no_difference() -> None:
    assert [one.usd for one in GUIDE.compare(Options("{3}"))] == [one.usd for one in GUIDE.compare(Options("a kite"))]


def test_only_so_many_are_priced_and_the_chosen_one_always() -> None:
    many = [replace(CATALOG["google/veo-3.1"], id=f"a/{n}") for n in range(10_000)]
    found = guide(Catalog(many), replace(DEFAULTS, model="a/3")).compare(Options("", "a/9999"))
    assert len(found) == COMPARED_MOST
    assert found[0].model.id == "a/9999"
