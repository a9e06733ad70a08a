"""Putting a video into the answer to a command or a click: originals, and jobs from where the bot is not a member."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from discord import File, Interaction, ui
from discord.utils import MISSING

from cogs.delivery.attachment import opened
from cogs.delivery.message import PriceOf, message_buttons, message_text
from cogs.interactions.discord_errors import upload_errors
from cogs.interactions.text import NOBODY, content
from cogs.status.review import ReviewOf, reviewed, unreviewed
from dailies.delivery.chat import Posted, Upload
from dailies.delivery.request import ResponsePoster
from dailies.errors import ChatUnavailable
from dailies.explain import sentences
from dailies.job import Job
from dailies.language import speaking, spoken
from dailies.retry import retry

TRIES = 2
"""discord.py repeats an edit with a token after any 5xx, but not after a broken connection."""
PAUSE_SECONDS = 1.0
"""Pause before the second try; the person is waiting."""


class VideoResponse:
    """Puts the video into a deferred answer. That is an edit: it stays one message, however often it is sent.

    Further outputs of a job follow in messages of their own, each sent once. done: the answer holds a video, or words.
    seconds: limit of one upload. ephemeral: the answer was deferred so. price: for the message as it is posted
    elsewhere, with its buttons; None: words and file alone. ai_label: that message says that AI made the video.
    """

    def __init__(
        self,
        interaction: Interaction,
        job: Job,
        *,
        seconds: float,
        ephemeral: bool = False,
        price: PriceOf | None = None,
        ai_label: bool = True,
        review: ReviewOf = unreviewed,
    ) -> None:
        self._interaction = interaction
        self._job = job
        self._seconds = seconds
        self._ephemeral = ephemeral
        self._price = price
        self._ai_label = ai_label
        self._review = review
        self.done = False

    @property
    def response_poster(self) -> ResponsePoster:
        """The poster for a DeliveryRequest."""
        return ResponsePoster(self.post, self._interaction.filesize_limit)

    async def post(self, upload: Upload) -> Posted:
        """Put the video into the answer. Raises FileGone, FileTooLarge, NotAllowed, ChatUnavailable."""
        what = f"job {self._job.id}: putting the video into an answer"
        with speaking(spoken() if self._ephemeral else self._job.language):
            if self.done:
                return await self._follow_up(upload)
            return await retry(
                lambda _: self._edit(upload), ChatUnavailable, what=what, tries=TRIES, pause=lambda _, __: PAUSE_SECONDS
            )

    async def _follow_up(self, upload: Upload) -> Posted:
        async with upload_errors(upload, seconds=self._seconds), self._files(upload) as files:
            text, view = await self._message(upload)
            message = await self._interaction.followup.send(
                text,
                files=files,
                ephemeral=self._ephemeral,
                view=view or MISSING,
                allowed_mentions=NOBODY,
                wait=True,
            )
        return Posted(message.id)

    async def _edit(self, upload: Upload) -> Posted:
        async with upload_errors(upload, seconds=self._seconds), self._files(upload) as files:
            text, view = await self._message(upload)
            message = await self._interaction.edit_original_response(
                content=text, attachments=files, view=view, allowed_mentions=NOBODY
            )
        self.done = True
        return Posted(message.id)

    async def _message(self, upload: Upload) -> tuple[str, ui.View | None]:
        """Return the content of the message, and its buttons."""
        if self._price is None:
            return content(sentences(upload.words)), None
        job, number = self._job, upload.number
        text = message_text(job, upload, ai_label=self._ai_label)
        view = message_buttons(job, upload, self._price)
        return reviewed(text, view, job, number, await self._review(job, number))

    @asynccontextmanager
    async def _files(self, upload: Upload) -> AsyncGenerator[list[File]]:
        """Open the upload's file, if it has one."""
        files = [await opened(self._job, upload, upload.file)] if upload.file else []
        try:
            yield files
        finally:
            for file in files:
                file.close()
