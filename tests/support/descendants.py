"""The work of a process that makes jobs which come from one job."""

from __future__ import annotations

import asyncio
import zlib
from pathlib import Path

from dailies import database
from dailies.catalog.options import VideoRequest
from dailies.job import How, Job, Origin, Place
from dailies.store.sql import SqlStore
from tests.support.forked import Say


async def descend(say: Say, url: str, name: str, origin: str, tasks: int, each: int) -> None:
    """Let tasks make jobs side by side, each so many, for a person of their own; say the take number of each job."""
    async with database.connected(url) as engine:
        store = SqlStore(engine, Path())

        async def one(task: int) -> None:
            # Without a server, so that budgets make nobody wait for anybody else.
            place = Place(None, 2, zlib.crc32(f"{name}{task}".encode()))
            for number in range(each):
                identity = f"{name}-{task}-{number}"
                request = VideoRequest("", "a/b", "")
                job = Job(identity, identity, place, request, (), 0.0, origin=Origin(origin, How.AGAIN))
                assert await store.create(job)
                say(str((await store.get(identity)).take))

        await asyncio.gather(*map(one, range(tasks)))
