"""Forums of the Discord stand-in through real discord.py: posts, their tags, and what Discord refuses."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import discord
import pytest

from cogs.delivery.forum import DiscordForum
from cogs.interactions.pause import Pause
from dailies.errors import ChatUnavailable, NotAllowed
from dailies.job import Place
from dailies.reason import ReasonCode
from dailies.review import ShotState
from dailies.shot import Shot
from sandbox.discord import DiscordServer, Permission
from sandbox.discord.model import Channel
from tests.support.discordbot import Bot, connected, until
from tests.support.openapi import check_discord_traffic
from tests.unit.kit import a_job


async def opened(
    server: DiscordServer, bot: Bot, tags: Sequence[str] = (), *, require_tag: bool = False, may: bool = True
) -> discord.ForumChannel:
    """Add a forum, once the bot knows it. may: the bot can make tags there."""
    made = server.world.add_forum("shots", tags, require_tag=require_tag)
    if may:
        server.world.allow(made.id, Permission.MANAGE_CHANNELS)
    await until(lambda: isinstance(bot.get_channel(int(made.id)), discord.ForumChannel))
    found = bot.get_channel(int(made.id))
    assert isinstance(found, discord.ForumChannel)
    return found


def shot_of(server: DiscordServer) -> Shot:
    channel = server.world.channel_named("dailies")
    return Shot("s1", int(server.world.guild.id), int(channel.id), "12A", 1, 0.0)


def posts(server: DiscordServer, forum: discord.ForumChannel) -> list[Channel]:
    return [one for one in server.world.channels.values() if one.parent_id == str(forum.id)]


async def first_take(server: DiscordServer, bot: Bot, forum: discord.ForumChannel, since: float | None = None) -> int:
    """Make the post of the shot for its first take."""
    shot, ann = shot_of(server), server.world.user_named("Ann")
    place = Place(shot.guild_id, shot.channel_id, int(ann.id))
    chat = DiscordForum(bot, seconds=20.0, pause=Pause())
    return await chat.open_post(a_job(place=place), shot, forum.id, since=since)


async def refusal(work: object) -> int:
    """Return the code of Discord's refusal of some work."""
    assert asyncio.iscoroutine(work)
    with pytest.raises(discord.HTTPException) as caught:
        await work
    return caught.value.code


async def test_a_post_begins_with_its_first_message_and_is_found_among_archived_ones() -> None:
    async with connected() as (server, bot):
        forum = await opened(server, bot, ["hero"])
        made = await forum.create_thread(name="12A", content="first", applied_tags=forum.available_tags)
        assert made.message.id == made.thread.id
        assert [tag.name for tag in made.thread.applied_tags] == ["hero"]
        assert [one.id for one in await forum.guild.active_threads() if one.parent_id == forum.id] == [made.thread.id]
        server.world.archive(str(made.thread.id))
        assert [one.id async for one in forum.archived_threads(limit=None)] == [made.thread.id]
        assert await refusal(made.thread.edit(name="12B")) == 50083
        await made.thread.edit(archived=False, name="12B")
        assert posts(server, forum)[0].name == "12B"
    check_discord_traffic(server.requests)


async def test_tags_have_their_limits_and_rights() -> None:
    async with connected() as (server, bot):
        forum = await opened(server, bot, [f"tag {number}" for number in range(20)], require_tag=True)
        assert await refusal(forum.create_tag(name="one more")) == 50035
        assert await refusal(forum.create_thread(name="12A", content="x")) == 40067
        assert (
            await refusal(forum.create_thread(name="12A", content="x", applied_tags=forum.available_tags[:6])) == 50035
        )
        assert await refusal(forum.create_thread(name="12A", content="x", applied_tags=[discord.Object(1)])) == 10087  # pyright: ignore[reportArgumentType]
        for tag in server.world.channel(str(forum.id)).tags:
            tag.moderated = True
        assert await refusal(forum.create_thread(name="12A", content="x")) == 40066
        assert (
            await refusal(forum.create_thread(name="12A", content="x", applied_tags=forum.available_tags[:1])) == 50013
        )
        assert await refusal(bot.get_partial_messageable(forum.id).send("no post")) == 40058

        other = await opened(server, bot, ["hero"], may=False)
        assert await refusal(other.create_tag(name="hero 2")) == 50013


@pytest.mark.parametrize("fault", [{"status": 502}, {"status": 500}, {"drop": True}])
async def test_a_post_whose_answer_is_lost_is_found_and_not_made_twice(fault: dict[str, int]) -> None:
    async with connected() as (server, bot):
        forum = await opened(server, bot)
        asked = server.clock.time()
        server.faults.add(method="POST", path="/threads$", when="after", **fault)  # pyright: ignore[reportArgumentType]
        with pytest.raises(ChatUnavailable):
            await first_take(server, bot, forum)
        (post,) = posts(server, forum)
        assert await first_take(server, bot, forum, since=asked) == int(post.id)
        server.world.archive(post.id)
        assert await first_take(server, bot, forum, since=asked) == int(post.id)
        assert len(posts(server, forum)) == 1
    check_discord_traffic(server.requests)


async def test_tags_of_states_are_made_in_a_forum_that_has_others_and_changed_in_archived_posts() -> None:
    async with connected() as (server, bot):
        forum = await opened(server, bot, ["hero", "APPROVED"])
        post = await first_take(server, bot, forum)
        chat = DiscordForum(bot, seconds=20.0, pause=Pause())
        names = {tag.id: tag.name for tag in server.world.channel(str(forum.id)).tags}
        assert list(names.values()) == ["hero", "APPROVED", "In progress"]

        server.world.archive(str(post))
        await until(lambda: bot.get_channel(post) is None)
        await chat.tag_post(post, ShotState.APPROVED)
        (made,) = posts(server, forum)
        assert [names[tag] for tag in made.applied_tags or ()] == ["APPROVED"]
        server.world.deny(str(forum.id), Permission.VIEW_CHANNEL)
        await chat.tag_post(post, ShotState.RETAKE)  # refused, and only logged


async def test_a_job_of_an_age_restricted_channel_gets_a_post_only_in_such_a_forum() -> None:
    async with connected() as (server, bot):
        forum = await opened(server, bot)
        shot, ann = shot_of(server), server.world.user_named("Ann")
        place = Place(shot.guild_id, shot.channel_id, int(ann.id))
        job, chat = a_job(place=place, age_restricted=True), DiscordForum(bot, seconds=20.0, pause=Pause())
        with pytest.raises(NotAllowed) as refused:
            await chat.open_post(job, shot, forum.id, since=None)
        assert refused.value.why.code is ReasonCode.FORUM_NOT_AGE_RESTRICTED
        assert posts(server, forum) == []

        server.world.restrict(str(forum.id))
        await until(lambda: forum.is_nsfw())
        await chat.open_post(job, shot, forum.id, since=None)
        assert len(posts(server, forum)) == 1
