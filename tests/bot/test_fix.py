"""Fix on a refusal: the work is kept, and opens with the nearest valid value in place of the wrong one."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from unittest.mock import AsyncMock, Mock

import discord
import pytest
import simcord
from discord import ui

from cogs.video.refusals import FIX, NEAR
from dailies.draft import Draft
from dailies.errors import RefusedError
from dailies.money.budget import Budget, Period, Scope
from dailies.reason import ReasonCode
from tests.bot import test_references
from tests.bot.composing import Panel
from tests.bot.conftest import BotApp
from tests.support.servers import Served

assets, settings = test_references.assets, test_references.settings
press, words = test_references.press, test_references.words


async def fix(app: BotApp, refused: simcord.InteractionResult, label: str = "Fix") -> Panel:
    """Press Fix on a refusal; return the panel that it becomes."""
    return Panel(app, app.ann, await press(app, refused, label))


def buttons(result: simcord.InteractionResult) -> list[str]:
    assert result.response is not None
    return [one["label"] for row in result.response.components for one in row.get("components", [])]


async def drafts(app: BotApp) -> list[Draft]:
    store = app.bot.composer.drafts
    newest = await store.newest(app.ann.id, app.channel.id)
    return [newest] if newest else []


async def copied(app: BotApp, draft: Draft) -> discord.Message:
    """Return a message of the bot with the button of a draft, which everybody sees."""
    view = ui.View(timeout=None)
    view.add_item(FIX.button("Fix", way=NEAR, draft_id=draft.id))
    channel = app.bot.get_channel(app.channel.id)
    assert isinstance(channel, discord.TextChannel)
    await channel.send("copied", view=view)
    return app.channel.last_message


@pytest.mark.slow
async def test_a_wrong_length_is_fixed_and_what_was_changed_is_said(app: BotApp) -> None:
    refused = await app.video("A paper boat", duration=99, resolution="480p")
    assert words(refused).startswith("duration: 99 isn't offered")
    assert refused.ephemeral

    panel = await fix(app, refused)
    assert panel.text.startswith("Changed: 99 s → 15 s")
    assert "> A paper boat" in panel.text

    await panel.press("Generate")
    assert "Done" in await app.finish_own()
    (paid,) = [one["body"] for one in app.openrouter.submits]
    assert (paid["duration"], paid["resolution"]) == (15, "480p")


async def test_what_was_refused_is_stored_as_it_was_given(app: BotApp) -> None:
    await app.video("A paper boat", duration=99)
    (draft,) = await drafts(app)
    assert (draft.options.prompt, draft.options.duration) == ("A paper boat", 99)


@pytest.mark.slow
async def test_a_second_press_changes_nothing_more(app: BotApp) -> None:
    refused = await app.video("A paper boat", duration=99)
    await fix(app, refused)
    (draft,) = await drafts(app)
    again = Panel(app, app.ann, await app.ann.click(await copied(app, draft), label="Fix"))
    assert "Changed" not in again.text
    assert await drafts(app) == [draft]


@pytest.mark.slow
async def test_a_model_without_references_is_changed_and_keeps_the_pictures(app: BotApp, assets: Served) -> None:
    refused = await app.video("{1} sails", model="google/veo-3.1-lite", links=f"{assets.origin}/red.png")
    panel = await fix(app, refused)
    assert panel.text.startswith("Changed: google/veo-3.1-lite → google/veo-3.1")

    await panel.press("Generate")
    await app.finish_own()
    assert test_references.sent(app) == ["red"]


@pytest.mark.slow
async def test_a_number_without_an_image_is_replaced(app: BotApp, assets: Served) -> None:
    refused = await app.video("{1} beside {2}", links=f"{assets.origin}/red.png")
    panel = await fix(app, refused)
    assert panel.text.startswith("Changed: {2} replaced in the prompt")
    (draft,) = await drafts(app)
    assert draft.options.prompt == "{1} beside {1}"


@pytest.mark.slow
async def test_what_is_over_the_budget_is_made_as_long_as_that_allows(app: BotApp) -> None:
    budget = Budget(Scope.GUILD, Period.DAY, Decimal("0.40"))
    await app.bot.budget_handlers.budget_store.set_budget(app.channel.guild.id, budget, by=app.ann.id)
    refused = await app.video(duration=8, resolution="720p")
    assert "A video of 4 s would fit" in words(refused)
    panel = await fix(app, refused)
    assert panel.text.startswith("Changed: 8 s → 4 s")


async def test_while_credits_are_short_what_they_pay_is_offered(app: BotApp, monkeypatch: pytest.MonkeyPatch) -> None:
    watch = app.bot._credits  # pyright: ignore[reportPrivateUsage]
    watch.credit_gate.learn(Decimal("0.40"))
    monkeypatch.setattr(watch, "look", AsyncMock())  # the stand-in's key has more
    refused = await app.video(duration=8, resolution="720p")
    assert "has $0.40 left" in words(refused)
    panel = await fix(app, refused)
    assert panel.text.startswith("Changed: 8 s → 4 s")


async def test_links_that_cannot_be_read_are_left_out(app: BotApp) -> None:
    refused = await app.video("A paper boat", links="no link at all")
    panel = await fix(app, refused)
    assert panel.text.startswith("What couldn't be used was left out.")
    assert "> A paper boat" in panel.text


async def test_a_request_that_time_cures_can_be_opened_as_it_is(app: BotApp) -> None:
    app.bot.runner.stopping = True
    refused = await app.video("A paper boat", duration=4)
    assert buttons(refused) == ["Edit"]
    app.bot.runner.stopping = False
    panel = await fix(app, refused, "Edit")
    assert "> A paper boat" in panel.text
    assert "Changed" not in panel.text


async def test_a_refusal_that_no_change_cures_keeps_nothing(app: BotApp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cogs.video.intake.check_person", Mock(side_effect=RefusedError(ReasonCode.ONLY_HERE)))
    refused = await app.video("A paper boat", duration=99)
    assert buttons(refused) == []
    assert await drafts(app) == []


async def test_nobody_else_opens_it(app: BotApp) -> None:
    await app.video("A paper boat", duration=99)
    (draft,) = await drafts(app)
    ben = app.channel.guild.add_member(app.env.create_user("ben"))
    answer = await ben.click(await copied(app, draft), label="Fix")
    assert "Only the person whose draft this is can use it" in words(answer)


async def test_a_database_that_does_not_take_the_draft_in_time_leaves_the_refusal(
    app: BotApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def slow(_: Draft) -> None:
        await asyncio.sleep(4)

    monkeypatch.setattr(app.bot.composer.drafts, "create", slow)
    refused = await app.video("A paper boat", duration=99)
    await app.env.advance_time(4)
    assert words(refused).startswith("duration: 99 isn't offered")
    assert buttons(refused) == []
