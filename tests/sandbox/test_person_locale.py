"""The language of a person's client, as the bot gets it."""

from __future__ import annotations

import discord

from tests.support.discordbot import Bot, connected


async def test_an_interaction_carries_the_language_of_its_person() -> None:
    got: list[discord.Locale] = []

    def prepare(bot: Bot) -> None:
        @bot.tree.command(description="Test")
        async def greet(interaction: discord.Interaction) -> None:
            got.append(interaction.locale)
            await interaction.response.send_message("hello")

    async with connected(prepare) as (server, _):
        server.world.user_named("Ben").locale = "de"
        channel = server.world.channel_named("dailies").id
        for name in ("Ann", "Ben"):
            await (await server.person(name).command(channel, "greet")).wait()

    assert got == [discord.Locale.american_english, discord.Locale.german]
