"""Links to Discord messages among the references, which stand for the images of the message.

The requester must be able to read the message: the bot does not read channels on behalf of people who cannot.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import replace

import discord
from discord import Interaction
from yarl import URL

from cogs.interactions.discord_errors import BROKEN
from cogs.interactions.permissions import age_restricted
from cogs.status.message import holds_several, job_shown, output_shown
from cogs.video.message_images import Part, has_moving_sticker, images_of, parts_of
from dailies.continuing.last_frames import LastFrames
from dailies.errors import ReferenceRefused
from dailies.language import gettext, gettext_noop
from dailies.reason import Reason, ReasonCode
from dailies.references.reference import Source, source_of
from dailies.store.port import JobStore

HOSTS = frozenset(
    f"{prefix}{name}" for name in ("discord.com", "discordapp.com") for prefix in ("", "www.", "ptb.", "canary.")
)
CDN_FILE = re.compile(r"/attachments/(\d{1,20})/\d{1,20}/")
"""The channel of a file, in a link to it on Discord's CDN, also through a proxy."""
MESSAGE = gettext_noop("This message")
"""Name of a message whose own menu was used."""

AGE_RESTRICTED = Reason(ReasonCode.FROM_AGE_RESTRICTED)
UNREADABLE = Reason(ReasonCode.MESSAGE_UNREADABLE)
"""The same for a missing message and for one that may not be read, so that the refusal does not reveal which."""


class MessageLinks:
    """Reads messages over Discord's REST API. frames: takes the last frames of videos that the bot has posted.

    seconds: limit for all messages of a command together.
    """

    def __init__(self, client: discord.Client, store: JobStore, frames: LastFrames, *, seconds: float) -> None:
        self._client = client
        self._store = store
        self._frames = frames
        self._seconds = seconds

    async def opened(
        self, interaction: Interaction, links: Sequence[Source], *, at: float | None = None
    ) -> list[Source]:
        """Return the links, with each link to a message replaced by the message's images.

        at: seconds from the start; each message has to be a video of the bot's, whose frame at that time is returned.
        Raises RefusedError.
        """
        opened: list[Source] = []
        try:
            async with asyncio.timeout(self._seconds):
                for link in links:
                    target = message_link(link)
                    opened += [link] if target is None else await self._linked(interaction, link, *target, at=at)
        except (TimeoutError, *BROKEN) as error:
            name = next(link.name for link in links if message_link(link))
            raise ReferenceRefused(name, Reason(ReasonCode.MESSAGE_SLOW)) from error
        self._check_files(interaction, opened)
        return opened

    async def images(
        self, interaction: Interaction, message: discord.Message, name: str = "", *, at: float | None = None
    ) -> list[Source]:
        """Return the images of a message that the person sees; of a job's video its last frame, and of its status its
        references.

        name: of the message in a refusal; empty: MESSAGE. at: as in `opened`. Raises RefusedError.
        """
        name = name or gettext(MESSAGE)
        own = self._client.user is not None and message.author.id == self._client.user.id
        if own and (pictures := await self._own(interaction, message, name, at)) is not None:
            return pictures
        if at is not None:
            raise ReferenceRefused(name, Reason(ReasonCode.MOMENT_OF_NO_VIDEO))
        origin = message.reference if message.message_snapshots else None
        if origin is not None and not _may_come_here(self._client.get_channel(origin.channel_id), interaction):
            raise ReferenceRefused(name, AGE_RESTRICTED)
        images = images_of(message)
        if not images and has_moving_sticker(message):
            raise ReferenceRefused(name, Reason(ReasonCode.MESSAGE_STICKER))
        self._check_files(interaction, images)
        return images

    async def _own(
        self, interaction: Interaction, message: discord.Message, name: str, at: float | None
    ) -> list[Source] | None:
        """Return the last frame of the video that a message of the bot holds, or the references of the job whose status
        it is: thumbnails are small and numbered.

        Their files are named, not fetched. None if there is no such job.
        """
        try:
            job = await self._store.get(job_shown(message) or "")
        except KeyError:
            if holds_several(message):
                raise ReferenceRefused(name, Reason(ReasonCode.SEVERAL_VIDEOS)) from None
            return None
        if job.age_restricted and not age_restricted(interaction.channel):
            raise ReferenceRefused(name, AGE_RESTRICTED)
        if number := output_shown(message, job):
            return [await self._frames.source(job, number, requester=interaction.user.id, wait=self._seconds, at=at)]
        if at is not None:
            return None
        originals = [one.path.with_name(one.sha256) for one in job.references]
        forgotten = job.forgotten_at is not None
        if forgotten or not await asyncio.to_thread(lambda: all(path.is_file() for path in originals)):
            raise ReferenceRefused(name, Reason(ReasonCode.MESSAGE_IMAGES_GONE))
        return [source_of(one, original) for one, original in zip(job.references, originals, strict=True)]

    def _check_files(self, interaction: Interaction, images: Sequence[Source]) -> None:
        """Check that no file on Discord's CDN comes from a channel that keeps its content. Raises ReferenceRefused."""
        for one in images:
            found = CDN_FILE.search(one.url)
            if found and not _may_come_here(self._client.get_channel(int(found[1])), interaction):
                raise ReferenceRefused(one.name, AGE_RESTRICTED)

    async def _linked(
        self,
        interaction: Interaction,
        link: Source,
        guild_id: int | None,
        channel_id: int,
        message_id: int,
        *,
        at: float | None,
    ) -> list[Source]:
        try:
            await self._check_rights(interaction, link, guild_id, channel_id)
            channel = self._client.get_partial_messageable(channel_id, guild_id=guild_id)
            message = await channel.fetch_message(message_id)
        except (discord.NotFound, discord.Forbidden) as error:
            raise ReferenceRefused(link.name, UNREADABLE) from error
        images = await self.images(interaction, message, link.name, at=at)
        if not images:
            # Without the message content intent, other people's messages arrive without content, files and embeds.
            seen = any(_shown(part) for part in parts_of(message))
            raise ReferenceRefused(link.name, Reason(ReasonCode.MESSAGE_EMPTY if seen else ReasonCode.MESSAGE_UNSEEN))
        return [replace(one, spoiler=True) for one in images] if link.spoiler else images

    async def _check_rights(
        self, interaction: Interaction, link: Source, guild_id: int | None, channel_id: int
    ) -> None:
        if guild_id is None:
            if interaction.guild_id is not None or interaction.channel_id != channel_id:
                raise ReferenceRefused(link.name, UNREADABLE)
            return
        guild = self._client.get_guild(guild_id)
        if guild is None:
            raise ReferenceRefused(link.name, UNREADABLE)
        channel = guild.get_channel_or_thread(channel_id) or await guild.fetch_channel(channel_id)
        member = interaction.user
        if not isinstance(member, discord.Member) or member.guild.id != guild_id:
            member = await guild.fetch_member(member.id)
        if not (_may_read(channel, member) and _may_read(channel, guild.me)):
            raise ReferenceRefused(link.name, UNREADABLE)
        if isinstance(channel, discord.Thread) and channel.is_private():
            await _check_joined(channel, member)
        if not _may_come_here(channel, interaction):
            raise ReferenceRefused(link.name, AGE_RESTRICTED)


def message_link(link: Source) -> tuple[int | None, int, int] | None:
    """Return server (None: direct messages), channel and message ids of a link to a message; None for any other link.

    Raises ReferenceRefused for a link to a Discord channel that names no message.
    """
    url = URL(link.url)
    parts = url.path.strip("/").split("/")
    if url.host not in HOSTS or parts[0] != "channels" or link.attached:
        return None
    numbers = [part for part in parts[2:] if part.isascii() and part.isdigit() and len(part) <= 20]
    server = parts[1] if len(parts) == 4 else ""
    if len(numbers) != 2 or not (server == "@me" or (server.isascii() and server.isdigit() and len(server) <= 20)):
        raise ReferenceRefused(link.name, Reason(ReasonCode.MESSAGE_LINK_INCOMPLETE))
    return None if server == "@me" else int(server), int(numbers[0]), int(numbers[1])


def _may_read(channel: discord.abc.GuildChannel | discord.Thread, member: discord.Member) -> bool:
    if isinstance(channel, discord.Thread) and channel.parent is None:
        return False
    allowed = channel.permissions_for(member)
    return allowed.view_channel and allowed.read_message_history


def _shown(part: Part) -> bool:
    return any((part.content, part.attachments, part.embeds, part.components, part.stickers))


def _may_come_here(origin: object, interaction: Interaction) -> bool:
    """Return whether what is in a channel may be used where the command was: age-restricted content stays such."""
    return age_restricted(interaction.channel) or not age_restricted(origin)


async def _check_joined(thread: discord.Thread, member: discord.Member) -> None:
    """Check that a person can read a private thread: as a member, or with Manage Threads. Raises discord.NotFound."""
    if not thread.permissions_for(member).manage_threads:
        await thread.fetch_member(member.id)
