"""The ways in which a video goes on: what each keeps, what it costs, and when it is not possible."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from dailies.catalog.guide import ModelGuide
from dailies.catalog.options import Options
from dailies.continuing.ways import FINISHED, Way, ways
from dailies.errors import RefusedError
from dailies.job import How, Job, Origin, Output, State
from dailies.openrouter.models import Catalog
from dailies.openrouter.payload import Role
from dailies.reason import ReasonCode
from dailies.references.reference import Reference
from tests.unit import kit
from tests.unit.kit import a_job, a_reference, guide

CATALOG = kit.catalog()
SEEDANCE, FLUX = "bytedance/seedance-2.0-fast", "black-forest-labs/flux-3-video"


def finished(folder: Path, model: str = SEEDANCE, *, prompt: str = "the fox looks up", **changes: Any) -> Job:
    """Return a delivered job of this model whose video is kept."""
    video = folder / "0123456789abcdef.mp4"
    video.write_bytes(b"film")
    models = guide(CATALOG)
    request = models.check(models.carry(Options(prompt, model, duration=5)).options)
    given: dict[str, Any] = {
        "state": State.DELIVERED,
        "request": replace(request, seed=7 if model == SEEDANCE else None),
        "openrouter_id": "gen-vid-1-a",
        "file": video,
        "outputs": (Output(5.0, 1280, 720, came=True),),
    }
    return a_job(**(given | changes))


def kept_reference(folder: Path, number: int = 1, **changes: Any) -> Reference:
    reference = replace(a_reference(number), path=folder / f"{number:064x}", **changes)
    reference.path.write_bytes(b"picture")
    return reference


async def found(job: Job, number: int = 1, models: ModelGuide | None = None) -> dict[How, Way]:
    return {one.how: one for one in await ways(job, number, models or guide(CATALOG))}


async def test_the_model_itself_goes_on_only_where_that_has_a_price(tmp_path: Path) -> None:
    assert How.CONTINUATION not in await found(finished(tmp_path))
    way = (await found(finished(tmp_path, FLUX)))[How.CONTINUATION]
    assert (way.options.continues, way.options.continues_model) == ("gen-vid-1-a", FLUX)
    assert way.quote is not None
    assert way.quote.usd == Decimal("2.05")  # 5 s at 720p for $0.41
    assert (way.options.references, way.options.frames) == (0, ())


async def test_the_last_frame_begins_a_video_of_the_same_model_and_settings(tmp_path: Path) -> None:
    way = (await found(finished(tmp_path)))[How.LAST_FRAME]
    assert (way.options.prompt, way.options.model, way.options.duration) == ("the fox looks up", SEEDANCE, 5)
    assert way.options.frames == (Role.FIRST,)
    assert way.options.seed is None
    assert way.changes == ()
    assert way.quote is not None
    assert way.quote.usd is not None


async def test_the_frame_decides_the_shape(tmp_path: Path) -> None:
    upright = finished(tmp_path, outputs=(Output(5.0, 720, 1280, came=True),))
    way = (await found(upright))[How.LAST_FRAME]
    assert guide(CATALOG).check(way.options).aspect_ratio == "9:16"


@pytest.mark.parametrize("model", [one.id for one in CATALOG if not kit.guide(CATALOG).references.needs(one)])
async def test_the_last_frame_goes_on_from_every_model_with_one_that_takes_it(tmp_path: Path, model: str) -> None:
    way = (await found(finished(tmp_path, model)))[How.LAST_FRAME]
    made_by = CATALOG[way.options.model or ""]
    assert way.problem is None
    assert "first_frame" in (made_by.frame_images or ())
    assert made_by.id == model or "first_frame" not in (CATALOG[model].frame_images or ())
    assert way.model_name == made_by.name
    guide(CATALOG).check(way.options)


async def test_a_model_that_is_gone_is_replaced(tmp_path: Path) -> None:
    job = finished(tmp_path)
    without = Catalog(one for one in CATALOG if one.id != SEEDANCE)
    models = guide(without, replace(kit.DEFAULTS, model="bytedance/seedance-2.0"))
    way = (await found(job, models=models))[How.LAST_FRAME]
    assert way.problem is None
    assert way.options.model in [one.id for one in without]


async def test_numbers_of_references_become_words_where_those_do_not_go_along(tmp_path: Path) -> None:
    references = (kept_reference(tmp_path),)
    prompt = "The fox from {1} runs, {{1}} stays"
    for_frame = finished(tmp_path, references=references)
    for_frame = replace(for_frame, request=replace(for_frame.request, prompt=prompt))
    went_on = await found(for_frame)
    assert went_on[How.LAST_FRAME].options.prompt == "The fox from the first frame runs, {{1}} stays"
    assert went_on[How.LAST_FRAME].problem is None
    assert went_on[How.NEXT_SHOT].options.prompt == prompt


async def test_the_next_shot_has_the_same_references_and_settings(tmp_path: Path) -> None:
    references = (kept_reference(tmp_path), kept_reference(tmp_path, 2))
    job = finished(tmp_path, references=references)
    way = (await found(job))[How.NEXT_SHOT]
    assert way.references == references
    assert way.options.references == 2
    assert (way.options.duration, way.options.aspect_ratio) == (5, job.request.aspect_ratio)
    assert way.options.seed is None


async def test_without_references_there_is_no_next_shot(tmp_path: Path) -> None:
    first = kept_reference(tmp_path, role=Role.FIRST)
    assert How.NEXT_SHOT not in await found(finished(tmp_path))
    assert How.NEXT_SHOT not in await found(finished(tmp_path, references=(first,)))


async def test_a_video_that_is_not_kept_says_so_and_leaves_the_other_ways(tmp_path: Path) -> None:
    job = finished(tmp_path, FLUX)
    removed = replace(job, file_removed_at=2.0)
    for gone in (removed, replace(job, file=tmp_path / "elsewhere.mp4")):
        went_on = await found(gone)
        problem = went_on[How.LAST_FRAME].problem
        assert problem is not None
        assert problem.code is ReasonCode.VIDEO_NOT_KEPT
        assert went_on[How.CONTINUATION].problem is None


async def test_references_that_are_not_kept_say_so(tmp_path: Path) -> None:
    way = (await found(finished(tmp_path, references=(a_reference(),))))[How.NEXT_SHOT]
    assert way.problem is not None
    assert way.problem.code is ReasonCode.IMAGES_GONE


async def test_each_last_frame_in_a_row_is_counted(tmp_path: Path) -> None:
    job = finished(tmp_path, FLUX, origin=Origin("x", How.LAST_FRAME, 2), references=(kept_reference(tmp_path),))
    hops = {how: way.origin.hops for how, way in (await found(job)).items()}
    assert hops == {How.CONTINUATION: 2, How.LAST_FRAME: 3, How.NEXT_SHOT: 0}


@pytest.mark.parametrize("state", [one for one in State if one not in FINISHED])
async def test_a_job_without_a_finished_video_has_nothing_to_go_on_from(tmp_path: Path, state: State) -> None:
    with pytest.raises(RefusedError) as caught:
        await ways(finished(tmp_path, state=state), 1, guide(CATALOG))
    assert caught.value.reason.code is ReasonCode.NOTHING_TO_CONTINUE


async def test_a_forgotten_job_has_nothing_to_go_on_from(tmp_path: Path) -> None:
    with pytest.raises(RefusedError) as caught:
        await ways(finished(tmp_path, forgotten_at=1.0), 1, guide(CATALOG))
    assert caught.value.reason.code is ReasonCode.JOB_FORGOTTEN
