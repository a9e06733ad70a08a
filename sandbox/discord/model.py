"""The objects in a guild, and the JSON that Discord writes for them."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from sandbox.discord.files import StoredFile
from sandbox.discord.jsontypes import JsonObject
from sandbox.discord.permissions import NONE, Permission
from sandbox.discord.snowflake import created_at, iso

TEXT_CHANNEL, DIRECT_MESSAGE, GROUP, PUBLIC_THREAD, FORUM = 0, 1, 3, 11, 15
REQUIRE_TAG = 1 << 4
"""Flag of a forum whose posts need a tag."""


@dataclass
class User:
    """An account. `upload_bytes` is the size its Nitro lets it upload; 0 without.

    `takes_direct`: accepts direct messages from bots. `installed`: installed the app for itself. `locale`: its
    client's language.
    """

    id: str
    username: str
    global_name: str | None = None
    bot: bool = False
    upload_bytes: int = 0
    takes_direct: bool = True
    installed: bool = False
    locale: str = "en-US"

    def to_json(self) -> JsonObject:
        """Discord's user object."""
        data: JsonObject = {
            "id": self.id,
            "username": self.username,
            "global_name": self.global_name,
            "discriminator": "0000" if self.bot else "0",
            "avatar": None,
            "public_flags": 0,
            "flags": 0,
            "primary_guild": None,
        }
        return {**data, "bot": True} if self.bot else data


@dataclass
class Role:
    """A role of a guild."""

    id: str
    name: str
    permissions: Permission
    position: int = 0
    mentionable: bool = False
    managed: bool = False

    def to_json(self) -> JsonObject:
        """Discord's role object."""
        return {
            "id": self.id,
            "name": self.name,
            "description": None,
            "permissions": str(int(self.permissions)),
            "position": self.position,
            "color": 0,
            "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
            "hoist": False,
            "managed": self.managed,
            "mentionable": self.mentionable,
            "icon": None,
            "unicode_emoji": None,
            "flags": 0,
        }


@dataclass
class Member:
    """A user in a guild."""

    user: User
    joined_at: float
    roles: list[str] = field(default_factory=list[str])

    def to_json(self) -> JsonObject:
        """Discord's guild member object."""
        return {
            "user": self.user.to_json(),
            "nick": None,
            "avatar": None,
            "banner": None,
            "roles": list(self.roles),
            "joined_at": iso(self.joined_at),
            "premium_since": None,
            "communication_disabled_until": None,
            "pending": False,
            "deaf": False,
            "mute": False,
            "flags": 0,
        }


@dataclass
class Overwrite:
    """Permissions given to or taken from one role (type 0) or member (type 1) in one channel."""

    id: str
    type: int
    allow: Permission = NONE
    deny: Permission = NONE

    def to_json(self) -> JsonObject:
        """Discord's overwrite object."""
        return {"id": self.id, "type": self.type, "allow": str(int(self.allow)), "deny": str(int(self.deny))}


@dataclass
class ForumTag:
    """A tag that a forum has for its posts. moderated: only who manages threads can set it or take it away."""

    id: str
    name: str
    moderated: bool = False

    def to_json(self) -> JsonObject:
        """Discord's forum tag object."""
        return {"id": self.id, "name": self.name, "moderated": self.moderated, "emoji_id": None, "emoji_name": None}


@dataclass
class Channel:
    """A text or forum channel, a public thread, a direct message with the bot or a group of people without it.

    nsfw: age-restricted; a thread or post is where its parent is. tags: that a forum has. applied_tags: ids of those of
    a post; None: it is no post.
    """

    id: str
    type: int
    name: str | None = None
    guild_id: str | None = None
    parent_id: str | None = None
    position: int = 0
    overwrites: dict[str, Overwrite] = field(default_factory=dict[str, Overwrite])
    owner_id: str | None = None
    recipients: list[User] = field(default_factory=list[User])
    nsfw: bool = False
    archived: bool = False
    locked: bool = False
    archive_changed: float = 0.0
    flags: int = 0
    tags: list[ForumTag] = field(default_factory=list[ForumTag])
    applied_tags: list[str] | None = None
    last_message_id: str | None = None
    messages: dict[str, Message] = field(default_factory=dict[str, "Message"], repr=False)

    @property
    def is_thread(self) -> bool:
        """True if this is a thread."""
        return self.type == PUBLIC_THREAD

    def to_json(self) -> JsonObject:
        """Discord's channel object."""
        data: JsonObject = {
            "id": self.id,
            "type": self.type,
            "flags": self.flags,
            "last_message_id": self.last_message_id,
        }
        if self.type == DIRECT_MESSAGE:
            return {**data, "recipients": [user.to_json() for user in self.recipients]}
        if self.type == GROUP:
            people = [user.to_json() for user in self.recipients]
            return {**data, "recipients": people, "name": self.name, "icon": None, "owner_id": self.owner_id}
        data |= {
            "guild_id": self.guild_id,
            "name": self.name,
            "parent_id": self.parent_id,
            "rate_limit_per_user": 0,
        }
        return data | (self._thread_json() if self.is_thread else self._text_json())

    def _text_json(self) -> JsonObject:
        forum: JsonObject = {"available_tags": [tag.to_json() for tag in self.tags], "default_forum_layout": 0}
        return (forum if self.type == FORUM else {}) | {
            "position": self.position,
            "topic": None,
            "nsfw": self.nsfw,
            "permission_overwrites": [overwrite.to_json() for overwrite in self.overwrites.values()],
        }

    def _thread_json(self) -> JsonObject:
        count = len(self.messages)
        tags: JsonObject = {} if self.applied_tags is None else {"applied_tags": list(self.applied_tags)}
        return tags | {
            "owner_id": self.owner_id,
            "message_count": count,
            "total_message_sent": count,
            "member_count": 1,
            "thread_metadata": {
                "archived": self.archived,
                "archive_timestamp": iso(self.archive_changed),
                "auto_archive_duration": 4320,
                "locked": self.locked,
                "create_timestamp": iso(created_at(self.id)),
            },
        }


@dataclass
class Pinged:
    """The users notified of a message. Edits never notify."""

    users: list[str] = field(default_factory=list[str])
    roles: list[str] = field(default_factory=list[str])
    everyone: bool = False


@dataclass
class Message:
    """A message as stored. `data` is Discord's JSON with links unsigned: render it before it leaves.

    `files` holds every upload, also those shown by components or embeds, which Discord leaves out of
    `attachments` (discord-api-docs pull request 8279). `visible_to` is the one person who sees an
    ephemeral message.
    """

    data: JsonObject
    author_id: str
    pinged: Pinged = field(default_factory=Pinged)
    files: dict[str, StoredFile] = field(default_factory=dict[str, StoredFile])
    visible_to: str | None = None
    interaction_id: str | None = None
    edits: int = 0
    old_edits: deque[float] = field(default_factory=deque[float])

    @property
    def id(self) -> str:
        """The message's id."""
        return str(self.data["id"])

    @property
    def channel_id(self) -> str:
        """The channel's id."""
        return str(self.data["channel_id"])

    @property
    def flags(self) -> int:
        """Message flags."""
        return int(self.data["flags"])
