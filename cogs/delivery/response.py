"""Putting a video into the answer to a command or a click: originals, and jobs from where the bot is not a member."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from discord import File, Interaction

from cogs.delivery.attachment import opened
from cogs.interactions.discord_errors import upload_errors
from cogs.interactions.text import NOBODY, content
from dailies.delivery.chat import Posted, Upload
from dailies.delivery.courier import ResponsePoster
from dailies.errors import ChatUnavailable
from dailies.explain import sentences
from dailies.job import Job
from dailies.retry import retry

TRIES = 2
"""discord.py repeats an edit with a token after any 5xx, but not after a broken connection."""
PAUSE_SECONDS = 1.0
"""Pause before the second try; the person is waiting."""


class VideoResponse:
    """Puts the video into a deferred answer. That is an edit: it stays one message, however often it is sent.

    Further outputs of a job follow in messages of their own, each sent once. done: the answer holds a video, or words.
    seconds: limit of one upload. ephemeral: the answer was deferred so.
    """

    def __init__(self, interaction: Interaction, job: Job, *, seconds: float, ephemeral: bool = False) -> None:
        self._interaction = interaction
        self._job = job
        self._seconds = seconds
        self._ephemeral = ephemeral
        self.done = False

    @property
    def response_poster(self) -> ResponsePoster:
        """The poster for a DeliveryRequest."""
        return ResponsePoster(self.post, self._interaction.filesize_limit)

    async def post(self, upload: Upload) -> Posted:
        """Put the video into the answer. Raises FileGone, FileTooLarge, NotAllowed, ChatUnavailable."""
        if self.done:
            return await self._follow_up(upload)
        what = f"job {self._job.id}: putting the video into an answer"
        return await retry(
            lambda _: self._edit(upload), ChatUnavailable, what=what, tries=TRIES, pause=lambda _, __: PAUSE_SECONDS
        )

    async def _follow_up(self, upload: Upload) -> Posted:
        async with upload_errors(upload, seconds=self._seconds), self._files(upload) as files:
            message = await self._interaction.followup.send(
                content(sentences(upload.words)),
                files=files,
                ephemeral=self._ephemeral,
                allowed_mentions=NOBODY,
                wait=True,
            )
        return Posted(message.id)

    async def _edit(self, upload: Upload) -> Posted:
        async with upload_errors(upload, seconds=self._seconds), self._files(upload) as files:
            message = await self._interaction.edit_original_response(
                content=content(sentences(upload.words)), attachments=files, allowed_mentions=NOBODY
            )
        self.done = True
        return Posted(message.id)

    @asynccontextmanager
    async def _files(self, upload: Upload) -> AsyncGenerator[list[File]]:
        """Open the upload's file, if it has one."""
        files = [await opened(self._job, upload, upload.file)] if upload.file else []
        try:
            yield files
        finally:
            for file in files:
                file.close()
