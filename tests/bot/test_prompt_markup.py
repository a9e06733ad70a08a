"""Mentions and emoji in a prompt reach the model as a person reads them, and the status shows what is sent."""

from __future__ import annotations

import re
from typing import Any

import discord
import pytest

from tests.bot.conftest import BotApp


async def sent(app: BotApp, prompt: str) -> str:
    """Return the prompt of the paid request; the status has to show the same."""
    status = await app.video(prompt)
    text = app.text(status)
    await app.finish(status)
    body: Any = app.openrouter.submits[-1]["body"]
    assert f"> {body['prompt']}" in text
    return str(body["prompt"])


@pytest.mark.slow
async def test_people_are_named_as_the_server_shows_them(app: BotApp) -> None:
    mia = app.channel.guild.add_member(app.env.create_user("mia"))
    assert await sent(app, f"<@{mia.id}> and <@!{app.ann.id}> dance") == "mia and ann dance"


@pytest.mark.slow
async def test_a_stranger_s_id_does_not_leave(app: BotApp) -> None:
    assert await sent(app, "<@157730590492196864> dances") == "someone dances"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("prompt", "said"),
    [
        ("<:fox:749000000000000001> runs", "fox runs"),
        ("<a:party_fox:749000000000000001> runs", "party_fox runs"),
        ("</jobs list:749000000000000001> on a screen", "/jobs list on a screen"),
        ("fireworks at <t:1798761600:d>", "fireworks at 1 January 2027"),
        ("fireworks at <t:1798761600:t>", "fireworks at 00:00"),
        ("fireworks at <t:1798761600>", "fireworks at 1 January 2027, 00:00"),
        ("fireworks at <t:1798761600:R>", "fireworks at 1 January 2027, 00:00"),
        ("fireworks at <t:99999999999999999:R>", "fireworks at a date"),
        ("<id:customize> and <id:browse>", "Channels & Roles and Browse Channels"),
        ("<id:linked-roles:749000000000000001>", "Linked Roles"),
        ("<@&749000000000000001> in <#749000000000000001>", "a role in a channel"),
        ("a < b, <3, <div>, <:>, <@1> and <@name>", "a < b, <3, <div>, <:>, <@1> and <@name>"),
    ],
)
async def test_markup_becomes_words(app: BotApp, prompt: str, said: str) -> None:
    assert await sent(app, prompt) == said


@pytest.mark.slow
async def test_roles_and_channels_are_named(app: BotApp) -> None:
    role = app.channel.guild.create_role("The {1} Foxes")
    assert await sent(app, f"<@&{role.id}> meet in <#{app.channel.id}>") == "The 1 Foxes meet in dailies"


@pytest.mark.slow
async def test_a_channel_that_the_person_does_not_see_is_not_named(app: BotApp) -> None:
    guild = app.channel.guild
    unseen = discord.PermissionOverwrite(view_channel=False)
    hidden = guild.create_text_channel("merger", overwrites={guild.default_role: unseen})
    assert await sent(app, f"a sign in <#{hidden.id}>") == "a sign in a channel"


@pytest.mark.slow
async def test_markup_alone_is_a_prompt(app: BotApp) -> None:
    assert re.fullmatch("fox fox", await sent(app, "<:fox:749000000000000001> <:fox:749000000000000001>"))
