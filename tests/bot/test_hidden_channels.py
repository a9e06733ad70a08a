"""Prompts of channels that a person does not see are shown to them nowhere, whatever else they may do in the server."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import discord
import pytest

from cogs.jobs.list_view import TURN
from dailies.job import Job, Place, State
from dailies.openrouter.pricing import Quote
from tests.bot.conftest import START, Archive
from tests.support.reasons import worded

QUOTE = Quote(Decimal("0.40"), True, None, worded("as the test says"))


@pytest.fixture
def eve(archive: Archive) -> Any:
    """Somebody who may manage the server and its messages."""
    guild = archive.app.channel.guild
    role = guild.create_role("producer", permissions=discord.Permissions(manage_guild=True, manage_messages=True))
    return guild.add_member(archive.app.env.create_user("eve"), roles=[role])


async def hidden(archive: Archive, **changes: Any) -> Job:
    """Keep a job of Ann's without a bill, in a channel that only the bot and Ann see."""
    guild, bot = archive.app.channel.guild, archive.app.bot
    seen, unseen = discord.PermissionOverwrite(view_channel=True), discord.PermissionOverwrite(view_channel=False)
    channel = guild.create_text_channel(
        "board", overwrites={guild.default_role: unseen, bot.user: seen, archive.app.ann: seen}
    )
    place = Place(guild.id, channel.id, archive.app.ann.id, None)
    kept: dict[str, Any] = {"state": State.UNKNOWN, "ended_at": START, "quote": QUOTE, "place": place}
    return await archive.keep(**kept | changes)


def words(result: Any) -> str:
    return str(result.response.components) + (result.response.content or "")


async def test_a_video_of_a_hidden_channel_is_settled_without_its_prompt(archive: Archive, eve: Any) -> None:
    job, channel = await hidden(archive), archive.app.channel

    (option,) = await eve.autocomplete(channel, "budget settle", "job", "")
    assert option["value"] == job.id
    assert "asked in a channel that you do not see" in option["name"]
    assert "paper boat" not in option["name"]
    question = await eve.slash(channel, "budget settle", job=job.id, usd="0.36")
    assert f"Settle {job.id} as $0.36?" in words(question)
    assert "paper boat" not in words(question)


async def test_words_of_a_hidden_prompt_find_nothing_to_settle_and_its_id_does(archive: Archive, eve: Any) -> None:
    job, channel = await hidden(archive), archive.app.channel

    assert await eve.autocomplete(channel, "budget settle", "job", "paper boat") == []
    (option,) = await eve.autocomplete(channel, "budget settle", "job", job.id[:9])
    assert option["value"] == job.id


async def test_words_of_a_prompt_in_a_channel_that_is_seen_find_it(archive: Archive, eve: Any) -> None:
    job = await archive.keep(state=State.UNKNOWN, quote=QUOTE, ended_at=START)

    (option,) = await eve.autocomplete(archive.app.channel, "budget settle", "job", "paper boat")
    assert option["value"] == job.id
    assert "paper boat" in option["name"]


@pytest.mark.slow
async def test_an_administrator_sees_every_channel(archive: Archive) -> None:
    job, guild = await hidden(archive), archive.app.channel.guild
    role = guild.create_role("admin", permissions=discord.Permissions(administrator=True))
    adam = guild.add_member(archive.app.env.create_user("adam"), roles=[role])

    (option,) = await adam.autocomplete(archive.app.channel, "budget settle", "job", "paper boat")
    assert option["value"] == job.id


async def test_a_moderator_lists_jobs_of_a_hidden_channel_without_their_prompts(archive: Archive, eve: Any) -> None:
    await hidden(archive)

    listed = archive.said(await archive.jobs("list", eve, guild=True))
    assert "**asked in a channel that you do not see**" in listed
    assert "paper boat" not in listed


async def test_a_moderator_neither_finds_nor_is_shown_a_job_of_a_hidden_channel(archive: Archive, eve: Any) -> None:
    job = await hidden(archive, state=State.DELIVERED, on_disk=True)

    assert await eve.autocomplete(archive.app.channel, "jobs show", "job", "paper") == []
    for word in ("show", "resend", "original"):
        assert "There's no job" in archive.said(await archive.jobs(word, eve, job=job.id))


async def test_its_requester_sees_the_prompt_everywhere(archive: Archive) -> None:
    job = await hidden(archive)

    (option,) = await archive.app.ann.autocomplete(archive.app.channel, "jobs show", "job", "paper boat")
    assert option["value"] == job.id
    assert "A paper boat" in archive.said(await archive.jobs("list"))


@pytest.mark.slow
async def test_a_page_beside_a_job_of_another_server_is_the_first_page(archive: Archive) -> None:
    for number in range(11):
        await archive.keep(number=number)
    elsewhere = await archive.keep(archive.ben, 5, place=Place(7, 8, archive.ben.id, None))
    view = discord.ui.LayoutView()
    row: discord.ui.ActionRow[discord.ui.LayoutView] = discord.ui.ActionRow()
    button = TURN.button("Press", whose="mine", way="older", beside=elsewhere.id, words="")
    view.add_item(row.add_item(button))
    known: Any = archive.app.bot.get_channel(archive.app.channel.id)
    message = await known.send(view=view)

    result = await archive.app.ann.click(message, label="Press")
    assert "1 to 10 of 11, newest first" in words(result)
