"""/budget says which of the operator's ceilings hold."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import discord
import pytest

from dailies.money.budget import Budget, Period, Scope
from tests.bot.conftest import BotApp


def said(result: Any) -> str:
    parts = result.response.components
    return "\n".join([result.response.content or "", *(part.get("content", "") for part in parts)])


@pytest.fixture
def eve(app: BotApp) -> Any:
    """Somebody who may manage the server."""
    guild = app.channel.guild
    role = guild.create_role("producer", permissions=discord.Permissions(manage_guild=True))
    return guild.add_member(app.env.create_user("eve"), roles=[role])


@pytest.mark.settings(BUDGET_GUILD_DAY_USD="2")
async def test_a_budget_over_the_operator_s_is_set_with_the_ceiling_named(app: BotApp, eve: Any) -> None:
    answer = said(await eve.slash(app.channel, "budget set", usd="500", period="day"))

    assert answer.endswith("already counts. The operator's ceiling of $2.00 a day applies.")
    assert "This server's budget: $2.00 of $2.00 left today" in said(await eve.slash(app.channel, "budget show"))


@pytest.mark.settings(BUDGET_USER_MONTH_USD="3")
async def test_a_person_s_budget_over_the_operator_s_is_set_with_the_ceiling_named(app: BotApp, eve: Any) -> None:
    answer = said(await eve.slash(app.channel, "budget set", usd="500", period="month", user=app.ann))

    assert answer.endswith("The operator's ceiling of $3.00 a month applies.")


@pytest.mark.settings(BUDGET_GUILD_DAY_USD="2")
async def test_a_budget_below_the_operator_s_names_no_ceiling(app: BotApp, eve: Any) -> None:
    assert "ceiling" not in said(await eve.slash(app.channel, "budget set", usd="1", period="day"))
    assert "This server's budget: $1.00 of $1.00 left today" in said(await eve.slash(app.channel, "budget show"))


@pytest.mark.settings(BUDGET_GUILD_DAY_USD="0.40")
async def test_a_budget_that_was_set_before_the_ceiling_is_shown_with_it_and_does_not_hold(
    app: BotApp, eve: Any
) -> None:
    own = Budget(Scope.GUILD, Period.DAY, Decimal(500))
    await app.bot.budget_handlers.budget_store.set_budget(app.channel.guild.id, own, by=eve.id)

    shown = said(await eve.slash(app.channel, "budget show"))
    assert "- this server's budget is $500.00 a day. The operator's ceiling of $0.40 a day applies." in shown
    assert "this server's budget has $0.40 left of $0.40 a day" in app.text(
        await app.video(duration=8, resolution="720p")
    )
    assert app.openrouter.submits == []


@pytest.mark.settings(JOBS_PER_USER="1", JOBS_PER_GUILD="3")
async def test_more_jobs_than_the_operator_allows_are_set_with_the_ceilings_named(app: BotApp, eve: Any) -> None:
    answer = said(await eve.slash(app.channel, "budget jobs", user=5, server=7))

    assert "1 per person, 3 in this server." in answer
    assert "The operator's ceiling of 1 per person applies." in answer
    assert "The operator's ceiling of 3 per server applies." in answer
    lower = said(await eve.slash(app.channel, "budget jobs", server=2))
    assert "1 per person, 2 in this server." in lower
    assert lower.endswith("The operator's ceiling of 1 per person applies.")
