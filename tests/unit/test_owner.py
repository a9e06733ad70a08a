"""Each job has one owner, and a second one is refused."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from dailies import database
from dailies.errors import DatabaseError
from dailies.jobs.job import Place, State
from dailies.jobs.owner import Shards, owned
from dailies.jobs.sql_store import SqlStore
from tests.support.databases import postgresql
from tests.unit.kit import a_job


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """PostgreSQL for this module."""
    with postgresql() as url:
        yield url


async def test_a_second_process_with_the_same_folder_is_refused(tmp_path: Path) -> None:
    async with database.opened(database.sqlite_url(tmp_path / "a.sqlite")) as engine:
        async with owned(engine, tmp_path, Shards()):
            with pytest.raises(DatabaseError, match="Another process runs with the same DATA_DIR"):
                async with owned(engine, tmp_path, Shards()):
                    pass
        async with owned(engine, tmp_path, Shards()):
            pass  # free again


async def test_a_second_owner_of_a_shard_is_refused(server: str, tmp_path: Path) -> None:
    async with database.opened(server) as engine, owned(engine, tmp_path, Shards((0, 1), 4)):
        async with owned(engine, tmp_path, Shards((2, 3), 4)):
            pass
        with pytest.raises(DatabaseError, match="runs shard 1 already"):
            async with owned(engine, tmp_path, Shards((1, 2), 4)):
                pass


async def test_two_counts_at_the_same_time_are_refused(server: str, tmp_path: Path) -> None:
    async with (
        database.opened(server) as first,
        database.opened(server) as second,
        owned(first, tmp_path, Shards((0,), 4)),
    ):
        with pytest.raises(DatabaseError, match="runs with SHARD_COUNT=4, this one has 2"):
            async with owned(second, tmp_path, Shards((1,), 2)):
                pass


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
async def test_each_process_resumes_exactly_the_jobs_of_its_servers(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    url = request.getfixturevalue("server") if kind == "postgresql" else database.sqlite_url(tmp_path / "a.sqlite")
    async with database.opened(url) as engine:
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
