"""REST routes of channels and their messages."""

from __future__ import annotations

from sandbox.discord import access, drafts
from sandbox.discord.drafts import SUPPRESS_EMBEDS
from sandbox.discord.errors import FormErrors, refuse
from sandbox.discord.events import EventHub
from sandbox.discord.files import FileStore
from sandbox.discord.forms import integer
from sandbox.discord.gateway import MESSAGE_CONTENT, may_read, without_content
from sandbox.discord.http import Answer, Call, Route
from sandbox.discord.jsontypes import JsonObject
from sandbox.discord.limits import Limits
from sandbox.discord.messages import Messages
from sandbox.discord.model import FORUM, Channel, Message
from sandbox.discord.payloads import Payloads
from sandbox.discord.permissions import Permission
from sandbox.discord.world import World

MAX_NONCE = 25


class ChannelRoutes:
    """The bot's requests about channels, made with its token."""

    def __init__(self, world: World, messages: Messages, files: FileStore, payloads: Payloads, hub: EventHub) -> None:
        self._world = world
        self._messages = messages
        self._files = files
        self._payloads = payloads
        self._hub = hub

    def routes(self, limits: Limits) -> list[Route]:
        """The routes."""
        many, one = "/channels/{channel}/messages", "/channels/{channel}/messages/{message}"
        return [
            Route("GET", "/channels/{channel}", self.channel),
            Route("POST", "/channels/{channel}/typing", self.typing),
            Route("GET", many, self.history, "history", "channel", limits.message_history),
            Route("POST", many, self.create, "create", "channel", limits.message_create),
            Route("GET", one, self.message, "message", "channel", limits.message_history),
            Route("PATCH", one, self.edit, "edit", "channel", limits.message_edit),
            Route("DELETE", one, self.delete, "delete", "channel", limits.message_delete),
        ]

    def channel(self, call: Call) -> Answer:
        """GET a channel."""
        return access.visible_channel(self._world, call.params["channel"]).to_json()

    def typing(self, call: Call) -> Answer:
        """Show that the bot is typing."""
        channel = access.visible_channel(self._world, call.params["channel"])
        access.may_post(self._world, channel, files=False, embeds=False)
        self._hub.emit({"type": "typing", "channel_id": channel.id, "user_id": self._world.bot.id})
        return None

    def history(self, call: Call) -> Answer:
        """GET messages, newest first: `limit` (1 to 100), and one of `before`, `after`, `around`."""
        channel = access.visible_channel(self._world, call.params["channel"])
        errors = FormErrors()
        query: JsonObject = dict(call.query)
        limit = integer(errors, query, "limit", "", low=1, high=100)
        marks = {key: integer(errors, query, key, "", low=0) for key in ("before", "after", "around")}
        errors.raise_if_any()
        if Permission.READ_MESSAGE_HISTORY not in self._world.permissions(self._world.bot.id, channel):
            return []
        found = [m for m in channel.messages.values() if not m.visible_to]
        found.sort(key=lambda message: int(message.id))
        chosen = _window(found, limit or 50, marks)
        return [self._shown(message, channel) for message in reversed(chosen)]

    def message(self, call: Call) -> Answer:
        """GET a message."""
        channel = access.visible_channel(self._world, call.params["channel"])
        access.require(self._world, channel, Permission.READ_MESSAGE_HISTORY)
        return self._shown(access.public_message(channel, call.params["message"]), channel)

    def create(self, call: Call) -> Answer:
        """POST a message."""
        world, body = self._world, call.body.data
        channel = access.visible_channel(world, call.params["channel"])
        if channel.type == FORUM:
            raise refuse(40058)
        access.may_post(world, channel, files=bool(call.body.parts), embeds=bool(body.get("embeds")))
        call.body.check_size(self._payloads.upload_limit(channel))
        nonce = _nonce(body)
        if nonce is not None and body.get("enforce_nonce"):
            first = self._messages.with_nonce(world.bot.id, nonce)
            if first is not None:
                return self._messages.render(first)
        reply_to = self._messages.replied_to(body, channel, world.bot)
        uploads = call.body.adopt(self._files, world.snowflakes, channel.id, body.get("attachments"))
        draft = drafts.read(body, uploads, self._files)
        if channel.archived:
            world.archive(channel.id, archived=False, locked=channel.locked)
        extra: JsonObject = {} if nonce is None else {"nonce": nonce}
        message = self._messages.create(channel, world.bot, draft, reply_to=reply_to, extra=extra)
        if nonce is not None:
            self._messages.remember_nonce(world.bot.id, nonce, message)
        return self._messages.render(message)

    def edit(self, call: Call) -> Answer:
        """PATCH a message."""
        world, body = self._world, call.body.data
        channel = access.visible_channel(world, call.params["channel"])
        message = access.public_message(channel, call.params["message"])
        if message.author_id != world.bot.id:
            self._edit_foreign(message, channel, body)
        if channel.archived:
            raise refuse(50083)
        if call.body.parts:
            access.require(world, channel, Permission.ATTACH_FILES)
        call.body.check_size(self._payloads.upload_limit(channel))
        self._messages.check_old_edit(message)
        uploads = call.body.adopt(self._files, world.snowflakes, channel.id, body.get("attachments"))
        draft = drafts.read(body, uploads, self._files, self._messages.before(message))
        return self._messages.render(self._messages.edit(message, draft))

    def delete(self, call: Call) -> Answer:
        """DELETE a message."""
        channel = access.visible_channel(self._world, call.params["channel"])
        message = access.public_message(channel, call.params["message"])
        if message.author_id != self._world.bot.id:
            access.require(self._world, channel, Permission.MANAGE_MESSAGES)
        if channel.archived:
            raise refuse(50083)
        self._messages.delete(message)
        return None

    def _edit_foreign(self, message: Message, channel: Channel, body: JsonObject) -> None:
        """Allow only suppressing the embeds of others' messages, with Manage Messages."""
        if set(body) - {"flags"} or (body.get("flags") or 0) & ~SUPPRESS_EMBEDS:
            raise refuse(50005)
        access.require(self._world, channel, Permission.MANAGE_MESSAGES)

    def _shown(self, message: Message, channel: Channel) -> JsonObject:
        data = self._messages.render(message)
        privileged = self._world.privileged_intents & MESSAGE_CONTENT or channel.guild_id is None
        return data if privileged or may_read(data, self._world.bot.id) else without_content(data)


def _nonce(body: JsonObject) -> str | int | None:
    nonce = body.get("nonce")
    if isinstance(nonce, str) and len(nonce) > MAX_NONCE:
        errors = FormErrors()
        errors.too_long("nonce", MAX_NONCE)
        errors.raise_if_any()
    return nonce


def _window(found: list[Message], limit: int, marks: dict[str, int | None]) -> list[Message]:
    before, after, around = marks["before"], marks["after"], marks["around"]
    if around is not None:
        older = [m for m in found if int(m.id) <= around]
        newer = [m for m in found if int(m.id) > around]
        return [*older[-(limit // 2 + 1) :], *newer[: limit // 2]][:limit]
    if after is not None:
        return [m for m in found if int(m.id) > after][:limit]
    return [m for m in found if before is None or int(m.id) < before][-limit:]
