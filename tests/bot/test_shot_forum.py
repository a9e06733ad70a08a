"""Shots as posts of a forum: who chooses it, what goes into a post, and what happens where one takes nothing."""

from __future__ import annotations

import asyncio
from typing import Any

import discord
import pytest
from simcord.backend.models import Overwrite
from simcord.enums import OverwriteType

from dailies.job import Job
from dailies.review import Decision, Verdict
from tests.bot.conftest import BotApp
from tests.bot.test_compare import compared
from tests.bot.test_under_the_video import press

pytestmark = pytest.mark.settings(CONFIRM_ABOVE_USD="9")

SEEN, UNSEEN = discord.PermissionOverwrite(view_channel=True), discord.PermissionOverwrite(view_channel=False)


@pytest.fixture
def forum(app: BotApp) -> Any:
    """A forum beside the channel."""
    return app.channel.guild.create_forum_channel("shots")


@pytest.fixture
def mia(app: BotApp) -> Any:
    """Somebody who manages the server."""
    guild = app.channel.guild
    role = guild.create_role("producer", permissions=discord.Permissions(manage_guild=True))
    return guild.add_member(app.env.create_user("mia"), roles=[role])


async def chosen(app: BotApp, mia: Any, forum: Any, channel: Any = None) -> str:
    """Choose a forum as Mia, and return the answer."""
    return app.text(await mia.slash(channel or app.channel, "shots forum", forum=forum))


async def took(app: BotApp, shot: str | None = "12A", channel: Any = None) -> str:
    """Make a take as Ann; return its status."""
    options = {"shot": shot} if shot else {}
    result = await app.ann.slash(channel or app.channel, "video", prompt="A paper boat", **options)
    return await app.finish(result)


def denied(app: BotApp, forum: Any, **rights: bool) -> None:
    """Take rights in a forum from the bot."""
    allow, deny = discord.PermissionOverwrite(**rights).pair()
    backend = app.env.backend
    taken = Overwrite(backend.bot_user.id, OverwriteType.MEMBER, allow.value, deny.value)
    backend.set_overwrite(forum.id, taken)


def videos(channel: Any) -> list[discord.Message]:
    """Return the messages with a video in a channel, oldest first."""
    return [one for one in channel.history() if one.attachments]


async def jobs_of(app: BotApp) -> tuple[Job, ...]:
    """Return all of Ann's jobs, newest first."""
    return (await app.bot._stores.library.of_requester(app.ann.id)).jobs  # pyright: ignore[reportPrivateUsage]


@pytest.mark.slow
async def test_the_first_take_of_a_shot_makes_its_post_and_further_ones_go_there(
    app: BotApp, forum: Any, mia: Any
) -> None:
    assert "each shot of" in await chosen(app, mia, forum)
    first = await took(app)
    second = await took(app, shot=None)

    (post,) = forum.threads
    assert post.name == "12A"
    assert len(videos(post)) == 2
    assert videos(app.channel) == []
    guild = app.channel.guild.id
    for status, video in zip((first, second), videos(post), strict=True):
        assert f"https://discord.com/channels/{guild}/{post.id}/{video.id}" in status
        assert "direct message" not in status


@pytest.mark.slow
async def test_asking_in_the_post_makes_a_take_of_its_shot(app: BotApp, forum: Any, mia: Any) -> None:
    await chosen(app, mia, forum)
    await took(app)
    (post,) = forum.threads
    await took(app, shot=None, channel=post)

    assert len(forum.threads) == 1
    assert "12A · take 2" in videos(post)[1].content


@pytest.mark.slow
async def test_videos_of_no_shot_stay_where_they_were_asked_for(app: BotApp, forum: Any, mia: Any) -> None:
    await chosen(app, mia, forum)
    await took(app, shot=None)
    assert forum.threads == []
    assert len(videos(app.channel)) == 1


@pytest.mark.slow
async def test_a_forum_in_which_the_bot_may_not_post_says_so_below_the_video(app: BotApp, forum: Any, mia: Any) -> None:
    await chosen(app, mia, forum)
    denied(app, forum, send_messages_in_threads=False)
    await took(app)

    assert forum.threads == []
    (video,) = videos(app.channel)
    assert f"couldn't be posted in <#{forum.id}>: the bot is missing Send Messages in Threads" in video.content


def tags_of(app: BotApp, post: Any) -> list[str]:
    """Return the names of a post's tags."""
    thread = app.bot.get_channel(post.id)
    assert isinstance(thread, discord.Thread)
    return [tag.name for tag in thread.applied_tags]


@pytest.mark.slow
async def test_tags_show_how_a_shot_stands_beside_those_that_people_set(app: BotApp, forum: Any, mia: Any) -> None:
    await chosen(app, mia, forum)
    await took(app)
    (post,) = forum.threads
    assert tags_of(app, post) == ["In progress"]

    thread: Any = app.bot.get_channel(post.id)
    hero = await thread.parent.create_tag(name="hero")
    await thread.add_tags(hero)
    (job,) = await jobs_of(app)
    reviews = app.bot._stores.reviews  # pyright: ignore[reportPrivateUsage]
    await reviews.decide(Decision(job.id, 1, 1, Verdict.APPROVED, mia.id, job.created_at))
    await took(app)

    assert tags_of(app, post) == ["hero", "Approved"]
    assert [tag.name for tag in thread.parent.available_tags] == ["In progress", "hero", "Approved"]


@pytest.mark.slow
async def test_without_the_right_to_make_tags_those_that_are_there_are_used_and_others_left_out(
    app: BotApp, forum: Any, mia: Any
) -> None:
    channel: Any = app.bot.get_channel(forum.id)
    await channel.create_tag(name="IN PROGRESS")
    denied(app, forum, manage_channels=False)
    assert "Add tags named Retake and Approved to the forum" in await chosen(app, mia, forum)
    await took(app)
    (post,) = forum.threads
    assert tags_of(app, post) == ["IN PROGRESS"]


@pytest.mark.slow
async def test_a_deleted_post_sends_a_take_back_and_the_next_one_to_a_new_post(
    app: BotApp, forum: Any, mia: Any
) -> None:
    await chosen(app, mia, forum)
    await took(app)
    app.env.backend.delete_channel(forum.threads[0].id)

    await took(app)
    (video,) = videos(app.channel)
    assert "the shot's post is gone; its next take gets a new one" in video.content
    await took(app)
    (post,) = forum.threads
    assert len(videos(post)) == 1
    assert len(videos(app.channel)) == 1


@pytest.mark.slow
async def test_a_locked_post_sends_a_take_back_and_an_archived_one_wakes_up(app: BotApp, forum: Any, mia: Any) -> None:
    await chosen(app, mia, forum)
    denied(app, forum, manage_threads=False)
    await took(app)
    (post,) = forum.threads
    app.env.backend.edit_channel(post.id, {}, thread_metadata={"archived": True})
    await took(app)
    assert len(videos(post)) == 2

    app.env.backend.edit_channel(post.id, {}, thread_metadata={"locked": True})
    await took(app)
    (video,) = videos(app.channel)
    assert "the thread is locked" in video.content
    assert len(forum.threads) == 1


@pytest.mark.slow
async def test_a_post_that_was_made_right_before_a_crash_is_found_again(app: BotApp, forum: Any, mia: Any) -> None:
    await chosen(app, mia, forum)
    await took(app)
    (post,) = forum.threads
    forums, (job,) = app.bot._stores.forums, await jobs_of(app)  # pyright: ignore[reportPrivateUsage]
    assert job.shot
    made = discord.utils.snowflake_time(post.id).timestamp()
    for archived in (False, True):
        # The crash came between the post and its record.
        await forums.gone(job.shot.shot_id, post.id)
        await forums.asking(job.shot.shot_id, made)
        app.env.backend.edit_channel(post.id, {}, thread_metadata={"archived": archived})
        await took(app)
    assert len(forum.threads) == 1
    assert len(videos(post)) == 3


@pytest.mark.slow
async def test_a_comparison_of_a_shot_is_posted_and_voted_on_in_its_post(app: BotApp, forum: Any, mia: Any) -> None:
    await chosen(app, mia, forum)
    await compared(app, shot="12A")
    for _ in range(20):
        if forum.threads and videos(forum.threads[0]):
            break
        await asyncio.sleep(0.05)
        await app.env.advance_time(10)
    (post,) = forum.threads
    (message,) = videos(post)
    assert len(message.attachments) == 2
    assert videos(app.channel) == []
    await press(app.ann, message, "End the vote")
    assert "nobody voted" in videos(post)[0].content


@pytest.mark.slow
async def test_only_who_manages_the_server_chooses_a_forum_and_stops_that(app: BotApp, forum: Any, mia: Any) -> None:
    refused = app.text(await app.ann.slash(app.channel, "shots forum", forum=forum))
    assert "Only people with the permission Manage Server" in refused
    assert "have no forum" in app.text(await mia.slash(app.channel, "shots forum"))

    await chosen(app, mia, forum)
    shown = await mia.slash(app.channel, "shots forum")
    assert f"has a post in <#{forum.id}>" in app.text(shown)
    await mia.click(shown.response, label="Stop using the forum")
    await took(app)
    assert forum.threads == []
    assert len(videos(app.channel)) == 1


@pytest.mark.slow
async def test_the_takes_of_a_hidden_channel_are_shown_in_no_open_forum(app: BotApp, forum: Any, mia: Any) -> None:
    guild = app.channel.guild
    seen = {guild.default_role: UNSEEN, app.bot.user: SEEN, app.ann: SEEN, mia: SEEN}
    hidden = guild.create_text_channel("board", overwrites=seen)
    assert "open to people who can't see the channel" in await chosen(app, mia, forum, hidden)

    # Hidden since.
    await app.bot._stores.forums.use(hidden.id, guild.id, forum.id, mia.id, 0.0)  # pyright: ignore[reportPrivateUsage]
    await took(app, channel=hidden)
    assert forum.threads == []
    assert "open to people who can't see the channel" in videos(hidden)[0].content


@pytest.mark.slow
async def test_a_video_is_posted_in_no_forum_that_its_requester_cannot_see(app: BotApp, forum: Any, mia: Any) -> None:
    await chosen(app, mia, forum)
    guild, backend = app.channel.guild, app.env.backend
    _, deny = UNSEEN.pair()
    allow, _ = SEEN.pair()
    backend.set_overwrite(forum.id, Overwrite(backend.bot_user.id, OverwriteType.MEMBER, allow.value, 0))
    backend.set_overwrite(forum.id, Overwrite(guild.default_role.id, OverwriteType.ROLE, 0, deny.value))
    await took(app)
    assert "the person who asked for the video can't see the forum" in videos(app.channel)[0].content
    backend.set_overwrite(forum.id, Overwrite(app.ann.id, OverwriteType.MEMBER, allow.value, 0))
    await took(app)
    assert len(videos(forum.threads[0])) == 1


async def test_a_forum_whose_posts_need_a_tag_that_the_bot_cannot_set_is_refused(
    app: BotApp, forum: Any, mia: Any
) -> None:
    channel: Any = app.bot.get_channel(forum.id)
    channel._flags = discord.ChannelFlags(require_tag=True).value  # simcord knows no such forums
    denied(app, forum, manage_channels=False)
    channel._flags = discord.ChannelFlags(require_tag=True).value
    assert "can't set one named In progress" in await chosen(app, mia, forum)
