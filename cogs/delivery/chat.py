"""Chat on Discord: the status messages and videos of jobs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import discord

from cogs.delivery.follow_up import FollowUps
from cogs.delivery.post import Poster
from cogs.interactions.pause import Pause
from cogs.interactions.tokens import Tokens
from cogs.status.editor import Moved, StatusEditor, UsualOf
from dailies.delivery.chat import Chat, Posted, Upload
from dailies.delivery.limits import ClaimedLimits
from dailies.errors import ChatUnavailable
from dailies.job import Job


class DiscordChat(Chat):
    """Implements Chat. status_seconds, upload_seconds: limits of one status edit and of one upload.

    pause: while it lasts, edits wait, and nothing is posted.
    """

    def __init__(
        self,
        client: discord.Client,
        *,
        status_seconds: float,
        upload_seconds: float,
        usual: UsualOf,
        moved: Moved,
        pause: Pause,
    ) -> None:
        self.tokens = Tokens()
        self._pause = pause
        self._editor = StatusEditor(client, self.tokens, seconds=status_seconds, usual=usual, moved=moved, pause=pause)
        self._poster = Poster(client, seconds=upload_seconds)
        self._follow_ups = FollowUps(client, self.tokens, seconds=upload_seconds, pause=pause)

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
        self._check_pause()
        return await self._poster.post(self._editor.placed(job), upload, again=again)

    async def follow_up(self, job: Job, upload: Upload, begun: Callable[[], Awaitable[None]]) -> Posted:
        self._check_pause()
        return await self._follow_ups.post(job, upload, begun)

    async def find(self, job: Job, *, direct: bool, number: int = 1) -> Posted | None:
        return await self._poster.find(job, direct=direct, number=number)

    def _check_pause(self) -> None:
        """Raise ChatUnavailable while nothing may be written."""
        if left := self._pause.left:
            raise ChatUnavailable(f"paused for {left:.0f} s")
