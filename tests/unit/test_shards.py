"""Each job has one owner, and a second one is refused."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from dailies import database
from dailies.errors import DatabaseError
from dailies.job import Place, State
from dailies.store.shards import Shards, owned
from dailies.store.sql import SqlStore
from tests.support.own_databases import new_database
from tests.unit.kit import a_job


def unexpected(error: DatabaseError) -> None:
    raise error


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server(postgresql_url: str) -> str:
    """Address of this module's own database."""
    return await new_database(postgresql_url)


@pytest.mark.slow
async def test_a_second_owner_of_a_shard_is_refused(server: str, tmp_path: Path) -> None:
    async with database.opened(server) as engine, owned(engine, Shards((0, 1), 4), unexpected):
        async with owned(engine, Shards((2, 3), 4), unexpected):
            pass
        with pytest.raises(DatabaseError, match="runs shard 1 already"):
            async with owned(engine, Shards((1, 2), 4), unexpected):
                pass


@pytest.mark.slow
async def test_two_counts_at_the_same_time_are_refused(server: str, tmp_path: Path) -> None:
    async with (
        database.opened(server) as first,
        database.opened(server) as second,
        owned(first, Shards((0,), 4), unexpected),
    ):
        with pytest.raises(DatabaseError, match="runs with SHARD_COUNT=4, this one has 2"):
            async with owned(second, Shards((1,), 2), unexpected):
                pass


class Steps:
    """A sleep that a test lets go on, one look at a time."""

    def __init__(self) -> None:
        self._asked = asyncio.Event()
        self._go = asyncio.Event()

    async def __call__(self, _: float) -> None:
        self._asked.set()
        await self._go.wait()
        self._go.clear()

    async def look(self) -> None:
        """Let it look once, and wait until it has."""
        await self._asked.wait()
        self._asked.clear()
        self._go.set()
        await self._asked.wait()


async def break_locks(engine: AsyncEngine) -> None:
    """End the connections that hold locks, as a restart of the server does."""
    kill = "SELECT pg_terminate_backend(pid, 5000) FROM pg_locks WHERE locktype = 'advisory'"
    async with engine.connect() as connection:
        assert (await connection.execute(text(kill))).all()


@pytest.mark.slow
async def test_a_lock_whose_connection_broke_is_taken_again(server: str, tmp_path: Path) -> None:
    look = Steps()
    async with (
        database.opened(server) as engine,
        database.opened(server) as other,
        owned(engine, Shards((0, 1), 4), unexpected, sleep=look),
    ):
        await break_locks(other)
        await look.look()
        await look.look()
        with pytest.raises(DatabaseError, match="runs shard 1 already"):
            async with owned(other, Shards((1,), 4), unexpected):
                pass


@pytest.mark.slow
async def test_a_lock_that_another_process_has_by_now_is_said_to_be_lost(server: str, tmp_path: Path) -> None:
    look = Steps()
    lost: asyncio.Future[DatabaseError] = asyncio.get_running_loop().create_future()
    async with (
        database.opened(server) as engine,
        database.opened(server) as other,
        owned(engine, Shards((0, 1), 4), lost.set_result, sleep=look),
    ):
        await break_locks(other)
        async with owned(other, Shards((1,), 4), unexpected):
            await look.look()
            stepping = asyncio.create_task(look.look())
            assert "runs shard 1 already" in str(await asyncio.wait_for(lost, 30))
            stepping.cancel()


@pytest.mark.slow
async def test_locks_end_with_their_context(server: str, tmp_path: Path) -> None:
    async with database.opened(server) as engine:
        for _ in range(2):
            async with owned(engine, Shards((0, 1), 2), unexpected):
                pass
        async with owned(engine, Shards((0,), 1), unexpected):
            pass


async def test_each_process_resumes_exactly_the_jobs_of_its_servers(engine: AsyncEngine, tmp_path: Path) -> None:
    everything = SqlStore(engine, tmp_path)
    for number in range(8):
        place = Place(guild_id=(number << 22) | 5, channel_id=2, requester_id=3)
        await everything.create(a_job(id=f"guild-{number}", key=f"{number}", place=place, state=State.SUBMITTED))
    direct = Place(guild_id=None, channel_id=2, requester_id=3)
    await everything.create(a_job(id="direct", key="direct", place=direct, state=State.SUBMITTED))

    async def owned_by(*ids: int, count: int) -> set[str]:
        return {job.id for job in await SqlStore(engine, tmp_path, shards=Shards(ids, count)).unfinished()}

    assert await owned_by(0, count=4) == {"guild-0", "guild-4", "direct"}
    assert await owned_by(1, 2, 3, count=4) == {f"guild-{n}" for n in (1, 2, 3, 5, 6, 7)}
    assert await owned_by(1, count=2) == {"guild-1", "guild-3", "guild-5", "guild-7"}
    assert len(await everything.unfinished()) == 9
