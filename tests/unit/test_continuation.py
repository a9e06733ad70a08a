"""A model's own continuation: which models offer it, at which price, with what, and when the earlier job is gone."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import openrouter.components
import pytest
from aiohttp import web

from dailies import explain
from dailies.catalog.continuation import continues
from dailies.catalog.offers import quote_request
from dailies.catalog.options import Options, VideoRequest, check_options
from dailies.errors import OptionRefused
from dailies.job import State
from dailies.jobs.life import live
from dailies.openrouter.models import Catalog, VideoModel
from dailies.openrouter.payload import Role
from dailies.reason import ReasonCode
from sandbox.openrouter.prices import cost
from sandbox.openrouter.validate import validate
from tests.support.reasons import in_words
from tests.unit import kit
from tests.unit.job_context import ScriptedAPI, harness
from tests.unit.kit import DEFAULTS, a_job, failed

CATALOG = kit.catalog()
FLUX = "black-forest-labs/flux-3-video"
EARLIER = "gen-vid-1790000000-abcdefghij0123456789"
SDK = openrouter.components.VideoGenerationRequest


def options(model: str = FLUX, **given: Any) -> Options:
    made_by: dict[str, Any] = {"continues_model": model}
    return Options("the boat turns", model, continues=EARLIER, **(made_by | given))


def checked(given: Options, catalog: Catalog = CATALOG) -> VideoRequest:
    return check_options(given, catalog, DEFAULTS)


def refused(given: Options) -> OptionRefused:
    with pytest.raises(OptionRefused) as caught:
        checked(given)
    assert explain.explain(caught.value).endswith("You weren't charged.")
    return caught.value


def test_one_model_of_the_capture_continues_videos() -> None:
    assert [model.id for model in CATALOG if continues(model)] == [FLUX]


@pytest.mark.parametrize("resolution", ["720p", "1080p"])
def test_it_is_priced_as_a_continuation(resolution: str) -> None:
    request = checked(options(resolution=resolution, duration=5))
    found = quote_request(CATALOG[FLUX], request, references=0)
    body = request.body([])
    video = validate(SDK.model_validate(body).model_dump(exclude_unset=True, by_alias=True))
    assert body["previous_job_id"] == EARLIER
    assert found.usd == cost(video.model, video.work) == {"720p": Decimal("2.05"), "1080p": Decimal("2.65")}[resolution]
    assert found.exact


@pytest.mark.parametrize("model", [one.id for one in CATALOG if not continues(one)])
def test_every_other_model_refuses_before_anything_is_paid(model: str) -> None:
    with pytest.raises(OptionRefused):
        checked(options(model))


def test_a_model_without_it_names_the_way_out() -> None:
    error = refused(options(DEFAULTS.model))
    assert error.problem.code is ReasonCode.CONTINUES_NOT
    assert "From the last frame" in explain.explain(error)


def test_only_the_model_that_made_the_video_goes_on_with_it() -> None:
    error = refused(options(continues_model="a/b"))
    assert error.problem.code is ReasonCode.CONTINUES_OTHER_MODEL
    assert "a/b" in explain.explain(error)


@pytest.mark.parametrize("pictures", [{"references": 1}, {"frames": (Role.FIRST,)}])
def test_pictures_do_not_go_along(pictures: dict[str, Any]) -> None:
    assert refused(options(**pictures)).problem.code is ReasonCode.CONTINUES_WITHOUT_IMAGES


def test_the_same_request_again_is_still_a_continuation_by_the_same_model() -> None:
    request = checked(options())
    assert request.options == replace(
        options(),
        **{name: getattr(request.options, name) for name in ("duration", "resolution", "aspect_ratio", "audio")},
    )
    assert checked(request.options) == request


def test_a_model_that_only_continues_is_offered_for_nothing_else() -> None:
    prices = {"cents_per_second_video_continuation_720p": "41"}
    only = VideoModel("new/extend", "Extend", resolutions=("720p",), durations=(5,), pricing_skus=prices)
    catalog = Catalog([*CATALOG, only])
    assert checked(options("new/extend"), catalog).continues == EARLIER
    with pytest.raises(OptionRefused, match="needs_input"):
        checked(Options("a boat", "new/extend"), catalog)


GONE = [
    (404, f"Video job {EARLIER} not found", "Video job … not found"),
    (400, *2 * ("previous_job_id: must be a completed job of the same model",)),
]


@pytest.mark.parametrize(("status", "message", "said"), GONE)
async def test_an_earlier_job_that_is_gone_at_openrouter_is_explained(
    api: ScriptedAPI, tmp_path: Path, status: int, message: str, said: str
) -> None:
    api.submits = [_failing(status, message)]
    request = checked(options(duration=5))
    async with harness(api, tmp_path) as h:
        context = replace(h.context, advise=kit.guide(CATALOG).advise)
        job = await h.kept(a_job(request=request, state=State.QUEUED))
        ended = await live(job, context)
    assert ended.state is State.FAILED
    words = in_words(ended.reason)
    assert said in words
    assert "From the last frame" in words
    assert words.endswith("You weren't charged.")
    assert "no longer has this model" not in words


def test_a_job_that_continues_none_gets_no_advice_about_continuing() -> None:
    guide = kit.guide(CATALOG)
    assert guide.advise(ReasonCode.ADVICE_CONTINUATION, replace(kit.REQUEST, model=FLUX), 0) is None


def _failing(status: int, message: str) -> Callable[[], Awaitable[web.StreamResponse]]:
    async def answer() -> web.StreamResponse:
        return failed(status, message)

    return answer
