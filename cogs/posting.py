"""Posting a finished video: once, and as a reply to the status."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from pathlib import Path
from typing import Any

import discord

from cogs.trouble import BROKEN, TOO_LARGE, reason
from dailies.errors import ChatUnavailable, FileTooLarge, NotAllowed
from dailies.jobs.job import Job

SEARCHED = 500
"""Messages after the status that are looked through for a video of an earlier try."""


class Poster:
    """Posts by channel id with the bot's token. seconds: limit of one upload."""

    def __init__(self, client: discord.Client, *, seconds: float) -> None:
        self._client = client
        self._seconds = seconds

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
            async with asyncio.timeout(self._seconds):
                if search and (found := await self._find(job, channel)):
                    return found
                return await self._send(job, channel, words, nonce)
        except BROKEN as error:
            raise ChatUnavailable(type(error).__name__) from error
        except discord.HTTPException as error:
            if error.status == HTTPStatus.TOO_MANY_REQUESTS:
                raise ChatUnavailable(reason(error)) from error
            if error.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE or error.code == TOO_LARGE:
                raise FileTooLarge((await asyncio.to_thread(_file(job).stat)).st_size) from error
            raise NotAllowed(reason(error)) from error

    def _channel(self, job: Job) -> discord.PartialMessageable:
        return self._client.get_partial_messageable(job.place.channel_id, guild_id=job.place.guild_id)

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
