"""A loopback stand-in for Discord: gateway, REST, attachments, and people who use the bot.

It keeps Discord's documented limits and answers with its documented errors. Not in it: voice, reactions, polls,
stickers, forwarding, webhooks other than those of interactions, member lists, and creating or changing channels by
REST. A route it does not have is a 404, an error in the log and an entry in `DiscordServer.unknown_routes`.
"""

from sandbox.discord.events import EventStream
from sandbox.discord.faults import DiscordFaults
from sandbox.discord.interactions import Interaction
from sandbox.discord.limits import Limits
from sandbox.discord.options import PersonError
from sandbox.discord.permissions import Permission
from sandbox.discord.person import Person
from sandbox.discord.records import RecordedFile, RecordedRequest, Upload
from sandbox.discord.server import DiscordServer
from sandbox.discord.world import World

__all__ = [
    "DiscordFaults",
    "DiscordServer",
    "EventStream",
    "Interaction",
    "Limits",
    "Permission",
    "Person",
    "PersonError",
    "RecordedFile",
    "RecordedRequest",
    "Upload",
    "World",
]
