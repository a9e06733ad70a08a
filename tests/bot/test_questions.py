"""A question between the command and its job: one answer makes one job, no answer makes none."""

from __future__ import annotations

from dataclasses import replace

import discord
import pytest
import simcord
from discord import Interaction, ui

from cogs.interactions.buttons import handlers
from cogs.interactions.questions import ANSWER, Choice, Question, Questions
from cogs.status.message import find_status
from cogs.video.command import VideoCommand
from dailies.catalog.options import VideoRequest
from tests.bot.conftest import BotApp


@pytest.fixture
def asking(app: BotApp) -> BotApp:
    """A app whose bot asks before every job."""
    intake = app.bot.intake

    async def check(_: Interaction, asked: VideoCommand, __: VideoRequest) -> Question | None:
        if "sure" in asked.answered:
            return None
        return Question("Are you sure?", (intake.choice("Go on", asked, "sure"), Choice("No", None)))

    intake.checks.append(check)
    return app


def words(result: simcord.InteractionResult) -> str:
    assert result.response is not None
    return "\n".join(part.get("content", "") for part in result.response.components)


async def press(app: BotApp, result: simcord.InteractionResult, label: str) -> simcord.InteractionResult:
    assert result.response is not None
    return await app.ann.click(result.response.message, label=label)


async def test_a_question_is_for_the_requester_alone_and_makes_no_job(asking: BotApp) -> None:
    result = await asking.video()

    assert result.ephemeral
    assert words(result).strip() == "Are you sure?"
    assert asking.bot.runner.running == frozenset()


async def test_yes_makes_a_job_whose_status_everybody_sees(asking: BotApp) -> None:
    question = await asking.video()
    status = await press(asking, question, "Go on")

    assert not status.ephemeral
    assert (await asking.finish(status)).lstrip().startswith("### Done")
    assert words(question).startswith("Are you sure?\n-# Your answer: Go on")


async def test_two_clicks_make_one_job(asking: BotApp) -> None:
    question = await asking.video()
    # The buttons stay when Discord does not let the question be changed.
    (key,) = asking.bot.questions._open  # pyright: ignore[reportPrivateUsage]
    path = f"/webhooks/{asking.bot.application_id}/simcord_interaction_{key}/messages/@original"
    asking.env.inject_error("PATCH", path, status=404, code=10008, message="Unknown Message")
    first = await press(asking, question, "Go on")
    second = await press(asking, question, "Go on")

    assert second.ephemeral
    assert "answered already" in asking.text(second)
    await asking.finish(first)
    assert len(asking.openrouter.submits) == 1


async def test_an_answer_that_discord_does_not_take_leaves_the_button(asking: BotApp) -> None:
    question = await asking.video()
    asking.env.inject_error("POST", "/interactions/*/callback", status=404, code=10062, message="Unknown interaction")
    await press(asking, question, "Go on")
    assert words(question).strip() == "Are you sure?"

    status = await press(asking, question, "Go on")
    assert (await asking.finish(status)).lstrip().startswith("### Done")
    assert len(asking.openrouter.submits) == 1


async def test_nobody_else_can_answer(asking: BotApp) -> None:
    await asking.video()
    (key,) = asking.bot.questions._open  # pyright: ignore[reportPrivateUsage]
    ben = asking.channel.guild.add_member(asking.env.create_user("ben"))
    # Discord shows the question to nobody else; somebody may use its custom id all the same.
    view = ui.LayoutView()
    row: ui.ActionRow[ui.LayoutView] = ui.ActionRow()
    view.add_item(row.add_item(ANSWER.button("Go on", key=key, number=0)))
    channel = asking.bot.get_channel(asking.channel.id)
    assert isinstance(channel, discord.TextChannel)
    copy = await channel.send(view=view)
    answer = await ben.click(asking.channel.last_message, label="Go on")

    assert copy.id == asking.channel.last_message.id
    assert "Only the person who was asked can answer." in asking.text(answer)
    assert asking.openrouter.submits == []


async def test_no_makes_no_job(asking: BotApp) -> None:
    question = await asking.video()
    await press(asking, question, "No")

    assert words(question) == "Nothing was started. Nothing was paid."
    assert asking.openrouter.submits == []


async def test_no_answer_within_ten_minutes_is_a_no_and_says_so(asking: BotApp) -> None:
    question = await asking.video()
    await asking.env.advance_time(601)

    assert words(question) == "No answer within 10 min, so nothing was started. Nothing was paid."
    assert asking.openrouter.submits == []


async def test_after_a_restart_a_question_is_too_old(asking: BotApp) -> None:
    question = await asking.video()
    asking.bot.add_dynamic_items(*handlers(Questions()))
    answer = await press(asking, question, "Go on")

    assert answer.ephemeral
    assert "too old, so nothing was paid" in asking.text(answer)
    assert asking.openrouter.submits == []


async def test_a_status_that_answers_a_click_is_found_when_its_id_was_lost(asking: BotApp) -> None:
    status = await press(asking, await asking.video(), "Go on")
    assert status.response is not None
    store = asking.bot.intake._store  # pyright: ignore[reportPrivateUsage]
    (job,) = await store.unfinished()
    # simcord's message ids use a time of their own.
    created = status.response.message.created_at.timestamp()
    lost = replace(job, created_at=created, place=replace(job.place, status_message_id=None))

    assert await find_status(asking.bot, lost) == status.response.message.id
    await asking.finish(status)
