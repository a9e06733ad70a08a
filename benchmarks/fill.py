"""A database full of unfinished jobs, with a status message in the Discord stand-in for each."""

from __future__ import annotations

import copy
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import aiohttp

from dailies import database
from dailies.catalog.options import VideoRequest
from dailies.ids import new_id
from dailies.job import Job, Place, State
from dailies.store.sql import SqlStore
from sandbox.discord import DiscordServer
from sandbox.discord.model import Message
from sandbox.stack import Stack

PREFIX = "resume-"
"""Prefix of OpenRouter's ids of these jobs."""
_LAYOUT = {
    "flags": 1 << 15,
    "components": [{"type": 17, "components": [{"type": 10, "content": "### Generating"}]}],
}


async def fill(stack: Stack, url: str, data_dir: Path, *, jobs: int, channels: int) -> list[int]:
    """Write that many submitted jobs, spread over that many channels. Returns the ids of their status messages.

    They were asked for a minute ago. None has references, so no thumbnail is read or uploaded.
    """
    places = await _statuses(stack.discord, jobs, channels)
    async with database.opened(url) as engine:
        store = SqlStore(engine, data_dir)
        for number, place in enumerate(places):
            await store.create(_job(number, place, stack.openrouter.api_base))
    return [place.status_message_id for place in places if place.status_message_id is not None]


def _job(number: int, place: Place, api_base: str) -> Job:
    asked = time.time() - 60
    remote = f"{PREFIX}{number:06}"
    return Job(
        id=new_id(asked),
        key=f"{PREFIX}{number}",
        place=place,
        request=VideoRequest(
            prompt=f"A paper boat sails through the rain, take {number}. " * 4,
            model="bytedance/seedance-2.0-fast",
            model_name="ByteDance: Seedance 2.0 Fast",
            duration=5,
            resolution="720p",
            aspect_ratio="16:9",
        ),
        sources=(),
        created_at=asked,
        state=State.SUBMITTED,
        openrouter_id=remote,
        polling_url=f"{api_base}/videos/{remote}",
        submitted_at=asked + 2,
        remote_status="pending",
        locale="en-GB",
    )


async def _statuses(discord: DiscordServer, jobs: int, channels: int) -> Sequence[Place]:
    """Copy one message that the bot really posted: making thousands takes minutes at Discord's rate limits."""
    world = discord.world
    where = [world.add_channel(f"shots-{number}") for number in range(channels)]
    template = world.message(await _post(discord, where[0].id))
    requester = int(discord.person().id)
    places: list[Place] = []
    for number in range(jobs):
        channel = where[number % channels]
        data: dict[str, Any] = {**copy.deepcopy(template.data), "id": world.snowflakes.next(), "channel_id": channel.id}
        channel.messages[data["id"]] = Message(data, template.author_id)
        places.append(Place(int(world.guild.id), int(channel.id), requester, int(data["id"])))
    return places


async def _post(discord: DiscordServer, channel_id: str) -> str:
    headers = {"Authorization": f"Bot {discord.token}"}
    url = f"{discord.api_base}/channels/{channel_id}/messages"
    async with aiohttp.ClientSession() as session, session.post(url, json=_LAYOUT, headers=headers) as response:
        response.raise_for_status()
        return str((await response.json())["id"])
