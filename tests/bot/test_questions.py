"""A question between the command and its job: one answer makes one job, no answer makes none."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import discord
import pytest
import simcord
from discord import Interaction, ui

from cogs.interactions.buttons import handlers
from cogs.interactions.questions import ANSWER, Choice, Question, Questions
from cogs.video.command import VideoCommand
from tests.bot.conftest import BotApp


@pytest.fixture
def asking(app: BotApp, monkeypatch: pytest.MonkeyPatch) -> BotApp:
    """A app whose bot asks before every job."""
    intake, questions = app.bot.intake, app.bot.questions
    submit = intake.submit

    async def ask(interaction: Interaction, command: VideoCommand) -> None:
        go_on = partial(submit, command=replace(command, key=str(interaction.id)))
        await questions.ask(interaction, Question("Are you sure?", (Choice("Go on", go_on), Choice("No", None))))

    monkeypatch.setattr(intake, "submit", ask)
    return app


def words(result: simcord.InteractionResult) -> str:
    assert result.response is not None
    return "\n".join(part.get("content", "") for part in result.response.components)


async def press(app: BotApp, result: simcord.InteractionResult, label: str) -> simcord.InteractionResult:
    assert result.response is not None
    return await app.ann.click(result.response.message, label=label)


async def copied(app: BotApp, key: str, where: Any = None) -> discord.Message:
    """Return a message of the bot with the button of a question, in its own channel or another one."""
    where = where or app.channel
    view = ui.LayoutView()
    row: ui.ActionRow[ui.LayoutView] = ui.ActionRow()
    view.add_item(row.add_item(ANSWER.button("Go on", key=key, number=0)))
    channel = app.bot.get_channel(where.id)
    assert isinstance(channel, discord.TextChannel)
    await channel.send(view=view)
    return where.last_message


async def test_a_question_is_for_the_requester_alone_and_makes_no_job(asking: BotApp) -> None:
    result = await asking.video()

    assert result.ephemeral
    assert words(result).strip() == "Are you sure?"
    assert asking.bot.runner.running == frozenset()


@pytest.mark.slow
async def test_yes_makes_a_job_whose_status_everybody_sees(asking: BotApp) -> None:
    question = await asking.video()
    await press(asking, question, "Go on")

    assert (await asking.finish_own()).startswith("### Done")
    assert words(question).startswith("Your video has started: https://discord.com/channels/")


@pytest.mark.slow
async def test_a_second_click_makes_no_second_job(asking: BotApp) -> None:
    question = await asking.video()
    (key,) = asking.bot.questions._open  # pyright: ignore[reportPrivateUsage]
    await press(asking, question, "Go on")
    # As from a client that has not heard of the change.
    second = await asking.ann.click(await copied(asking, key), label="Go on")

    assert second.ephemeral
    assert "already answered" in asking.text(second)
    await asking.finish_own()
    assert len(asking.openrouter.submits) == 1


@pytest.mark.slow
async def test_an_answer_that_discord_does_not_take_leaves_the_button(asking: BotApp) -> None:
    question = await asking.video()
    asking.env.inject_error("POST", "/interactions/*/callback", status=404, code=10062, message="Unknown interaction")
    await press(asking, question, "Go on")
    assert words(question).strip() == "Are you sure?"

    await press(asking, question, "Go on")
    assert (await asking.finish_own()).startswith("### Done")
    assert len(asking.openrouter.submits) == 1


async def test_nobody_else_can_answer(asking: BotApp) -> None:
    await asking.video()
    (key,) = asking.bot.questions._open  # pyright: ignore[reportPrivateUsage]
    ben = asking.channel.guild.add_member(asking.env.create_user("ben"))
    # Discord shows the question to nobody else; somebody may use its custom id all the same.
    answer = await ben.click(await copied(asking, key), label="Go on")

    assert "Only the person who was asked can answer." in asking.text(answer)
    assert asking.openrouter.submits == []


async def test_it_is_not_answered_in_another_channel(asking: BotApp) -> None:
    await asking.video()
    (key,) = asking.bot.questions._open  # pyright: ignore[reportPrivateUsage]
    elsewhere = await copied(asking, key, asking.channel.guild.create_text_channel("elsewhere"))
    answer = await asking.ann.click(elsewhere, label="Go on")

    assert "belongs to another channel" in asking.text(answer)
    assert asking.openrouter.submits == []


async def test_no_makes_no_job(asking: BotApp) -> None:
    question = await asking.video()
    await press(asking, question, "No")

    assert words(question) == "Nothing was started. You weren't charged."
    assert asking.openrouter.submits == []


@pytest.mark.slow
async def test_no_answer_within_ten_minutes_is_a_no_and_says_so(asking: BotApp) -> None:
    question = await asking.video()
    await asking.env.advance_time(601)

    assert words(question) == "No answer within 10 min, so nothing was started. You weren't charged."
    assert asking.openrouter.submits == []


async def test_after_a_restart_a_question_is_too_old(asking: BotApp) -> None:
    question = await asking.video()
    asking.bot.add_dynamic_items(*handlers(Questions()))
    answer = await press(asking, question, "Go on")

    assert answer.ephemeral
    assert "expired, so nothing was started. You weren't charged." in asking.text(answer)
    assert asking.openrouter.submits == []
