"""The status of a comparison, and where else its videos are named: ends told directly, and what came of them."""

from __future__ import annotations

import pytest

from cogs.status.comparison_view import comparison_view
from cogs.status.lineage import came_from
from cogs.status.message import tell_directly
from dailies.job import How, Job, Origin, State, TakeSet
from tests.bot.conftest import Archive, BotApp
from tests.bot.test_cast_in_prompts import Team
from tests.bot.test_compare import compared, finished
from tests.unit.kit import a_job

pytestmark = pytest.mark.settings(CONFIRM_ABOVE_USD="9")


def of_two(*states: State) -> list[Job]:
    """The jobs of a comparison of two models, in these states."""
    return [a_job(state=one, take_set=TakeSet("first", n, 2, compared=True)) for n, one in enumerate(states, start=1)]


def shown(takes: list[Job]) -> str:
    return str(comparison_view(takes, []).to_components())


@pytest.mark.slow
async def test_a_status_with_pictures_tells_that_all_videos_are_there(app: BotApp) -> None:
    await Team(app).add("hero", "red")
    result = await compared(app, prompt="@hero sails")
    await finished(app, result)
    assert "Both videos are ready" in app.text(result)


async def test_an_end_that_is_told_directly_keeps_the_model_secret(archive: Archive) -> None:
    job = await archive.keep(take_set=TakeSet("first", 1, 2, compared=True), reason=None)
    await tell_directly(archive.app.bot, job)
    user = await archive.app.bot.fetch_user(archive.app.ann.id)
    (told,) = [message async for message in (await user.create_dm()).history()]
    said = str([part.to_dict() for part in told.components])
    assert "Model A, secret until the vote ends" in said
    assert job.request.model_name not in said


def test_a_finished_video_says_that_it_waits_for_the_others() -> None:
    assert "**A** · Finished, waiting for the others" in shown(of_two(State.DELIVERING, State.SUBMITTED))


def test_the_last_finished_video_says_that_it_is_posted() -> None:
    assert "**A** · Finished, posting the video" in shown(of_two(State.DELIVERING, State.DELIVERING))


def test_what_comes_from_a_video_of_a_comparison_names_its_letter() -> None:
    (_, second) = of_two(State.DELIVERED, State.DELIVERED)
    assert came_from(Origin(second.id, How.FINAL), second) == "final of video B"
