"""The models of a comparison: each takes what it can of one request, and says what it cannot."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from dailies.catalog.contenders import contenders
from dailies.catalog.final import final_of
from dailies.catalog.guide import FinalTarget, ModelGuide
from dailies.catalog.options import Options
from dailies.explain import sentence
from tests.unit.kit import catalog, guide

FAST, HAILUO = "bytedance/seedance-2.0-fast", "minimax/hailuo-2.3"
OPTIONS = Options("A paper boat", FAST, duration=4, resolution="480p", seed=7)


def known() -> ModelGuide:
    return guide(catalog())


def test_each_model_has_its_own_price_and_request() -> None:
    fast, mini = contenders(known(), OPTIONS, (FAST, "bytedance/seedance-2.0-mini"))
    assert fast.request
    assert mini.request
    assert (fast.request.model, mini.request.model) == (FAST, "bytedance/seedance-2.0-mini")
    assert fast.quote != mini.quote
    assert fast.changes == mini.changes == ()


def test_what_a_model_makes_otherwise_is_said() -> None:
    fast, hailuo = contenders(known(), OPTIONS, (FAST, HAILUO))
    assert fast.changes == ()
    assert "4 s → 6 s" in [sentence(one) for one in hailuo.changes]
    assert hailuo.request
    assert hailuo.request.duration == 6


def test_a_model_that_takes_fewer_references_gets_the_first_ones() -> None:
    models = known()
    most = {
        one.id: verdict.most
        for one in models.offered
        if (verdict := models.references.verdict(one)).takes and verdict.most
    }
    few = min(most, key=lambda one: most[one])
    many = max(most, key=lambda one: most[one])
    options = replace(OPTIONS, model=many, references=most[few] + 1, seed=None)
    first, second = contenders(models, options, (many, few))
    assert first.references == most[few] + 1
    assert second.references == most[few]
    assert any("only the first" in sentence(one) for one in second.changes)


def test_a_model_that_is_not_in_the_list_is_refused_by_name() -> None:
    _, other = contenders(known(), OPTIONS, (FAST, "no/such"))
    assert other.request is None
    assert other.refused


def test_a_final_is_the_same_request_on_the_final_model_and_resolution() -> None:
    models = known()
    models.final = FinalTarget("bytedance/seedance-2.0", "1080p")
    final = final_of(models, OPTIONS)
    assert final
    assert (final.model.id, final.resolution, final.other_model) == ("bytedance/seedance-2.0", "1080p", True)
    assert (final.options.prompt, final.options.seed, final.options.duration) == ("A paper boat", 7, 4)
    assert final.usd
    assert final.usd > Decimal(0)


def test_a_final_that_would_change_nothing_is_none() -> None:
    models = known()
    assert final_of(models, OPTIONS) is None
    models.final = FinalTarget(FAST, "480p")
    assert final_of(models, OPTIONS) is None


def test_a_final_of_a_winner_stays_on_its_model() -> None:
    models = known()
    models.final = FinalTarget("google/veo-3.1", "720p")
    final = final_of(models, OPTIONS, FAST)
    assert final
    assert (final.model.id, final.resolution, final.other_model) == (FAST, "720p", False)
