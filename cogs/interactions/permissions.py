"""Permissions of the bot, which may have only the command's token for fifteen minutes, and of the requester."""

from __future__ import annotations

from dataclasses import replace

import discord
from discord import Interaction

from cogs.interactions.discord_errors import NEEDS, THREAD_NEEDS, lacking
from dailies.errors import RefusedError
from dailies.job import Job, Place
from dailies.language import gettext
from dailies.money.budget import BudgetAccounts
from dailies.reason import ReasonCode

_MARKED = (
    discord.TextChannel,
    discord.VoiceChannel,
    discord.StageChannel,
    discord.ForumChannel,
    discord.Thread,
)
"""Channels that a server can restrict to adults."""
POSTABLE = [
    discord.ChannelType.text,
    discord.ChannelType.news,
    discord.ChannelType.public_thread,
    discord.ChannelType.private_thread,
]
"""Kinds of channels to which approved videos can go."""
_ADULT = (discord.NSFWLevel.explicit, discord.NSFWLevel.age_restricted)


def token_only(interaction: Interaction) -> bool:
    """Return whether only the command's token works where it was used: in a server or between people, without the bot.

    Membership comes from the gateway. Who installed the command says nothing about it: a server may have installed
    the commands without the bot, and a person may use their own in a server with it.
    """
    if interaction.guild_id is not None:
        return interaction.client.get_guild(interaction.guild_id) is None
    return not interaction.context.dm_channel


def server_of(interaction: Interaction) -> int | None:
    """Return the id of the server whose settings hold here; None where there is none, or where the bot is no member."""
    return None if token_only(interaction) else interaction.guild_id


def check_permissions(interaction: Interaction) -> None:
    """Raise RefusedError that names the permissions that the bot lacks here.

    In direct messages Discord names only three or four permissions, View Channel not among them (its documentation,
    "Interaction Object"): there and where the bot is not a member, only files can be forbidden.
    """
    allowed = interaction.app_permissions
    if token_only(interaction) and not first_process(interaction.client):
        raise RefusedError(ReasonCode.SEVERAL_PROCESSES)
    if interaction.guild_id is None or token_only(interaction):
        if not allowed.attach_files:
            raise RefusedError(ReasonCode.NO_FILES_HERE)
        return
    in_thread = isinstance(interaction.channel, discord.Thread)
    missing = [name for flag, name in (THREAD_NEEDS if in_thread else NEEDS) if not getattr(allowed, flag)]
    if missing:
        raise RefusedError(ReasonCode.NO_POSTING_HERE, names=missing)


def check_channel(interaction: Interaction, channel_id: int) -> None:
    """Check that approved videos can go to a channel: one of the server where this was chosen, in which the bot may
    post, and which who chose it sees. Raises RefusedError.
    """
    guild, member = interaction.guild, interaction.user
    channel = guild.get_channel_or_thread(channel_id) if guild else None
    fits = isinstance(channel, (discord.TextChannel, discord.Thread))
    if not fits or not isinstance(member, discord.Member) or not channel.permissions_for(member).view_channel:
        raise RefusedError(ReasonCode.APPROVED_CHANNEL_UNFIT)
    if names := lacking(channel):
        raise RefusedError(ReasonCode.APPROVED_CHANNEL_LACKS, channel=channel_id, names=names)


def age_restricted(channel: object) -> bool:
    """Return whether a channel is for adults: by its mark, for a thread or post its parent's, or by its server's.

    Direct messages are not, and neither is a thread whose parent is not known.
    """
    if not isinstance(channel, _MARKED):
        return False
    return channel.is_nsfw() or channel.guild.nsfw_level in _ADULT


def hidden(channel: object) -> bool:
    """Return whether not everybody in a server sees a channel."""
    if isinstance(channel, discord.Thread):
        return channel.is_private() or channel.parent is None or hidden(channel.parent)
    if not isinstance(channel, discord.abc.GuildChannel):
        return False
    return not channel.permissions_for(channel.guild.default_role).view_channel


def first_process(client: discord.Client) -> bool:
    """Return whether this process owns shard 0, and with it the jobs without a server.

    It is not documented which shard gets commands from servers without the bot. A job run by another process
    would be resumed, and delivered once more, by the owner's next start.
    """
    shards = client.shard_ids if isinstance(client, discord.AutoShardedClient) else None
    return not shards or 0 in shards


def manages(interaction: Interaction) -> bool:
    """Return whether the person has the permission Manage Server now."""
    return isinstance(interaction.user, discord.Member) and interaction.permissions.manage_guild


def moderates(interaction: Interaction) -> bool:
    """Return whether the person manages the server, or its messages, where the command was used.

    By their roles in the whole server: what one channel allows says nothing about the others.
    """
    member = interaction.user
    if not isinstance(member, discord.Member) or member.guild.get_role(member.guild.id) is None:
        # In a direct message; or in a server whose roles the bot does not see.
        return False
    allowed = member.guild_permissions
    return allowed.manage_guild or allowed.manage_messages


def sees(interaction: Interaction, place: Place) -> bool:
    """Return whether the person sees the channel of a job, which has to be of the server where the command was used.

    False for a channel that the bot does not hold in memory, as an archived thread, but in that channel itself.
    """
    member = interaction.user
    if place.guild_id is None or place.guild_id != interaction.guild_id or not isinstance(member, discord.Member):
        return False
    if interaction.channel_id == place.channel_id or member.guild_permissions.administrator:
        return True
    channel = member.guild.get_channel_or_thread(place.channel_id)
    thread = isinstance(channel, discord.Thread)
    if channel is None or (thread and channel.parent is None):
        return False
    allowed = channel.permissions_for(member)
    # Members of threads are not held in memory.
    return allowed.view_channel and not (thread and channel.is_private() and not allowed.manage_threads)


def may_handle(interaction: Interaction, place: Place) -> bool:
    """Return whether a job is the person's own, or in a channel that they see in the server where they moderate."""
    return place.requester_id == interaction.user.id or (moderates(interaction) and sees(interaction, place))


def discreet(interaction: Interaction, job: Job) -> Job:
    """Hide the prompt of a job from a person who does not see the channel, or the direct message, of the job."""
    if job.place.requester_id == interaction.user.id or sees(interaction, job.place):
        return job
    asked = gettext("asked in a channel that you do not see")
    if job.place.guild_id is None:
        asked = gettext("asked in a direct message")
    return replace(job, request=replace(job.request, prompt=asked))


def searchable(interaction: Interaction, job: Job, typed: str) -> bool:
    """Return whether a search may show a job: words of a hidden prompt find nothing, so that nobody guesses it."""
    return discreet(interaction, job) is job or job.id.startswith(typed.lower())


def accounts(interaction: Interaction) -> BudgetAccounts:
    """Return the budgets on which a job requested here counts."""
    channel = interaction.channel
    channel_id = channel.parent_id if isinstance(channel, discord.Thread) else interaction.channel_id
    member = interaction.user
    roles = frozenset(role.id for role in member.roles) if isinstance(member, discord.Member) else frozenset[int]()
    return BudgetAccounts(channel_id or 0, roles)
