"""Registering the commands with Discord, only when they changed since this bot last did."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import discord
from discord import app_commands

from dailies.synced import CommandRecord

log = logging.getLogger(__name__)


async def register(
    tree: app_commands.CommandTree[Any], record: CommandRecord, *, where: str, guild_id: int | None
) -> None:
    """Send the commands unless the record says that they are there.

    where: the API and the application, as the record names them. guild_id: register in this server only, at once.
    """
    guild = discord.Object(guild_id) if guild_id else None
    if guild:
        tree.copy_global_to(guild=guild)
    payload = [command.to_dict(tree) for command in tree.get_commands(guild=guild)]
    scope = f"{where} {guild.id if guild else 'everywhere'}"
    if await asyncio.to_thread(record.is_same, scope, payload):
        log.info("the commands have not changed")
        return
    synced = await tree.sync(guild=guild)
    await asyncio.to_thread(record.keep, scope, payload)
    log.info("registered %d commands", len(synced))
