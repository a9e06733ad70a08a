"""Checks of forums whose posts are shots: what the bot needs there, and who else would see the videos."""

from __future__ import annotations

import discord

from cogs.interactions.discord_errors import NEEDS, THREAD_NEEDS
from cogs.interactions.permissions import age_restricted, hidden
from dailies.errors import NotAllowed
from dailies.job import Job
from dailies.reason import Reason, ReasonCode
from dailies.review import ShotState

TAGS_OF_FORUM = 20
"""Most tags that Discord lets a forum have (its documentation, "Channels Resource")."""
POST_NEEDS = (*NEEDS, THREAD_NEEDS[0])
"""Permissions that the bot needs in a forum to make posts and to post in them."""


def lacking(forum: discord.ForumChannel) -> Reason | None:
    """Return which permissions the bot lacks in a forum; None: it has all that it needs."""
    allowed = forum.permissions_for(forum.guild.me)
    needs = POST_NEEDS if allowed.view_channel else NEEDS[:1]
    names = [name for flag, name in needs if not getattr(allowed, flag)]
    return Reason(ReasonCode.LACKS_PERMISSIONS, names=names) if names else None


def named(forum: discord.ForumChannel, state: ShotState) -> discord.ForumTag | None:
    """Return a forum's tag for a state of shots; None: there is none."""
    return next((one for one in forum.available_tags if one.name.casefold() == state.casefold()), None)


def settable(forum: discord.ForumChannel, state: ShotState) -> discord.ForumTag | None:
    """Return a forum's tag for a state of shots, if the bot can set it; None: there is none, or only moderators can."""
    found = named(forum, state)
    moderates = forum.permissions_for(forum.guild.me).manage_threads
    return None if found and found.moderated and not moderates else found


def takes_tags(forum: discord.ForumChannel) -> bool:
    """Tell if the bot can make another tag in a forum."""
    room = len(forum.available_tags) < TAGS_OF_FORUM
    return room and forum.permissions_for(forum.guild.me).manage_channels


def needs_tag(forum: discord.ForumChannel) -> Reason | None:
    """Return why no post can be made in a forum whose posts need a tag; None: they need none, or the bot can set it."""
    state = ShotState.IN_PROGRESS
    made = named(forum, state) is None and takes_tags(forum)
    missing = forum.flags.require_tag and not made and not settable(forum, state)
    return Reason(ReasonCode.FORUM_NEEDS_TAG) if missing else None


def too_open(channel: object, forum: discord.ForumChannel, *, restricted: bool) -> Reason | None:
    """Return why the videos of a channel may not be shown in a forum; None: they may.

    channel: None: not known, so that it counts as one that not everybody sees. restricted: it is for adults alone.
    """
    if restricted and not age_restricted(forum):
        return Reason(ReasonCode.FORUM_NOT_AGE_RESTRICTED)
    if (channel is None or hidden(channel)) and not hidden(forum):
        return Reason(ReasonCode.FORUM_OPEN)
    return None


async def check_forum(client: discord.Client, job: Job, forum: discord.ForumChannel) -> None:
    """Check that a job's video may be posted in a forum, and that its requester sees it there.

    Raises NotAllowed, discord.HTTPException.
    """
    why = too_open(client.get_channel(job.place.channel_id), forum, restricted=job.age_restricted)
    if why is None and hidden(forum) and not await _sees(job.place.requester_id, forum):
        why = Reason(ReasonCode.FORUM_UNSEEN)
    if why:
        raise NotAllowed(why)


async def check_post(client: discord.Client, job: Job, post_id: int) -> None:
    """Check that a job's video may be posted in a post. Raises NotAllowed, discord.HTTPException.

    An archived post is not held in memory; posting in it brings it back.
    """
    post = client.get_channel(post_id) or await client.fetch_channel(post_id)
    if not isinstance(post, discord.Thread) or not isinstance(post.parent, discord.ForumChannel):
        raise NotAllowed(Reason(ReasonCode.POST_GONE))
    if post.locked and not post.permissions_for(post.guild.me).manage_threads:
        raise NotAllowed(Reason(ReasonCode.LOCKED))
    await check_forum(client, job, post.parent)


async def _sees(person_id: int, forum: discord.ForumChannel) -> bool:
    """Tell if a person sees a forum. Members are not held in memory, so Discord is asked."""
    try:
        member = await forum.guild.fetch_member(person_id)
    except discord.NotFound:
        return True  # left the server: nobody is kept from their video
    return forum.permissions_for(member).view_channel
