"""Putting a video into the answer to a command or a click: originals, and jobs from where the bot is not a member."""

from __future__ import annotations

from discord import Interaction

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

    done: the answer holds the video. seconds: limit of one upload.
    """

    def __init__(self, interaction: Interaction, job: Job, *, seconds: float) -> None:
        self._interaction = interaction
        self._job = job
        self._seconds = seconds
        self.done = False

    @property
    def response_poster(self) -> ResponsePoster:
        """The poster for a DeliveryRequest."""
        return ResponsePoster(self.post, self._interaction.filesize_limit)

    async def post(self, upload: Upload) -> Posted:
        """Put the video into the answer. Raises FileGone, FileTooLarge, NotAllowed, ChatUnavailable."""
        what = f"job {self._job.id}: putting the video into an answer"
        return await retry(
            lambda _: self._edit(upload), ChatUnavailable, what=what, tries=TRIES, pause=lambda _, __: PAUSE_SECONDS
        )

    async def _edit(self, upload: Upload) -> Posted:
        async with upload_errors(upload, seconds=self._seconds):
            files = [await opened(self._job, upload, upload.file)] if upload.file else []
            try:
                message = await self._interaction.edit_original_response(
                    content=content(sentences(upload.words)), attachments=files, allowed_mentions=NOBODY
                )
            finally:
                for file in files:
                    file.close()
        self.done = True
        return Posted(message.id)
