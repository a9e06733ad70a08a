"""A guild, and the JSON that Discord writes for it."""

from __future__ import annotations

from dataclasses import dataclass, field

from sandbox.discord.jsontypes import JsonObject
from sandbox.discord.model import Member, Role

_NULL_FIELDS = (
    "icon",
    "description",
    "home_header",
    "splash",
    "discovery_splash",
    "banner",
    "application_id",
    "afk_channel_id",
    "system_channel_id",
    "widget_channel_id",
    "max_presences",
    "vanity_url_code",
    "rules_channel_id",
    "safety_alerts_channel_id",
    "public_updates_channel_id",
    "incidents_data",
)
_ZERO_FIELDS = (
    "system_channel_flags",
    "verification_level",
    "default_message_notifications",
    "mfa_level",
    "explicit_content_filter",
    "premium_tier",
    "premium_subscription_count",
    "nsfw_level",
)


@dataclass
class Guild:
    """A server. `upload_bytes` is its boost level's file limit; None: the default of `Limits`.

    `locale`: the language that Discord has for it.
    """

    id: str
    name: str
    owner_id: str
    joined_at: float
    roles: dict[str, Role] = field(default_factory=dict[str, Role])
    members: dict[str, Member] = field(default_factory=dict[str, Member])
    upload_bytes: int | None = None
    locale: str = "en-US"

    def to_json(self) -> JsonObject:
        """Discord's guild object, without the fields that only the gateway adds."""
        nothing, zeros = dict.fromkeys(_NULL_FIELDS), dict.fromkeys(_ZERO_FIELDS, 0)
        return {
            "id": self.id,
            "name": self.name,
            "owner_id": self.owner_id,
            "region": "deprecated",
            "features": [],
            "afk_timeout": 300,
            "widget_enabled": False,
            "preferred_locale": self.locale,
            "premium_progress_bar_enabled": False,
            "nsfw": False,
            "max_members": 500_000,
            "max_stage_video_channel_users": 50,
            "max_video_channel_users": 25,
            "emojis": [],
            "stickers": [],
            "roles": [role.to_json() for role in self.roles.values()],
            **nothing,
            **zeros,
        }
