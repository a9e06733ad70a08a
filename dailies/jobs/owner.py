"""Which jobs are this process's own, and the lock that lets nobody else have them.

Discord divides the work: a guild belongs to shard (guild id >> 22) % shard count, direct messages to shard 0
(Discord's documentation of sharding). A process that resumed another one's jobs could pay for them twice.
"""

from __future__ import annotations

import asyncio
import fcntl
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import ColumnElement, func, or_, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from dailies.errors import DatabaseError
from dailies.schema import jobs

COUNT_LOCK = 4_170_002
SHARD_LOCK = 4_170_003
"""First halves of PostgreSQL's two-part advisory locks; any numbers that nobody else uses."""


@dataclass(frozen=True)
class Shards:
    """The shards of this process, out of so many."""

    ids: tuple[int, ...] = (0,)
    count: int = 1

    @classmethod
    def of(cls, ids: tuple[int, ...] | None, count: int | None) -> Shards:
        """From the settings: None for both is all servers."""
        return cls(ids or (0,), count or 1)

    def owns(self, guild_id: int | None) -> bool:
        """Whether a guild, or with None a direct message, belongs to one of these shards."""
        return ((guild_id or 0) // 2**22) % self.count in self.ids

    def own(self) -> ColumnElement[bool]:
        """The condition on a job's row that it belongs to one of these shards."""
        shard = (jobs.c.guild_id // 2**22) % self.count
        return or_(shard.in_(self.ids), jobs.c.guild_id.is_(None)) if 0 in self.ids else shard.in_(self.ids)


@asynccontextmanager
async def owned(engine: AsyncEngine, data_dir: Path, shards: Shards) -> AsyncGenerator[None]:
    """Hold these shards for as long as the context is open; the lock ends with the process, however it ends.

    Raises DatabaseError when another process has one of them, or divides the servers by another count.
    """
    if engine.dialect.name == "sqlite":
        file = await asyncio.to_thread(_lock_file, data_dir / "dailies.lock")
        try:
            yield
        finally:
            file.close()
        return
    async with engine.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        await _lock_shards(connection, shards)
        yield


def _lock_file(path: Path) -> BinaryIO:
    file = path.open("wb")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        file.close()
        raise DatabaseError(
            f"Another process runs with the same DATA_DIR ({path.parent}). Stop it first; two would do every job twice."
        ) from error
    return file


async def _lock_shards(connection: AsyncConnection, shards: Shards) -> None:
    """Session locks: every owner shares the lock of its count and has those of its shards alone."""
    await connection.execute(func.pg_advisory_lock_shared(COUNT_LOCK, shards.count).select())
    counts = await connection.scalars(
        text("SELECT DISTINCT objid::int FROM pg_locks WHERE locktype = 'advisory' AND classid = :one AND granted"),
        {"one": COUNT_LOCK},
    )
    others = sorted(set(counts) - {shards.count})
    if others:
        raise DatabaseError(
            f"Another process runs with SHARD_COUNT={others[0]}, this one has {shards.count}. Stop all of them, "
            "then start all with the same count; the jobs follow their servers."
        )
    for shard in shards.ids:
        locking = func.pg_try_advisory_lock(SHARD_LOCK, shard)
        if not await connection.scalar(locking.select()):
            raise DatabaseError(f"Another process runs shard {shard} already. Stop it first, or change SHARD_IDS.")
