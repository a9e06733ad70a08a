"""The status message of a job: edited as the job goes on."""

from __future__ import annotations

import asyncio
import io
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from http import HTTPStatus

import discord

from cogs.pace import Pace
from cogs.trouble import BROKEN, reason
from cogs.ui.status import THUMBNAILS, identity, status_view
from dailies.jobs.job import Job
from dailies.references.badge import numbered

log = logging.getLogger(__name__)

FINAL_TRIES = 5
"""Edits that are tried for the last state of a job; earlier ones are overtaken by the next poll."""
SEARCHED = 500
"""Messages after the command that are looked through for a status whose id was lost."""


class StatusEditor:
    """Edits by channel and message id with the bot's token, which outlives the interaction's 15 minutes.

    seconds: limit of one edit.
    """

    def __init__(
        self,
        client: discord.Client,
        *,
        seconds: float,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._client = client
        self._seconds = seconds
        self._sleep = sleep
        self._thumbnails: dict[str, list[str]] = {}
        self._pace = Pace()

    async def show(self, job: Job) -> bool:
        """See Chat. Only the last state is worth several tries."""
        told = await self._show(job)
        if job.ended:
            self._thumbnails.pop(job.id, None)
        return told

    async def _show(self, job: Job) -> bool:
        if not job.ended and not self._pace.room(job.place.channel_id):
            return False  # overtaken by the next check
        for attempt in range(FINAL_TRIES if job.ended else 1):
            if attempt:
                await self._sleep(2.0**attempt)
            try:
                async with asyncio.timeout(self._seconds):
                    await self._edit(job)
            except BROKEN as error:
                log.warning("job %s: the status could not be edited: %s", job.id, type(error).__name__)
            except discord.HTTPException as error:
                # Deleted, no access: said once in the log, the job goes on.
                log.warning("job %s: Discord refused the status: %s", job.id, reason(error))
                if error.status != HTTPStatus.TOO_MANY_REQUESTS:
                    return True
            else:
                return True
        return False

    async def _edit(self, job: Job) -> None:
        status = job.place.status_message_id or await self._find_status(job)
        if status is None:
            return
        message = _channel(self._client, job).get_partial_message(status)
        known = self._thumbnails.get(job.id)
        none = discord.AllowedMentions.none()
        if not job.references or (known and not job.ended):
            await message.edit(view=status_view(job, known or []), allowed_mentions=none)
            return
        # Uploaded once while the job runs and shown by Discord's own links after that, so that pictures do not
        # flicker at each check; uploaded once more for the receipt, because those links end after a day.
        files = await asyncio.to_thread(_thumbnail_files, job)
        view = status_view(job, [f"attachment://{file.filename}" for file in files])
        edited = await message.edit(view=view, attachments=files, allowed_mentions=none)
        self._thumbnails[job.id] = _gallery_links(edited)

    async def _find_status(self, job: Job) -> int | None:
        """The status of a job whose process ended between Discord's answer and the record of the message's id.

        Known by the job's id in its words: it may answer the command, or the click on a question's button.
        """
        asked = discord.utils.time_snowflake(datetime.fromtimestamp(job.created_at - 60, UTC))
        async for message in _channel(self._client, job).history(limit=SEARCHED, after=discord.Object(asked)):
            own = self._client.user is not None and message.author.id == self._client.user.id
            if own and identity(job) in _words(message):
                return message.id
        return None


def _channel(client: discord.Client, job: Job) -> discord.PartialMessageable:
    return client.get_partial_messageable(job.place.channel_id, guild_id=job.place.guild_id)


def _words(message: discord.Message) -> str:
    containers = [part for part in message.components if isinstance(part, discord.Container)]
    parts = [part for one in containers for part in one.children]
    return "\n".join(part.content for part in parts if isinstance(part, discord.TextDisplay))


def _gallery_links(message: discord.Message) -> list[str]:
    """Discord's own links of the pictures in a status: files that a layout shows are not listed as attachments."""
    containers = [part for part in message.components if isinstance(part, discord.Container)]
    galleries = [part for one in containers for part in one.children if isinstance(part, discord.MediaGalleryComponent)]
    return [item.media.url for gallery in galleries for item in gallery.items]


def _thumbnail_files(job: Job) -> list[discord.File]:
    """Thumbnails to upload; none when one is gone from the disk, because a status without pictures is still true."""
    try:
        return [
            discord.File(
                io.BytesIO(numbered(reference.thumbnail.read_bytes(), number)), filename=f"reference-{number}.jpg"
            )
            for number, reference in enumerate(job.references[:THUMBNAILS], start=1)
        ]
    except OSError as error:
        log.warning("job %s: a thumbnail cannot be read (%s)", job.id, error.strerror)
        return []
