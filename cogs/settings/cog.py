"""/settings: a server's own defaults, and the price above which it is asked first."""

from __future__ import annotations

from discord import Interaction, app_commands
from discord.ext import commands

from cogs.settings.handlers import SettingHandlers


class SettingsCommand(commands.Cog):
    """The command /settings; SettingHandlers answer it."""

    def __init__(self, setting_handlers: SettingHandlers) -> None:
        self._setting_handlers = setting_handlers

    @app_commands.command(description="This server's default model and settings, for people who manage the server")
    @app_commands.allowed_installs(guilds=True, users=False)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)
    async def settings(self, interaction: Interaction) -> None:
        """Show the settings with what changes them."""
        await self._setting_handlers.open(interaction)
