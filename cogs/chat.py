"""Discord as the chat platform of a job: its status message and its video."""

from __future__ import annotations

import discord

from cogs.editor import StatusEditor, UsualOf
from cogs.posting import Poster
from cogs.tokens import Tokens
from dailies.delivery.chat import Chat
from dailies.jobs.job import Job


class DiscordChat(Chat):
    """See StatusEditor and Poster. status_seconds, upload_seconds: limits of one edit and of one upload."""

    def __init__(self, client: discord.Client, *, status_seconds: float, upload_seconds: float, usual: UsualOf) -> None:
        self.tokens = Tokens()
        self._editor = StatusEditor(client, self.tokens, seconds=status_seconds, usual=usual)
        self._poster = Poster(client, seconds=upload_seconds)

    async def show(self, job: Job) -> bool:
        """See Chat."""
        return await self._editor.show(job)

    async def settle(self, seconds: float) -> None:
        """See Chat."""
        await self._editor.settle(seconds)

    async def close(self) -> None:
        """Edit nothing more."""
        await self._editor.close()

    async def post(self, job: Job, *, again: bool) -> int:
        """See Chat."""
        return await self._poster.post(job, again=again)

    async def repost(self, job: Job, nonce: str) -> int:
        """See Poster."""
        return await self._poster.repost(job, nonce)
