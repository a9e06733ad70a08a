"""Posting a video, with real discord.py against Discord's stand-in."""

from __future__ import annotations

from pathlib import Path

from cogs.delivery.post import Poster
from dailies.delivery.chat import Upload
from dailies.job import Place
from sandbox.discord import Limits
from tests.support.discordbot import connected
from tests.unit.kit import a_job


async def test_a_video_of_an_earlier_process_is_found_behind_however_many_messages(tmp_path: Path) -> None:
    file = tmp_path / "video.mp4"
    file.write_bytes(b"a video")
    async with connected(limits=Limits(message_create=None, message_history=None)) as (server, bot):
        ann = server.person()
        channel = server.world.channel_named("dailies")
        status = await bot.get_partial_messageable(int(channel.id)).send("status")
        for number in range(620):
            await ann.send(channel.id, f"{number}")
        job = a_job(place=Place(int(server.world.guild.id), int(channel.id), int(ann.id), status.id))
        poster = Poster(bot, seconds=60, price=lambda _: None)
        first = await poster.post(job, Upload((), "first", file), again=False)

        assert await poster.find(job, direct=False) == first
        assert await poster.post(job, Upload((), "second", file), again=True) == first
