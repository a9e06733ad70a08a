"""People who use the bot while it makes a screening."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path

from benchmarks.running import say
from dailies import database
from dailies.catalog.options import VideoRequest
from dailies.ids import new_id
from dailies.job import Job, Output, Place, State
from dailies.media.parts import PARTS
from dailies.store.sql import SqlStore
from sandbox.clock import Clock
from sandbox.discord import Interaction
from sandbox.openrouter import OpenRouterServer
from sandbox.stack import KEY, Stack

COMMANDS_PER_SECOND = 5.0
ACK_SECONDS = 4.0
"""Discord waits three seconds; a longer answer counts as this much."""
BEGIN_SECONDS, LONGEST = 60.0, 900.0
"""Limits of the wait for the screening's first part on the disk, and for its film."""


async def answers(take: Path, takes: int, folder: Path) -> list[float]:
    """Return the seconds until each command was answered while the unmodified bot, a process of its own with default
    settings, made a screening of so many copies of a take.
    """
    clock, data_dir = Clock(1.0), folder / "data"
    stack = Stack(
        clock=clock,
        openrouter=OpenRouterServer(clock, key=KEY),
        data_dir=data_dir,
        start_bot=False,
        ready_seconds=60,
    )
    async with stack:
        channel = next(one for one in stack.discord.world.channels.values() if one.name == "dailies")
        place = Place(int(stack.discord.world.guild.id), int(channel.id), int(stack.discord.person().id))
        await _deliver(data_dir, place, [take] * takes)
        await stack.start_bot()
        person = stack.discord.person()
        asked = await person.command(channel.id, "screening now", {})
        await asked.wait(BEGIN_SECONDS)
        await _until(lambda: _making(data_dir), BEGIN_SECONDS)
        waits: list[float] = []
        using: list[asyncio.Task[None]] = []
        began = time.monotonic()
        while _making(data_dir):
            if time.monotonic() - began > LONGEST:
                raise RuntimeError(f"no screening was made; the bot's log ends with:\n{stack.bot.log_tail()}")
            using.append(asyncio.create_task(_measured(await person.command(channel.id, "about", {}), waits)))
            await asyncio.sleep(1 / COMMANDS_PER_SECOND)
        await asyncio.gather(*using)
        say(f"the bot made a screening in {time.monotonic() - began:.0f} s; {len(waits)} commands meanwhile")
        return waits


def _making(data_dir: Path) -> bool:
    """Tell if there is a folder with the parts of a film."""
    return any(one.name.startswith(PARTS) for one in (data_dir / "videos").iterdir())


async def _deliver(data_dir: Path, place: Place, files: Sequence[Path]) -> None:
    """Write delivered jobs with their files into the database of a bot that is not running."""
    videos = data_dir / "videos"
    await asyncio.to_thread(videos.mkdir, parents=True)
    async with database.opened(database.sqlite_url(data_dir / "dailies.sqlite")) as engine:
        store = SqlStore(engine, data_dir)
        for number, file in enumerate(files):
            job = _job(number, place, videos)
            assert job.file is not None
            await asyncio.to_thread(shutil.copyfile, file, job.file)
            await store.create(job)


def _job(number: int, place: Place, videos: Path) -> Job:
    asked = time.time() - 600 + number
    job_id, message_id = new_id(asked), 1_000_000 + number
    return Job(
        id=job_id,
        key=job_id,
        place=place,
        request=VideoRequest(
            prompt=f"A paper boat, take {number + 1}",
            model="bytedance/seedance-2.0-fast",
            model_name="ByteDance: Seedance 2.0 Fast",
            duration=5,
            resolution="720p",
            aspect_ratio="16:9",
        ),
        sources=(),
        created_at=asked,
        submitted_at=asked + 2,
        completed_at=asked + 60,
        ended_at=asked + 62,
        state=State.DELIVERED,
        told=True,
        cost=Decimal("0.45"),
        file=videos / f"{job_id}.mp4",
        outputs=(Output(5.0, 1280, 720, sound=True, came=True, message_id=message_id),),
        video_message_id=message_id,
    )


async def _until(true: Callable[[], bool], seconds: float) -> None:
    async with asyncio.timeout(seconds):
        while not true():  # noqa: ASYNC110 (what is waited for has no event)
            await asyncio.sleep(0.02)


async def _measured(used: Interaction, waits: list[float]) -> None:
    now = time.monotonic()
    try:
        await used.wait_answer(ACK_SECONDS)
    except TimeoutError:
        waits.append(ACK_SECONDS)
    else:
        waits.append(time.monotonic() - now)
