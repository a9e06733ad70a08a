"""One edit of a status message: its layout, the thumbnails of the references, and its place."""

from __future__ import annotations

import asyncio
import io
import logging
import re
from datetime import UTC, datetime

import discord

from cogs.interactions.text import NOBODY
from cogs.status.buttons import JOB_ID
from cogs.status.gallery import alt_text, pictured
from cogs.status.view import identity, status_view
from dailies.job import Job
from dailies.jobs.durations import Usual
from dailies.references.badge import numbered

log = logging.getLogger(__name__)

VIDEO_FILE = re.compile(rf"(?:^|[_/])({JOB_ID})\.\w+\b")
"""Name of a job's video, also at the end of a link."""
IDENTITY = re.compile(rf"^-# Job ({JOB_ID})\b", re.MULTILINE)
"""The line that every layout about a job has (cogs/status/view.py, identity)."""
SEARCHED = 500
"""Messages after the command that are searched for a status whose id was lost."""


class StatusMessage:
    """The known properties of a status message besides its text: its id, and Discord's links of its thumbnails.

    new_id: of the message that was posted because the first one was deleted.
    """

    __slots__ = ("_found", "_thumbnails", "new_id")

    def __init__(self) -> None:
        self.new_id: int | None = None
        self._found: int | None = None
        self._thumbnails: list[str] = []

    async def edit(
        self, client: discord.Client, job: Job, webhook: discord.Webhook | None, usual: Usual | None
    ) -> None:
        """Make it show the job's state. webhook: of the command's token; without it, the bot's token is used.

        Where only a token reaches it and there is none any more, how the job ended goes to the requester as a direct
        message. Does nothing when the message cannot be found, or not be reached. Raises discord.HTTPException.
        """
        if webhook is None and job.place.token_only:
            if job.ended:
                await tell_directly(client, job)
            return
        message_id = self.new_id or job.place.status_id or self._found
        if message_id is None and not job.place.token_only:
            message_id = self._found = await find_status(client, job)
        if message_id is None:
            return
        target = webhook or _channel(client, job).get_partial_message(message_id)
        if not pictured(job) or (self._thumbnails and not job.ended):
            await _edit(target, message_id, status_view(job, self._thumbnails, usual))
            return
        # Uploaded once while the job runs and shown by Discord's own links after that, so that pictures do not
        # flicker at each check; uploaded once more for the receipt, because those links end after a day.
        view, files = await _with_thumbnails(job, usual)
        self._thumbnails = _gallery_links(await _edit(target, message_id, view, files))

    async def replace(self, client: discord.Client, job: Job, usual: Usual | None) -> int:
        """Post it again, because it was deleted; returns the new message's id. Raises discord.HTTPException.

        Once: one that an earlier process has posted is found by its words, or by its nonce in the first minutes.
        """
        if found := await find_status(client, job):
            self.new_id = found
            await self.edit(client, job, None, usual)
            return found
        view, files = await _with_thumbnails(job, usual)
        nonce = f"{job.id}-status"
        message = await _channel(client, job).send(view=view, files=files, nonce=nonce, allowed_mentions=NOBODY)
        self.new_id, self._thumbnails = message.id, _gallery_links(message)
        return message.id


async def _with_thumbnails(job: Job, usual: Usual | None) -> tuple[discord.ui.LayoutView, list[discord.File]]:
    """Return the layout, and the pictures that are uploaded with it."""
    files = await asyncio.to_thread(_thumbnail_files, job) if pictured(job) else []
    return status_view(job, [f"attachment://{file.filename}" for file in files], usual), files


async def _edit(
    target: discord.Webhook | discord.PartialMessage,
    message_id: int,
    view: discord.ui.LayoutView,
    files: list[discord.File] | None = None,
) -> discord.Message:
    attachments = discord.utils.MISSING if files is None else files
    if isinstance(target, discord.Webhook):
        return await target.edit_message(message_id, view=view, attachments=attachments, allowed_mentions=NOBODY)
    return await target.edit(view=view, attachments=attachments, allowed_mentions=NOBODY)


async def tell_directly(client: discord.Client, job: Job) -> None:
    """Tell the requester alone how a job ended. Raises discord.HTTPException."""
    channel = await client.create_dm(discord.Object(job.place.requester_id))
    view, files = await _with_thumbnails(job, None)
    await channel.send(view=view, files=files, nonce=f"{job.id}-end", allowed_mentions=NOBODY)


async def find_status(client: discord.Client, job: Job) -> int | None:
    """Find the status of a job whose process ended between Discord's answer and the record of the message's id.

    It is recognised by the job's id in its words: it may answer the command, or the click on a question's button.
    """
    asked = discord.utils.time_snowflake(datetime.fromtimestamp(job.created_at - 60, UTC))
    async for message in _channel(client, job).history(limit=SEARCHED, after=discord.Object(asked)):
        own = client.user is not None and message.author.id == client.user.id
        if own and identity(job) in _words(message):
            return message.id
    return None


def _channel(client: discord.Client, job: Job) -> discord.PartialMessageable:
    return client.get_partial_messageable(job.place.channel_id, guild_id=job.place.guild_id)


def job_shown(message: discord.Message) -> str | None:
    """Return the id of the job that a message of the bot is about: its status, or its video; None if there is none.

    A status names it in its last line, below the prompt and names that people chose.
    """
    files = [found[1] for file in message.attachments if (found := VIDEO_FILE.search(file.filename))]
    named = IDENTITY.findall(_words(message)) or files or VIDEO_FILE.findall(message.content)
    return named[-1] if named else None


def _words(message: discord.Message) -> str:
    containers = [part for part in message.components if isinstance(part, discord.Container)]
    parts = [part for one in containers for part in one.children]
    return "\n".join(part.content for part in parts if isinstance(part, discord.TextDisplay))


def _gallery_links(message: discord.Message) -> list[str]:
    """Return Discord's own links of a status's pictures: files that a layout shows are not listed as attachments."""
    containers = [part for part in message.components if isinstance(part, discord.Container)]
    galleries = [part for one in containers for part in one.children if isinstance(part, discord.MediaGalleryComponent)]
    return [item.media.url for gallery in galleries for item in gallery.items]


def _thumbnail_files(job: Job) -> list[discord.File]:
    """Return thumbnails to upload; none if one is missing on the disk, as a status without pictures is still true."""
    try:
        return [
            discord.File(
                io.BytesIO(numbered(reference.thumbnail.read_bytes(), number)),
                filename=f"reference-{number}.jpg",
                description=alt_text(number, reference),
            )
            for number, reference in pictured(job)
        ]
    except OSError as error:
        log.warning("job %s: a thumbnail cannot be read (%s)", job.id, error.strerror)
        return []
