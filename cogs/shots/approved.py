"""/shots approved: the channel to which a server's approved videos go. It is one of the server's settings."""

from __future__ import annotations

import logging

from discord import Interaction, ui

from cogs.interactions.answers import show
from cogs.interactions.buttons import CustomId
from cogs.interactions.in_time import in_time
from cogs.interactions.permissions import check_channel, manages, server_of
from cogs.interactions.responses import defer, finish, refuse
from cogs.interactions.text import words_view
from dailies.errors import RefusedError
from dailies.language import gettext
from dailies.reason import ReasonCode
from dailies.store.server_settings import ServerSettingStore

log = logging.getLogger(__name__)

STOP = CustomId("shots:approved:stop")
"""Sends approved videos nowhere any more. It acts on the server in which it is pressed."""
_NAME = "approved_channel"


class ApprovedChannels:
    """Answers /shots approved and its button. look_seconds: limit of an answer's wait for the database."""

    def __init__(self, servers: ServerSettingStore, *, look_seconds: float) -> None:
        self._servers = servers
        self._seconds = look_seconds

    async def choose(self, interaction: Interaction, channel_id: int | None) -> None:
        """Send approved videos to a channel. channel_id: None: say which one it is."""
        try:
            guild_id = _server(interaction)
            if channel_id is None:
                await self._tell(interaction, guild_id)
                return
            check_channel(interaction, channel_id)
        except RefusedError as error:
            await refuse(interaction, error)
            return
        await defer(interaction)
        await self._change(interaction, guild_id, channel_id)
        said = gettext(
            "From now on, approved videos of this server are posted in {channel}, with how each was made. Approve and "
            "Retake stand below every new video. Reviews are free.",
            channel=f"<#{channel_id}>",
        )
        await finish(interaction, said)

    @STOP.handles
    async def stop(self, interaction: Interaction) -> None:
        """Leave approved videos where they are from now on."""
        try:
            guild_id = _server(interaction)
        except RefusedError as error:
            await refuse(interaction, error)
            return
        await interaction.response.defer()
        await self._change(interaction, guild_id, None)
        said = gettext("Approved videos stay where they are from now on. What was posted stays.")
        await interaction.edit_original_response(view=words_view(said))

    async def _tell(self, interaction: Interaction, guild_id: int) -> None:
        own = (await in_time(interaction, self._servers.of(guild_id), self._seconds)).approved_channel
        if own is None:
            said = gettext(
                "Approved videos of this server stay where they are. Run this command with a channel to change that."
            )
            await show(interaction, words_view(said))
            return
        view = words_view(gettext("Approved videos of this server are posted in {channel}.", channel=f"<#{own}>"))
        row: ui.ActionRow[ui.LayoutView] = ui.ActionRow()
        await show(interaction, view.add_item(row.add_item(STOP.button(gettext("Stop posting them")))))

    async def _change(self, interaction: Interaction, guild_id: int, channel_id: int | None) -> None:
        await self._servers.change(guild_id, _NAME, channel_id, interaction.user.id)
        log.info("user %s: approved videos of guild %s go to %s", interaction.user.id, guild_id, channel_id)


def _server(interaction: Interaction) -> int:
    """Return the server whose settings the person may change here. Raises RefusedError."""
    guild_id = server_of(interaction)
    if guild_id is None:
        raise RefusedError(ReasonCode.SETTINGS_ELSEWHERE)
    if not manages(interaction):
        raise RefusedError(ReasonCode.SETTINGS_MANAGERS_ONLY)
    return guild_id
