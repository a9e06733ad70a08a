"""Opening the database: its schema, and the message when it cannot be used."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, MetaData, Table, inspect, text
from sqlalchemy.ext.asyncio import create_async_engine

from dailies import database, migrations
from dailies.errors import DatabaseError
from dailies.migrate import REVISION, upgrade
from dailies.schema import metadata
from dailies.store.rows import as_row
from dailies.store.sql import SqlStore
from tests.support.own_databases import new_database
from tests.unit.kit import a_job


def differences(connection: Connection) -> list[object]:
    return list(compare_metadata(MigrationContext.configure(connection), metadata))


async def led_by_steps(url: str) -> list[object]:
    """Make a database of the first schema and open it; return what is different from today's."""
    engine = create_async_engine(url)
    async with engine.begin() as connection:
        await connection.run_sync(lambda one: upgrade(one, "0001"))
    await engine.dispose()
    async with database.opened(url) as opened, opened.connect() as connection:
        return await connection.run_sync(differences)


@pytest.mark.slow
async def test_the_migrations_lead_to_the_schema_that_the_code_means(tmp_path: Path) -> None:
    assert await led_by_steps(database.sqlite_url(tmp_path / "a.sqlite")) == []


@pytest.mark.slow
async def test_the_migrations_lead_there_on_postgresql_too(postgresql_url: str) -> None:
    assert await led_by_steps(await new_database(postgresql_url)) == []


@pytest.mark.slow
async def test_a_new_database_is_like_one_that_the_migrations_led_there(tmp_path: Path) -> None:
    def described(connection: Connection) -> dict[str, object]:
        found = inspect(connection)
        return {
            name: (
                {one["name"]: (str(one["type"]), one["nullable"], one["default"]) for one in found.get_columns(name)},
                sorted(str(one) for one in found.get_indexes(name)),
                sorted(str(one) for one in found.get_foreign_keys(name)),
                sorted(str(one) for one in found.get_unique_constraints(name)),
                found.get_pk_constraint(name),
            )
            for name in found.get_table_names()
        }

    await led_by_steps(database.sqlite_url(tmp_path / "old.sqlite"))
    schemas: list[object] = []
    for name in ("old", "new"):
        url = database.sqlite_url(tmp_path / f"{name}.sqlite")
        async with database.opened(url) as engine, engine.connect() as connection:
            schemas.append(await connection.run_sync(described))
            assert await connection.scalar(text("SELECT version_num FROM alembic_version")) == REVISION
    assert schemas[0] == schemas[1]


def test_the_newest_step_is_the_revision_of_new_databases() -> None:
    steps = Path(migrations.__file__).parent / "versions"
    assert max(path.name[:4] for path in steps.glob("0*.py")) == REVISION


@pytest.mark.slow
async def test_a_database_of_the_first_schema_is_led_to_today_s_with_its_rows(tmp_path: Path) -> None:
    url = database.sqlite_url(tmp_path / "a.sqlite")
    async with database.opened(url) as engine:
        async with engine.begin() as connection:
            await connection.run_sync(metadata.drop_all)
            await connection.execute(text("DROP TABLE alembic_version"))
            await connection.run_sync(lambda one: upgrade(one, "0001"))
        async with engine.begin() as connection:
            first = await connection.run_sync(lambda one: Table("jobs", MetaData(), autoload_with=one))
            kept = {name: value for name, value in as_row(a_job()).items() if name in first.columns}
            kept |= {"unsigned_urls": ["https://a.example/v.mp4"]}  # it was never null
            await connection.execute(first.insert().values(kept))
    async with database.opened(url) as engine:
        assert await SqlStore(engine, tmp_path).unfinished() == [a_job()]
    (tmp_path / "a.sqlite").unlink()  # a job from before the ledger has nothing in it


def test_every_table_and_column_says_what_it_means() -> None:
    assert all(table.comment for table in metadata.tables.values())
    assert [column for table in metadata.tables.values() for column in table.columns if not column.comment] == []


@pytest.mark.slow
async def test_an_update_that_broke_off_leaves_the_schema_as_it_was(tmp_path: Path) -> None:
    url = database.sqlite_url(tmp_path / "a.sqlite")
    async with database.opened(url) as engine, engine.begin() as connection:
        await connection.run_sync(metadata.drop_all)
        await connection.execute(text("DROP TABLE alembic_version"))
        await connection.run_sync(lambda one: upgrade(one, "0001"))
        # In the way of the second step's last table, as a power cut would be.
        await connection.execute(text("CREATE TABLE job_limits (id INTEGER)"))

    with pytest.raises(DatabaseError, match="left as it is"):
        async with database.opened(url):
            pass
    with contextlib.closing(sqlite3.connect(tmp_path / "a.sqlite")) as other:
        other.execute("DROP TABLE job_limits")
    async with database.opened(url) as engine, engine.connect() as connection:
        assert await connection.run_sync(differences) == []


async def test_a_newer_database_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    url = database.sqlite_url(tmp_path / "a.sqlite")
    async with database.opened(url) as engine, engine.begin() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(DatabaseError, match="newer version of Dailies"):
        async with database.opened(url):
            pass


async def test_a_file_that_is_no_database_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite"
    path.write_bytes(b"these are not the rows you are looking for" * 100)
    before = path.read_bytes()

    with pytest.raises(DatabaseError, match=r"\(file is not a database\)\. It was left as it is\. To restore a backup"):
        async with database.opened(database.sqlite_url(path)):
            pass
    assert path.read_bytes() == before


async def test_a_file_that_lost_its_contents_is_refused_and_no_new_database_takes_its_place(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite"
    async with database.opened(database.sqlite_url(path)) as engine:
        await SqlStore(engine, tmp_path).create(a_job())
    path.write_bytes(b"")

    with pytest.raises(DatabaseError, match="empty file"):
        async with database.opened(database.sqlite_url(path)):
            pass
    assert path.read_bytes() == b""


async def test_a_database_that_another_process_keeps_locked_is_not_called_broken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.001)
    path = tmp_path / "a.sqlite"
    async with database.opened(database.sqlite_url(path)):
        pass
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(DatabaseError, match=r"is locked.*whether another program has it open"):
            async with database.opened(database.sqlite_url(path)):
                pass


async def test_a_file_that_cannot_be_opened_is_no_reason_to_restore_a_backup(tmp_path: Path) -> None:
    with pytest.raises(DatabaseError, match=r"unable to open database file.*look whether the bot may write there"):
        async with database.opened(database.sqlite_url(tmp_path / "not there" / "a.sqlite")):
            pass


@pytest.mark.slow
async def test_a_damaged_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite"
    async with database.opened(database.sqlite_url(path)) as engine:
        store = SqlStore(engine, tmp_path)
        for number in range(50):
            await store.create(a_job(id=f"{number}", key=f"{number}"))
        async with engine.connect() as connection:
            await connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
    content = bytearray(path.read_bytes())
    assert len(content) > 40960
    content[8192:40960] = b"\xff" * (40960 - 8192)
    path.write_bytes(content)

    with pytest.raises(DatabaseError, match="is damaged"):
        async with database.opened(database.sqlite_url(path)):
            pass
    path.unlink()  # nobody can check whether its ledger adds up


@pytest.mark.parametrize("url", ["mysql://a/b", "what is this", "postgresql+asyncpg://user:hunter2@127.0.0.1:9/db"])
async def test_a_database_out_of_reach_is_said_without_its_password(url: str) -> None:
    with pytest.raises(DatabaseError) as raised:
        async with database.opened(url):
            pass
    assert "hunter2" not in str(raised.value)
    assert "backup" not in str(raised.value)


async def test_a_backup_of_a_running_database_holds_its_jobs(tmp_path: Path) -> None:
    copy = tmp_path / "copy.sqlite"
    async with database.opened(database.sqlite_url(tmp_path / "a.sqlite")) as engine:
        await SqlStore(engine, tmp_path).create(a_job())
        await database.backup(engine, copy)
        with pytest.raises(DatabaseError, match="exists already"):
            await database.backup(engine, copy)
        assert not await database.is_copy(engine)
    async with database.opened(database.sqlite_url(copy)) as engine:
        assert await SqlStore(engine, tmp_path).unfinished() == [a_job()]
        assert await database.is_copy(engine)
        await database.adopt(engine)
        assert not await database.is_copy(engine)


async def test_sqlite_is_set_up_for_money(tmp_path: Path) -> None:
    async with database.opened(database.sqlite_url(tmp_path / "a.sqlite")) as engine, engine.begin() as connection:
        found = {
            name: (await connection.execute(text(f"PRAGMA {name}"))).scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
        assert await connection.run_sync(lambda one: inspect(one).get_table_names())
    assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 10_000}
