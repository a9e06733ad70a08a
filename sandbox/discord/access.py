"""The bot's permissions in a channel, refused as the REST interface refuses them."""

from __future__ import annotations

from sandbox.discord.errors import refuse
from sandbox.discord.model import Channel, Message
from sandbox.discord.permissions import Permission
from sandbox.discord.world import World


def visible_channel(world: World, channel_id: str) -> Channel:
    """Return a channel that the bot can see; 10003, 50001."""
    channel = world.channel(channel_id)
    if Permission.VIEW_CHANNEL not in world.permissions(world.bot.id, channel):
        raise refuse(50001)
    return channel


def require(world: World, channel: Channel, needed: Permission) -> None:
    """Raise 50013 unless the bot has all of these permissions."""
    if needed not in world.permissions(world.bot.id, channel):
        raise refuse(50013)


def may_post(world: World, channel: Channel, *, files: bool, embeds: bool) -> None:
    """Raise 50013 if the bot may not post this, 160005 in a locked thread.

    In direct messages 50007 if the user accepts none, 50278 if the user has no connection with the bot.
    """
    if not all(user.takes_direct for user in channel.recipients):
        raise refuse(50007)
    if not all(world.acquainted(user) for user in channel.recipients):
        raise refuse(50278)
    send = Permission.SEND_MESSAGES_IN_THREADS if channel.is_thread else Permission.SEND_MESSAGES
    require(world, channel, send)
    if files:
        require(world, channel, Permission.ATTACH_FILES)
    if embeds:
        require(world, channel, Permission.EMBED_LINKS)
    if channel.locked and Permission.MANAGE_THREADS not in world.permissions(world.bot.id, channel):
        raise refuse(160005)


def public_message(channel: Channel, message_id: str) -> Message:
    """Return a message that the bot's token can reach; 10008 also for ephemeral ones."""
    message = channel.messages.get(message_id)
    if message is None or message.visible_to is not None:
        raise refuse(10008)
    return message
