"""First and last frames, for every model of the capture: a right request and price, or a refusal that helps.

The SDK's models say what a request looks like, the stand-in of OpenRouter what each model takes.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import openrouter.components
import pytest

from dailies import explain
from dailies.catalog.nearest import fits, nearest_shape
from dailies.catalog.options import Options, check_options
from dailies.catalog.references import ReferenceModels
from dailies.errors import OptionRefused
from dailies.openrouter.models import Catalog, VideoModel
from dailies.openrouter.payload import Role
from dailies.openrouter.pricing.frames import shape
from dailies.reason import ReasonCode
from dailies.references.reference import Reference, Source
from dailies.references.roles import counted, counts
from sandbox.openrouter.errors import ApiError
from sandbox.openrouter.prices import cost
from sandbox.openrouter.validate import validate
from tests.unit import kit
from tests.unit.kit import DEFAULTS

CATALOG = kit.catalog()
KNOWN = ReferenceModels()
OFFERED = [model for model in CATALOG if not KNOWN.needs(model)]
FIRST, LAST, BOTH = (Role.FIRST,), (Role.LAST,), (Role.FIRST, Role.LAST)
LINK = "https://a.example/fox.png"
SDK = openrouter.components.VideoGenerationRequest


def body_of(model: VideoModel, roles: tuple[Role, ...], **given: Any) -> dict[str, Any]:
    """Return the body of the paid request. Raises OptionRefused."""
    request = check_options(Options("a kite", model.id, frames=roles, **given), CATALOG, DEFAULTS)
    return request.body([], frames=dict.fromkeys(roles, LINK))


def refused(options: Options, catalog: Catalog = CATALOG) -> OptionRefused:
    with pytest.raises(OptionRefused) as caught:
        check_options(options, catalog, DEFAULTS)
    return caught.value


@pytest.mark.parametrize("roles", [FIRST, LAST, BOTH], ids="+".join)
@pytest.mark.parametrize("model", OFFERED, ids=lambda model: model.id)
def test_frames_give_a_right_request_or_name_models_that_take_them(model: VideoModel, roles: tuple[Role, ...]) -> None:
    try:
        body = body_of(model, roles)
    except OptionRefused as error:
        helps(error, model, roles)
    else:
        assert [one["frame_type"] for one in body["frame_images"]] == list(roles)
        assert "input_references" not in body
        assert SDK.model_validate(body).model_dump(exclude_none=True, by_alias=True) == body
        assert validate(body).model.id == model.id


def helps(error: OptionRefused, model: VideoModel, roles: tuple[Role, ...]) -> None:
    """Check that OpenRouter refuses these frames, too, and that the named models take them."""
    for one in error.offers:
        assert body_of(CATALOG[str(one)], roles)["frame_images"]
        assert str(one) in explain.explain(error)
    if error.problem.code is ReasonCode.LAST_FRAME_ALONE:  # which Google documents, and OpenRouter does not
        return
    assert error.problem.code is ReasonCode.NO_FRAMES
    assert error.offers
    frames = [{"type": "image_url", "image_url": {"url": LINK}, "frame_type": str(role)} for role in roles]
    with pytest.raises(ApiError):
        validate({"model": model.id, "prompt": "a kite", "frame_images": frames})


@pytest.mark.parametrize("model", OFFERED, ids=lambda model: model.id)
def test_the_price_with_frames_is_the_one_that_openrouter_charges(model: VideoModel) -> None:
    guide, compared = kit.guide(CATALOG), 0
    for roles in (FIRST, BOTH):
        options = Options("a kite", model.id, frames=roles)
        try:
            request = guide.check(options)
        except OptionRefused:
            continue
        quote = guide.quote(request, 0, len(roles))
        charged = validate(body_of(model, roles))
        if quote is not None and quote.exact and quote.usd is not None:
            charge = cost(charged.model, charged.work)
            assert charge is not None
            assert quote.usd == charge.quantize(quote.usd)
            compared += 1
    assert compared or model.frame_images is None


def test_kling_has_a_price_of_its_own_for_frames() -> None:
    guide = kit.guide(CATALOG)
    request = guide.check(Options("a kite", "kwaivgi/kling-v3.0-pro", frames=FIRST, resolution="720p", audio=False))
    quote = guide.quote(request, 0, 1)
    assert quote is not None
    assert "from frames" in explain.sentence(quote.basis)


def test_frames_and_references_together_are_refused_with_both_ways_out() -> None:
    error = refused(Options("a kite", "bytedance/seedance-2.0", references=1, frames=FIRST))
    assert error.problem.code is ReasonCode.FRAMES_WITH_REFERENCES
    sentence = explain.explain(error)
    assert "Use all of them as references, or only the frames" in sentence


def test_models_that_take_the_frames_are_named_nearest_price_first() -> None:
    model = CATALOG["runway/gen-4.5"]
    error = refused(Options("a kite", model.id, frames=BOTH, duration=5, resolution="720p"))
    guide = kit.guide(CATALOG)

    def usd(model_id: str) -> float:
        request = guide.check(Options("a kite", model_id, duration=5))
        quote = guide.quote(request, 0, 1)
        assert quote is not None
        assert quote.usd is not None
        return float(quote.usd)

    here = usd(model.id)
    distances = [abs(usd(str(one)) - here) for one in error.offers]
    assert len(distances) == 3
    assert distances == sorted(distances)


def test_frames_that_a_catalogue_does_not_list_are_never_sent() -> None:
    catalog = Catalog(replace(model, frame_images=None) for model in CATALOG)
    error = refused(Options("a kite", "bytedance/seedance-2.0", frames=FIRST), catalog)
    assert error.problem.code is ReasonCode.NO_FRAMES
    assert error.offers == ()


def test_a_last_frame_alone_is_refused_where_a_first_one_is_known_to_be_needed() -> None:
    error = refused(Options("a kite", "google/veo-3.1", frames=LAST))
    assert "the same picture for both makes a loop" in explain.explain(error)
    assert check_options(Options("a kite", "google/veo-3.1", frames=BOTH), CATALOG, DEFAULTS)


def test_two_first_frames_are_refused() -> None:
    error = refused(Options("a kite", "google/veo-3.1", frames=(Role.FIRST, Role.FIRST, Role.LAST)))
    assert explain.explain(error).startswith("A video has one first frame. ")


def test_numbers_in_a_prompt_count_references_and_no_frames() -> None:
    error = refused(Options("a kite like {1}", "bytedance/seedance-2.0", frames=FIRST))
    assert error.problem.code is ReasonCode.NUMBER_WITH_FRAMES


def test_without_a_chosen_shape_it_is_the_nearest_to_the_first_frame() -> None:
    tall = Options("a kite", "bytedance/seedance-2.0", frames=FIRST, shape=1170 / 2532)
    assert check_options(tall, CATALOG, DEFAULTS).aspect_ratio == "9:21"
    assert check_options(replace(tall, model="google/veo-3.1"), CATALOG, DEFAULTS).aspect_ratio == "9:16"
    assert check_options(replace(tall, aspect_ratio="1:1"), CATALOG, DEFAULTS).aspect_ratio == "1:1"
    assert check_options(replace(tall, frames=()), CATALOG, DEFAULTS).aspect_ratio == DEFAULTS.aspect_ratio


@pytest.mark.parametrize("model", OFFERED, ids=lambda model: model.id)
def test_the_nearest_shape_is_offered_and_none_is_nearer(model: VideoModel) -> None:
    for wish in (0.2, 0.56, 0.75, 1.0, 1.33, 1.78, 2.4, 9.0):
        found = nearest_shape(wish, model.aspect_ratios)
        assert found in (model.aspect_ratios or ())
        apart = {one: max(there / wish, wish / there) for one in model.aspect_ratios or () if (there := shape(one))}
        assert apart[str(found)] == min(apart.values())


def test_published_sizes_of_an_aspect_ratio_have_its_shape() -> None:
    assert fits(864 / 496, 16 / 9)
    assert fits(752 / 560, 4 / 3)
    assert not fits(16 / 10, 16 / 9)


def test_pictures_are_counted_by_their_roles() -> None:
    given = [
        Source("https://a/1", "1", attached=True, role=Role.LAST, width=100, height=100),
        Source("https://a/2", "2", attached=True),
        Source("https://a/3", "3", attached=True, role=Role.FIRST, width=400, height=100),
    ]
    options = counted(Options("a kite", references=9), given)
    assert (options.references, options.frames, options.shape) == (1, BOTH, 4.0)
    assert counts(given) == (1, 2)
    assert counts(list[Reference]()) == (0, 0)
