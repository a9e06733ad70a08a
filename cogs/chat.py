"""Discord as the chat platform of a job: its status message and its video."""

from __future__ import annotations

import asyncio
import io
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any

import aiohttp
import discord

from cogs.pace import Pace
from cogs.ui.status import THUMBNAILS, status_view
from dailies.delivery.chat import Chat
from dailies.errors import ChatUnavailable, FileTooLarge, NotAllowed
from dailies.jobs.job import Job

log = logging.getLogger(__name__)

FINAL_TRIES = 5
"""Edits that are tried for the last state of a job; earlier ones are overtaken by the next poll."""
TOO_LARGE = 40005
"""Discord's code for a request entity that is too large."""
SEARCHED = 500
"""Messages after the status that are looked through for a video of an earlier try."""

BROKEN = (aiohttp.ClientError, OSError, TimeoutError, discord.DiscordServerError, discord.RateLimited)
"""What Discord's side or the network does wrong; another try may help. discord.py retries only 500, 502 and 504."""


class DiscordChat(Chat):
    """Edits and posts by channel and message id with the bot's token, which outlives the interaction's 15 minutes.

    status_seconds, upload_seconds: limits of one edit and of one upload.
    """

    def __init__(
        self,
        client: discord.Client,
        *,
        status_seconds: float,
        upload_seconds: float,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._client = client
        self._status_seconds = status_seconds
        self._upload_seconds = upload_seconds
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
                async with asyncio.timeout(self._status_seconds):
                    await self._edit(job)
            except BROKEN as error:
                log.warning("job %s: the status could not be edited: %s", job.id, type(error).__name__)
            except discord.HTTPException as error:
                # Deleted, no access: said once in the log, the job goes on.
                log.warning("job %s: Discord refused the status: %s", job.id, _reason(error))
                if error.status != HTTPStatus.TOO_MANY_REQUESTS:
                    return True
            else:
                return True
        return False

    async def post(self, job: Job, *, again: bool) -> int:
        """See Chat. The nonce makes Discord return the first message to a second try."""
        return await self._post(job, f"<@{job.place.requester_id}> Your video is ready.", job.id, search=again)

    async def repost(self, job: Job, nonce: str) -> int:
        """Post the video as one more message; returns its id. nonce: the same one makes one message.

        Raises FileTooLarge, NotAllowed, ChatUnavailable.
        """
        return await self._post(job, f"<@{job.place.requester_id}> Your video, posted again.", nonce, search=False)

    async def _post(self, job: Job, words: str, nonce: str, *, search: bool) -> int:
        channel = self._channel(job)
        if not await asyncio.to_thread(_file(job).is_file):
            raise NotAllowed("its file is gone from the bot's disk")
        try:
            async with asyncio.timeout(self._upload_seconds):
                if search and (found := await self._find(job, channel)):
                    return found
                return await self._send(job, channel, words, nonce)
        except BROKEN as error:
            raise ChatUnavailable(type(error).__name__) from error
        except discord.HTTPException as error:
            if error.status == HTTPStatus.TOO_MANY_REQUESTS:
                raise ChatUnavailable(_reason(error)) from error
            if error.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE or error.code == TOO_LARGE:
                raise FileTooLarge((await asyncio.to_thread(_file(job).stat)).st_size) from error
            raise NotAllowed(_reason(error)) from error

    def _channel(self, job: Job) -> discord.PartialMessageable:
        return self._client.get_partial_messageable(job.place.channel_id, guild_id=job.place.guild_id)

    async def _edit(self, job: Job) -> None:
        status = job.place.status_message_id or await self._find_status(job)
        if status is None:
            return
        message = self._channel(job).get_partial_message(status)
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

    async def _send(self, job: Job, channel: discord.PartialMessageable, words: str, nonce: str) -> int:
        requester = discord.Object(job.place.requester_id)
        mentions = discord.AllowedMentions(everyone=False, roles=False, users=[requester], replied_user=False)
        # A File serves one request, so each try makes its own; it streams from disk.
        file = await asyncio.to_thread(discord.File, _file(job), filename=f"{job.id}.mp4")
        try:
            message = await channel.send(
                words,
                file=file,
                nonce=nonce,
                allowed_mentions=mentions,
                **_reply(job),
            )
        finally:
            file.close()
        return message.id

    async def _find_status(self, job: Job) -> int | None:
        """The status of a job whose process ended between Discord's answer and the record of the message's id."""
        asked = discord.utils.time_snowflake(datetime.fromtimestamp(job.created_at - 60, UTC))
        async for message in self._channel(job).history(limit=SEARCHED, after=discord.Object(asked)):
            if message.interaction_metadata is not None and str(message.interaction_metadata.id) == job.key:
                return message.id
        return None

    async def _find(self, job: Job, channel: discord.PartialMessageable) -> int | None:
        after = discord.Object(job.place.status_message_id) if job.place.status_message_id else None
        async for message in channel.history(limit=SEARCHED, after=after):
            own = self._client.user is not None and message.author.id == self._client.user.id
            if own and any(attachment.filename == f"{job.id}.mp4" for attachment in message.attachments):
                return message.id
        return None


def _reply(job: Job) -> dict[str, Any]:
    """A reply to the status, where its message is known."""
    if job.place.status_message_id is None:
        return {}
    reference = discord.MessageReference(
        message_id=job.place.status_message_id,
        channel_id=job.place.channel_id,
        guild_id=job.place.guild_id,
        fail_if_not_exists=False,  # a status that was deleted must not keep the video back
    )
    return {"reference": reference}


def _file(job: Job) -> Path:
    if job.file is None:
        raise RuntimeError(f"job {job.id} is {job.state} without a file")
    return job.file


def _gallery_links(message: discord.Message) -> list[str]:
    """Discord's own links of the pictures in a status: files that a layout shows are not listed as attachments."""
    containers = [part for part in message.components if isinstance(part, discord.Container)]
    galleries = [part for one in containers for part in one.children if isinstance(part, discord.MediaGalleryComponent)]
    return [item.media.url for gallery in galleries for item in gallery.items]


def _thumbnail_files(job: Job) -> list[discord.File]:
    """Thumbnails to upload; none when one is gone from the disk, because a status without pictures is still true."""
    try:
        return [
            discord.File(io.BytesIO(reference.thumbnail.read_bytes()), filename=f"reference-{number}.jpg")
            for number, reference in enumerate(job.references[:THUMBNAILS], start=1)
        ]
    except OSError as error:
        log.warning("job %s: a thumbnail cannot be read (%s)", job.id, error.strerror)
        return []


_REASONS = {
    10003: "the channel is gone",
    10008: "the status message is gone",
    50001: "the bot cannot see the channel",
    50013: "the bot lacks a permission there: it needs Send Messages, Attach Files and Read Message History",
    50083: "the thread is archived",
    30046: "the message is over an hour old and was edited too often",
}


def _reason(error: discord.HTTPException) -> str:
    """Discord's refusal in our words; its own text is not repeated, since it may hold what was sent."""
    return _REASONS.get(error.code, f"Discord answered HTTP {error.status}, code {error.code}")
