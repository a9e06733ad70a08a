"""The shot of a request: typed once, kept for its person in the channel, carried along, and said everywhere."""

from __future__ import annotations

from typing import Any

import discord
import pytest
from sqlalchemy import update

from cogs.video.command import command_after
from dailies.job import How
from dailies.schema import shots
from dailies.shot import ShotTake
from tests.bot.composing import Panel, compose
from tests.bot.conftest import Archive, BotApp

pytestmark = pytest.mark.settings(CONFIRM_ABOVE_USD="9")


async def of_newest(app: BotApp) -> tuple[str, int | None] | None:
    """Return the name of the shot that the newest job is a take of, and its number."""
    page = await app.bot.job_handlers._library.of_guild(app.channel.guild.id)  # pyright: ignore[reportPrivateUsage]
    shot = page.jobs[0].shot
    return shot and (shot.name, shot.number)


async def taken(app: BotApp, where: Any = None, by: Any = None, **options: object) -> tuple[str, int | None] | None:
    """Type /video; return the shot of the job that it makes."""
    await (by or app.ann).slash(where or app.channel, "video", prompt="A paper boat", **options)
    return await of_newest(app)


@pytest.mark.slow
async def test_a_shot_stays_chosen_for_its_person_in_its_channel_until_they_leave_it(archive: Archive) -> None:
    app = archive.app
    other = app.channel.guild.create_text_channel("other")
    assert await taken(app) is None
    assert await taken(app, shot="12A") == ("12A", 1)
    assert await taken(app) == ("12A", 2)
    assert await taken(app, by=archive.ben) is None
    assert await taken(app, other) is None
    assert await taken(app, shot="12a", by=archive.ben) == ("12A", 3)
    assert await taken(app, shot="No shot") is None
    assert await taken(app) is None
    assert await taken(app, by=archive.ben) == ("12A", 4)


@pytest.mark.slow
async def test_the_video_its_status_and_its_file_say_the_shot_and_the_take(app: BotApp) -> None:
    result = await app.video(shot="12A")
    status = await app.finish(result)
    message = next(one for one in reversed(app.channel.history()) if one.attachments)

    assert "12A · take 1" in status
    assert message.content.splitlines()[0].endswith("your video is ready · 12A · take 1")
    assert message.attachments[0].filename == "paper-boat-12a-take-1.mp4"


@pytest.mark.slow
async def test_takes_of_a_set_have_numbers_of_their_shot(app: BotApp) -> None:
    await app.video(shot="12A")
    text = app.text(await app.video(takes=2))
    assert "**2** · " in text
    assert "**3** · " in text
    assert " · 12A · " in text


@pytest.mark.slow
async def test_again_makes_the_next_take_of_the_same_shot_whatever_one_works_on(app: BotApp) -> None:
    await app.finish(await app.video(shot="12A"))
    await taken(app, shot="12B")
    message = next(one for one in app.channel.history() if one.attachments)
    row: Any = message.components[0]
    await app.ann.click(message, label=row.children[0].label)
    assert await of_newest(app) == ("12A", 2)


async def test_going_on_stays_in_the_shot_and_the_next_shot_leaves_it(archive: Archive) -> None:
    job = await archive.keep(shot=await made(archive, "12A"))
    assert job.shot
    for how in How:
        command = command_after(await archive.job(job), how)
        assert command.shot == (None if how is How.NEXT_SHOT else job.shot)


async def made(archive: Archive, name: str) -> ShotTake:
    app = archive.app
    shot = await app.bot.composer.shots.store.named(app.channel.id, app.channel.guild.id, name, app.ann.id, 1.0)
    return ShotTake(shot.id, shot.name)


@pytest.mark.slow
async def test_edit_opens_the_panel_in_the_video_s_shot(app: BotApp) -> None:
    await app.finish(await app.video(shot="12A"))
    await taken(app, shot="No shot")
    message = next(one for one in app.channel.history() if one.attachments)
    panel = Panel(app, app.ann, await app.ann.click(message, label="Edit"))
    assert "Shot: 12A" in panel.buttons
    assert "from 12A · take 1" in panel.text


@pytest.mark.slow
async def test_the_panel_chooses_a_shot_or_names_a_new_one_which_then_stays(app: BotApp) -> None:
    await taken(app, shot="12A")
    panel = await compose(app, prompt="A lantern")
    assert "Shot: 12A" in panel.buttons
    await panel.fill("Shot", new="Harbor at night")
    assert "Shot: Harbor at night" in panel.buttons
    await panel.fill("Shot", shot=["12A"])
    assert "Shot: 12A" in panel.buttons
    await panel.fill("Shot", shot=["No shot"])
    assert "Shot: none" in panel.buttons
    assert await taken(app) is None
    await panel.fill("Shot", new="12B")
    await panel.press("Generate")
    assert await of_newest(app) == ("12B", 1)


@pytest.mark.slow
async def test_a_blank_draft_follows_the_shot_that_its_person_works_on(app: BotApp) -> None:
    assert "Shot: none" in (await compose(app)).buttons
    await taken(app, shot="12A")
    assert "Shot: 12A" in (await compose(app)).buttons


@pytest.mark.slow
async def test_shots_are_suggested_with_what_is_typed_as_a_new_one(archive: Archive) -> None:
    app = archive.app
    await taken(app, shot="12A")
    await taken(app, shot="Harbor")

    async def suggested(typed: str) -> list[tuple[str, str]]:
        found = await archive.ben.autocomplete(app.channel, "video", "shot", typed)
        return [(one["name"], one["value"]) for one in found]

    assert await suggested("") == [("12A · 1 take", "12A"), ("Harbor · 1 take", "Harbor"), ("No shot", "No shot")]
    assert await suggested("12") == [("12 · new shot", "12"), ("12A · 1 take", "12A")]
    assert await suggested("12a") == [("12A · 1 take", "12A")]


async def test_a_name_that_is_none_is_refused_and_nothing_is_made(app: BotApp) -> None:
    result = await app.video(shot="12\u202eA")
    assert "A shot needs a name" in app.text(result)
    assert not app.openrouter.submits


@pytest.mark.slow
async def test_in_a_thread_the_shot_belongs_to_the_thread_s_channel(app: BotApp) -> None:
    await taken(app, shot="12A")
    thread = await a_thread(app)
    assert await taken(app, thread) == ("12A", 2)
    assert await taken(app, thread, shot="12B") == ("12B", 1)
    assert await taken(app) == ("12B", 2)


@pytest.mark.slow
async def test_in_the_post_of_a_shot_that_shot_is_chosen_by_itself(archive: Archive) -> None:
    app = archive.app
    shot = await made(archive, "12A")
    await taken(app, shot="12B")
    thread = await a_thread(app)
    store = app.bot.composer.shots.store
    async with store._engine.begin() as connection:  # pyright: ignore[reportPrivateUsage]
        await connection.execute(update(shots).where(shots.c.id == shot.shot_id).values(post_id=thread.id))
    assert await taken(app, thread) == ("12A", 1)
    assert await taken(app) == ("12B", 2)


async def a_thread(app: BotApp) -> Any:
    """Make a public thread of the channel."""
    channel = app.bot.get_channel(app.channel.id)
    assert isinstance(channel, discord.TextChannel)
    await channel.create_thread(name="night", type=discord.ChannelType.public_thread)
    (thread,) = app.channel.threads
    return thread
