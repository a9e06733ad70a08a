"""Messages: created, edited, deleted, and sent to everyone who may see them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass

from sandbox.clock import Clock
from sandbox.discord import mentions
from sandbox.discord.buckets import limited
from sandbox.discord.component_tree import media_of, walk
from sandbox.discord.drafts import EPHEMERAL, LOADING, Before, Draft
from sandbox.discord.errors import FormErrors, refuse
from sandbox.discord.events import EventHub
from sandbox.discord.files import FileStore
from sandbox.discord.jsontypes import JsonObject, copy, is_object
from sandbox.discord.limits import Limits
from sandbox.discord.model import Channel, Message, Pinged, User
from sandbox.discord.permissions import Permission
from sandbox.discord.snowflake import Snowflakes, created_at, iso
from sandbox.discord.world import World

REPLY = 19
FORWARD = 1
"""The type of a message reference that forwards."""
SNAPSHOT = (
    "type", "content", "embeds", "attachments", "timestamp", "edited_timestamp", "flags", "components",
    "sticker_items", "mentions", "mention_roles",
)  # fmt: skip
"""Fields that a forward holds."""
Dispatch = Callable[[str, JsonObject, str | None], None]


@dataclass(frozen=True)
class _Nonce:
    message_id: str
    channel_id: str
    time: float


class Messages:
    """Keeps the messages of a world."""

    def __init__(
        self, world: World, files: FileStore, clock: Clock, limits: Limits, snowflakes: Snowflakes, hub: EventHub
    ) -> None:
        self._world = world
        self._files = files
        self._clock = clock
        self._limits = limits
        self._snowflakes = snowflakes
        self._hub = hub
        self._nonces: dict[tuple[str, str], _Nonce] = {}
        self.dispatch: Dispatch = lambda _name, _data, _guild: None

    def render(self, message: Message) -> JsonObject:
        """Return a message's JSON with fresh links to its files."""
        data = copy(message.data)
        hidden = message.data["_hidden"]
        data.pop("_hidden")
        data["attachments"] = [self._files.describe(file) for file in message.files.values() if file.id not in hidden]
        holders = [pair for component in walk(data["components"]) for pair in media_of(component)]
        holders += [(embed, key) for embed in data["embeds"] for key in ("image", "thumbnail") if key in embed]
        for holder, key in holders:
            file = message.files.get(str(holder[key].get("attachment_id")))
            if file is not None:
                holder[key] = self._files.describe_media(file)
        return data

    def before(self, message: Message) -> Before:
        """Return the message that an edit starts from."""
        data = message.data
        return Before(data["content"], data["embeds"], data["components"], data["flags"], message.files)

    def create(
        self,
        channel: Channel,
        author: User,
        draft: Draft,
        *,
        kind: int = 0,
        reply_to: Message | None = None,
        reply_pings: bool = True,
        visible_to: str | None = None,
        extra: JsonObject | None = None,
    ) -> Message:
        """Store a message and send it to everyone. `extra` are fields of its own, such as `nonce`."""
        found = self._mentioned(channel, author, draft)
        pings_author = reply_to is not None and reply_pings and draft.allowed.replied_user
        if reply_to is not None and pings_author and reply_to.author_id not in found.users:
            found.users.append(reply_to.author_id)
        data: JsonObject = {
            "id": self._snowflakes.next(),
            "channel_id": channel.id,
            "type": REPLY if reply_to is not None else kind,
            "author": author.to_json(),
            "content": draft.content or "",
            "timestamp": iso(self._clock.time()),
            "edited_timestamp": None,
            "tts": False,
            "pinned": False,
            "embeds": draft.embeds or [],
            "components": draft.components or [],
            "attachments": [],
            "flags": (draft.flags & ~EPHEMERAL) | (EPHEMERAL if visible_to else 0),
            "_hidden": sorted(draft.hidden),
            **self._mention_fields(found),
            **(extra or {}),
        }
        if reply_to is not None:
            data["message_reference"] = self._reference(reply_to, channel)
            if not reply_to.visible_to:
                data["referenced_message"] = self.render(reply_to)
        message = Message(data, author.id, found, dict(draft.files), visible_to)
        if visible_to:
            message.pinged = Pinged()
        channel.messages[message.id] = message
        channel.last_message_id = message.id
        self._tell("create", message)
        return message

    def edit(self, message: Message, draft: Draft, *, loaded: bool = False) -> Message:
        """Change a message. With `loaded` it is the answer that a deferral promised, and not an edit."""
        channel = self._world.channel(message.channel_id)
        if channel.archived:
            raise refuse(50083)
        data = message.data
        flags = (draft.flags & ~EPHEMERAL) | (data["flags"] & EPHEMERAL)
        data["flags"] = (flags & ~LOADING) if loaded else flags
        for key, value in (
            ("content", draft.content),
            ("embeds", draft.embeds),
            ("components", draft.components),
        ):
            if value is not None:
                data[key] = value
        data["_hidden"] = sorted(draft.hidden)
        message.files = dict(draft.files)
        for key, description in draft.described.items():
            message.files[key].description = description or None
        author = self._world.users[message.author_id]
        data |= self._mention_fields(self._mentioned(channel, author, draft))
        if not loaded:
            data["edited_timestamp"] = iso(self._clock.time())
            message.edits += 1
        self._tell("update", message)
        return message

    def check_old_edit(self, message: Message) -> None:
        """Count an edit of a message older than an hour; 30046 when there were too many."""
        window, now = self._limits.old_message_edits, self._clock.time()
        if window is None or now - created_at(message.id) < self._limits.old_message_seconds:
            return
        while message.old_edits and now - message.old_edits[0] >= window.seconds:
            message.old_edits.popleft()
        if len(message.old_edits) >= window.requests:
            error = limited(window.seconds - (now - message.old_edits[0]), {}, code=30046)
            error.body["message"] = refuse(30046).body["message"]
            raise error
        message.old_edits.append(now)

    def delete(self, message: Message) -> None:
        """Delete a message."""
        channel = self._world.channel(message.channel_id)
        del channel.messages[message.id]
        gone: JsonObject = {"id": message.id, "channel_id": channel.id}
        self._hub.emit({"type": "message_delete", **gone})
        if channel.guild_id:
            gone["guild_id"] = channel.guild_id
        if not message.visible_to:
            self.dispatch("MESSAGE_DELETE", gone, channel.guild_id)

    def remember_nonce(self, author_id: str, nonce: object, message: Message) -> None:
        """Keep the nonce that a message was created with."""
        seen = _Nonce(message.id, message.channel_id, self._clock.time())
        self._nonces[author_id, str(nonce)] = seen

    def with_nonce(self, author_id: str, nonce: object) -> Message | None:
        """Return the author's message with this nonce of the past few minutes; 10008 if it was deleted since.

        Discord deliberately makes no second one then (discord-api-docs, pull request 6647, by its author).
        """
        seen = self._nonces.get((author_id, str(nonce)))
        if seen is None or self._clock.time() - seen.time > self._limits.nonce_seconds:
            return None
        channel = self._world.channels.get(seen.channel_id)
        if channel is None or seen.message_id not in channel.messages:
            raise refuse(10008)
        return channel.messages[seen.message_id]

    def replied_to(self, body: JsonObject, channel: Channel, author: User) -> Message | None:
        """Return the message replied to. 50035 if it is gone, unless `fail_if_not_exists` is false; 160002."""
        reference = body.get("message_reference")
        if not is_object(reference):
            return None
        if Permission.READ_MESSAGE_HISTORY not in self._world.permissions(author.id, channel):
            raise refuse(160002)
        found = channel.messages.get(str(reference.get("message_id")))
        elsewhere = str(reference.get("channel_id") or channel.id) != channel.id
        if found is not None and not found.visible_to and not elsewhere:
            return found
        if reference.get("fail_if_not_exists", True):
            errors = FormErrors()
            errors.add("message_reference", "REPLIES_UNKNOWN_MESSAGE", "Unknown message")
            errors.raise_if_any()
        return None

    def forwarding(self, message: Message) -> JsonObject:
        """Make the fields of a message that forwards another one, whose author they do not name."""
        snapshot = {key: value for key, value in self.render(message).items() if key in SNAPSHOT}
        origin = self._reference(message, self._world.channel(message.channel_id)) | {"type": FORWARD}
        return {"content": "", "message_reference": origin, "message_snapshots": [{"message": snapshot}]}

    def event(self, kind: str, message: Message) -> JsonObject:
        """Make an event for observers; the users notified are only known when a message is created."""
        data = self.render(message)
        if message.visible_to:
            data["visible_to"] = message.visible_to
        return {"type": f"message_{kind}", "message": data, "pinged": asdict(message.pinged)}

    def _tell(self, kind: str, message: Message) -> None:
        self._hub.emit(self.event(kind, message))
        if message.visible_to:
            return
        channel = self._world.channel(message.channel_id)
        data = self.render(message)
        if channel.guild_id:
            data["guild_id"] = channel.guild_id
            member = self._world.guilds[channel.guild_id].members.get(message.author_id)
            if member is not None:
                data["member"] = {k: v for k, v in member.to_json().items() if k != "user"}
        self.dispatch(f"MESSAGE_{kind.upper()}", data, channel.guild_id)

    def _mentioned(self, channel: Channel, author: User, draft: Draft) -> Pinged:
        may = Permission.MENTION_EVERYONE in self._world.permissions(author.id, channel)
        guild = self._world.guilds.get(channel.guild_id or "")
        roles = guild.roles.values() if guild else ()
        return mentions.find(
            draft.texts,
            draft.allowed,
            user_ids=set(self._world.users),
            role_ids={role.id for role in roles if role.mentionable or may},
            may_everyone=may,
        )

    def _mention_fields(self, found: Pinged) -> JsonObject:
        return {
            "mentions": [self._world.users[user].to_json() for user in found.users],
            "mention_roles": list(found.roles),
            "mention_everyone": found.everyone,
        }

    def _reference(self, message: Message, channel: Channel) -> JsonObject:
        reference: JsonObject = {"type": 0, "channel_id": channel.id, "message_id": message.id}
        return reference | ({"guild_id": channel.guild_id} if channel.guild_id else {})
