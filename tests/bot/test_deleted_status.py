"""Jobs whose status message somebody deletes."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import discord
import pytest

from cogs.status.message import StatusMessage
from dailies.job import State
from tests.bot.conftest import Archive
from tests.support.reasons import worded


async def test_a_status_that_a_crash_kept_from_being_noted_is_found_and_not_posted_again(archive: Archive) -> None:
    bot, channel = archive.app.bot, archive.app.channel
    job = await archive.keep(state=State.SUBMITTED, told=False)
    # simcord's message ids use a time of their own.
    job = replace(job, created_at=discord.utils.snowflake_time(channel.id).timestamp())

    first = await StatusMessage().replace(bot, [job], None)
    second = await StatusMessage().replace(bot, [job], None)

    assert first == second == channel.last_message.id


async def test_the_status_of_a_job_whose_end_was_told_is_not_posted_anew(archive: Archive) -> None:
    job = await archive.keep(on_disk=True, state=State.UNDELIVERED, reason=worded("no"))
    job = replace(job, place=replace(job.place, status_message_id=archive.app.channel.id))
    before = archive.app.channel.last_message

    async with asyncio.timeout(30):
        assert await archive.app.bot._chat.show(job)  # pyright: ignore[reportPrivateUsage]

    assert archive.app.channel.last_message == before


async def test_an_end_that_nobody_was_told_is_posted_anew_and_noted(archive: Archive) -> None:
    job = await archive.keep(told=False)
    job = replace(job, place=replace(job.place, status_message_id=archive.app.channel.id))

    async with asyncio.timeout(30):
        assert await archive.app.bot._chat.show(job)  # pyright: ignore[reportPrivateUsage]

    kept = await archive.job(job)
    assert kept.place.new_status_id == archive.app.channel.last_message.id


@pytest.mark.parametrize(
    ("status", "code"), [(404, 10003), (403, 50001), (400, 50083)], ids=["channel gone", "removed", "archived"]
)
async def test_an_end_that_its_channel_does_not_take_is_told_to_the_requester_alone(
    archive: Archive, status: int, code: int
) -> None:
    ann, bot = archive.app.ann, archive.app.bot
    job = await archive.keep(state=State.FAILED, told=False, reason=worded("The model couldn't make this video."))
    job = replace(job, place=replace(job.place, status_message_id=archive.app.channel.id))
    archive.app.env.inject_error("PATCH", "/channels/*/messages/*", status=status, code=code, message="no")

    async with asyncio.timeout(5):
        assert await bot._chat.show(job)  # pyright: ignore[reportPrivateUsage]

    await _told_directly(bot, ann.id)


async def test_an_end_whose_status_and_channel_are_gone_is_told_to_the_requester_alone(archive: Archive) -> None:
    ann, bot = archive.app.ann, archive.app.bot
    job = await archive.keep(state=State.FAILED, told=False, reason=worded("The model couldn't make this video."))
    job = replace(job, place=replace(job.place, status_message_id=archive.app.channel.id))
    # With the command's token, Discord only says that the message of a deleted channel is gone.
    archive.app.env.inject_error("GET", "/channels/*/messages", status=404, code=10003, message="no")

    async with asyncio.timeout(5):
        assert await bot._chat.show(job)  # pyright: ignore[reportPrivateUsage]

    await _told_directly(bot, ann.id)


async def test_a_refusal_whose_status_a_crash_kept_from_being_posted_is_posted(archive: Archive) -> None:
    bot, channel = archive.app.bot, archive.app.channel
    job = await archive.keep(state=State.REFUSED, told=False, reason=worded("The model couldn't make this video."))

    async with asyncio.timeout(5):
        assert await bot._chat.show(job)  # pyright: ignore[reportPrivateUsage]

    assert "couldn't make this video" in archive.app.own_status
    assert len(channel.history()) == 1


async def _told_directly(bot: discord.Client, requester_id: int) -> None:
    user = await bot.fetch_user(requester_id)
    (told,) = [message async for message in (await user.create_dm()).history()]
    assert "The model couldn't make this video." in str(told.components[0].to_dict())
