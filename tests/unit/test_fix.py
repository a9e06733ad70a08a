"""A refused draft is fixed with the nearest valid value, for every model, and nothing else of it changes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from dailies.catalog.guide import ModelGuide
from dailies.catalog.options import Options
from dailies.catalog.prompt_numbers import renumbered
from dailies.catalog.references import ReferenceModels
from dailies.draft import Draft, new_draft
from dailies.errors import OptionRefused, ReferenceRefused
from dailies.fix import Fixed, cheaper, fixed, frames_only, references_only, without_refused
from dailies.openrouter.models import VideoModel
from dailies.openrouter.payload import Fitting, Role
from dailies.reason import Reason, ReasonCode
from dailies.references.reference import Source
from tests.support.reasons import each_in_words
from tests.unit import kit

CATALOG = kit.catalog()
KNOWN = ReferenceModels()
MODELS = [model for model in CATALOG if not KNOWN.needs(model)]
SEEDANCE, VEO, LITE = "bytedance/seedance-2.0-fast", "google/veo-3.1", "google/veo-3.1-lite"
each_model = pytest.mark.parametrize("model", MODELS, ids=lambda model: model.id)


@pytest.fixture
async def guide() -> ModelGuide:
    made = kit.guide(CATALOG)
    await made.refresh()
    return made


def pictures(*roles: Role) -> tuple[Source, ...]:
    return tuple(
        Source(f"https://a.example/{number}.png", f"{number}.png", attached=False, role=role)
        for number, role in enumerate(roles, 1)
    )


def drafted(*roles: Role, prompt: str = "A fox walks", **options: Any) -> Draft:
    draft = new_draft(1, 2, 3, Options(prompt, **options), now=1.0)
    return replace(draft, sources=pictures(*roles))


def refusal(guide: ModelGuide, draft: Draft) -> OptionRefused | None:
    try:
        guide.check(draft.counted)
    except OptionRefused as error:
        return error
    return None


def cured(guide: ModelGuide, draft: Draft) -> Fixed:
    """Fix one mistake after the other, as the button does."""
    changes: list[Reason] = []
    while (error := refusal(guide, draft)) and (one := fixed(draft, error, guide)):
        assert one.changes
        assert one.draft != draft
        draft, changes = one.draft, [*changes, *one.changes]
        assert len(changes) < 20
    return Fixed(draft, tuple(changes))


def said(one: Fixed | None) -> tuple[str, ...]:
    assert one is not None
    return each_in_words(one.changes)


@each_model
@pytest.mark.parametrize(
    "wrong",
    [
        {"duration": 7777},
        {"resolution": "999p"},
        {"aspect_ratio": "5:1"},
        {"audio": True},
        {"seed": -1},
        {"duration": 7777, "resolution": "999p", "aspect_ratio": "5:1", "audio": True, "seed": 2**40},
    ],
    ids=lambda wrong: ",".join(wrong),
)
async def test_a_setting_that_a_model_refuses_gets_one_that_it_takes(
    guide: ModelGuide, model: VideoModel, wrong: dict[str, Any]
) -> None:
    draft = drafted(model=model.id, **wrong)
    was_refused = refusal(guide, draft) is not None
    one = cured(guide, draft)

    assert refusal(guide, one.draft) is None
    assert bool(one.changes) == was_refused
    assert one.draft.options.model == model.id
    assert one.draft.sources == draft.sources


@each_model
async def test_more_references_than_a_model_takes_become_the_first_ones_or_another_model_s(
    guide: ModelGuide, model: VideoModel
) -> None:
    draft = drafted(*[Role.REFERENCE] * 31, model=model.id)
    one = cured(guide, draft)

    assert refusal(guide, one.draft) is None
    kept = one.draft.sources
    assert kept
    assert kept == draft.sources[: len(kept)]


@each_model
@pytest.mark.parametrize("roles", [(Role.FIRST,), (Role.LAST,), (Role.FIRST, Role.LAST)], ids=str)
async def test_frames_that_a_model_does_not_take_go_to_one_that_does(
    guide: ModelGuide, model: VideoModel, roles: tuple[Role, ...]
) -> None:
    one = cured(guide, drafted(*roles, model=model.id))

    assert refusal(guide, one.draft) is None
    assert set(roles) <= {source.role for source in one.draft.sources}


async def test_a_wrong_length_becomes_the_nearest_and_the_rest_stays(guide: ModelGuide) -> None:
    draft = drafted(Role.REFERENCE, model=SEEDANCE, duration=99, resolution="480p", seed=7)
    one = cured(guide, draft)

    assert one.draft == replace(draft, options=replace(draft.options, duration=15))
    assert said(one) == ("99 s → 15 s",)


async def test_a_model_that_takes_no_references_is_changed_for_one_that_does(guide: ModelGuide) -> None:
    one = cured(guide, drafted(Role.REFERENCE, model=LITE, prompt="{1} walks"))
    model = guide.model(one.draft.options.model)

    assert model is not None
    assert KNOWN.verdict(model).takes
    assert said(one)[0] == f"{LITE} → {model.id}"
    assert one.draft.options.prompt == "{1} walks"


async def test_of_too_many_references_the_first_stay(guide: ModelGuide) -> None:
    draft = drafted(*[Role.REFERENCE] * 4, model=VEO, duration=8)
    one = cured(guide, draft)

    assert one.draft.sources == draft.sources[:3]
    assert said(one) == ("only the first 3 images of 4",)


async def test_a_number_without_an_image_becomes_that_of_the_last_one(guide: ModelGuide) -> None:
    one = cured(guide, drafted(Role.REFERENCE, model=SEEDANCE, prompt="{1} meets {2} and @3"))

    assert one.draft.options.prompt == "{1} meets {1} and {1}"
    assert said(one) == ("{2} replaced in the prompt",)


@pytest.mark.parametrize(
    ("prompt", "references", "frames", "after"),
    [
        ("{1} and {2}", 2, (), "{1} and {2}"),
        ("the fox of {2} walks", 0, (), "the fox of walks"),
        ("from {1} to {2}", 0, (Role.FIRST, Role.LAST), "from the first frame to the last frame"),
        ("from {1} to {2}", 0, (Role.LAST,), "from the last frame to"),
        ("{{2}} stays", 0, (), "{{2}} stays"),
    ],
)
def test_numbers_name_what_is_there(prompt: str, references: int, frames: tuple[Role, ...], after: str) -> None:
    assert renumbered(prompt, references, frames) == after


async def test_an_unknown_model_becomes_the_one_that_was_meant(guide: ModelGuide) -> None:
    one = cured(guide, drafted(model="bytedance/seedance-2.0-fst"))
    assert one.draft.options.model == SEEDANCE


async def test_a_model_that_needs_a_video_becomes_one_that_does_not(guide: ModelGuide) -> None:
    needing = next(model for model in CATALOG if KNOWN.needs(model))
    one = cured(guide, drafted(model=needing.id))
    assert one.draft.options.model == guide.default_model


async def test_frames_and_references_become_the_frames_or_all_references_as_is_chosen(guide: ModelGuide) -> None:
    draft = drafted(Role.FIRST, Role.REFERENCE, model=SEEDANCE)
    draft = replace(draft, sources=(replace(draft.sources[0], fitting=Fitting.CROP), draft.sources[1]))

    assert [one.role for one in frames_only(draft).draft.sources] == [Role.FIRST]
    both = references_only(draft).draft.sources
    assert [(one.role, one.fitting) for one in both] == [(Role.REFERENCE, None)] * 2
    assert refusal(guide, cured(guide, draft).draft) is None


async def test_one_picture_as_both_frames_is_one_reference() -> None:
    (picture,) = pictures(Role.FIRST)
    loop = replace(drafted(), sources=(picture, replace(picture, role=Role.LAST)))
    assert len(references_only(loop).draft.sources) == 1


async def test_an_empty_prompt_is_left_to_its_person(guide: ModelGuide) -> None:
    draft = drafted(prompt=" ", model=SEEDANCE)
    error = refusal(guide, draft)
    assert error is not None
    assert fixed(draft, error, guide) is None


async def test_what_costs_too_much_gets_what_fits_and_says_only_what_differs(guide: ModelGuide) -> None:
    draft = drafted(model=SEEDANCE, resolution="720p", duration=5)
    request = guide.check(draft.options)
    one = cheaper(draft, request, {"resolution": "480p", "duration": 5})

    assert one is not None
    assert (one.draft.options.resolution, one.draft.options.duration) == ("480p", 5)
    assert said(one) == ("720p → 480p",)
    assert cheaper(draft, request, {}) is None


def test_a_picture_that_was_refused_is_left_out_unless_two_have_its_name() -> None:
    one, two = pictures(Role.REFERENCE, Role.REFERENCE)
    error = ReferenceRefused("2.png", Reason(ReasonCode.NOT_AN_IMAGE))
    assert without_refused((one, two), error) == (one,)
    twins = (replace(one, name="2.png"), two)
    assert without_refused(twins, error) == twins


def test_a_frame_of_another_shape_stays_because_its_person_chooses() -> None:
    frames = pictures(Role.FIRST)
    error = ReferenceRefused("1.png", Reason(ReasonCode.FRAME_SHAPE, width=1, height=2, shape="16:9"))
    assert without_refused(frames, error) == frames


async def test_an_option_that_its_model_does_not_have_is_dropped_by_its_label_and_the_others_stay(
    guide: ModelGuide,
) -> None:
    options = Options("a kite", SEEDANCE, provider_options={"negativePrompt": "fog", "watermark": True})
    draft = new_draft(1, 2, 3, options, now=0)
    with pytest.raises(OptionRefused) as caught:
        guide.check(draft.counted)
    found = fixed(draft, caught.value, guide)
    assert found is not None
    assert found.draft.options == replace(options, provider_options={"watermark": True})
    assert each_in_words(found.changes) == ("negative prompt dropped: not offered",)
