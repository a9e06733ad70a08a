"""The page of commands has what the bot registers."""

from __future__ import annotations

from pathlib import Path

import discord
from discord import app_commands

from scripts import docs_hook
from tests.bot.conftest import BotApp

PAGE = Path(__file__).parent.parent.parent / "docs" / "commands.md"


async def test_the_page_of_commands_has_every_command_that_is_registered(app: BotApp) -> None:
    registered = [one for one in app.bot.tree.walk_commands() if isinstance(one, app_commands.Command)]

    assert [one.name for one in docs_hook.all_commands()] == sorted(one.qualified_name for one in registered)


async def test_the_page_of_commands_names_the_entries_of_a_message_s_menu(app: BotApp) -> None:
    menus = app.bot.tree.get_commands(type=discord.AppCommandType.message)

    assert menus
    assert [one.name for one in menus if f"**Apps → {one.name}**" not in PAGE.read_text()] == []
