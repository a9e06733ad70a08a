"""One edit of a status message: its layout, the thumbnails of the references, and its place."""

from __future__ import annotations

import asyncio
import io
import logging
import re
from collections.abc import Sequence
from datetime import UTC, datetime

import discord

from cogs.interactions.languages import telling
from cogs.interactions.permissions import age_restricted
from cogs.interactions.text import NOBODY
from cogs.status.buttons import ABOUT, END_VOTE, JOB_ID, MORE
from cogs.status.comparison_view import comparison_view
from cogs.status.gallery import alt_text, pictured
from cogs.status.roles import badge
from cogs.status.set_view import identity, representative, set_view, sheet_text
from cogs.status.view import status_view
from dailies.job import Job, State
from dailies.jobs.durations import Usual
from dailies.references.badge import numbered
from dailies.takes import sheet_of

log = logging.getLogger(__name__)

VIDEO_FILE = re.compile(rf"(?:^|[_/])({JOB_ID})\.\w+\b")
"""Name that earlier versions gave a job's video, also at the end of a link."""
IDENTITY = re.compile(rf"^-# Job ({JOB_ID})\b", re.MULTILINE)
"""The line that every layout about a job has (cogs/status/view.py, identity)."""
SEARCHED = 500
"""Messages after the command that are searched for a status whose id was lost."""


class StatusMessage:
    """The known properties of a status message besides its text: its id, and Discord's links of its thumbnails.

    new_id: of the message that was posted because the first one was deleted.
    """

    __slots__ = ("_found", "_thumbnails", "_told_directly", "new_id")

    def __init__(self) -> None:
        self.new_id: int | None = None
        self._found: int | None = None
        self._thumbnails: list[str] = []
        self._told_directly = set[str]()

    async def edit(
        self, client: discord.Client, jobs: Sequence[Job], webhook: discord.Webhook | None, usual: Usual | None
    ) -> None:
        """Make it show the state of a job, or of the takes of a set. webhook: of the command's token; without it, the
        bot's token is used.

        Where only a token reaches it and there is none any more, how the job ended goes to the requester as a direct
        message. A refusal whose status was never posted, as far as is known, is posted as one. Does nothing else when
        the message cannot be found, or not be reached. Raises discord.HTTPException.
        """
        job = jobs[0]
        if webhook is None and job.place.token_only:
            for one in jobs:
                if one.ended and one.id not in self._told_directly and not (one.told and one.take_set):
                    await tell_directly(client, one)
                    self._told_directly.add(one.id)
            return
        # A crash may have come between the records of the takes of a set.
        recorded = next((one.place.status_id for one in jobs if one.place.status_id is not None), None)
        message_id = self.new_id or recorded or self._found
        if message_id is None and not job.place.token_only:
            message_id = self._found = await find_status(client, job)
        if message_id is None:
            if all(one.state is State.REFUSED for one in jobs):
                self._found = await _post_refusal(client, jobs)
            return
        target = webhook or _channel(client, job).get_partial_message(message_id)
        ended, shows = all(one.ended for one in jobs), _has_pictures(jobs)
        if not shows or (self._thumbnails and not ended):
            kept = None if shows or not ended else list[discord.File]()  # what it showed before leaves with the layout
            await _edit(target, message_id, layout(jobs, self._thumbnails if shows else [], usual), kept)
            return
        # Uploaded once while the job runs and shown by Discord's own links after that, so that pictures do not
        # flicker at each check; uploaded once more for the receipt, because those links end after a day.
        view, files = await _with_pictures(client, jobs, usual)
        self._thumbnails = _gallery_links(await _edit(target, message_id, view, files))

    async def replace(self, client: discord.Client, jobs: Sequence[Job], usual: Usual | None) -> int:
        """Post it again, because it was deleted; returns the new message's id. Raises discord.HTTPException.

        Once: one that an earlier process has posted is found by its words, or by its nonce in the first minutes.
        """
        job = jobs[0]
        if found := await find_status(client, job):
            self.new_id = found
            await self.edit(client, jobs, None, usual)
            return found
        view, files = await _with_pictures(client, jobs, usual)
        nonce = f"{job.id}-status"
        message = await _channel(client, job).send(view=view, files=files, nonce=nonce, allowed_mentions=NOBODY)
        self.new_id, self._thumbnails = message.id, _gallery_links(message)
        return message.id


def layout(jobs: Sequence[Job], pictures: list[str], usual: Usual | None = None) -> discord.ui.LayoutView:
    """Return the layout for a job, or for the takes of a set, in the language of their channel. pictures: their
    addresses, https or attachment://.
    """
    with telling(jobs[0]):
        if jobs[0].take_set and jobs[0].take_set.compared:
            return comparison_view(jobs, pictures)
        return set_view(jobs, pictures, usual) if jobs[0].take_set else status_view(jobs[0], pictures, usual)


def _has_pictures(jobs: Sequence[Job]) -> bool:
    return sheet_of(jobs) is not None or bool(pictured(representative(jobs)))


async def _with_pictures(
    client: discord.Client, jobs: Sequence[Job], usual: Usual | None
) -> tuple[discord.ui.LayoutView, list[discord.File]]:
    """Return the layout, and the pictures that are uploaded with it."""
    with telling(jobs[0]):
        files = await asyncio.to_thread(_picture_files, jobs)
    channel = client.get_channel(jobs[0].place.channel_id)
    if sheet_of(jobs) and jobs[0].age_restricted and channel is not None and not age_restricted(channel):
        files = []  # as with the videos themselves (cogs/delivery/post.py)
    return layout(jobs, [f"attachment://{file.filename}" for file in files], usual), files


def own_nonce(job: Job) -> str:
    """Return the nonce of a status that stands by itself."""
    return f"{job.id}-own"


async def _post_refusal(client: discord.Client, jobs: Sequence[Job]) -> int:
    """Post a refused job's status after a crash before its message was known; returns its id. With the nonce of the
    first try: a post of that time which reaches Discord late is not a second one, and one that has reached it since the
    search comes back instead, to be edited. Raises discord.HTTPException.
    """
    view = layout(jobs, [])
    message = await _channel(client, jobs[0]).send(view=view, nonce=own_nonce(jobs[0]), allowed_mentions=NOBODY)
    await message.edit(view=layout(jobs, []), attachments=[], allowed_mentions=NOBODY)
    return message.id


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
    with telling(job, direct=True):
        files = await asyncio.to_thread(_thumbnail_files, job)
        view = status_view(job, [f"attachment://{file.filename}" for file in files])
    await channel.send(view=view, files=files, nonce=f"{job.id}-end", allowed_mentions=NOBODY)


async def find_status(client: discord.Client, job: Job) -> int | None:
    """Find the status of a job whose process ended between Discord's answer and the record of the message's id.

    It is recognised in its words by the id of the job, or of its set's first one: it may answer the command, or the
    click on a question's button.
    """
    named = identity(job)
    asked = discord.utils.time_snowflake(datetime.fromtimestamp(job.created_at - 60, UTC))
    async for message in _channel(client, job).history(limit=SEARCHED, after=discord.Object(asked)):
        own = client.user is not None and message.author.id == client.user.id
        if own and named in _words(message):
            return message.id
    return None


def _channel(client: discord.Client, job: Job) -> discord.PartialMessageable:
    return client.get_partial_messageable(job.place.channel_id, guild_id=job.place.guild_id)


def video_shown(message: discord.Message) -> tuple[str, int] | None:
    """Return the id of the job whose video a message of the bot holds, and the output's number, by the buttons below
    it. None if there are none: earlier versions named the file after the job.
    """
    found = next((found for one in button_ids(message) if (found := MORE.template.fullmatch(one))), None)
    return (found["job_id"], int(found["number"])) if found else None


def button_ids(message: discord.Message) -> list[str]:
    """Return the custom ids of the buttons below a message."""
    rows = [part for part in message.components if isinstance(part, discord.ActionRow)]
    return [part.custom_id or "" for row in rows for part in row.children if isinstance(part, discord.Button)]


def holds_several(message: discord.Message) -> bool:
    """Tell if a message of the bot holds several videos of a comparison."""
    several = (END_VOTE.template, ABOUT.template)
    return video_shown(message) is None and any(one.fullmatch(it) for it in button_ids(message) for one in several)


def job_shown(message: discord.Message) -> str | None:
    """Return the id of the job that a message of the bot is about: its status, or its video; None if there is none.

    A status names it in its last line, below the prompt and names that people chose; a video, by its buttons.
    """
    if shown := video_shown(message):
        return shown[0]
    files = [found[1] for file in message.attachments if (found := VIDEO_FILE.search(file.filename))]
    named = IDENTITY.findall(_words(message)) or files or VIDEO_FILE.findall(message.content)
    return named[-1] if named else None


def output_shown(message: discord.Message, job: Job) -> int | None:
    """Return the number of the output that a message about a job holds, from 1; None: it is the job's status."""
    if shown := video_shown(message):
        return shown[1]
    if IDENTITY.search(_words(message)):
        return None
    return next((number for number, one in enumerate(job.outputs, 1) if one.message_id == message.id), 1)


def _words(message: discord.Message) -> str:
    containers = [part for part in message.components if isinstance(part, discord.Container)]
    parts = [part for one in containers for part in one.children]
    return "\n".join(part.content for part in parts if isinstance(part, discord.TextDisplay))


def _gallery_links(message: discord.Message) -> list[str]:
    """Return Discord's own links of a status's pictures: files that a layout shows are not listed as attachments."""
    containers = [part for part in message.components if isinstance(part, discord.Container)]
    galleries = [part for one in containers for part in one.children if isinstance(part, discord.MediaGalleryComponent)]
    return [item.media.url for gallery in galleries for item in gallery.items]


def _picture_files(jobs: Sequence[Job]) -> list[discord.File]:
    """Return the pictures of a status to upload: the references, or in the end the contact sheet of a set."""
    sheet = sheet_of(jobs)
    if sheet is None:
        return _thumbnail_files(representative(jobs))
    try:
        return [discord.File(sheet, "takes.jpg", description=sheet_text(jobs))]
    except OSError:
        return []  # it could not be made, or has left the disk


def _thumbnail_files(job: Job) -> list[discord.File]:
    """Return thumbnails to upload; none if one is missing on the disk, as a status without pictures is still true."""
    try:
        return [
            discord.File(
                io.BytesIO(numbered(reference.thumbnail.read_bytes(), badge(number, reference.role))),
                filename=f"reference-{number}.jpg",
                description=alt_text(number, reference),
            )
            for number, reference in pictured(job)
        ]
    except OSError as error:
        log.warning("job %s: a thumbnail cannot be read (%s)", job.id, error.strerror)
        return []
