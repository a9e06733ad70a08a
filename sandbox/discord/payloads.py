"""Payloads of INTERACTION_CREATE, READY and GUILD_CREATE."""

from __future__ import annotations

from sandbox.discord.interactions import COMMAND, COMPONENT, MODAL_SUBMIT, Interaction
from sandbox.discord.jsontypes import JsonObject
from sandbox.discord.limits import Limits
from sandbox.discord.model import DIRECT_MESSAGE, Channel, User
from sandbox.discord.options import used
from sandbox.discord.permissions import BETWEEN_PEOPLE, WITH_THE_BOT, Permission
from sandbox.discord.snowflake import iso
from sandbox.discord.world import World

COMMAND_MESSAGE, CONTEXT_MENU_MESSAGE, REPLY_MESSAGE = 20, 23, 19


class Payloads:
    """Describes the world to the gateway."""

    def __init__(self, world: World, limits: Limits) -> None:
        self._world = world
        self._limits = limits
        self.origin = ""

    def ready(self) -> JsonObject:
        """Make READY, without the session's own fields."""
        return {
            "v": 10,
            "user": {**self._world.bot.to_json(), "mfa_enabled": False, "verified": True, "email": None},
            "application": {"id": self._world.application_id, "flags": 0},
            "resume_gateway_url": self.gateway_url,
            "user_settings": {},
            "relationships": [],
            "private_channels": [],
            "presences": [],
            "session_type": "normal",
            "_trace": ["sandbox"],
        }

    @property
    def gateway_url(self) -> str:
        """The gateway's address."""
        return f"{self.origin.replace('http', 'ws', 1)}/gateway/"

    def guild_create(self, guild_id: str) -> JsonObject:
        """Make GUILD_CREATE of a guild: with the bot as the only member, as without the members intent."""
        guild = self._world.guilds[guild_id]
        channels = [c for c in self._world.channels.values() if c.guild_id == guild_id]
        return guild.to_json() | {
            "joined_at": iso(guild.joined_at),
            "large": False,
            "unavailable": False,
            "member_count": len(guild.members),
            "members": [guild.members[self._world.bot.id].to_json()],
            "channels": [c.to_json() for c in channels if not c.is_thread],
            "threads": [c.to_json() for c in channels if c.is_thread and not c.archived],
            "voice_states": [],
            "presences": [],
            "stage_instances": [],
            "guild_scheduled_events": [],
            "soundboard_sounds": [],
        }

    def upload_limit(self, channel: Channel, user_id: str | None = None) -> int:
        """The largest file in a channel, in bytes: the guild's, or for a person's interaction also theirs."""
        guild = self._world.guilds.get(channel.guild_id or "")
        limit = (guild.upload_bytes if guild else None) or self._limits.upload_bytes
        return limit if user_id is None else max(limit, self._world.users[user_id].upload_bytes)

    def channel(self, channel: Channel, user_id: str) -> JsonObject:
        """The partial channel of an interaction, with the user's permissions in it."""
        data = channel.to_json()
        data.pop("permission_overwrites", None)
        return data | {"permissions": str(int(self._world.permissions(user_id, channel)))}

    def interaction(self, interaction: Interaction, message: JsonObject | None) -> JsonObject:
        """Make INTERACTION_CREATE."""
        world, channel, user = self._world, interaction.channel, interaction.user
        guild = world.guilds.get(channel.guild_id or "")
        data: JsonObject = {
            "id": interaction.id,
            "application_id": world.application_id,
            "type": interaction.kind,
            "data": interaction.data,
            "token": interaction.token,
            "version": 1,
            "channel_id": channel.id,
            "channel": self.channel(channel, user.id),
            "locale": user.locale,
            "app_permissions": str(int(self._app_permissions(channel, user))),
            "entitlements": [],
            "entitlement_sku_ids": [],
            "authorizing_integration_owners": interaction.owners,
            "context": context(channel),
            "attachment_size_limit": interaction.upload_bytes,
        }
        if message is not None:
            data["message"] = message
        if guild is None:
            return data | {"user": user.to_json()}
        permissions = str(int(world.permissions(user.id, channel)))
        return data | {
            "guild_id": guild.id,
            "guild": {"id": guild.id, "locale": guild.locale, "features": []},
            "guild_locale": guild.locale,
            "member": {**guild.members[user.id].to_json(), "permissions": permissions},
        }

    def owners(self, channel: Channel, user: User) -> dict[str, str]:
        """Installations by which the app may act for a user in a channel: "0" the guild's, "1" the user's."""
        found = {"1": user.id} if user.installed else {}
        if channel.guild_id is not None:
            return ({"0": channel.guild_id} if self._world.has_bot(channel.guild_id) else {}) | found
        return ({"0": "0"} if channel.type == DIRECT_MESSAGE else {}) | found

    def _app_permissions(self, channel: Channel, user: User) -> Permission:
        if channel.guild_id is None:
            return WITH_THE_BOT if channel.type == DIRECT_MESSAGE else BETWEEN_PEOPLE
        if self._world.has_bot(channel.guild_id):
            return self._world.permissions(self._world.bot.id, channel)
        # Undocumented for a guild without the bot; the app never has more permissions than its user there.
        return self._world.permissions(user.id, channel) & WITH_THE_BOT

    def response_fields(self, interaction: Interaction, *, follow_up: bool = False) -> JsonObject:
        """Fields of a message that answers an interaction."""
        application = self._world.application_id
        fields: JsonObject = {
            "application_id": application,
            "webhook_id": application,
            "interaction_metadata": self._metadata(interaction),
        }
        if follow_up and interaction.original is not None:
            fields["interaction_metadata"]["original_response_message_id"] = interaction.original.id
        elif interaction.kind == COMMAND:
            fields["interaction"] = {
                "id": interaction.id,
                "type": COMMAND,
                "name": " ".join(used(interaction.data)),
                "user": interaction.user.to_json(),
            }
        return fields

    def _metadata(self, interaction: Interaction) -> JsonObject:
        data: JsonObject = {
            "id": interaction.id,
            "type": interaction.kind,
            "user": interaction.user.to_json(),
            "authorizing_integration_owners": interaction.owners,
        }
        if interaction.kind == COMMAND and "target_id" in interaction.data:
            data["target_message_id"] = interaction.data["target_id"]
        if interaction.kind == COMPONENT and interaction.message is not None:
            data["interacted_message_id"] = interaction.message.id
        if interaction.kind == MODAL_SUBMIT and interaction.opener is not None:
            data["triggering_interaction_metadata"] = self._metadata(interaction.opener)
        return data


def context(channel: Channel) -> int:
    """Return Discord's interaction context: 0 in a guild, 1 in direct messages with the bot, 2 between people."""
    if channel.guild_id is not None:
        return 0
    return 1 if channel.type == DIRECT_MESSAGE else 2


def message_kind(interaction: Interaction) -> int:
    """The type of a message that answers an interaction."""
    first = interaction.opener or interaction
    if first.kind != COMMAND:
        return REPLY_MESSAGE
    return CONTEXT_MENU_MESSAGE if "target_id" in first.data else COMMAND_MESSAGE
