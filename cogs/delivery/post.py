"""Posting a finished video once, as a reply to the status or as a direct message to the requester."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from functools import partial
from typing import Any

import discord

from cogs.delivery.attachment import is_named_after, opened
from cogs.interactions.discord_errors import NO_REPLY, missing, reason, upload_errors
from cogs.interactions.permissions import age_restricted
from cogs.interactions.text import content
from dailies.delivery.chat import Posted, Upload
from dailies.delivery.limits import ClaimedLimits
from dailies.errors import NotAllowed
from dailies.explain import sentences
from dailies.job import Job
from dailies.reason import Reason, ReasonCode

Place = discord.PartialMessageable | discord.DMChannel


class Poster:
    """Posts with the bot's token; implements part of Chat. seconds: limit of one upload."""

    def __init__(self, client: discord.Client, *, seconds: float) -> None:
        self._client = client
        self._seconds = seconds

    def claims(self, job: Job) -> ClaimedLimits:
        """Return the server's limit, by discord.py's possibly outdated table of boost levels, and the requester's."""
        guild = self._client.get_guild(job.place.guild_id) if job.place.guild_id else None
        return ClaimedLimits(guild.filesize_limit if guild else None, job.upload_limit)

    async def post(self, job: Job, upload: Upload, *, again: bool) -> Posted:
        """Post the video; for a second try with the same nonce Discord returns the first message."""
        async with self._upload_errors(job, upload):
            place = await self._place(job, direct=upload.direct)
            if again and (found := await self._find(job, place, upload.number)):
                return _posted(found, place, direct=upload.direct)
            if not upload.direct:
                self._check_age(job)
            return _posted(await self._send(job, place, upload), place, direct=upload.direct)

    async def find(self, job: Job, *, direct: bool, number: int = 1) -> Posted | None:
        async with self._upload_errors(job, Upload((), job.id, direct=direct)):
            place = await self._place(job, direct=direct)
            found = await self._find(job, place, number)
        return _posted(found, place, direct=direct) if found else None

    def _check_age(self, job: Job) -> None:
        """Check that a channel which must be age-restricted still is. Raises NotAllowed."""
        channel = self._client.get_channel(job.place.channel_id)
        if job.age_restricted and channel is not None and not age_restricted(channel):
            raise NotAllowed(Reason(ReasonCode.AGE_RESTRICTION_GONE))

    def _upload_errors(self, job: Job, upload: Upload) -> AbstractAsyncContextManager[None]:
        """Translate Discord's failures into domain errors; in the job's channel they name the missing permissions."""
        why = reason if upload.direct else partial(missing, self._client, job)
        return upload_errors(upload, seconds=self._seconds, why=why)

    async def _place(self, job: Job, *, direct: bool) -> Place:
        if direct:
            return await self._client.create_dm(discord.Object(job.place.requester_id))
        return self._client.get_partial_messageable(job.place.channel_id, guild_id=job.place.guild_id)

    async def _send(self, job: Job, place: Place, upload: Upload) -> int:
        reply = {} if upload.direct else _reply(job)
        try:
            return await self._send_once(job, place, upload, reply)
        except discord.HTTPException as error:
            if error.code not in NO_REPLY or not reply:
                raise
            return await self._send_once(job, place, upload, {})

    async def _send_once(self, job: Job, place: Place, upload: Upload, reply: dict[str, Any]) -> int:
        requester = discord.Object(job.place.requester_id)
        mentions = discord.AllowedMentions(everyone=False, roles=False, users=[requester], replied_user=False)
        words = content(f"<@{job.place.requester_id}> {sentences(upload.words)}")
        if upload.file is None:
            return (await place.send(words, nonce=upload.nonce, allowed_mentions=mentions, **reply)).id
        file = await opened(job, upload, upload.file)
        try:
            message = await place.send(words, file=file, nonce=upload.nonce, allowed_mentions=mentions, **reply)
        finally:
            file.close()
        return message.id

    async def _find(self, job: Job, place: Place, number: int) -> int | None:
        asked = datetime.fromtimestamp(job.created_at - 60, UTC)
        after = discord.Object(job.place.status_message_id) if job.place.status_message_id else asked
        # No limit on messages: a skipped one may hold the video. The limit of an upload's seconds applies.
        async for message in place.history(limit=None, after=after):
            own = self._client.user is not None and message.author.id == self._client.user.id
            # A link to the bot's own server ends with the name too.
            names = (message.content, *(file.filename for file in message.attachments))
            if own and any(is_named_after(name, job, number) for name in names):
                return message.id
        return None


def _posted(message_id: int, place: Place, *, direct: bool) -> Posted:
    return Posted(message_id, place.id if direct else None)


def _reply(job: Job) -> dict[str, Any]:
    """Return the arguments that make a message a reply to the status, if its message is known."""
    if job.place.status_id is None:
        return {}
    reference = discord.MessageReference(
        message_id=job.place.status_id,
        channel_id=job.place.channel_id,
        guild_id=job.place.guild_id,
        fail_if_not_exists=False,  # a deleted status must not hold back the video
    )
    return {"reference": reference}
