"""The languages of a person's client and of a server, as the bot gets them."""

from __future__ import annotations

from typing import Any

import discord
import pytest

from sandbox.clock import Clock
from sandbox.discord.commands import Commands
from sandbox.discord.errors import ApiError
from sandbox.discord.snowflake import Snowflakes
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


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"description_localizations": {"de": "x" * 101}}, "between 1 and 100"),
        ({"description_localizations": {"tlh": "x"}}, "not a valid enum value"),
        ({"choices": [{"name": "n", "value": "v", "name_localizations": {"ja": ""}}]}, "between 1 and 100"),
    ],
)
def test_a_translation_has_the_limits_of_its_text(changes: dict[str, Any], problem: str) -> None:
    assert problem in refusal(**changes)


def test_a_command_is_as_long_as_in_its_longest_language() -> None:
    choices = [{"name": f"{n}" * 100, "value": f"{n}" * 90} for n in range(4)]

    assert refusal(choices=choices) == ""
    assert "maximum size (8000)" in refusal(choices=choices, description_localizations={"de": "x" * 100})


def refusal(**changes: object) -> str:
    """Return the answer to a command with ten options of which these fields are otherwise; empty: it is taken."""
    options = [{"type": 3, "name": f"o{n}", "description": "d", **changes} for n in range(10)]
    try:
        Commands("1", Snowflakes(Clock())).overwrite(None, [{"name": "long", "description": "d", "options": options}])
    except ApiError as error:
        return str(error.body)
    return ""
