"""/shots forum: the forum in which each shot of a channel has a post. Who manages the server chooses it.

What the bot and others may do there is checked again with each take (cogs/delivery/forum_checks.py).
"""

from __future__ import annotations

import logging
import time

import discord
from discord import Interaction, ui

from cogs.delivery.forum_checks import lacking, needs_tag, settable, takes_tags, too_open
from cogs.interactions.answers import show
from cogs.interactions.buttons import CustomId
from cogs.interactions.in_time import in_time
from cogs.interactions.permissions import age_restricted, manages, server_of
from cogs.interactions.responses import defer, finish, refuse
from cogs.interactions.text import words_view
from cogs.video.shots import Shots
from dailies.errors import RefusedError
from dailies.explain.sentences import listed
from dailies.language import gettext, ngettext
from dailies.reason import Reason, ReasonCode
from dailies.review import ShotState
from dailies.store.shot_forums import ShotForumStore

log = logging.getLogger(__name__)

STOP = CustomId("shots:forum:stop:{channel_id}", channel_id="[0-9]{1,20}")
"""Stops giving the shots of a channel posts."""


class ShotForums:
    """Answers /shots forum and its button. look_seconds: limit of an answer's wait for the database."""

    def __init__(self, store: ShotForumStore, shots: Shots, *, look_seconds: float) -> None:
        self._store = store
        self._shots = shots
        self._seconds = look_seconds

    async def choose(self, interaction: Interaction, forum_id: int | None) -> None:
        """Use a forum for the shots of this channel. forum_id: None: say which one is used."""
        try:
            guild_id = _server(interaction)
            channel_id = (await self._shots.home(interaction)).channel_id
            if forum_id is None:
                await self._tell(interaction, channel_id)
                return
            forum = _usable(interaction, channel_id, forum_id)
        except RefusedError as error:
            await refuse(interaction, error)
            return
        await defer(interaction)
        await self._store.use(channel_id, guild_id, forum.id, interaction.user.id, time.time())
        log.info("user %s: the shots of channel %s have forum %s", interaction.user.id, channel_id, forum.id)
        await finish(interaction, _chosen(channel_id, forum))

    @STOP.handles
    async def stop(self, interaction: Interaction, channel_id: str) -> None:
        """Give the shots of a channel no posts any more."""
        try:
            _server(interaction)
            home = (await self._shots.home(interaction)).channel_id
            if home != int(channel_id):
                raise RefusedError(ReasonCode.OTHER_SERVER)  # noqa: TRY301
        except RefusedError as error:
            await refuse(interaction, error)
            return
        await interaction.response.defer()
        await self._store.leave(home)
        log.info("user %s: the shots of channel %s have no forum", interaction.user.id, home)
        said = gettext(
            "From now on, takes of {channel} are posted where they're requested. The posts stay as they are.",
            channel=f"<#{home}>",
        )
        await interaction.edit_original_response(view=words_view(said))

    async def _tell(self, interaction: Interaction, channel_id: int) -> None:
        forum_id = await in_time(interaction, self._store.of_channel(channel_id), self._seconds)
        if forum_id is None:
            said = gettext(
                "The shots of {channel} have no forum. Run this command with one to give each shot a post.",
                channel=f"<#{channel_id}>",
            )
            await show(interaction, words_view(said), ())
            return
        said = gettext(
            "Each shot of {channel} has a post in {forum}, where its takes are posted.",
            channel=f"<#{channel_id}>",
            forum=f"<#{forum_id}>",
        )
        view = words_view(said)
        row: ui.ActionRow[ui.LayoutView] = ui.ActionRow()
        row.add_item(STOP.button(gettext("Stop using the forum"), channel_id=channel_id))
        await show(interaction, view.add_item(row), ())


def _server(interaction: Interaction) -> int:
    """Return the server in which the person may choose a forum. Raises RefusedError."""
    guild_id = server_of(interaction)
    if guild_id is None:
        raise RefusedError(ReasonCode.FORUM_ELSEWHERE)
    if not manages(interaction):
        raise RefusedError(ReasonCode.FORUM_MANAGERS_ONLY)
    return guild_id


def _usable(interaction: Interaction, channel_id: int, forum_id: int) -> discord.ForumChannel:
    """Return a forum that can be used for the shots of a channel. Raises RefusedError."""
    guild, member = interaction.guild, interaction.user
    forum = guild.get_channel(forum_id) if guild else None
    if not isinstance(forum, discord.ForumChannel) or not isinstance(member, discord.Member):
        raise RefusedError(ReasonCode.FORUM_REFUSED, why=Reason(ReasonCode.FORUM_GONE))
    if not forum.permissions_for(member).view_channel:
        raise RefusedError(ReasonCode.FORUM_REFUSED, why=Reason(ReasonCode.FORUM_GONE))
    channel = forum.guild.get_channel(channel_id)
    why = lacking(forum) or too_open(channel, forum, restricted=age_restricted(channel)) or needs_tag(forum)
    if why:
        raise RefusedError(ReasonCode.FORUM_REFUSED, why=why)
    return forum


def _chosen(channel_id: int, forum: discord.ForumChannel) -> str:
    said = gettext(
        "From its next take on, each shot of {channel} has a post in {forum}, where its takes are posted. Shots that "
        "have a post already keep it.",
        channel=f"<#{channel_id}>",
        forum=f"<#{forum.id}>",
    )
    missing = tuple(str(state) for state in ShotState if not settable(forum, state))
    if not missing or takes_tags(forum):
        return said
    hint = ngettext(
        "Add a tag named {names} to the forum, or give the bot Manage Channels there, so that posts show how their "
        "shots stand.",
        "Add tags named {names} to the forum, or give the bot Manage Channels there, so that posts show how their "
        "shots stand.",
        len(missing),
        names=listed(missing),
    )
    return f"{said}\n-# {hint}"
