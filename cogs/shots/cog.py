"""/shots: the wall of takes, the forum with a post for each shot, and the channel for approved videos."""

from __future__ import annotations

import discord
from discord import Interaction, app_commands
from discord.app_commands import AppCommandChannel, Choice
from discord.ext import commands

from cogs.shots.approved import ApprovedChannels
from cogs.shots.forum import ShotForums
from cogs.shots.options import ApprovedOption, ForumOption
from cogs.shots.wall import WallHandlers
from dailies.shot import SHOT_NAME_MOST

ShotName = app_commands.Range[str, 1, SHOT_NAME_MOST]


@app_commands.allowed_installs(guilds=True, users=True)
@app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
class ShotCommands(
    commands.GroupCog, group_name="shots", group_description="The shots of this channel and their takes"
):
    """The group /shots."""

    def __init__(
        self, wall_handlers: WallHandlers, shot_forums: ShotForums, approved_channels: ApprovedChannels
    ) -> None:
        self._wall_handlers = wall_handlers
        self._shot_forums = shot_forums
        self._approved_channels = approved_channels

    @app_commands.command(description="See the takes of this channel side by side, newest first; just for you")
    @app_commands.describe(shot="Only takes of this shot", person="Only takes that this person requested")
    async def wall(
        self, interaction: Interaction, shot: ShotName | None = None, person: discord.User | None = None
    ) -> None:
        await self._wall_handlers.open(interaction, shot, person and person.id)

    @wall.autocomplete("shot")
    async def complete_shot(self, interaction: Interaction, current: str) -> list[Choice[str]]:
        """Suggest this channel's shots."""
        return await self._wall_handlers.complete(interaction, current)

    @app_commands.command(description="Give each shot of this channel a forum post with its takes, or stop that")
    @app_commands.describe(forum="The forum for the posts; leave it out to see which one is used, and to stop")
    async def forum(
        self, interaction: Interaction, forum: app_commands.Transform[AppCommandChannel, ForumOption] | None = None
    ) -> None:
        await self._shot_forums.choose(interaction, forum and forum.id)

    @app_commands.command(description="Post this server's approved videos in a channel, or stop that")
    @app_commands.describe(channel="The channel for them; leave it out to see which one is used, and to stop")
    async def approved(
        self,
        interaction: Interaction,
        channel: app_commands.Transform[AppCommandChannel, ApprovedOption] | None = None,
    ) -> None:
        await self._approved_channels.choose(interaction, channel and channel.id)
