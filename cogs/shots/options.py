"""Options of /shots that take a channel."""

from __future__ import annotations

from typing import Any

from discord import AppCommandOptionType, ChannelType, Interaction, app_commands

from cogs.interactions.permissions import POSTABLE


class ForumOption(app_commands.Transformer):
    """An option that takes a forum channel, also one that the bot cannot see: the answer says so."""

    @property
    def type(self) -> AppCommandOptionType:
        """Return the kind of option."""
        return AppCommandOptionType.channel

    @property
    def channel_types(self) -> list[ChannelType]:
        """Return the kinds of channels that Discord offers."""
        return [ChannelType.forum]

    async def transform(self, interaction: Interaction, value: Any, /) -> Any:  # noqa: ANN401 (as discord.py has it)
        """Return the channel as Discord sent it."""
        del interaction
        return value


class ApprovedOption(ForumOption):
    """An option that takes a channel for approved videos."""

    @property
    def channel_types(self) -> list[ChannelType]:
        """Return the kinds of channels that Discord offers."""
        return POSTABLE
