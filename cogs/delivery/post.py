"""Posting a finished video once: as a reply to the status, in the post of its shot, or as a direct message."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import discord

from cogs.delivery.attachment import is_named_after, opened
from cogs.delivery.compared import common_buttons, common_text
from cogs.delivery.forum_checks import check_post
from cogs.delivery.message import PriceOf, message_buttons, message_text
from cogs.interactions.discord_errors import NO_REPLY, missing, missing_in_post, reason, upload_errors
from cogs.interactions.permissions import age_restricted
from cogs.status.buttons import ABOUT, END_VOTE
from cogs.status.message import button_ids, video_shown
from cogs.status.review import ReviewOf, reviewed, unreviewed
from dailies.delivery.chat import Posted, Upload
from dailies.delivery.limits import ClaimedLimits
from dailies.errors import NotAllowed
from dailies.job import Job
from dailies.reason import Reason, ReasonCode

Place = discord.PartialMessageable | discord.DMChannel


class Poster:
    """Posts with the bot's token; implements part of Chat. seconds: limit of one upload. vote_seconds: how long people
    can vote on a comparison. ai_label: the messages say that AI made the videos.
    """

    def __init__(
        self,
        client: discord.Client,
        *,
        seconds: float,
        price: PriceOf,
        vote_seconds: float = 86_400.0,
        ai_label: bool = True,
        review: ReviewOf = unreviewed,
    ) -> None:
        self._client = client
        self._vote_seconds = vote_seconds
        self._seconds = seconds
        self._price = price
        self._ai_label = ai_label
        self._review = review

    def claims(self, job: Job) -> ClaimedLimits:
        """Return the server's limit, by discord.py's possibly outdated table of boost levels, and the requester's."""
        guild = self._client.get_guild(job.place.guild_id) if job.place.guild_id else None
        return ClaimedLimits(guild.filesize_limit if guild else None, job.upload_limit)

    async def post(self, job: Job, upload: Upload, *, again: bool) -> Posted:
        """Post the video; for a second try with the same nonce Discord returns the first message."""
        async with self._upload_errors(job, upload):
            place = await self._place(job, upload)
            if again and (found := await self._find(job, place, upload.number)):
                return _posted(found, place, upload)
            await self._check_place(job, upload)
            return _posted(await self._send(job, place, upload), place, upload)

    async def post_together(self, takes: Sequence[Job], paths: Sequence[Path], nonce: str, *, again: bool) -> Posted:
        """Post the videos of a comparison in one message; as with `post`, the same nonce makes one."""
        job = takes[0]
        upload = Upload((), nonce, paths[0], channel_id=job.post_id)
        async with self._upload_errors(job, upload):
            place = await self._place(job, upload)
            if again and (found := await self._found(job, place, partial(_holds, job))):
                return _posted(found, place, upload)
            await self._check_place(job, upload)
            text = common_text(takes, time.time() + self._vote_seconds, ai_label=self._ai_label)
            pairs = list(zip(takes, paths, strict=True))
            files = [await opened(one, replace(upload, file=path), path) for one, path in pairs]
            sent: dict[str, Any] = {"view": common_buttons(takes, takes), "nonce": nonce}
            sent |= {"allowed_mentions": mentioning(job), "files": files}
            try:
                found = await _replying(job, upload, lambda reply: place.send(text, **sent, **reply))
                return _posted(found, place, upload)
            finally:
                for file in files:
                    file.close()

    async def find_together(self, job: Job) -> Posted | None:
        """Return the message with several videos of a job's comparison, if there is one."""
        upload = Upload((), job.id, channel_id=job.post_id)
        async with self._upload_errors(job, upload):
            place = await self._place(job, upload)
            found = await self._found(job, place, partial(_holds, job))
        return _posted(found, place, upload) if found else None

    async def find(self, job: Job, *, direct: bool, channel_id: int | None = None, number: int = 1) -> Posted | None:
        upload = Upload((), job.id, direct=direct, channel_id=channel_id)
        async with self._upload_errors(job, upload):
            place = await self._place(job, upload)
            found = await self._find(job, place, number)
        return _posted(found, place, upload) if found else None

    async def _check_place(self, job: Job, upload: Upload) -> None:
        """Check that a channel which must be age-restricted still is, and that a post shows the video to nobody who may
        not see it. Raises NotAllowed, discord.HTTPException.
        """
        if upload.direct:
            return
        if upload.channel_id is not None:
            await check_post(self._client, job, upload.channel_id)
            return
        channel = self._client.get_channel(job.place.channel_id)
        if job.age_restricted and channel is not None and not age_restricted(channel):
            raise NotAllowed(Reason(ReasonCode.AGE_RESTRICTION_GONE))

    def _upload_errors(self, job: Job, upload: Upload) -> AbstractAsyncContextManager[None]:
        """Translate Discord's failures into domain errors; in a server's channel they name the missing permissions."""
        if upload.channel_id:
            why = partial(missing_in_post, self._client, job, upload.channel_id)
        else:
            why = reason if upload.direct else partial(missing, self._client, job)
        return upload_errors(upload, seconds=self._seconds, why=why)

    async def _place(self, job: Job, upload: Upload) -> Place:
        if upload.direct:
            return await self._client.create_dm(discord.Object(job.place.requester_id))
        channel_id = upload.channel_id or job.place.channel_id
        return self._client.get_partial_messageable(channel_id, guild_id=job.place.guild_id)

    async def _send(self, job: Job, place: Place, upload: Upload) -> int:
        return await _replying(job, upload, lambda reply: self._send_once(job, place, upload, reply))

    async def _send_once(self, job: Job, place: Place, upload: Upload, reply: dict[str, Any]) -> int:
        words = message_text(job, upload, ai_label=self._ai_label)
        view = message_buttons(job, upload, self._price)
        words, view = reviewed(words, view, job, upload.number, await self._review(job, upload.number))
        sent: dict[str, Any] = {"view": view, "nonce": upload.nonce, "allowed_mentions": mentioning(job), **reply}
        if upload.file is None:
            return (await place.send(words, **sent)).id
        file = await opened(job, upload, upload.file)
        try:
            message = await place.send(words, file=file, **sent)
        finally:
            file.close()
        return message.id

    async def _find(self, job: Job, place: Place, number: int) -> int | None:
        return await self._found(job, place, lambda message: _shows(message, job, number))

    async def _found(self, job: Job, place: Place, shows: Callable[[discord.Message], bool]) -> int | None:
        asked = datetime.fromtimestamp(job.created_at - 60, UTC)
        after = discord.Object(job.place.status_message_id) if job.place.status_message_id else asked
        # No limit on messages: a skipped one may hold the video. The limit of an upload's seconds applies.
        async for message in place.history(limit=None, after=after):
            own = self._client.user is not None and message.author.id == self._client.user.id
            if own and shows(message):
                return message.id
        return None


def _shows(message: discord.Message, job: Job, number: int) -> bool:
    """Tell if a message of the bot has this output of a job: by its buttons, which hold no words that people chose."""
    if shown := video_shown(message):
        return shown == (job.id, number)
    # Earlier versions put no buttons there, and named the file after the job; a link ended with that name.
    names = (message.content, *(file.filename for file in message.attachments))
    return any(is_named_after(name, job, number) for name in names)


def _holds(job: Job, message: discord.Message) -> bool:
    """Tell if a message of the bot has several videos of a job's comparison: by its buttons, before and after the vote.

    A video in a message of its own has other buttons besides that tell which one it is.
    """
    ids = button_ids(message)
    if job.take_set is None or video_shown(message):
        return False
    return END_VOTE.of(set_id=job.take_set.id) in ids or ABOUT.of(job_id=job.id) in ids


def mentioning(job: Job) -> discord.AllowedMentions:
    requester = discord.Object(job.place.requester_id)
    return discord.AllowedMentions(everyone=False, roles=False, users=[requester], replied_user=False)


async def _replying(job: Job, upload: Upload, send: Callable[[dict[str, Any]], Awaitable[Any]]) -> int:
    """Send as a reply to the status, or without one where that cannot be replied to; return the message's id.

    send: gets the arguments that make it a reply.
    """
    reply = {} if upload.direct or upload.channel_id else _reply(job)
    try:
        sent = await send(reply)
    except discord.HTTPException as error:
        if error.code not in NO_REPLY or not reply:
            raise
        sent = await send({})
    return sent if isinstance(sent, int) else sent.id


def _posted(message_id: int, place: Place, upload: Upload) -> Posted:
    return Posted(message_id, place.id if upload.direct else upload.channel_id)


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
