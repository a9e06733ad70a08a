"""The composer: one draft, composed in a panel that only its owner sees, makes one job."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import discord
import pytest
from discord import ui

from cogs.composer import ids
from dailies.draft import DRAFT_SECONDS
from dailies.money.budget import Budget, Period, Scope
from dailies.openrouter.models import Catalog
from dailies.store.drafts import DraftStore
from tests.bot.composing import compose
from tests.bot.conftest import BotApp

FAST = "bytedance/seedance-2.0-fast"


def store_of(app: BotApp) -> DraftStore:
    return app.bot.composer.drafts


@pytest.mark.slow
async def test_what_was_composed_is_made_for_the_price_on_the_button(app: BotApp) -> None:
    panel = await compose(app, prompt="A paper boat", model=FAST, duration=4, resolution="480p")
    assert "> A paper boat" in panel.text
    assert panel.generate.startswith("Generate · $0.")

    await panel.press("Generate")

    assert "Done" in await app.finish_own()
    (paid,) = [one["body"] for one in app.openrouter.submits]
    assert (paid["prompt"], paid["duration"], paid["resolution"]) == ("A paper boat", 4, "480p")


@pytest.mark.slow
async def test_no_second_question_comes_where_prices_are_confirmed(app: BotApp) -> None:
    app.bot.intake._price_check._confirm_above = Decimal(0)  # pyright: ignore[reportPrivateUsage]
    panel = await compose(app, prompt="A paper boat", model=FAST)
    await panel.press("Generate")
    assert "Done" in await app.finish_own()


async def test_an_empty_draft_asks_for_a_prompt_and_takes_one(app: BotApp) -> None:
    panel = await compose(app)
    assert panel.buttons[panel.generate] is False

    await panel.fill("Prompt", prompt="A paper boat", more="")

    assert "> A paper boat" in panel.text
    assert panel.buttons[panel.generate] is True


@pytest.mark.slow
async def test_menus_change_the_draft_and_its_price(app: BotApp) -> None:
    panel = await compose(app, prompt="A paper boat", model=FAST, duration=4)
    before = panel.generate

    await panel.choose("Length", "8")
    await panel.choose("Resolution", "480p")
    await panel.choose("Shape", "9:16")

    assert [panel.chosen(name) for name in ("Length", "Resolution", "Shape")] == [["8"], ["480p"], ["9:16"]]
    assert panel.generate != before
    await panel.press("Generate")
    await app.finish_own()
    (paid,) = [one["body"] for one in app.openrouter.submits]
    assert (paid["duration"], paid["resolution"], paid["aspect_ratio"]) == (8, "480p", "9:16")


@pytest.mark.slow
async def test_seed_and_sound_are_set_in_a_window(app: BotApp) -> None:
    panel = await compose(app, prompt="A paper boat", model=FAST)
    await panel.fill("Options", seed="42", audio=["off"])
    await panel.press("Generate")
    await app.finish_own()
    (paid,) = [one["body"] for one in app.openrouter.submits]
    assert (paid["seed"], paid["generate_audio"]) == (42, False)


@pytest.mark.slow
async def test_a_model_is_found_by_its_name(app: BotApp) -> None:
    panel = await compose(app, prompt="A paper boat", model=FAST)
    window = await panel.choose("Model", "search")
    await app.ann.submit_modal(window, {"typed": "google/veo-3.1-lite"})
    assert panel.chosen("Model") == ["google/veo-3.1-lite"]

    window = await panel.choose("Model", "search")
    await app.ann.submit_modal(window, {"typed": "veo"})
    assert "models match “veo”" in panel.text
    await panel.choose("Model", "google/veo-3.1")
    assert panel.chosen("Model") == ["google/veo-3.1"]


@pytest.mark.slow
async def test_the_takes_go_from_one_to_four_and_round(app: BotApp) -> None:
    panel = await compose(app, prompt="A paper boat", model=FAST)
    for takes in (2, 3, 4, 1):
        await panel.press("Takes")
        assert f"Takes: {takes}" in panel.buttons


@pytest.mark.slow
async def test_the_command_alone_reopens_the_newest_draft(app: BotApp) -> None:
    await compose(app, prompt="A paper boat", duration=4)
    again = await compose(app)
    assert "> A paper boat" in again.text
    assert again.chosen("Length") == ["4"]


async def test_a_closed_panel_keeps_its_draft(app: BotApp) -> None:
    panel = await compose(app, prompt="A paper boat")
    await panel.press("Cancel")
    assert panel.buttons == {}
    assert "you weren't charged. /compose opens this draft again" in panel.text
    assert "> A paper boat" in (await compose(app)).text


@pytest.mark.slow
async def test_one_draft_makes_one_job_however_often_it_is_clicked(app: BotApp) -> None:
    first = await compose(app, prompt="A paper boat")
    second = await compose(app)
    await first.press("Generate")
    await second.press("Generate")

    assert "Done" in await app.finish_own()
    assert "This draft has already been started: https://discord.com/channels/" in second.text
    assert "You weren't charged again." in second.text
    assert len(app.openrouter.submits) == 1
    assert "> A paper boat" not in (await compose(app)).text


async def test_an_older_panel_is_redrawn_and_pays_nothing(app: BotApp) -> None:
    older = await compose(app, prompt="A paper boat", model=FAST, duration=4)
    newer = await compose(app)
    await newer.choose("Length", "8")
    assert older.chosen("Length") == ["4"]

    await older.press("Generate")

    assert "This panel was older than your draft" in older.text
    assert older.chosen("Length") == ["8"]
    assert app.openrouter.submits == []


@pytest.mark.slow
async def test_what_is_typed_into_a_window_of_an_older_panel_is_kept(app: BotApp) -> None:
    older = await compose(app, prompt="A paper boat", model=FAST, duration=4)
    window = await older.press("Prompt")
    newer = await compose(app)
    await newer.choose("Length", "8")

    await app.ann.submit_modal(window, {"prompt": "A paper boat at night", "more": ""})

    assert "> A paper boat at night" in older.text
    assert older.chosen("Length") == ["8"]


@pytest.mark.slow
async def test_a_price_that_rose_is_shown_before_it_is_paid(app: BotApp) -> None:
    panel = await compose(app, prompt="A paper boat", model=FAST)
    before = panel.generate
    dearer = {key: str(2 * Decimal(str(usd))) for key, usd in app.bot.guide.catalog[FAST].pricing_skus.items()}
    app.bot.guide._catalog = Catalog(  # pyright: ignore[reportPrivateUsage]
        replace(one, pricing_skus=dearer) if one.id == FAST else one for one in app.bot.guide.catalog
    )

    await panel.press("Generate")

    assert "The price has changed since this panel was shown" in panel.text
    assert panel.generate != before
    assert app.openrouter.submits == []
    await panel.press("Generate")
    assert "Done" in await app.finish_own()


async def test_what_is_wrong_is_said_and_nothing_is_lost(app: BotApp) -> None:
    panel = await compose(app, prompt="A paper boat", model=FAST, duration=77)
    assert panel.buttons[panel.generate] is False
    assert "77" in panel.text
    await panel.choose("Length", "5")
    assert panel.buttons[panel.generate] is True
    assert "> A paper boat" in panel.text


@pytest.mark.slow
async def test_the_budget_is_shown_and_too_little_of_it_switches_the_button_off(app: BotApp) -> None:
    budgets = app.bot.intake._price_check.budget_store  # pyright: ignore[reportPrivateUsage]
    guild = app.channel.guild.id
    await budgets.set_budget(guild, Budget(Scope.EACH, Period.DAY, Decimal(5)), app.ann.id)
    panel = await compose(app, prompt="A paper boat", model=FAST)
    assert "$5.00 of your $5.00 left today" in panel.text

    await budgets.set_budget(guild, Budget(Scope.EACH, Period.DAY, Decimal("0.10")), app.ann.id)
    await panel.press("Takes")

    assert panel.buttons[panel.generate] is False
    assert "your own budget here has $0.10 left" in panel.text


async def forged(app: BotApp, button: ui.Button[Any]) -> str:
    """Words to Ben, who presses a button of a draft that is not his."""
    ben = app.channel.guild.add_member(app.env.create_user("ben"))
    view = ui.LayoutView()
    row: ui.ActionRow[ui.LayoutView] = ui.ActionRow()
    channel = app.bot.get_channel(app.channel.id)
    assert isinstance(channel, discord.TextChannel)
    await channel.send(view=view.add_item(row.add_item(button)))
    result = await ben.click(app.channel.last_message, custom_id=button.custom_id)
    assert result.ephemeral
    return app.text(result)


async def test_a_draft_is_its_owner_s_alone(app: BotApp) -> None:
    await compose(app, prompt="A paper boat", model=FAST)
    draft = await store_of(app).newest(app.ann.id, app.channel.id)
    assert draft
    said = await forged(app, ids.GENERATE.button("x", price=10**12, **ids.of(draft)))
    assert "Only the person whose draft this is can use it" in said
    assert "> A paper boat" not in said
    assert app.openrouter.submits == []


async def test_a_draft_that_ended_says_how_to_begin_anew(app: BotApp) -> None:
    panel = await compose(app, prompt="A paper boat", model=FAST)
    draft = await store_of(app).newest(app.ann.id, app.channel.id)
    assert draft
    store_of(app)._now = lambda: draft.changed_at + DRAFT_SECONDS + 1  # pyright: ignore[reportPrivateUsage]
    assert "/compose starts a new one" in app.text(await panel.press("Generate"))
    assert app.openrouter.submits == []


async def test_it_works_in_direct_messages(app: BotApp) -> None:
    result = await app.env.create_user("dora").slash("compose", prompt="A paper boat", model=FAST)
    assert "> A paper boat" in app.text(result)


@pytest.mark.settings(LOOK_SECONDS="0.1")
async def test_a_slow_database_gets_a_sentence(app: BotApp, monkeypatch: pytest.MonkeyPatch) -> None:
    panel = await compose(app, prompt="A paper boat", model=FAST)
    get: Callable[[str], Awaitable[object]] = store_of(app).get

    async def late(draft_id: str) -> object:
        while app.env.transcript().count("/callback {'type': 4") < 2:  # noqa: ASYNC110 (Discord has no event)
            await asyncio.sleep(0.02)
        return await get(draft_id)

    monkeypatch.setattr(store_of(app), "get", late)
    assert "isn't responding" in app.text(await panel.press("Generate"))
    assert app.openrouter.submits == []


async def test_another_model_takes_over_what_it_can_and_says_what_changed(app: BotApp) -> None:
    panel = await compose(app, prompt="A paper boat", model=FAST, duration=5, seed=7)
    entry = next(one for one in panel.menu("Model")["options"] if "5 s → " in (one.get("description") or ""))
    name, _, price = entry["label"].rpartition(" · ")
    assert price.startswith("$")

    await panel.choose("Model", entry["value"])

    assert f"With {name}: {entry['description'].partition(' · ')[0]}" in panel.text
    assert panel.chosen("Model") == [entry["value"]]
    assert panel.generate == f"Generate · {price}"
    assert panel.buttons[panel.generate] is True
