"""The commands as a whole: what happens when one fails, and their registration with Discord when they changed."""

from __future__ import annotations

import asyncio
import logging
from http import HTTPStatus
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from cogs.command_texts import CommandTexts, translations
from cogs.interactions.responses import report_failure
from dailies.command_record import CommandRecord
from dailies.errors import SettingsError

log = logging.getLogger(__name__)

EVERYWHERE = "everywhere"


class Tree(app_commands.CommandTree[commands.AutoShardedBot]):
    """Commands whose failures are logged once and reported to the requester."""

    async def on_error(
        self, interaction: discord.Interaction[commands.AutoShardedBot], error: app_commands.AppCommandError, /
    ) -> None:
        """Report a bug, or an outage of the database or of Discord."""
        cause = error.original if isinstance(error, app_commands.CommandInvokeError) else error
        await report_failure(interaction, f"command {interaction.command and interaction.command.name}", cause)


async def register(
    tree: app_commands.CommandTree[Any], record: CommandRecord, *, where: str, guild_id: int | None
) -> None:
    """Send the commands unless the record says that they are registered, and remove them from their earlier scope.

    where: the API and the application, as in the record. guild_id: register in this server only, at once.
    Raises SettingsError when the bot is not in that server.
    """
    await tree.set_translator(CommandTexts())
    guild = discord.Object(guild_id) if guild_id else None
    if guild:
        tree.copy_global_to(guild=guild)
        for command in tree.get_commands(guild=guild):
            # Only for global commands (Discord's documentation, "Application Command Object").
            command.allowed_contexts = command.allowed_installs = None
    scope = f"{where} {guild.id if guild else EVERYWHERE}"
    if await asyncio.to_thread(record.is_same, scope, _payload(tree, guild)):
        log.info("the commands have not changed")
        return
    synced = await _sync(tree, guild)
    before = await asyncio.to_thread(record.scope)
    if before.startswith(f"{where} ") and before != scope:
        await _remove(tree, before.removeprefix(f"{where} "))
    await asyncio.to_thread(record.keep, scope, _payload(tree, guild))
    log.info("registered %d commands", synced)


async def _sync(tree: app_commands.CommandTree[Any], guild: discord.Object | None) -> int:
    """Register them; returns how many commands there are now."""
    try:
        return len(await tree.sync(guild=guild))
    except discord.Forbidden as error:
        if guild is None:
            raise
        raise SettingsError(
            [f"DEV_GUILD_ID: the bot is not in the server {guild.id}, or without the scope applications.commands"]
        ) from error
    except discord.HTTPException as error:
        if error.status != HTTPStatus.BAD_REQUEST:
            raise
        # Discord does not document whether it takes commands for user install from an application that has it
        # switched off. Servers must not go without commands for that; the next start asks again.
        log.warning("Discord refused the commands; they are registered for servers only (%s)", error)
        _for_servers(tree, guild)
        return len(await tree.sync(guild=guild))


async def _remove(tree: app_commands.CommandTree[Any], scope: str) -> None:
    """Remove the commands from a server, or the global ones, so that they are not shown twice."""
    try:
        if scope == EVERYWHERE:
            # They were copied to the one server that has them from now on.
            tree.clear_commands(guild=None)
            await tree.sync()
        else:
            await tree.sync(guild=discord.Object(int(scope)))
    except discord.HTTPException as error:
        log.warning("the commands could not be removed from where they were before (%s): %s", scope, error)


def _payload(tree: app_commands.CommandTree[Any], guild: discord.Object | None) -> list[dict[str, Any]]:
    """Return the commands, and the translations of their texts, which discord.py would look up for 33 locales each."""
    return [*(command.to_dict(tree) for command in tree.get_commands(guild=guild)), translations()]


def _for_servers(tree: app_commands.CommandTree[Any], guild: discord.Object | None) -> None:
    for command in tree.get_commands(guild=guild):
        command.allowed_installs = app_commands.AppInstallationType(guild=True, user=False)
        command.allowed_contexts = app_commands.AppCommandContext(guild=True, dm_channel=True, private_channel=False)
