"""Chat on Discord: the status messages and videos of jobs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import discord

from cogs.delivery.follow_up import FollowUps
from cogs.delivery.forum import DiscordForum
from cogs.delivery.message import PriceOf
from cogs.delivery.post import Poster
from cogs.delivery.result import Results
from cogs.interactions.languages import telling
from cogs.interactions.pause import Pause
from cogs.interactions.tokens import Tokens
from cogs.status.editor import Moved, StatusEditor, TakesOf, UsualOf
from cogs.status.review import ReviewOf, unreviewed
from dailies.comparison import Comparison
from dailies.delivery.chat import Chat, Posted, Upload
from dailies.delivery.limits import ClaimedLimits
from dailies.errors import ChatUnavailable
from dailies.job import Job


class DiscordChat(Chat):
    """Implements Chat. status_seconds, upload_seconds: limits of one status edit and of one upload.

    pause: while it lasts, edits wait, and nothing is posted. price: for the buttons below videos. ai_label: the
    messages with videos say that AI made them. review: what was said about videos.
    """

    def __init__(
        self,
        client: discord.Client,
        *,
        status_seconds: float,
        upload_seconds: float,
        usual: UsualOf,
        moved: Moved,
        takes: TakesOf,
        pause: Pause,
        price: PriceOf,
        vote_seconds: float = 86_400.0,
        ai_label: bool = True,
        review: ReviewOf = unreviewed,
    ) -> None:
        self.tokens = Tokens()
        self.price, self.review = price, review
        self.ai_label = ai_label
        self.forum = DiscordForum(client, seconds=status_seconds, pause=pause)
        self._pause = pause
        self._editor = StatusEditor(
            client, self.tokens, seconds=status_seconds, usual=usual, moved=moved, takes=takes, pause=pause
        )
        self._poster = Poster(
            client,
            seconds=upload_seconds,
            price=price,
            vote_seconds=vote_seconds,
            ai_label=ai_label,
            review=review,
        )
        self._results = Results(client, seconds=status_seconds, price=price, ai_label=ai_label, review=review)
        self._follow_ups = FollowUps(
            client,
            self.tokens,
            seconds=upload_seconds,
            price=price,
            pause=pause,
            ai_label=ai_label,
            review=review,
        )

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
        with telling(job, direct=upload.direct):
            return await self._poster.post(self._editor.placed(job), upload, again=again)

    async def post_together(self, takes: Sequence[Job], paths: Sequence[Path], nonce: str, *, again: bool) -> Posted:
        self._check_pause()
        placed = [self._editor.placed(job) for job in takes]
        with telling(takes[0]):
            return await self._poster.post_together(placed, paths, nonce, again=again)

    async def find_together(self, job: Job) -> Posted | None:
        return await self._poster.find_together(job)

    async def show_result(self, comparison: Comparison, takes: Sequence[Job]) -> bool:
        with telling(takes[0]):
            if self._pause.left or not await self._results.show(comparison, takes):
                return False
        # A job that still runs shows it with its next state.
        ended = [job for job in takes if job.ended and job.told]
        return await self._editor.show(ended[0]) if ended else True

    async def follow_up(self, job: Job, upload: Upload, begun: Callable[[], Awaitable[None]]) -> Posted:
        self._check_pause()
        with telling(job):
            return await self._follow_ups.post(job, upload, begun)

    async def find(self, job: Job, *, direct: bool, channel_id: int | None = None, number: int = 1) -> Posted | None:
        return await self._poster.find(job, direct=direct, channel_id=channel_id, number=number)

    def _check_pause(self) -> None:
        """Raise ChatUnavailable while nothing may be written."""
        if left := self._pause.left:
            raise ChatUnavailable(f"paused for {left:.0f} s")
