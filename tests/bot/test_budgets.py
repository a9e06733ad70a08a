"""The price before it is paid, budgets that refuse, and /budget in Discord."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import discord
import pytest

from cogs.budget.cog import BudgetCommands
from cogs.budget.handlers import BudgetHandlers
from cogs.budget.views import SHOWN
from dailies.job import Place, State
from dailies.money.budget import Budget, Period, Scope
from dailies.openrouter.models import Catalog, VideoModel
from dailies.openrouter.pricing import Quote
from dailies.store.shards import Shards
from tests.bot.composing import Panel
from tests.bot.conftest import Archive, BotApp
from tests.support.reasons import worded


async def press(app: BotApp, result: Any, label: str) -> Any:
    return await app.ann.click(result.response.message, label=label)


async def asked(app: BotApp, **options: Any) -> Panel:
    """Type /video where the price needs a yes; return the panel."""
    result = await app.video(**options)
    assert result.ephemeral
    return Panel(app, app.ann, result)


@pytest.mark.slow
async def test_an_expensive_video_is_asked_about_and_made_after_yes(app: BotApp) -> None:
    panel = await asked(app, duration=10, resolution="720p")

    assert panel.text.startswith("This one needs your OK before it starts. No charge yet.")
    assert "Generate · $0.91" in panel.buttons
    await panel.press("Generate")
    assert (await app.finish_own()).startswith("### Done")
    assert len(app.openrouter.submits) == 1


async def test_no_to_the_price_makes_no_job(app: BotApp) -> None:
    await (await asked(app, duration=10, resolution="720p")).press("Cancel")

    assert app.openrouter.submits == []
    assert app.bot.runner.running == frozenset()


@pytest.mark.slow
@pytest.mark.settings(CONFIRM_ABOVE_USD="never")
async def test_never_asks_about_no_price(app: BotApp) -> None:
    result = await app.video(duration=10, resolution="720p")

    assert not result.ephemeral
    await app.finish(result)


@pytest.mark.settings(CONFIRM_ABOVE_USD="0", BUDGET_USER_DAY_USD="3")
async def test_zero_asks_about_every_price_and_shows_what_is_left(app: BotApp) -> None:
    panel = await asked(app, duration=4, resolution="480p")

    assert "$3.00 of your $3.00 left today" in panel.text


@pytest.mark.settings(CONFIRM_ABOVE_USD="4")
async def test_a_video_is_asked_about_when_the_most_that_it_should_cost_is_too_much(app: BotApp) -> None:
    panel = await asked(app, model="bytedance/seedance-2.0", duration=4, resolution="4K", audio=False)

    assert "Generate · $3.11" in panel.buttons
    assert "It may cost up to $5.44." in panel.text


@pytest.mark.settings(BUDGET_GUILD_DAY_USD="0.40")
async def test_a_video_over_the_budget_is_refused_with_what_would_fit(app: BotApp) -> None:
    result = await app.video(duration=8, resolution="720p")

    assert result.ephemeral
    text = app.text(result)
    assert "This video needs $0.7258, and this server's budget has $0.40 left of $0.40 a day. It renews in " in text
    assert text.rstrip().endswith("A video of 4 s would fit. You weren't charged.")
    assert app.openrouter.submits == []


@pytest.mark.slow
@pytest.mark.settings(JOBS_PER_USER="1")
async def test_a_second_job_waits_in_line_and_then_runs(app: BotApp) -> None:
    app.openrouter.faults.job(queue_seconds=40)
    first = await app.video(resolution="480p", duration=4)
    second = await app.video(resolution="480p", duration=4)
    await app.env.advance_time(1)

    assert "### Waiting in line" in app.text(second)
    assert "Next in line, with 1 of your videos generating. Starts automatically." in app.text(second)
    assert (await app.finish(first)).lstrip().startswith("### Done")
    assert (await app.finish(second)).lstrip().startswith("### Done")


def a_manager(app: BotApp) -> Any:
    """Somebody who may manage the server."""
    guild = app.channel.guild
    role = guild.create_role("producer", permissions=discord.Permissions(manage_guild=True))
    return guild.add_member(app.env.create_user("eve"), roles=[role])


def said(result: Any) -> str:
    parts = result.response.components
    return "\n".join([result.response.content or "", *(part.get("content", "") for part in parts)])


@pytest.mark.slow
async def test_budgets_are_set_shown_and_removed_by_who_manages_the_server(app: BotApp) -> None:
    guild = app.channel.guild
    role = guild.create_role("producer", permissions=discord.Permissions(manage_guild=True))
    mia = guild.add_member(app.env.create_user("mia"), roles=[role])

    async def budget(word: str, by: Any = mia, **options: object) -> str:
        return said(await by.slash(app.channel, f"budget {word}", **options))

    assert "Only people with the permission Manage Server" in await budget("set", app.ann, usd="1", period="day")
    assert "this server's budget is $1.50 a day" in await budget("set", usd="$1.50", period="day")
    assert "each person's budget is $0.20 a month" in await budget("set", usd="0.2", period="month", each=True)
    assert "is not an amount of USD" in await budget("set", usd="much", period="day")
    assert "each person's budget is $0.00 a day" in await budget("set", usd="-0", period="day", each=True)
    assert "Removed" in await budget("remove", period="day", each=True)
    assert "Give only one of user, role, channel and each" in await budget(
        "set", usd="1", period="day", each=True, user=app.ann
    )
    assert "1 per person, no server limit" in await budget("jobs", user=1)
    shown = await budget("show")
    assert "This server's budget: $1.50 of $1.50 left today" in shown
    assert "- each person's budget is $0.20 a month" in shown
    assert "Set in this server" not in await budget("show", app.ann)
    assert "Removed" in await budget("remove", period="day", server=True)
    assert "There's no such budget" in await budget("remove", period="day", server=True)


async def test_nothing_that_was_left_out_removes_a_budget(app: BotApp) -> None:
    eve = a_manager(app)
    await eve.slash(app.channel, "budget set", usd="1.50", period="day")

    refused = said(await eve.slash(app.channel, "budget remove", period="day"))
    both = said(await eve.slash(app.channel, "budget remove", period="day", each=True, server=True))

    assert refused == both
    assert refused.startswith("Say whose budget to remove: user, role, channel, each or server.")
    assert "- this server's budget is $1.50 a day" in said(await eve.slash(app.channel, "budget show"))


async def test_limits_of_running_videos_are_shown_without_options_and_stay(app: BotApp) -> None:
    eve = a_manager(app)

    async def jobs(by: Any = eve, **options: object) -> str:
        return said(await by.slash(app.channel, "budget jobs", **options))

    assert "Set. Videos at the same time: 2 per person, no server limit." in await jobs(user=2)
    assert "2 per person, 9 in this server." in await jobs(server=9)
    for by in (eve, app.ann):
        shown = await jobs(by)
        assert shown.strip() == "Videos at the same time: 2 per person, 9 in this server."
    assert "Only people with the permission Manage Server" in await jobs(app.ann, user=5)
    assert "2 per person, 9 in this server." in await jobs()


async def test_a_limit_of_running_videos_is_removed_when_that_is_said(app: BotApp) -> None:
    eve = a_manager(app)

    async def jobs(**options: object) -> str:
        return said(await eve.slash(app.channel, "budget jobs", **options))

    await jobs(user=2, server=9)
    assert "not both. Nothing was changed." in await jobs(user=3, remove="user")
    assert "no limit per person, 9 in this server." in await jobs(remove="user")
    assert "4 per person, no server limit." in await jobs(user=4, remove="server")
    assert "no limit per person, no server limit." in await jobs(remove="both")


async def test_a_role_s_budget_is_shown_to_its_people_and_a_role_of_the_settings_may_set_it(app: BotApp) -> None:
    guild = app.channel.guild
    crew, producers = guild.create_role("crew"), guild.create_role("producers")
    app.bot.budget_handlers = BudgetHandlers(app.bot.budget_handlers.budget_store, roles=[producers.id])
    await app.bot.remove_cog("budget")
    await app.bot.add_cog(BudgetCommands(app.bot.budget_handlers, app.bot.settle_handlers))
    mia = guild.add_member(app.env.create_user("mia"), roles=[producers])
    bob = guild.add_member(app.env.create_user("bob"), roles=[crew])

    answer = said(await mia.slash(app.channel, "budget set", usd="0.40", period="day", role=crew))
    assert f"<@&{crew.id}>'s shared budget is $0.40 a day" in answer
    assert f"- <@&{crew.id}>'s budget: $0.40 of $0.40 left today" in said(await bob.slash(app.channel, "budget show"))
    assert "counts until the budget renews" in said(await bob.slash(app.channel, "budget show"))
    assert "No budget limits you here." in said(await app.ann.slash(app.channel, "budget show"))
    refused = await bob.slash(app.channel, "video", prompt="A boat", duration=8, resolution="720p")
    assert "your role's budget has $0.40 left" in app.text(refused)
    assert f"<@&{crew.id}>'s shared budget is $0.40 a day" in said(await mia.slash(app.channel, "budget show"))


@pytest.mark.slow
async def test_of_many_budgets_the_tightest_are_shown(app: BotApp) -> None:
    guild = app.channel.guild
    roles = [guild.create_role(f"role {number}") for number in range(60)]
    bob = guild.add_member(app.env.create_user("bob"), roles=roles)
    for number, role in enumerate(reversed(roles)):
        budget = Budget(Scope.ROLE, Period.DAY, Decimal(100 + number), role.id)
        await app.bot.budget_handlers.budget_store.set_budget(guild.id, budget, by=bob.id)

    shown = said(await bob.slash(app.channel, "budget show"))
    assert "'s budget: $100.00 of $100.00 left today" in shown
    assert shown.count(" left today") == SHOWN
    assert f"- and {60 - SHOWN} more, with more left" in shown
    panel = Panel(app, bob, await bob.slash(app.channel, "video", prompt="A boat", duration=10, resolution="720p"))
    assert "$100.00 of your role's $100.00 left today" in panel.text


@pytest.mark.slow
async def test_what_is_made_in_a_thread_counts_for_its_channel(app: BotApp) -> None:
    guild = app.channel.guild
    role = guild.create_role("producer", permissions=discord.Permissions(manage_guild=True))
    mia = guild.add_member(app.env.create_user("mia"), roles=[role])
    await mia.slash(app.channel, "budget set", usd="0.50", period="day", channel=app.channel)
    channel = app.bot.get_channel(app.channel.id)
    assert isinstance(channel, discord.TextChannel)
    await channel.create_thread(name="shot 7", type=discord.ChannelType.public_thread)
    (thread,) = app.channel.threads

    made = await app.ann.slash(thread, "video", prompt="A boat", duration=4, resolution="720p")
    assert "This channel's budget: $0.1371 of $0.50 left" in said(await mia.slash(app.channel, "budget show"))
    refused = await app.ann.slash(thread, "video", prompt="A boat", duration=4, resolution="720p")
    assert "this channel's budget has $0.1371 left of $0.50 a day" in app.text(refused)
    await app.finish(made)


@pytest.mark.slow
async def test_a_price_that_rose_before_the_answer_is_asked_about_again(app: BotApp) -> None:
    panel = await asked(app, duration=10, resolution="720p")
    assert "Generate · $0.91" in panel.buttons
    await _dearer(app)

    await panel.press("Generate")
    assert "Generate · $1.81" in panel.buttons
    assert app.openrouter.submits == []
    await panel.press("Generate")
    await app.finish_own()
    assert len(app.openrouter.submits) == 1


@pytest.mark.slow
@pytest.mark.settings(JOBS_PER_USER="1", BUDGET_GUILD_DAY_USD="1.00")
async def test_a_price_that_rose_while_a_job_waited_in_line_is_not_paid(app: BotApp) -> None:
    app.openrouter.faults.job(queue_seconds=40)
    first = await app.video(resolution="480p", duration=4)
    second = await app.video(resolution="480p", duration=4)
    await _dearer(app)

    await app.finish(first)
    end = await app.finish(second)
    assert end.lstrip().startswith("### Not started")
    assert "rose from $0.1614 to $0.3228 before it was sent" in end
    assert end.count("You weren't charged.") == 1
    assert len(app.openrouter.submits) == 1


async def _dearer(app: BotApp) -> None:
    """Make every price twice as high from now on."""
    models = [
        replace(one, pricing_skus={key: str(Decimal(str(usd)) * 2) for key, usd in one.pricing_skus.items()})
        for one in app.bot.guide.catalog
    ]
    await _listed(app, models)


async def _listed(app: BotApp, models: Sequence[VideoModel]) -> None:
    """Make OpenRouter list these from now on."""

    async def fetch() -> Catalog:
        return Catalog(models)

    app.bot.guide._fetch = fetch  # pyright: ignore[reportPrivateUsage]
    assert await app.bot.guide.refresh()


async def test_who_sets_budgets_settles_a_video_whose_bill_never_came(archive: Archive) -> None:
    app = archive.app
    eve = a_manager(app)
    quote = Quote(Decimal("0.40"), True, Decimal("0.40"), worded(""))
    job = await archive.keep(state=State.UNKNOWN, reason=worded("It may have been paid."), quote=quote)
    paid = await archive.keep(archive.ben, 1, cost=Decimal("0.36"))

    async def settle(by: Any, typed: str, amount: str) -> Any:
        return await by.slash(app.channel, "budget settle", job=typed, usd=amount)

    assert "Only people with the permission Manage Server" in said(await settle(archive.mia, job.id, "0"))
    assert "There's no job nobody" in said(await settle(eve, "nobody", "0"))
    assert "is not an amount of USD" in said(await settle(eve, job.id, "-1"))
    assert "it counts as $0.36" in said(await settle(eve, paid.id, "0"))
    assert "- 1 video with an open charge, $0.40 held: /budget settle" in said(
        await eve.slash(app.channel, "budget show")
    )

    question = await settle(eve, job.id, "0.36")
    assert question.ephemeral
    assert f"### Settle {job.id} as $0.36?" in said(question)
    assert "It holds $0.40." in said(question)
    await eve.click(question.response.message, label="Cancel")
    assert said(question).strip() == "Nothing was changed."
    assert (await archive.job(job)).cost is None

    answer = await eve.click((await settle(eve, job.id, "0.36")).response.message, label="Settle it")
    assert "now counts as $0.36" in said(answer)
    assert (await archive.job(job)).cost == Decimal("0.36")
    assert "with an open charge" not in said(await eve.slash(app.channel, "budget show"))


async def test_a_direct_message_s_video_is_settled_in_the_operators_alone(archive: Archive) -> None:
    app = archive.app
    eve = a_manager(app)
    quote = Quote(Decimal("0.40"), True, Decimal("0.40"), worded(""))
    place = Place(None, app.channel.id, app.ann.id)
    job = await archive.keep(state=State.UNKNOWN, reason=worded("It may have been paid."), quote=quote, place=place)

    assert "There's no job" in said(await eve.slash(app.channel, "budget settle", job=job.id, usd="0"))
    assert "with an open charge" not in said(await eve.slash(app.channel, "budget show"))
    assert await eve.autocomplete(app.channel, "budget settle", "job", "") == []

    app.bot.budget_handlers.operators = app.channel.id
    assert "- 1 video with an open charge, $0.40 held: /budget settle" in said(
        await eve.slash(app.channel, "budget show")
    )
    (option,) = await eve.autocomplete(app.channel, "budget settle", "job", "")
    assert option["name"].startswith("asked in a direct message · A: B · ")
    assert option["value"] == job.id
    assert "Only people with" in said(await app.ann.slash(app.channel, "budget settle", job=job.id, usd="0"))
    question = await eve.slash(app.channel, "budget settle", job=job.id, usd="0")
    await eve.click(question.response.message, label="Settle it")
    assert (await archive.job(job)).cost == 0


async def test_a_direct_message_s_end_that_another_process_is_telling_is_not_settled_yet(archive: Archive) -> None:
    app = archive.app
    eve = a_manager(app)
    place = Place(None, app.channel.id, app.ann.id)
    job = await archive.keep(state=State.UNKNOWN, reason=worded("It may have been paid."), place=place, told=False)
    app.bot.budget_handlers.operators = app.channel.id
    app.bot.settle_handlers.shards = Shards((1,), 2)

    assert "is still being worked on" in said(await eve.slash(app.channel, "budget settle", job=job.id, usd="0"))


async def test_a_budget_waits_for_a_busy_database_behind_an_answer_that_is_put_off(
    app: BotApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    budget_store, eve = app.bot.budget_handlers.budget_store, a_manager(app)
    write = budget_store.set_budget
    answered: list[bool] = []

    async def slowly(guild_id: int, budget: Budget, by: int) -> None:
        answered.append("callback {'type': 5" in app.env.transcript())
        await write(guild_id, budget, by)

    monkeypatch.setattr(budget_store, "set_budget", slowly)
    result = await eve.slash(app.channel, "budget set", usd="5", period="day")

    assert answered == [True]
    assert "Set: this server's budget is $5.00 a day" in said(result)
