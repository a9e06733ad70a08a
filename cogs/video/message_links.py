"""Links to Discord messages among the references, which stand for the images of the message.

The requester must be able to read the message: the bot does not read channels on behalf of people who cannot.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Sequence

import discord
from discord import Interaction
from yarl import URL

from cogs.interactions.discord_errors import BROKEN
from dailies.errors import ReferenceRefused
from dailies.reason import Reason, ReasonCode
from dailies.references.expiring_links import original
from dailies.references.reference import Source, link_name

HOSTS = frozenset(
    f"{prefix}{name}" for name in ("discord.com", "discordapp.com") for prefix in ("", "www.", "ptb.", "canary.")
)
NAMES = (".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".heic", ".heif", ".avif")
"""Filename extensions of images."""

UNREADABLE = Reason(ReasonCode.MESSAGE_UNREADABLE)
"""The same for a missing message and for one that may not be read, so that the refusal does not reveal which."""


def images_of(message: discord.Message) -> list[Source]:
    """Return the images of a message and what it forwards: attachments, media of its components, then linked images."""
    parts: list[discord.Message | discord.MessageSnapshot] = [message, *message.message_snapshots]
    attached = [
        Source(url=one.url, name=one.filename[:80], attached=True)
        for part in parts
        for one in part.attachments
        if _may_be_image(one)
    ]
    shown = [one for part in parts for one in _media(part.components) if (one.content_type or "image/")[:6] == "image/"]
    attached += [Source(url=one.url, name=_file_name(one.url), attached=True) for one in shown if one.attachment_id]
    embedded = [embed for part in parts for embed in part.embeds]
    addresses = [one.url for one in shown if not one.attachment_id]
    addresses += [
        embed.image.url or (embed.thumbnail.url if embed.type == "image" else None) or "" for embed in embedded
    ]
    linked = [source for address in addresses if (source := _linked(address))]
    return list({source.url: source for source in [*attached, *linked]}.values())


def _may_be_image(file: discord.Attachment) -> bool:
    """Tell by two unreliable claims, its name and its sender's content type. Its bytes decide later."""
    return (file.content_type or "image/").startswith("image/") or file.filename.lower().endswith(NAMES)


def _file_name(url: str) -> str:
    return url.partition("?")[0].rpartition("/")[2][:80]


def _media(components: Iterable[discord.Component]) -> Iterator[discord.UnfurledMediaItem]:
    """Yield the media of a layout's components, which are not listed as attachments."""
    for component in components:
        if isinstance(component, discord.Container):
            yield from _media(component.children)
        elif isinstance(component, discord.SectionComponent):
            yield from _media([component.accessory])
        elif isinstance(component, discord.MediaGalleryComponent):
            yield from (item.media for item in component.items)
        elif isinstance(component, (discord.ThumbnailComponent, discord.FileComponent)):
            yield component.media


class MessageLinks:
    """Reads messages over Discord's REST API. seconds: limit for all messages of a command together."""

    def __init__(self, client: discord.Client, *, seconds: float) -> None:
        self._client = client
        self._seconds = seconds

    async def opened(self, interaction: Interaction, links: Sequence[Source]) -> list[Source]:
        """Return the links, with each link to a message replaced by the message's images. Raises ReferenceRefused."""
        opened: list[Source] = []
        try:
            async with asyncio.timeout(self._seconds):
                for link in links:
                    target = message_link(link)
                    opened += [link] if target is None else await self._images(interaction, link, *target)
        except (TimeoutError, *BROKEN) as error:
            name = next(link.name for link in links if message_link(link))
            raise ReferenceRefused(name, Reason(ReasonCode.MESSAGE_SLOW)) from error
        return opened

    async def _images(
        self, interaction: Interaction, link: Source, guild_id: int | None, channel_id: int, message_id: int
    ) -> list[Source]:
        try:
            await self._check_rights(interaction, link, guild_id, channel_id)
            channel = self._client.get_partial_messageable(channel_id, guild_id=guild_id)
            message = await channel.fetch_message(message_id)
        except (discord.NotFound, discord.Forbidden) as error:
            raise ReferenceRefused(link.name, UNREADABLE) from error
        images = images_of(message)
        if not images:
            # Without the message content intent, other people's messages arrive without content, files and embeds.
            parts = (
                message.content,
                message.attachments,
                message.embeds,
                message.components,
                message.message_snapshots,
            )
            raise ReferenceRefused(
                link.name, Reason(ReasonCode.MESSAGE_EMPTY if any(parts) else ReasonCode.MESSAGE_UNSEEN)
            )
        return images

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


async def _check_joined(thread: discord.Thread, member: discord.Member) -> None:
    """Check that a person can read a private thread: as a member, or with Manage Threads. Raises discord.NotFound."""
    if not thread.permissions_for(member).manage_threads:
        await thread.fetch_member(member.id)


def _linked(address: str) -> Source | None:
    """Return a source for an https address; None for any other text."""
    try:
        url = URL(address)
    except ValueError:
        return None
    if url.scheme != "https" or not url.host:
        return None
    url = original(url)
    return Source(str(url), link_name(url), attached=False)
