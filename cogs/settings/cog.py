"""/settings and /language: what a server has set for itself."""

from __future__ import annotations

from discord import Interaction, app_commands
from discord.app_commands import Choice
from discord.ext import commands

from cogs.settings.handlers import DISCORDS, SettingHandlers
from dailies.language import NATIVE_NAMES

LANGUAGES = [
    *(Choice(name=name, value=code) for code, name in NATIVE_NAMES.items()),
    Choice(name="As set in Discord", value=DISCORDS),
]


class SettingsCommand(commands.Cog):
    """The commands /settings and /language; SettingHandlers answer them."""

    def __init__(self, setting_handlers: SettingHandlers) -> None:
        self._setting_handlers = setting_handlers

    @app_commands.command(description="This server's default model and settings, for people who manage the server")
    @app_commands.allowed_installs(guilds=True, users=False)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)
    async def settings(self, interaction: Interaction) -> None:
        """Show the settings with what changes them."""
        await self._setting_handlers.open(interaction)

    @app_commands.command(description="The language of what everyone here sees, for people who manage the server")
    @app_commands.describe(language="Without a choice, the answer says which one it is")
    @app_commands.choices(language=LANGUAGES)
    @app_commands.allowed_installs(guilds=True, users=False)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)
    async def language(self, interaction: Interaction, language: Choice[str] | None = None) -> None:
        """Set the language of this server's messages, or say it."""
        await self._setting_handlers.language(interaction, language and language.value)
