"""/screening and /cut in Discord."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import discord
import pytest
from discord import ui

from dailies.job import Job, Output
from dailies.review import Decision, Verdict
from dailies.shot import ShotTake
from tests.bot.conftest import Archive


async def kept(archive: Archive, number: int, shot: str = "", **changes: Any) -> Job:
    """Keep a take of five seconds that was delivered just now, with its file."""
    if shot:
        stores = archive.app.bot._stores  # pyright: ignore[reportPrivateUsage]
        channel = archive.app.channel
        named = await stores.shots.named(channel.id, channel.guild.id, shot, archive.app.ann.id, time.time())
        changes["shot"] = ShotTake(named.id, named.name)
    now = time.time()
    given: dict[str, Any] = {"ended_at": now, "created_at": now - 60, "submitted_at": now - 50, "cost": Decimal("0.45")}
    given["outputs"] = (Output(5.0, 64, 64, came=True),)
    return await archive.job(await archive.keep(number=number, on_disk=True, **given | changes))


async def said(archive: Archive, job: Job, verdict: Verdict, note: str | None = None) -> None:
    """Say something about a video."""
    reviews = archive.app.bot._stores.reviews  # pyright: ignore[reportPrivateUsage]
    assert await reviews.decide(Decision(job.id, 1, 1, verdict, archive.ben.id, time.time(), note=note, at_seconds=3.0))


async def until(archive: Archive, found: Callable[[], Any]) -> Any:
    """Wait for the background work: its pauses are virtual, and what it does takes real time."""
    await archive.app.env.advance_time(10)
    for _ in range(600):
        if one := found():
            return one
        await asyncio.sleep(0.05)
    raise AssertionError("it did not come")


def shown(result: Any) -> str:
    """Return the words of a private message that a click has redrawn, escapes taken out."""
    parts = result.response.components
    return "\n".join(part.get("content", "") for part in parts).replace("\\", "")


def film(archive: Archive) -> Any:
    """Return the newest message with a file; None without one."""
    return next((one for one in reversed(archive.app.channel.history()) if one.attachments), None)


def ended(archive: Archive, words: str) -> Any:
    """Return the message that says this; None without one."""
    return next((one for one in archive.app.channel.history() if words in one.content), None)


@pytest.mark.slow
async def test_a_screening_is_posted_with_what_it_cost_and_what_can_be_said_about_each_take(archive: Archive) -> None:
    first = await kept(archive, 1, "12A")
    await kept(archive, 2, "12A")
    await said(archive, first, Verdict.APPROVED)
    result = await archive.app.ann.slash(archive.app.channel, "screening now")
    assert archive.said(result) == "2 takes will be joined and posted in this channel. Screenings are free."
    message = await until(archive, lambda: film(archive))
    text = message.content.replace("\\", "")
    assert "**Screening** · 2 takes · requested by" in text
    assert "These takes: $0.90" in text
    assert "Last 30 days in this channel: $0.18 and" in text
    assert "(5 s approved)" in text
    assert "$0.45 went into 1 take that nobody approved." in text
    assert "Made with AI" in text
    assert "`0:01` 12A · take 1 · A: B · 5 s · $0.45" in text
    assert [file.filename for file in message.attachments] == [
        f"screening-{time.strftime('%Y-%m-%d', time.gmtime())}.mp4"
    ]
    assert await until(archive, lambda: ended(archive, "**Screening** · 2 takes, posted below. It was free."))
    again = await archive.app.ann.slash(archive.app.channel, "screening now")
    assert "Nothing new here since" in archive.said(again)
    assert "You weren't charged." in archive.said(again)
    assert len(archive.app.openrouter.submits) == 0


@pytest.mark.slow
async def test_retakes_are_one_list_with_their_sum_and_each_opens_in_the_composer(archive: Archive) -> None:
    job = await kept(archive, 1, "12A")
    await said(archive, job, Verdict.RETAKE, "keep the lantern lit")
    await archive.app.ann.slash(archive.app.channel, "screening now")
    message = await until(archive, lambda: film(archive))
    listed = await archive.ben.click(message, label="Retakes and their prices")
    text = archive.said(listed)
    assert "1 retake · price not known" in text
    assert "12A · take 1" in text
    assert "keep the lantern lit (at 3 s)" in text
    assert "No charge until Generate." in text.replace("*", "")


@pytest.mark.slow
async def test_the_cut_names_what_lacks_and_can_be_put_in_order(archive: Archive) -> None:
    first, second = await kept(archive, 1, "12A"), await kept(archive, 2, "13")
    await kept(archive, 3, "14")
    for job in (first, second):
        await said(archive, job, Verdict.APPROVED)
    panel = await archive.app.ann.slash(archive.app.channel, "cut")
    text = archive.said(panel)
    assert "Cut · 2 of 3 shots approved · 10 s" in text
    assert "3. 14 · no approved take yet" in text
    window = await archive.app.ann.click(panel.response.message, label="Order")
    ordered = await archive.app.ann.submit_modal(window, {"order": "2, 1"})
    assert "1. 13 · take 1 · 5 s\n2. 12A · take 1" in shown(ordered).replace("**", "")
    begun = await archive.app.ann.click(ordered.response.message, label="Make the cut")
    assert "Cuts are free." in shown(begun)
    message = await until(archive, lambda: film(archive))
    assert [file.filename.rpartition(".")[2] for file in message.attachments] == ["mp4", "otio"]
    text = message.content.replace("\\", "")
    assert "No approved take yet: 14." in text
    assert text.index("13 · take 1") < text.index("12A · take 1")
    assert "paper-boat-2-13-take-1.mp4" in text


async def test_only_people_who_may_manage_or_review_set_the_daily_screening(archive: Archive) -> None:
    refused = await archive.ben.slash(archive.app.channel, "screening schedule", at="17:00")
    assert "Only people who can manage this server" in archive.said(refused)
    guild = archive.app.channel.guild
    role = guild.create_role("boss", permissions=discord.Permissions(manage_guild=True))
    boss = guild.add_member(archive.app.env.create_user("boss"), roles=[role])
    set_ = await boss.slash(archive.app.channel, "screening schedule", at="17:00", weekdays="Mon-Fri")
    assert "Daily screening here: Monday to Friday at 17:00 (UTC), for the first time" in archive.said(set_)
    wrong = await boss.slash(archive.app.channel, "screening schedule", at="noonish")
    assert "That isn't a time the bot can read." in archive.said(wrong)
    off = await boss.slash(archive.app.channel, "screening schedule", at="off")
    assert archive.said(off) == "The daily screening here is off."


@pytest.mark.slow
async def test_a_take_below_a_screening_is_reviewed_with_the_buttons_of_its_video(archive: Archive) -> None:
    job = await kept(archive, 1, "12A")
    await archive.app.ann.slash(archive.app.channel, "screening now")
    message = await until(archive, lambda: film(archive))
    (menu,) = [one for row in message.components for one in row.children if isinstance(one, discord.SelectMenu)]
    chosen = await archive.ben.select(message, [menu.options[0].value], custom_id=menu.custom_id)
    assert "12A · take 1" in archive.said(chosen)
    await archive.ben.click(chosen.response.message, label="Approve")
    stores = archive.app.bot._stores  # pyright: ignore[reportPrivateUsage]
    (word,) = await stores.reviews.history(job.id, 1)
    assert (word.verdict, word.by_id) == (Verdict.APPROVED, archive.ben.id)


async def test_takes_of_a_private_thread_are_shown_in_no_screening_of_its_channel(archive: Archive) -> None:
    channel = archive.app.channel
    known: Any = archive.app.bot.get_channel(channel.id)
    secret = await known.create_thread(name="secret", type=discord.ChannelType.private_thread)
    public = await known.create_thread(name="night", type=discord.ChannelType.public_thread)
    seen = await archive.app.bot.screening_room.screenings._tools.chat.visible(  # pyright: ignore[reportPrivateUsage]
        channel.guild.id, channel.id, {secret.id, public.id, 5}
    )
    assert seen == {public.id}


async def test_a_forum_that_somebody_in_the_channel_does_not_see_is_hidden(archive: Archive) -> None:
    channel, guild = archive.app.channel, archive.app.channel.guild
    unseen = discord.PermissionOverwrite(view_channel=False)
    hidden = guild.create_text_channel("board", overwrites={guild.default_role: unseen})
    open_ = guild.create_text_channel("open")
    chat = archive.app.bot.screening_room.screenings._tools.chat  # pyright: ignore[reportPrivateUsage]
    assert await chat.visible(guild.id, channel.id, {hidden.id, open_.id}) == {open_.id}
    # From a hidden channel, an open one is seen by all who see it.
    assert await chat.visible(guild.id, hidden.id, {channel.id}) == {channel.id}


@pytest.mark.slow
async def test_what_stands_below_a_screening_acts_in_its_channel_alone(archive: Archive) -> None:
    await kept(archive, 1)
    await archive.app.ann.slash(archive.app.channel, "screening now")
    message = await until(archive, lambda: film(archive))
    (button,) = [one for row in message.components for one in row.children if isinstance(one, discord.Button)]
    elsewhere = archive.app.channel.guild.create_text_channel("elsewhere")
    there: Any = archive.app.bot.get_channel(elsewhere.id)
    await there.send("x", view=ui.View(timeout=None).add_item(ui.Button(label="x", custom_id=button.custom_id)))
    forged = await archive.ben.click(elsewhere.last_message, custom_id=button.custom_id)
    assert "no longer known here" in archive.said(forged)


@pytest.mark.slow
async def test_a_direct_message_has_no_daily_screening(archive: Archive) -> None:
    dora = archive.app.env.create_user("dora")
    refused = await dora.slash("screening schedule", at="17:00")
    assert "belongs to a channel of a server" in archive.said(refused)
