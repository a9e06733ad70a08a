"""The way in which a click tells what was said: in the message that was clicked in, if it is the video's own."""

from __future__ import annotations

import logging
from typing import Any

import discord
from discord import Interaction

from cogs.delivery.reviewed import ReviewMessages, reply_mentions, reply_of, shown_state
from cogs.interactions.discord_errors import BROKEN, reason
from cogs.interactions.text import NOBODY
from cogs.status.message import video_shown
from dailies.delivery.reviewed import Telling
from dailies.errors import NotAllowed
from dailies.job import Job
from dailies.reason import Reason, ReasonCode
from dailies.review import Decision

log = logging.getLogger(__name__)


class ClickTelling(Telling):
    """Tells with a deferred click's own update, and with the bot's token elsewhere. number: of the output."""

    def __init__(self, interaction: Interaction, job: Job, number: int, chat: ReviewMessages) -> None:
        self._interaction = interaction
        self._chat = chat
        message = interaction.message
        own = message is not None and not message.flags.ephemeral and video_shown(message) == (job.id, number)
        self.message = message if own else None
        """The video's own message, if that was clicked in."""

    async def show(self, job: Job, decision: Decision, *, but: int | None = None) -> bool:
        if self.message is None or not await self._updated(self.message, job, decision):
            return await self._chat.show(job, decision, but=but)
        return await self._chat.show(job, decision, but=self.message.id)

    async def reply(self, job: Job, decision: Decision, *, search: bool) -> int:
        if not job.place.token_only:
            return await self._chat.reply(job, decision, search=search)
        # Where the bot is no member, only the click's token reaches the channel.
        text, view = reply_of(job, decision)
        sent: dict[str, Any] = {"view": view, "allowed_mentions": reply_mentions(job, decision)}
        try:
            return (await self._interaction.followup.send(text, wait=True, **sent)).id
        except (*BROKEN, discord.HTTPException) as error:
            unreached = Reason(ReasonCode.TIME_OVER_UNREACHED)
            raise NotAllowed(reason(error) if isinstance(error, discord.HTTPException) else unreached) from error

    async def _updated(self, message: discord.Message, job: Job, decision: Decision) -> bool:
        text, view = shown_state(message, job, decision)
        try:
            await self._interaction.edit_original_response(content=text, view=view, allowed_mentions=NOBODY)
        except (*BROKEN, discord.HTTPException) as error:
            log.warning("job %s: its message could not be updated by the click: %s", job.id, type(error).__name__)
            return False
        return True
