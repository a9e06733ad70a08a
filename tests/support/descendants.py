"""A process that makes jobs which come from one job: python -m tests.support.descendants URL NAME ORIGIN TASKS EACH.

TASKS make jobs side by side, EACH so many, for a person of their own. Prints the take number of each job.
"""

from __future__ import annotations

import asyncio
import sys
import zlib
from pathlib import Path

from dailies import database
from dailies.catalog.options import VideoRequest
from dailies.job import How, Job, Origin, Place
from dailies.store.sql import SqlStore


async def descend(url: str, name: str, origin: str, tasks: int, each: int) -> None:
    """Make the jobs."""
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
                sys.stdout.write(f"{(await store.get(identity)).take}\n")

        await asyncio.gather(*map(one, range(tasks)))


if __name__ == "__main__":
    _, url_, name_, origin_, tasks_, each_ = sys.argv
    asyncio.run(descend(url_, name_, origin_, int(tasks_), int(each_)))
