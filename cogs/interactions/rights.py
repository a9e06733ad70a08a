"""Rights of the person at the moment of a command or click, in the place where it acts.

Rights from when a job was made say nothing about today: people may have been muted since, or have left.
"""

from __future__ import annotations

import logging

import discord
from discord import Interaction

from cogs.interactions.discord_errors import BROKEN
from cogs.interactions.permissions import sees
from dailies.errors import RefusedError
from dailies.job import Place
from dailies.language import gettext_noop
from dailies.reason import ReasonCode

log = logging.getLogger(__name__)

_NEEDS = (
    ("view_channel", gettext_noop("View Channel")),
    ("send_messages", gettext_noop("Send Messages")),
    ("use_application_commands", gettext_noop("Use Application Commands")),
)
"""Permissions without which nobody posts in a channel through the bot."""
_THREAD_NEEDS = (_NEEDS[0], ("send_messages_in_threads", gettext_noop("Send Messages in Threads")), _NEEDS[2])


def check_origin(interaction: Interaction, place: Place) -> None:
    """Check that a button was pressed where its job belongs: in its server, or in its channel where there is none.

    A custom id is a claim that any message can carry. Raises RefusedError.
    """
    if place.guild_id is not None:
        here = place.guild_id == interaction.guild_id
    else:
        direct = interaction.guild_id is None and place.requester_id == interaction.user.id
        here = direct or place.channel_id == interaction.channel_id
    if not here:
        raise RefusedError(ReasonCode.OTHER_SERVER)


def check_shown(interaction: Interaction, place: Place) -> None:
    """Check that a button below a video, or below its status, was pressed by who sees them: in the job's channel, by
    its requester elsewhere in its server, or in the direct message in which the video may have come. Raises
    RefusedError.
    """
    own = place.requester_id == interaction.user.id
    if own and interaction.guild_id is None:
        return
    check_origin(interaction, place)
    if not (own or place.channel_id == interaction.channel_id or sees(interaction, place)):
        raise RefusedError(ReasonCode.OTHER_SERVER)


def check_person(interaction: Interaction, refusal: ReasonCode = ReasonCode.NO_RIGHTS_HERE) -> None:
    """Check that the person may post in the channel of the interaction. Raises RefusedError with this refusal.

    Discord asks for none of it at a click: everybody who sees a message can press its buttons.
    """
    if interaction.guild_id is None:
        return
    thread, member = isinstance(interaction.channel, discord.Thread), interaction.user
    names = _missing(interaction.permissions, thread=thread)
    # Discord does not document that a timeout shows in an interaction's permissions.
    if not names and isinstance(member, discord.Member) and member.is_timed_out():
        names = [(_THREAD_NEEDS if thread else _NEEDS)[1][1]]
    if names:
        raise RefusedError(refusal, names=names)


async def check_posting(interaction: Interaction, place: Place) -> None:
    """Check that the person may still post in the channel of a job, wherever they ask for it. Raises RefusedError.

    Passes where the bot itself can post no more: the delivery says so.
    """
    if place.token_only or place.channel_id == interaction.channel_id:
        check_person(interaction, ReasonCode.NO_RIGHTS_THERE)
        return
    if place.guild_id is None:
        return
    try:
        guild = interaction.client.get_guild(place.guild_id) or await interaction.client.fetch_guild(place.guild_id)
        channel = await _channel(guild, place.channel_id)
        parent = channel
        if isinstance(channel, discord.Thread):
            parent = channel.parent or await _channel(guild, channel.parent_id)
    except (discord.NotFound, discord.Forbidden):
        return
    except BROKEN as error:
        raise _unanswered(error) from error
    member = await member_of(interaction, guild)
    allowed = parent.permissions_for(member)
    names = _missing(allowed, thread=isinstance(channel, discord.Thread))
    if not names and isinstance(channel, discord.Thread) and channel.is_private() and not allowed.manage_threads:
        names = [] if await _joined(channel, member) else [_NEEDS[0][1]]
    if names:
        raise RefusedError(ReasonCode.NO_RIGHTS_THERE, names=names)


async def _channel(guild: discord.Guild, channel_id: int) -> discord.abc.GuildChannel | discord.Thread:
    return guild.get_channel_or_thread(channel_id) or await guild.fetch_channel(channel_id)


async def member_of(interaction: Interaction, guild: discord.Guild) -> discord.Member:
    """Return the person as a member of a server. Raises RefusedError for who is none."""
    person = interaction.user
    if isinstance(person, discord.Member) and person.guild.id == guild.id:
        return person
    try:
        return await guild.fetch_member(person.id)
    except discord.NotFound:
        raise RefusedError(ReasonCode.NOT_A_MEMBER) from None
    except (*BROKEN, discord.HTTPException) as error:
        raise _unanswered(error) from error


async def _joined(thread: discord.Thread, member: discord.Member) -> bool:
    try:
        await thread.fetch_member(member.id)
    except discord.NotFound:
        return False
    except (*BROKEN, discord.HTTPException) as error:
        raise _unanswered(error) from error
    return True


def _missing(allowed: discord.Permissions, *, thread: bool) -> list[str]:
    if not allowed.view_channel:  # without it there are no others
        return [_NEEDS[0][1]]
    return [name for flag, name in (_THREAD_NEEDS if thread else _NEEDS) if not getattr(allowed, flag)]


def _unanswered(error: BaseException) -> RefusedError:
    log.warning("a person's rights could not be looked up: %s", type(error).__name__)
    return RefusedError(ReasonCode.RIGHTS_UNANSWERED)
