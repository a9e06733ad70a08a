"""REST routes of forums and threads: posts, their tags, and the lists of threads (Discord's documentation, "Threads").

The bot makes threads in forums alone; no other ones can be made here.
"""

from __future__ import annotations

from collections.abc import Sequence

from sandbox.discord import access, drafts
from sandbox.discord.errors import FormErrors, refuse
from sandbox.discord.files import FileStore
from sandbox.discord.forms import integer, text
from sandbox.discord.http import Answer, Call, Route
from sandbox.discord.jsontypes import JsonObject, is_list, is_object, objects
from sandbox.discord.limits import Limits
from sandbox.discord.messages import Messages
from sandbox.discord.model import FORUM, REQUIRE_TAG, Channel, ForumTag
from sandbox.discord.payloads import Payloads
from sandbox.discord.permissions import Permission
from sandbox.discord.snowflake import iso
from sandbox.discord.world import World

TAGS_OF_FORUM, TAGS_OF_POST, TAG_NAME, TITLE = 20, 5, 20, 100
"""Published limits: of tags, and of characters."""
LISTED = 100
"""Most archived threads in one answer."""


class ThreadRoutes:
    """The bot's requests about forums and threads, made with its token."""

    def __init__(self, world: World, messages: Messages, files: FileStore, payloads: Payloads) -> None:
        self._world = world
        self._messages = messages
        self._files = files
        self._payloads = payloads

    def routes(self, limits: Limits) -> list[Route]:
        """The routes."""
        one = "/channels/{channel}"
        return [
            Route("PATCH", one, self.edit),
            Route("POST", f"{one}/threads", self.create, "threads", "channel", limits.message_create, status=201),
            Route("GET", f"{one}/threads/archived/public", self.archived),
            Route("GET", "/guilds/{guild}/threads/active", self.active),
        ]

    def create(self, call: Call) -> Answer:
        """POST a post of a forum, with its first message, which has the same id."""
        world, body = self._world, call.body.data
        forum = access.visible_channel(world, call.params["channel"])
        if forum.type != FORUM:
            raise refuse(10003)
        access.may_post(world, forum, files=bool(call.body.parts), embeds=False)
        errors = FormErrors()
        title = text(errors, body, "name", "", low=1, high=TITLE, required=True)
        first = body.get("message")
        if not is_object(first):
            errors.required("message")
        errors.raise_if_any()
        tags = self._applicable(forum, body.get("applied_tags"), [])
        if not tags and forum.flags & REQUIRE_TAG:
            raise refuse(40067 if self._settable(forum) else 40066)
        call.body.check_size(self._payloads.upload_limit(forum))
        described: JsonObject = first if is_object(first) else {}
        uploads = call.body.adopt(self._files, world.snowflakes, forum.id, described.get("attachments"))
        draft = drafts.read(described, uploads, self._files)
        post = world.add_post(forum, title or "", world.bot, tags)
        message = self._messages.create(post, world.bot, draft, extra={"id": post.id})
        return post.to_json() | {"message": self._messages.render(message)}

    def edit(self, call: Call) -> Answer:
        """PATCH the tags of a forum; or name, tags, archiving and lock of a thread. Other fields are ignored."""
        channel = access.visible_channel(self._world, call.params["channel"])
        if channel.is_thread:
            self._edit_thread(channel, call.body.data)
        else:
            access.require(self._world, channel, Permission.MANAGE_CHANNELS)
            if is_list(tags := call.body.data.get("available_tags")):
                channel.tags = self._offered(channel, tags)
        self._world.updated(channel)
        return channel.to_json()

    def active(self, call: Call) -> Answer:
        """GET the threads of a guild that are not archived, newest first, as far as the bot sees them."""
        if call.params["guild"] not in self._world.guilds or not self._world.has_bot(call.params["guild"]):
            raise refuse(10004)
        found = [one for one in self._seen() if one.guild_id == call.params["guild"] and not one.archived]
        return {"threads": [one.to_json() for one in sorted(found, key=_age)], "members": [], "has_more": False}

    def archived(self, call: Call) -> Answer:
        """GET the archived threads of a channel, the last archived first: `limit`, and `before`, a timestamp."""
        channel = access.visible_channel(self._world, call.params["channel"])
        access.require(self._world, channel, Permission.READ_MESSAGE_HISTORY)
        errors = FormErrors()
        limit = integer(errors, dict(call.query), "limit", "", low=2, high=LISTED) or LISTED
        errors.raise_if_any()
        before = call.query.get("before", "~").replace("Z", "+00:00")
        found = [one for one in self._seen() if one.parent_id == channel.id and one.archived]
        found = [one for one in found if iso(one.archive_changed) < before]
        found.sort(key=lambda one: -one.archive_changed)
        listed = [one.to_json() for one in found[:limit]]
        return {"threads": listed, "members": [], "has_more": len(found) > limit}

    def _seen(self) -> list[Channel]:
        world = self._world
        threads = [one for one in world.channels.values() if one.is_thread]
        return [one for one in threads if Permission.VIEW_CHANNEL in world.permissions(world.bot.id, one)]

    def _edit_thread(self, thread: Channel, body: JsonObject) -> None:
        """Change a thread; 50083 while it stays archived. Its owner may do that without Manage Threads, unless it is
        locked.
        """
        manages = Permission.MANAGE_THREADS in self._world.permissions(self._world.bot.id, thread)
        owns = thread.owner_id == self._world.bot.id and not thread.locked
        if not manages and (not owns or "locked" in body):
            raise refuse(50013)
        if thread.archived and body.get("archived") is not False:
            raise refuse(50083)
        errors = FormErrors()
        title = text(errors, body, "name", "", low=1, high=TITLE)
        errors.raise_if_any()
        if "applied_tags" in body and thread.applied_tags is not None and thread.parent_id:
            forum = self._world.channel(thread.parent_id)
            tags = self._applicable(forum, body["applied_tags"], thread.applied_tags)
            if not tags and forum.flags & REQUIRE_TAG:
                raise refuse(40067)
            thread.applied_tags = tags
        thread.name = title or thread.name
        for name in ("archived", "locked"):
            if isinstance(body.get(name), bool):
                setattr(thread, name, body[name])
        if "archived" in body:
            thread.archive_changed = self._world.clock.time()

    def _applicable(self, forum: Channel, given: object, before: Sequence[str]) -> list[str]:
        """Return the ids of tags for a post; 10087, 50013 for moderated ones, 50035. before: those that it has."""
        wanted = list(dict.fromkeys(str(one) for one in given)) if is_list(given) else []
        errors = FormErrors()
        if len(wanted) > TAGS_OF_POST:
            errors.too_long("applied_tags", TAGS_OF_POST)
        errors.raise_if_any()
        if not set(wanted) <= {tag.id for tag in forum.tags}:
            raise refuse(10087)
        changed = set(wanted) ^ set(before)
        if changed & {tag.id for tag in forum.tags if tag.moderated}:
            access.require(self._world, forum, Permission.MANAGE_THREADS)
        return wanted

    def _settable(self, forum: Channel) -> bool:
        manages = Permission.MANAGE_THREADS in self._world.permissions(self._world.bot.id, forum)
        return manages or any(not tag.moderated for tag in forum.tags)

    def _offered(self, forum: Channel, given: list[object]) -> list[ForumTag]:
        """Return the tags that a forum has from now on; 40061, 50035. Those without an id are new."""
        errors = FormErrors()
        if len(given) > TAGS_OF_FORUM:
            errors.too_long("available_tags", TAGS_OF_FORUM)
        known = {tag.id for tag in forum.tags}
        found: list[ForumTag] = []
        for number, entry in enumerate(objects(given)):
            name = text(errors, entry, "name", f"available_tags.{number}", low=1, high=TAG_NAME, required=True)
            kept = str(entry.get("id")) if str(entry.get("id")) in known else self._world.snowflakes.next()
            found.append(ForumTag(kept, name or "", bool(entry.get("moderated"))))
        errors.raise_if_any()
        if len({tag.name for tag in found}) < len(found):
            raise refuse(40061)
        return found


def _age(thread: Channel) -> int:
    return -int(thread.id)
