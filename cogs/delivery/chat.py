"""Chat on Discord: the status messages and videos of jobs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import discord

from cogs.delivery.follow_up import FollowUps
from cogs.delivery.post import Poster
from cogs.interactions.tokens import Tokens
from cogs.status.editor import Moved, StatusEditor, UsualOf
from dailies.delivery.chat import Chat, Posted, Upload
from dailies.delivery.limits import ClaimedLimits
from dailies.job import Job


class DiscordChat(Chat):
    """Implements Chat. status_seconds, upload_seconds: limits of one status edit and of one upload."""

    def __init__(
        self, client: discord.Client, *, status_seconds: float, upload_seconds: float, usual: UsualOf, moved: Moved
    ) -> None:
        self.tokens = Tokens()
        self._editor = StatusEditor(client, self.tokens, seconds=status_seconds, usual=usual, moved=moved)
        self._poster = Poster(client, seconds=upload_seconds)
        self._follow_ups = FollowUps(client, self.tokens, seconds=upload_seconds)

    async def show(self, job: Job) -> bool:
        return await self._editor.show(job)

    async def drain(self, seconds: float) -> None:
        await self._editor.drain(seconds)

    async def close(self) -> None:
        """Stop editing status messages."""
        await self._editor.close()

    def claims(self, job: Job) -> ClaimedLimits:
        return self._poster.claims(job)

    async def post(self, job: Job, upload: Upload, *, again: bool) -> Posted:
        return await self._poster.post(self._editor.placed(job), upload, again=again)

    async def follow_up(self, job: Job, upload: Upload, begun: Callable[[], Awaitable[None]]) -> Posted:
        return await self._follow_ups.post(job, upload, begun)

    async def find(self, job: Job, *, direct: bool) -> Posted | None:
        return await self._poster.find(job, direct=direct)
