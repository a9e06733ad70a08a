"""The shards of this process, whose jobs it runs, and the locks that keep other processes from them.

A guild belongs to shard (guild id >> 22) % shard count, direct messages to shard 0 (Discord's documentation of
sharding). A process that resumed another one's jobs could pay for them twice.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, or_, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from dailies.database import BROKEN, is_away
from dailies.errors import DatabaseError
from dailies.schema import jobs

log = logging.getLogger(__name__)

COUNT_LOCK = 4_170_002
SHARD_LOCK = 4_170_003
"""First halves of PostgreSQL's two-part advisory lock keys: any numbers that nothing else uses."""

LOOK_SECONDS = 5.0
"""Interval of checks that the connection with PostgreSQL's locks is alive: they end with it."""
ANSWER_SECONDS = 60.0
"""Silence after which that connection counts as broken. Long, because a server that is only slow still holds the old
locks when they are taken again, and the process would end for nothing."""

Lost = Callable[[DatabaseError], None]
"""Called once, when another process has taken the shards."""


@dataclass(frozen=True)
class Shards:
    """The shards of this process. count: of all processes."""

    ids: tuple[int, ...] = (0,)
    count: int = 1

    @classmethod
    def of(cls, ids: tuple[int, ...] | None, count: int | None) -> Shards:
        """Return shards from the settings; None for both: one process serves all servers."""
        return cls(ids or (0,), count or 1)

    def owns(self, guild_id: int | None) -> bool:
        """Tell if a guild, or with None a direct message, belongs to one of these shards."""
        return ((guild_id or 0) // 2**22) % self.count in self.ids

    def own(self) -> ColumnElement[bool]:
        """Return the condition for jobs that belong to one of these shards."""
        shard = (jobs.c.guild_id // 2**22) % self.count
        return or_(shard.in_(self.ids), jobs.c.guild_id.is_(None)) if 0 in self.ids else shard.in_(self.ids)


@asynccontextmanager
async def owned(
    engine: AsyncEngine,
    shards: Shards,
    lost: Lost,
    *,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> AsyncGenerator[None]:
    """Lock these shards while the context is open. The locks end with the process, however it ends.

    lost: PostgreSQL's locks also end with their connection, and are then taken again; it is called if another process
    was faster, and this one must stop. Raises DatabaseError when another process holds one of the shards, or has
    another shard count.
    """
    if engine.dialect.name == "sqlite":
        yield  # the one process that has the file (database.exclusive) has every shard
        return
    locks = _Locks(engine, shards)
    await locks.take()
    watching = asyncio.create_task(locks.watch(lost, sleep))
    try:
        yield
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
        await locks.drop()


class _Locks:
    """Locks of these shards, on a connection of their own."""

    def __init__(self, engine: AsyncEngine, shards: Shards) -> None:
        self._engine = engine
        self._shards = shards
        self._connection: AsyncConnection | None = None

    async def take(self) -> None:
        """Take the locks. Raises DatabaseError when another process has them, and errors of an unavailable database."""
        connection = await self._engine.connect()
        try:
            await connection.execution_options(isolation_level="AUTOCOMMIT")
            await _lock_shards(connection, self._shards)
        except BaseException:
            # After a cancellation too: a connection that returns to the pool would keep its locks.
            await _broken_off(connection)
            raise
        self._connection = connection

    async def drop(self) -> None:
        if self._connection:
            await _broken_off(self._connection)
        self._connection = None

    async def watch(self, lost: Lost, sleep: Callable[[float], Awaitable[None]]) -> None:
        """Check that the locks are held, and take them again if not, until another process has them."""
        while True:
            await sleep(LOOK_SECONDS)
            try:
                async with asyncio.timeout(ANSWER_SECONDS):
                    if self._connection:
                        await self._connection.execute(text("SELECT 1"))
                    else:
                        await self.take()
                        log.info("the locks of this process's shards are held again")
            except DatabaseError as error:
                lost(error)
                return
            except BROKEN as error:
                if not is_away(error):
                    raise
                if self._connection:
                    log.warning("the locks of this process's shards are gone (%s)", type(error).__name__)
                await self.drop()


async def _broken_off(connection: AsyncConnection) -> None:
    """Close a connection for good: the pool would keep it, and its locks with it."""
    with suppress(*BROKEN):  # it may be broken already
        await connection.invalidate()
    with suppress(*BROKEN):
        await connection.close()


async def _lock_shards(connection: AsyncConnection, shards: Shards) -> None:
    """Take session locks: a shared one for the shard count, an exclusive one for each shard."""
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
