"""Messages about reviews on Discord: the state of a video, replies to it, and approved videos in their channel."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from typing import Any

import discord
from discord import ui

from cogs.delivery.attachment import opened
from cogs.delivery.post import mentioning
from cogs.interactions.discord_errors import BROKEN, NO_REPLY, missing_in, passing, reason, upload_errors
from cogs.interactions.languages import telling
from cogs.interactions.pause import Pause
from cogs.interactions.permissions import age_restricted, hidden
from cogs.interactions.text import NOBODY, content, inert
from cogs.status.buttons import EDIT, MORE
from cogs.status.review import label_of, reviewed_view, state_line, with_state
from cogs.status.summary import sent_directly, summary, take
from dailies.delivery.chat import Upload
from dailies.delivery.reviewed import ApprovedUpload, ReviewChat
from dailies.errors import ChatUnavailable, NotAllowed
from dailies.explain import sentence, sentences
from dailies.job import Job
from dailies.language import gettext
from dailies.reason import Reason, ReasonCode
from dailies.review import ApprovedPost, Decision, Verdict

PROMPT_SHOWN = 900
SEARCHED = 500
"""Messages that are searched for one that an earlier try may have posted."""


class ReviewMessages(ReviewChat):
    """Implements ReviewChat. seconds: limit of one request; upload_seconds: of one with a file. pause: while it lasts,
    nothing is written.
    """

    def __init__(self, client: discord.Client, *, seconds: float, upload_seconds: float, pause: Pause) -> None:
        self._client = client
        self._seconds = seconds
        self._upload_seconds = upload_seconds
        self._pause = pause

    async def show(self, job: Job, decision: Decision, *, but: int | None = None) -> bool:
        shown = but is not None
        if job.place.token_only:
            return shown
        channel = self._channel(job)
        for message_id in video_messages(job, decision.output):
            if message_id == but:
                continue
            try:
                async with self._errors(job, channel.id):
                    message = await channel.fetch_message(message_id)
                    text, view = shown_state(message, job, decision)
                    await message.edit(content=text, view=view, allowed_mentions=NOBODY)
            except NotAllowed:
                continue
            except ChatUnavailable as error:
                if ReasonCode.EDITED_TOO_OFTEN not in error.reason.codes:
                    raise
                continue  # an old message takes no edit for up to an hour: a reply says it now
            shown = True
        return shown

    async def reply(self, job: Job, decision: Decision, *, search: bool) -> int:
        channel, (text, view) = self._channel(job), reply_of(job, decision)
        async with self._errors(job, channel.id):
            if search and (found := await self._same(channel, text, decision)):
                return found
            sent: dict[str, Any] = {"view": view, "allowed_mentions": reply_mentions(job, decision)}
            sent["nonce"] = f"{job.id}-r{decision.output}.{decision.number}"[:25]
            ids = video_messages(job, decision.output)
            if ids:
                sent["reference"] = discord.MessageReference(
                    message_id=ids[0], channel_id=channel.id, guild_id=job.place.guild_id, fail_if_not_exists=False
                )
            try:
                return (await channel.send(text, **sent)).id
            except discord.HTTPException as error:
                if error.code not in NO_REPLY or "reference" not in sent:
                    raise
                sent.pop("reference")
                return (await channel.send(text, **sent)).id

    def limit(self, job: Job) -> int | None:
        guild = self._client.get_guild(job.place.guild_id) if job.place.guild_id else None
        return guild.filesize_limit if guild else None

    async def post_approved(self, post: ApprovedPost, upload: ApprovedUpload) -> int:
        self._check_pause()
        why = partial(missing_in, self._client, upload.job.place.guild_id, post.channel_id)
        async with upload_errors(upload.upload, seconds=self._upload_seconds, why=why):
            channel = self._client.get_partial_messageable(post.channel_id, guild_id=upload.job.place.guild_id)
            await self._check_readers(post, upload.job)
            files = [_provenance_file(upload)]
            if upload.upload.file:
                files.insert(0, await opened(upload.job, upload.upload, upload.upload.file))
            try:
                with telling(upload.job):
                    text, view = approved_text(upload), approved_buttons(upload)
                sent: dict[str, Any] = {"view": view, "nonce": upload.upload.nonce}
                message = await channel.send(text, files=files, allowed_mentions=NOBODY, **sent)
            finally:
                for file in files:
                    file.close()
        return message.id

    async def find_approved(self, post: ApprovedPost, name: str) -> int | None:
        channel = self._client.get_partial_messageable(post.channel_id)

        def holds(message: discord.Message) -> bool:
            return any(file.filename == name for file in message.attachments)

        async with upload_errors(Upload((), name), seconds=self._upload_seconds):
            return await self._found(channel, post.wanted_at, holds)

    async def edit_approved(self, post: ApprovedPost, message_id: int, job: Job, decision: Decision) -> None:
        channel = self._client.get_partial_messageable(post.channel_id, guild_id=job.place.guild_id)
        async with self._errors(job, post.channel_id):
            message = await channel.fetch_message(message_id)
            with telling(job):
                text = with_state(message.content, decision)
            await message.edit(content=text, allowed_mentions=NOBODY)

    async def _check_readers(self, post: ApprovedPost, job: Job) -> None:
        """Check that nobody sees a video who may not: what comes from an age-restricted channel stays in such ones, and
        what not everybody sees is not shown to everybody. Raises NotAllowed, discord.HTTPException.
        """
        channel = self._client.get_channel(post.channel_id) or await self._client.fetch_channel(post.channel_id)
        if job.age_restricted and not age_restricted(channel):
            raise NotAllowed(Reason(ReasonCode.APPROVED_AGE_RESTRICTED))
        asked = self._client.get_channel(job.place.channel_id)
        if (asked is None or hidden(asked)) and not hidden(channel):
            raise NotAllowed(Reason(ReasonCode.APPROVED_OPEN))

    def _channel(self, job: Job) -> discord.PartialMessageable:
        return self._client.get_partial_messageable(
            job.video_channel_id or job.place.channel_id,
            guild_id=None if sent_directly(job) else job.place.guild_id,
        )

    async def _same(self, channel: discord.PartialMessageable, text: str, decision: Decision) -> int | None:
        return await self._found(channel, decision.decided_at, lambda message: message.content == text)

    async def _found(
        self, channel: discord.PartialMessageable, since: float, wanted: Callable[[discord.Message], bool]
    ) -> int | None:
        """Return the bot's own message that is wanted, of those since that time (Unix seconds)."""
        after = datetime.fromtimestamp(since - 60, UTC)
        async for message in channel.history(limit=SEARCHED, after=after, oldest_first=True):
            own = self._client.user is not None and message.author.id == self._client.user.id
            if own and wanted(message):
                return message.id
        return None

    @asynccontextmanager
    async def _errors(self, job: Job, channel_id: int) -> AsyncGenerator[None]:
        """Translate Discord's failures. Raises NotAllowed and ChatUnavailable."""
        self._check_pause()
        try:
            async with asyncio.timeout(self._seconds):
                yield
        except BROKEN as error:
            raise ChatUnavailable(type(error).__name__) from error
        except discord.HTTPException as error:
            if passing(error):
                raise ChatUnavailable(reason(error)) from error
            raise NotAllowed(missing_in(self._client, job.place.guild_id, channel_id, error)) from error

    def _check_pause(self) -> None:
        if left := self._pause.left:
            raise ChatUnavailable(f"paused for {left:.0f} s")


def video_messages(job: Job, output: int) -> list[int]:
    """Return ids of the messages with a video: the newest post first, and the first one."""
    own = job.outputs[output - 1].message_id if output <= len(job.outputs) else None
    newest = job.video_message_id if output == 1 or own is None else None
    return list(dict.fromkeys(one for one in (newest, own) if one is not None))


def shown_state(message: discord.Message, job: Job, decision: Decision) -> tuple[str, ui.View]:
    """Return the content and the buttons of a video's message with what was said last."""
    with telling(job, direct=sent_directly(job)):
        text = with_state(message.content, decision, label_of(job))
        return text, reviewed_view(message, job.id, decision.output, decision)


def reply_of(job: Job, decision: Decision) -> tuple[str, ui.View]:
    """Return the content of a reply to a video, and the buttons below it."""
    with telling(job, direct=sent_directly(job)):
        return reply_text(job, decision), reply_buttons(job, decision)


def reply_text(job: Job, decision: Decision) -> str:
    """Return the content of a reply to a video: what is to be done otherwise, to who asked for it.

    The line itself mentions whoever says it about a video of their own.
    """
    line = state_line(decision, label_of(job), shown=1000)
    if decision.verdict is not Verdict.RETAKE or decision.by_id == job.place.requester_id:
        return content(line)
    return content(f"<@{job.place.requester_id}> · {line}")


def reply_mentions(job: Job, decision: Decision) -> discord.AllowedMentions:
    """Return who is pinged by the reply: with a retake, who asked for the video."""
    return mentioning(job) if decision.verdict is Verdict.RETAKE else NOBODY


def reply_buttons(job: Job, decision: Decision) -> ui.View:
    """Return the buttons below a reply: with a retake, the composer with the take and the notes on it."""
    view = ui.View(timeout=None)
    if decision.verdict is Verdict.RETAKE:
        view.add_item(EDIT.button(gettext("Open in composer"), discord.ButtonStyle.primary, job_id=job.id))
    return view


def approved_text(upload: ApprovedUpload) -> str:
    """Return the content of the message with an approved video: its provenance in words."""
    job, decision = upload.job, upload.decision
    which = take(job)
    if job.shot:
        which = gettext("shot {shot}, take {number}", shot=inert(job.shot.name, 80), number=job.shot.number)
    seed = None if job.request.seed is None else gettext("seed {value}", value=job.request.seed)
    who = gettext("requested by {person}", person=f"<@{job.place.requester_id}>")
    facts = " · ".join(filter(None, (which, gettext("job {id}", id=job.id), seed, who)))
    prompt = gettext("(forgotten)") if job.forgotten_at is not None else inert(job.request.prompt, PROMPT_SHOWN)
    lines = [f"> {prompt}", summary(job, decision.output), f"-# {facts[:1].upper()}{facts[1:]}"]
    lines += [sentences(upload.upload.words)] if upload.upload.words else []
    lines += [sentence(upload.original)] if upload.original else []
    return with_state("\n".join(lines), decision)


def approved_buttons(upload: ApprovedUpload) -> ui.View:
    """Return the button below an approved video."""
    return ui.View(timeout=None).add_item(
        MORE.button(gettext("More"), job_id=upload.job.id, number=upload.decision.output)
    )


def _provenance_file(upload: ApprovedUpload) -> discord.File:
    return discord.File(io.BytesIO(upload.provenance.text.encode()), upload.provenance.name)
