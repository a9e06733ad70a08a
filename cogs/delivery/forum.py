"""Forum posts of shots on Discord: each made once, and found again by a mark in its first message."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from typing import Any
from weakref import WeakValueDictionary

import discord
from discord.http import Route

from cogs.delivery.forum_checks import check_forum, lacking, named, needs_tag, settable, takes_tags
from cogs.interactions.discord_errors import BROKEN, missing, reason, upload_errors
from cogs.interactions.languages import telling
from cogs.interactions.pause import Pause
from cogs.interactions.text import content, inert, plain
from dailies.delivery.chat import Upload
from dailies.delivery.forum import Forum
from dailies.errors import ChatUnavailable, NotAllowed
from dailies.job import Job
from dailies.language import gettext
from dailies.reason import Reason, ReasonCode
from dailies.review import ShotState
from dailies.shot import SHOT_NAME_MOST, Shot

log = logging.getLogger(__name__)

TAGS_OF_POST = 5
"""Most tags that a post can have (Discord's documentation, "Channels Resource")."""
STATES = frozenset(state.casefold() for state in ShotState)
CLOCKS_DIFFER = 60.0
"""Seconds by which Discord's clock may be behind ours."""


class DiscordForum(Forum):
    """Implements Forum. seconds: limit of each of its steps. pause: while it lasts, nothing is sent."""

    def __init__(self, client: discord.Client, *, seconds: float, pause: Pause) -> None:
        self._client = client
        self._seconds = seconds
        self._pause = pause
        self._locks = WeakValueDictionary[int, asyncio.Lock]()

    async def open_post(self, job: Job, shot: Shot, forum_id: int, *, since: float | None) -> int:
        async with self._errors(job, shot):
            forum = self._client.get_channel(forum_id)
            if not isinstance(forum, discord.ForumChannel):
                raise NotAllowed(Reason(ReasonCode.FORUM_GONE))
            if since is not None and (found := await self._find(forum, shot, since)):
                return found
            await check_forum(self._client, job, forum)
            if why := lacking(forum) or needs_tag(forum):
                raise NotAllowed(why)
            tag = await self._tag(forum, ShotState.IN_PROGRESS)
            with telling(job):
                return await self._make(forum, shot, [tag.id] if tag else [])

    async def tag_post(self, post_id: int, state: ShotState) -> None:
        try:
            async with asyncio.timeout(self._seconds):
                await self._retag(post_id, state)
        except BROKEN as error:
            log.warning("post %s: its tags could not be changed: %s", post_id, type(error).__name__)
        except discord.HTTPException as error:
            log.warning("post %s: Discord refused its tags: %s", post_id, reason(error))

    @asynccontextmanager
    async def _errors(self, job: Job, shot: Shot) -> AsyncGenerator[None]:
        """Translate Discord's failures into domain errors."""
        if left := self._pause.left:
            raise ChatUnavailable(f"paused for {left:.0f} s")
        async with upload_errors(Upload((), shot.id), seconds=self._seconds, why=partial(missing, self._client, job)):
            yield

    async def _make(self, forum: discord.ForumChannel, shot: Shot, tags: list[int]) -> int:
        """Make a post and return its id. Sent once: Discord knows no nonce for posts."""
        payload: dict[str, Any] = {
            "name": plain(shot.name) or gettext("Shot"),
            "auto_archive_duration": forum.default_auto_archive_duration,
            "applied_tags": tags,
            "message": {"content": _first_message(shot), "allowed_mentions": {"parse": []}},
        }
        route = Route("POST", "/channels/{channel_id}/threads", channel_id=forum.id)
        made = await self._client.http.request(route, form=_SentOnce(payload))
        return int(made["id"])

    async def _find(self, forum: discord.ForumChannel, shot: Shot, since: float) -> int | None:
        """Return the post of a shot that was made after that time, if there is one."""
        first = since - CLOCKS_DIFFER
        for post in await forum.guild.active_threads():
            if post.parent_id == forum.id and await self._is_of(post, shot, first):
                return post.id
        async for post in forum.archived_threads(limit=None):
            if post.archive_timestamp.timestamp() < first:
                break
            if await self._is_of(post, shot, first):
                return post.id
        return None

    async def _is_of(self, post: discord.Thread, shot: Shot, first: float) -> bool:
        own = self._client.user is not None and post.owner_id == self._client.user.id
        if not own or discord.utils.snowflake_time(post.id) < datetime.fromtimestamp(first, UTC):
            return False
        # A post and its first message have the same id.
        first_message = post.history(limit=1, around=discord.Object(post.id))
        return any([one.content.endswith(_mark(shot)) async for one in first_message])

    async def _retag(self, post_id: int, state: ShotState) -> None:
        """Put the tag of a state in the place of those of other states. Raises discord.HTTPException and BROKEN."""
        post = self._client.get_channel(post_id) or await self._client.fetch_channel(post_id)
        if not isinstance(post, discord.Thread) or not isinstance(post.parent, discord.ForumChannel):
            return
        tag = await self._tag(post.parent, state)
        others = [one for one in post.applied_tags if one.name.casefold() not in STATES]
        # Without the right tag, none is truer than a wrong one.
        tags = [*others, *([tag] if tag else [])]
        if len(tags) > TAGS_OF_POST or (not tags and post.parent.flags.require_tag):
            log.warning("post %s: its tags cannot say %s", post_id, state)
        elif {one.id for one in tags} != {one.id for one in post.applied_tags}:
            # Nothing can be changed in an archived post.
            await (post.edit(applied_tags=tags, archived=False) if post.archived else post.edit(applied_tags=tags))

    async def _tag(self, forum: discord.ForumChannel, state: ShotState) -> discord.ForumTag | None:
        """Return a forum's tag of a state, made if there is none and the bot may; None: it cannot set one."""
        if named(forum, state):
            return settable(forum, state)
        async with self._locks.setdefault(forum.id, asyncio.Lock()):
            return await self._made(forum.id, state)

    async def _made(self, forum_id: int, state: ShotState) -> discord.ForumTag | None:
        """Return a tag of a state, made if there is none by now. A new one is sent with all others: the newest list."""
        try:
            forum = await self._client.fetch_channel(forum_id)
            if not isinstance(forum, discord.ForumChannel):
                return None
            if named(forum, state) or not takes_tags(forum):
                return settable(forum, state)
            return await forum.create_tag(name=state)
        except BROKEN as error:
            log.warning("forum %s: the tag %s could not be made: %s", forum_id, state, type(error).__name__)
        except discord.HTTPException as error:
            log.warning("forum %s: Discord refused the tag %s: %s", forum_id, state, reason(error))
        return None


class _SentOnce:
    """The body of a request that discord.py must not repeat after a failure, as it repeats others: it reads the form
    anew for every try. payload: JSON.
    """

    def __init__(self, payload: dict[str, Any]) -> None:
        self._payload = payload
        self._sent = False

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """Give the form's only field. Raises ChatUnavailable the second time: the first may have been carried out."""
        if self._sent:
            raise ChatUnavailable("no answer to a request that is sent once")
        self._sent = True
        body = json.dumps(self._payload)
        return iter([{"name": "payload_json", "value": body, "content_type": "application/json"}])


def _first_message(shot: Shot) -> str:
    name = inert(shot.name, SHOT_NAME_MOST)
    of = gettext("a shot of {channel}", channel=f"<#{shot.channel_id}>")
    return content(f"**{name}** · {of}\n{gettext('/video in this post makes its next take.')}\n{_mark(shot)}")


def _mark(shot: Shot) -> str:
    """Return the last line of a post's first message, by which it is found."""
    return f"-# Shot {shot.id}"
