"""Screenings on Discord: their messages, and who may see what they show."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Collection
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from typing import Any

import discord

from cogs.delivery.attachment import file_name as video_name
from cogs.interactions.discord_errors import BROKEN, missing_in, upload_errors
from cogs.interactions.languages import ServerLanguages
from cogs.interactions.pause import Pause
from cogs.interactions.permissions import age_restricted
from cogs.interactions.text import NOBODY, content
from cogs.screening import ids
from cogs.screening.message import file_name, post_text, post_view, timeline_name
from cogs.status.message import button_ids
from dailies.delivery.chat import Upload
from dailies.delivery.limits import ClaimedLimits
from dailies.errors import ChatUnavailable, NotAllowed
from dailies.explain import sentence
from dailies.job import Job
from dailies.jobs.screening_chat import ReelPost, ScreeningChat
from dailies.language import ngettext
from dailies.reason import Reason, ReasonCode
from dailies.screening import Kind, Screening

log = logging.getLogger(__name__)


class DiscordScreenings(ScreeningChat):
    """Implements ScreeningChat. status_seconds, upload_seconds: limits of one edit and of one upload. ai_label: the
    messages say that AI made the films.
    """

    def __init__(
        self,
        client: discord.Client,
        pause: Pause,
        languages: ServerLanguages,
        *,
        status_seconds: float,
        upload_seconds: float,
        ai_label: bool,
    ) -> None:
        self._ai_label = ai_label
        self._client = client
        self._pause = pause
        self._languages = languages
        self._status_seconds = status_seconds
        self._upload_seconds = upload_seconds

    def claims(self, guild_id: int | None) -> ClaimedLimits:
        guild = self._client.get_guild(guild_id) if guild_id else None
        return ClaimedLimits(guild.filesize_limit if guild else None)

    async def language(self, guild_id: int) -> str:
        return await self._languages.of(guild_id)

    def age_restricted(self, channel_id: int) -> bool:
        return age_restricted(self._client.get_channel(channel_id))

    def original_name(self, job: Job, output: int) -> str:
        return video_name(job, Upload((), job.id, number=output))

    async def visible(self, guild_id: int | None, channel_id: int, others: Collection[int]) -> frozenset[int]:
        guild = self._client.get_guild(guild_id) if guild_id else None
        here = guild.get_channel_or_thread(channel_id) if guild else None
        if guild is None or here is None:
            return frozenset()
        home = here.parent if isinstance(here, discord.Thread) else here
        return frozenset([one for one in others if home is not None and await _seen_by_all(guild, home, one)])

    async def begin_status(self, screening: Screening, words: Reason) -> int:
        async with self._errors(screening, Upload((), screening.id), self._status_seconds):
            nonce = f"{screening.id}-s"
            return (await self._place(screening).send(_words(words), nonce=nonce, allowed_mentions=NOBODY)).id

    async def show_status(self, screening: Screening, words: Reason) -> None:
        if not screening.status_id or self._pause.left:
            return
        try:
            async with asyncio.timeout(self._status_seconds):
                message = self._place(screening).get_partial_message(screening.status_id)
                await message.edit(content=_words(words), allowed_mentions=NOBODY)
        except (*BROKEN, discord.HTTPException) as error:
            log.warning("the status of screening %s could not be edited: %s", screening.id, type(error).__name__)

    async def post(self, post: ReelPost, *, again: bool) -> int:
        screening, upload = post.screening, Upload((), post.screening.id, post.upload.file)
        async with self._errors(screening, upload, self._upload_seconds):
            if again and (found := await self._find(post)):
                return found
            self._check_age(post)
            files = await asyncio.to_thread(_files, post)
            nonce = screening.id if post.number == 1 else f"{screening.id}-{post.number}"
            sent: dict[str, Any] = {"nonce": nonce, "allowed_mentions": NOBODY, "files": files}
            if (view := post_view(post)) is not None:
                sent["view"] = view
            try:
                return (
                    await self._place(screening).send(
                        post_text(post, self.original_name, ai_label=self._ai_label), **sent
                    )
                ).id
            finally:
                for file in files:
                    file.close()

    def _place(self, screening: Screening) -> discord.PartialMessageable:
        return self._client.get_partial_messageable(screening.channel_id, guild_id=screening.guild_id)

    @asynccontextmanager
    async def _errors(self, screening: Screening, upload: Upload, seconds: float) -> AsyncGenerator[None]:
        """Translate Discord's failures into domain errors; nothing is written during a pause."""
        if left := self._pause.left:
            raise ChatUnavailable(f"paused for {left:.0f} s")
        why = partial(missing_in, self._client, screening.guild_id, screening.channel_id)
        async with upload_errors(upload, seconds=seconds, why=why):
            yield

    def _check_age(self, post: ReelPost) -> None:
        """Check that a channel which must be age-restricted still is. Raises NotAllowed."""
        shown = {one.job_id for one in post.screening.reel(post.number) if one.left_out is None}
        adult = any(job.age_restricted for job in post.jobs.values() if job.id in shown)
        if adult and not self.age_restricted(post.screening.channel_id):
            raise NotAllowed(Reason(ReasonCode.AGE_RESTRICTION_GONE))

    async def _find(self, post: ReelPost) -> int | None:
        """Return the message with a film that an earlier try has posted: by its button, or by a cut's timeline."""
        screening = post.screening
        button = ids.RETAKES.of(screening_id=screening.id, reel=post.number)
        name = timeline_name(screening)
        asked = datetime.fromtimestamp(screening.created_at - 60, UTC)
        # No limit on messages: a skipped one may hold the film. The limit of an upload's seconds applies.
        async for message in self._place(screening).history(limit=None, after=asked):
            own = self._client.user is not None and message.author.id == self._client.user.id
            if own and (button in button_ids(message) or any(file.filename == name for file in message.attachments)):
                return message.id
        return None


def _words(reason: Reason) -> str:
    return content(sentence(reason))


def _files(post: ReelPost) -> list[discord.File]:
    """Open what is to be sent. Blocks. Raises FileNotFoundError."""
    found: list[discord.File] = []
    if post.upload.file is not None:
        found.append(discord.File(post.upload.file, file_name(post), description=_described(post)))
    if post.timeline is not None:
        found.append(discord.File(post.timeline, timeline_name(post.screening)))
    return found


def _described(post: ReelPost) -> str:
    takes = len(post.screening.shown)
    if post.screening.kind is Kind.CUT:
        return ngettext("Cut of {n} take", "Cut of {n} takes", takes)
    return ngettext("Screening of {n} take", "Screening of {n} takes", takes)


async def _seen_by_all(guild: discord.Guild, home: discord.abc.GuildChannel, other_id: int) -> bool:
    """Tell if everybody who sees a channel sees another channel or thread as well, as far as roles tell."""
    other = guild.get_channel_or_thread(other_id)
    if other is None:  # an archived thread is not held in memory
        with suppress(*BROKEN, discord.HTTPException, discord.InvalidData):
            other = await guild.fetch_channel(other_id)
    if isinstance(other, discord.Thread):
        if other.is_private():
            return False
        other = other.parent
    if other is None:
        return False
    return other.id == home.id or _wider(guild, home, other)


def _wider(guild: discord.Guild, home: discord.abc.GuildChannel, other: discord.abc.GuildChannel) -> bool:
    """Tell if nobody who sees `home` is kept from `other`: no role or member that is let in there, or denied here."""
    people = [one for one in home.overwrites if isinstance(one, discord.Member)]
    for one in (*guild.roles, *people):
        if home.permissions_for(one).view_channel and not other.permissions_for(one).view_channel:
            return False
    denied = (one for one, given in other.overwrites.items() if given.view_channel is False)
    return all(one == guild.default_role or home.overwrites_for(one).view_channel is False for one in denied)  # pyright: ignore[reportArgumentType]
