"""The languages of a person's client and of a server, as the bot gets them."""

from __future__ import annotations

import discord

from tests.support.discordbot import Bot, connected


async def test_an_interaction_carries_the_languages_of_its_person_and_of_the_server() -> None:
    got: list[tuple[discord.Locale, discord.Locale | None]] = []

    def prepare(bot: Bot) -> None:
        @bot.tree.command(description="Test")
        async def greet(interaction: discord.Interaction) -> None:
            got.append((interaction.locale, interaction.guild_locale))
            await interaction.response.send_message("hello")

    async with connected(prepare) as (server, _):
        server.world.user_named("Ben").locale = "de"
        server.world.guild.locale = "ja"
        channel = server.world.channel_named("dailies").id
        for name in ("Ann", "Ben"):
            await (await server.person(name).command(channel, "greet")).wait()

    japanese = discord.Locale.japanese
    assert got == [(discord.Locale.american_english, japanese), (discord.Locale.german, japanese)]
