"""What becomes of a job whose status message somebody deletes."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import discord

from cogs.message import StatusMessage
from dailies.jobs.job import State
from tests.bot.conftest import Archive


async def test_a_status_that_a_crash_kept_from_being_noted_is_found_and_not_posted_again(archive: Archive) -> None:
    bot, channel = archive.room.bot, archive.room.channel
    job = await archive.keep(state=State.SUBMITTED, told=False)
    # simcord's messages have ids of a time of its own.
    job = replace(job, created_at=discord.utils.snowflake_time(channel.id).timestamp())

    first = await StatusMessage().replace(bot, job, None)
    second = await StatusMessage().replace(bot, job, None)

    assert first == second == channel.last_message.id


async def test_the_status_of_a_job_whose_end_was_told_is_not_posted_anew(archive: Archive) -> None:
    job = await archive.keep(on_disk=True, state=State.UNDELIVERED, reason="no")
    job = replace(job, place=replace(job.place, status_message_id=archive.room.channel.id))
    before = archive.room.channel.last_message

    async with asyncio.timeout(5):
        assert await archive.room.bot._chat.show(job)  # pyright: ignore[reportPrivateUsage]

    assert archive.room.channel.last_message == before


async def test_an_end_that_nobody_was_told_is_posted_anew_and_noted(archive: Archive) -> None:
    job = await archive.keep(told=False)
    job = replace(job, place=replace(job.place, status_message_id=archive.room.channel.id))

    async with asyncio.timeout(5):
        assert await archive.room.bot._chat.show(job)  # pyright: ignore[reportPrivateUsage]

    kept = await archive.job(job)
    assert kept.place.new_status_id == archive.room.channel.last_message.id
