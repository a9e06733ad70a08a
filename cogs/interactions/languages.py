"""Languages of what a channel sees: the server's own choice, or else the language that Discord has for it."""

from __future__ import annotations

from contextlib import AbstractContextManager

import discord
from discord import Interaction

from cogs.interactions.permissions import server_of
from dailies.job import Job
from dailies.language import ENGLISH, known, speaking
from dailies.store.server_settings import ServerSettingStore


class ServerLanguages:
    """Looks up the languages of servers."""

    def __init__(self, client: discord.Client, store: ServerSettingStore) -> None:
        self._client = client
        self._store = store

    async def here(self, interaction: Interaction) -> str:
        """Return the language for messages where an interaction took place: the person's own outside of servers that
        the bot is in.
        """
        own = (await self._store.of(server_of(interaction))).language
        return own or discords(interaction)

    async def of(self, guild_id: int) -> str:
        """Return the language for messages in a server now."""
        guild = self._client.get_guild(guild_id)
        own = (await self._store.of(guild_id)).language
        return own or (known(str(guild.preferred_locale)) if guild else ENGLISH)


def discords(interaction: Interaction) -> str:
    """Return the language for messages where an interaction took place, by what Discord says alone."""
    if server_of(interaction) is None:
        return known(str(interaction.locale))
    locale = interaction.guild_locale or (interaction.guild.preferred_locale if interaction.guild else None)
    return known(str(locale) if locale else None)


def telling(job: Job, *, direct: bool = False) -> AbstractContextManager[None]:
    """Speak the language of a job's messages, whatever was spoken before. direct: of those to its requester alone."""
    return speaking(known(job.locale) if direct else job.language)
