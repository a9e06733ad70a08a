"""Comparing models in Discord: one price, letters instead of names, a vote, and the names when it has ended."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import simcord
from discord import ui

from cogs.status.buttons import AGAIN, CONTINUE, FILE, FINAL, VOTE
from dailies.job import Job
from tests.bot.composing import Panel, compose
from tests.bot.conftest import Archive, BotApp
from tests.bot.test_under_the_video import labels, press

FAST, MINI, PRO = "bytedance/seedance-2.0-fast", "bytedance/seedance-2.0-mini", "bytedance/seedance-1-5-pro"
NAMES = ("Seedance 2.0 Fast", "Seedance 2.0 Mini", "Seedance 1.5 Pro", FAST, MINI, PRO)
GIVEN: dict[str, Any] = {"prompt": "A paper boat", "duration": 4, "resolution": "480p"}
pytestmark = pytest.mark.settings(CONFIRM_ABOVE_USD="9", FINAL_MODEL="bytedance/seedance-2.0", FINAL_RESOLUTION="1080p")


async def compared(app: BotApp, *models: str, by: Any = None, **options: Any) -> simcord.InteractionResult:
    """Type /compare."""
    named = dict(zip(("model_a", "model_b", "model_c", "model_d"), models or (FAST, MINI), strict=False))
    return await (by or app.ann).slash(app.channel, "compare", **{**GIVEN, **named, **options})


async def takes_of(app: BotApp, result: simcord.InteractionResult) -> tuple[Job, ...]:
    set_id = app.text(result).rpartition("Job ")[2].split()[0]
    return await app.bot.intake._store.takes(set_id)  # pyright: ignore[reportPrivateUsage]


async def finished(app: BotApp, result: simcord.InteractionResult) -> Any:
    """Let time pass until every video came; returns the message with them."""
    for _ in range(20):
        await asyncio.sleep(0.05)
        await app.env.advance_time(10)
        if all(job.ended and job.told for job in await takes_of(app, result)):
            break
    return app.channel.last_message


def names_in(text: str) -> list[str]:
    return [name for name in NAMES if name in text]


def whole(message: Any) -> str:
    """Everything that a message says to anybody: its words, its files, its buttons and their ids."""
    files = [part for file in message.attachments for part in (file.filename, file.description or "")]
    return "\n".join([message.content, *files, *labels(message)])


@pytest.mark.slow
async def test_the_videos_come_in_one_message_under_letters(app: BotApp) -> None:
    result = await compared(app)
    message = await finished(app, result)
    assert [file.filename for file in message.attachments] == ["paper-boat-video-a.mp4", "paper-boat-video-b.mp4"]
    assert labels(message) == ["A", "B", "End the vote"]
    assert {entry["body"]["model"] for entry in app.openrouter.submits} == {FAST, MINI}


@pytest.mark.slow
async def test_nothing_tells_which_model_is_which_before_the_end(archive: Archive) -> None:
    app = archive.app
    result = await compared(app)
    begun = app.text(result)
    message = await finished(app, result)
    takes = await takes_of(app, result)
    shown = [await archive.jobs("show", job=job.id) for job in takes]
    listed = await archive.jobs("list")
    said = [begun, app.text(result), whole(message), archive.said(listed), *map(archive.said, shown)]
    assert names_in("\n".join(said)) == []
    assert "$" not in archive.said(shown[0])


async def test_the_status_says_one_sum(app: BotApp) -> None:
    text = app.text(await compared(app))
    assert "Comparing 2 models" in text
    assert "About $0.30 for 2 videos." in text


@pytest.mark.slow
async def test_two_people_vote_and_the_asker_ends_it(archive: Archive) -> None:
    app = archive.app
    result = await compared(app)
    message = await finished(app, result)
    takes = await takes_of(app, result)
    await press(app.ann, message, "A")
    assert "2 people" in app.text(await press(archive.ben, message, "B"))
    await press(app.ann, message, "B")
    assert "Only the person who requested" in app.text(await press(archive.ben, message, "End the vote"))
    await press(app.ann, message, "End the vote")

    ended = app.channel.last_message
    winner = takes[1].request.model_name
    assert "B wins with 2 of 2 votes" in ended.content
    assert f"**B** · **winner** · 2 votes · {winner}" in ended.content
    assert labels(ended) == ["Use the winner", "More of A", "More of B"]
    assert "Vote ended: B wins" in app.text(result)
    assert winner in app.text(result)


async def claimed(app: BotApp, by: Any, button: ui.Button[Any]) -> str:
    """Press a button that no message of a comparison has: an id is a claim. Returns what the person is told."""
    channel: Any = app.bot.get_channel(app.channel.id)
    await channel.send("x", view=ui.View(timeout=None).add_item(button))
    return app.text(await by.click(app.channel.last_message, custom_id=button.custom_id))


@pytest.mark.slow
async def test_a_made_up_place_takes_no_vote(app: BotApp) -> None:
    result = await compared(app)
    await finished(app, result)
    set_id = (await takes_of(app, result))[0].id
    assert "no such video" in await claimed(app, app.ann, VOTE.button("x", set_id=set_id, place=3))


@pytest.mark.slow
async def test_a_vote_that_comes_after_the_end_is_not_counted(app: BotApp) -> None:
    result = await compared(app)
    message = await finished(app, result)
    await press(app.ann, message, "End the vote")
    set_id = (await takes_of(app, result))[0].id
    assert "This vote has ended" in await claimed(app, app.ann, VOTE.button("x", set_id=set_id, place=1))
    assert "nobody voted" in message_text(app, message.id)


def message_text(app: BotApp, message_id: int) -> str:
    return next(one.content for one in app.channel.history() if one.id == message_id)


@pytest.mark.slow
async def test_a_video_that_was_posted_again_leaves_the_common_message_whole(archive: Archive) -> None:
    app = archive.app
    result = await compared(app)
    common = await finished(app, result)
    takes = await takes_of(app, result)
    await archive.jobs("resend", job=takes[0].id)
    again = app.channel.last_message
    assert labels(again) == ["Vote for A", "End the vote", "More"]
    await press(app.ann, again, "Vote for A")
    await press(app.ann, again, "End the vote")
    assert "A wins with 1 of 1 vote" in message_text(app, common.id)
    assert takes[1].request.model_name in message_text(app, common.id)


@pytest.mark.slow
async def test_models_say_how_often_they_were_chosen_here(archive: Archive) -> None:
    app = archive.app
    result = await compared(app)
    message = await finished(app, result)
    await press(app.ann, message, "A")
    await press(app.ann, message, "End the vote")
    listed = app.text(await app.ann.slash(app.channel, "models", duration=4, resolution="480p"))
    assert "chosen here 1 of 1 time" in listed
    assert "chosen here 0 of 1 time" in listed


@pytest.mark.slow
async def test_the_winner_opens_the_composer_with_its_own_model(archive: Archive) -> None:
    app = archive.app
    result = await compared(app)
    message = await finished(app, result)
    await press(app.ann, message, "A")
    await press(app.ann, message, "End the vote")
    winner = (await takes_of(app, result))[0].request
    answer = await press(archive.ben, app.channel.last_message, "Use the winner")
    panel = Panel(app, archive.ben, answer)
    assert panel.chosen("Model") == [winner.model]


@pytest.mark.slow
async def test_edit_before_the_end_opens_the_whole_comparison_and_tells_no_letter(app: BotApp) -> None:
    result = await compared(app)
    await finished(app, result)
    assert result.response is not None
    answer = await app.ann.click(result.response.message, label="Edit")
    panel = Panel(app, app.ann, answer)
    assert "Compare: 2 models" in panel.buttons
    assert "take" not in panel.text


@pytest.mark.slow
async def test_again_and_continue_of_a_secret_video_are_refused(app: BotApp) -> None:
    result = await compared(app)
    await finished(app, result)
    job = (await takes_of(app, result))[0]
    for button in (
        AGAIN.button("x", job_id=job.id, most=""),
        CONTINUE.button("x", job_id=job.id, number=1),
        FILE.button("x", what="original", job_id=job.id),
        FINAL.button("x", job_id=job.id),
    ):
        assert "models stay secret" in await claimed(app, app.ann, button)
    assert len(app.openrouter.submits) == 2


@pytest.mark.slow
async def test_the_window_compares_models_with_a_row_and_one_sum(app: BotApp) -> None:
    panel = await compose(app, **GIVEN)
    panel = Panel(app, app.ann, await panel.fill("Compare models", compare=[FAST, "minimax/hailuo-2.3", MINI]))
    assert "Hailuo 2.3** · $0.49 · 4 s → 6 s" in panel.text
    assert panel.generate.startswith("Generate 3 videos · $")
    assert "Takes: 1" not in panel.buttons
    await panel.press("Generate")
    for _ in range(100):
        if len(app.openrouter.submits) == 3:
            break
        await asyncio.sleep(0.05)
    lengths = {entry["body"]["model"]: entry["body"]["duration"] for entry in app.openrouter.submits}
    assert lengths == {FAST: 4, MINI: 4, "minimax/hailuo-2.3": 6}


async def test_one_model_leaves_the_comparison(app: BotApp) -> None:
    panel = await compose(app, **GIVEN)
    panel = Panel(app, app.ann, await panel.fill("Compare models", compare=[FAST, MINI]))
    panel = Panel(app, app.ann, await panel.choose("Use only one of them", MINI))
    assert panel.chosen("Model") == [MINI]
    assert panel.generate.startswith("Generate · $")


async def test_a_model_that_would_make_something_else_is_shown_before_anything_is_paid(app: BotApp) -> None:
    answer = await compared(app, FAST, "minimax/hailuo-2.3")
    assert answer.ephemeral
    assert "Not every model can do all of this" in Panel(app, app.ann, answer).text
    assert app.openrouter.submits == []


async def test_the_same_model_twice_is_refused_and_nothing_typed_is_lost(app: BotApp) -> None:
    refused = await compared(app, FAST, FAST)
    assert "each model once" in app.text(refused)
    assert app.openrouter.submits == []
    assert refused.response is not None
    panel = Panel(app, app.ann, await app.ann.click(refused.response.message, label="Edit"))
    assert "A paper boat" in panel.text


async def test_a_model_that_cannot_make_it_is_named_and_the_panel_has_its_row(app: BotApp) -> None:
    refused = await compared(app, FAST, "no/such-model")
    assert "no/such-model can't make this one" in app.text(refused)
    assert refused.response is not None
    panel = Panel(app, app.ann, await app.ann.click(refused.response.message, label="Edit"))
    assert "no/such-model** · can't make this" in panel.text
    assert panel.buttons[panel.generate] is False


async def test_a_mistake_in_the_prompt_is_said_as_anywhere(app: BotApp) -> None:
    answer = await app.ann.slash(
        app.channel, "compare", prompt="The fox from {2}", model_a=FAST, model_b=MINI, duration=4, resolution="480p"
    )
    assert "can't make this one" not in app.text(answer)
    assert "{2}" in app.text(answer)


async def test_final_carries_a_draft_over_and_says_that_it_is_another_film(app: BotApp) -> None:
    panel = await compose(app, **GIVEN, seed=7)
    panel = Panel(app, app.ann, await panel.press("Final"))
    assert "a different model makes a different film" in panel.text
    assert panel.chosen("Model") == ["bytedance/seedance-2.0"]
    assert panel.chosen("Resolution") == ["1080p"]
    assert "Seed 7" in panel.text
    assert not [label for label in panel.buttons if label.startswith("Final")]


@pytest.mark.slow
async def test_final_under_more_opens_the_composer_with_the_same_request(app: BotApp) -> None:
    await app.finish(await app.video(duration=4, resolution="480p", seed=5))
    more = Panel(app, app.ann, await press(app.ann, app.channel.last_message, "More"))
    panel = Panel(app, app.ann, await more.press("Final"))
    assert panel.chosen("Model") == ["bytedance/seedance-2.0"]
    assert "Seed 5" in panel.text
    assert "final of take 1" in panel.text


@pytest.mark.slow
async def test_whoever_only_voted_can_have_their_votes_forgotten(archive: Archive) -> None:
    app = archive.app
    result = await compared(app)
    await press(archive.ben, await finished(app, result), "A")
    asked = await archive.jobs("forget", archive.ben)
    assert "Forget 1 vote?" in archive.said(asked)
    assert asked.response is not None
    await archive.ben.click(asked.response.message, label="Forget my votes")
    store = app.bot.intake._store  # pyright: ignore[reportPrivateUsage]
    assert await store.comparisons.votes_of(archive.ben.id) == 0
