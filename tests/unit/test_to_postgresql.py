"""`bot.py migrate`: a stopped bot's SQLite database goes to PostgreSQL, whole or not at all."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import Connection, inspect, select, text

from dailies import database, to_postgresql
from dailies.errors import DatabaseError
from dailies.migrate import REVISION, upgrade
from dailies.money.ledger import Ledger
from dailies.schema import jobs, ledger, metadata
from dailies.store import table_copy
from dailies.store.shards import Shards, owned
from dailies.store.sql import SqlStore
from tests.support.databases import sqlite_file
from tests.support.own_databases import new_database
from tests.support.rows import fill
from tests.unit.kit import a_job

pytestmark = pytest.mark.slow


@pytest_asyncio.fixture
async def target(postgresql_url: str) -> str:
    """Address of a database of its own, which is new."""
    return await new_database(postgresql_url)


@pytest_asyncio.fixture
async def source(tmp_path: Path) -> Path:
    """SQLite file with rows in every table."""
    async with database.connected(await sqlite_file(tmp_path / "dailies.sqlite")) as engine:
        await fill(engine)
    return tmp_path / "dailies.sqlite"


async def content(url: str) -> dict[str, list[object]]:
    """Return everything that a database holds, as the bot reads it."""
    async with database.connected(url) as engine, engine.connect() as connection:
        return {
            table.name: [
                tuple(row) for row in await connection.execute(select(table).order_by(*table.primary_key.columns))
            ]
            for table in metadata.sorted_tables
        }


async def tables(url: str) -> list[str]:
    """Return the names of a database's tables."""
    async with database.connected(url) as engine, engine.connect() as connection:
        return await connection.run_sync(lambda one: inspect(one).get_table_names())


def damage(path: Path) -> bytes:
    """Overwrite the file's header, and return what the file holds now."""
    path.write_bytes(bytes(100) + path.read_bytes()[100:])
    return path.read_bytes()


def taken_away(path: Path) -> bytes:
    """Remove a file, and return what it held."""
    content = path.read_bytes()
    path.unlink()
    return content


@pytest.mark.slow
async def test_every_row_of_every_table_is_there_afterwards(source: Path, target: str) -> None:
    before = await content(database.sqlite_url(source))

    copied = await to_postgresql.to_postgresql(source, target, source.parent)

    assert await content(target) == before
    assert copied.rows == {name: len(rows) for name, rows in before.items()}
    assert all(before.values())
    assert not copied.already


@pytest.mark.slow
async def test_the_bot_finds_a_schema_that_it_need_not_change(source: Path, target: str) -> None:
    await to_postgresql.to_postgresql(source, target, source.parent)

    async with database.opened(target) as engine, engine.connect() as connection:
        assert await connection.scalar(text("SELECT version_num FROM alembic_version")) == REVISION


@pytest.mark.slow
async def test_the_ledger_goes_on_after_the_last_number(source: Path, target: str, tmp_path: Path) -> None:
    await to_postgresql.to_postgresql(source, target, source.parent)

    async with database.opened(target) as engine:
        async with engine.connect() as connection:
            last = max((await connection.scalars(select(ledger.c.id))).all())
        assert await SqlStore(engine, tmp_path, ledger=Ledger()).create(a_job())
        async with engine.connect() as connection:
            assert max((await connection.scalars(select(ledger.c.id))).all()) == last + 1


@pytest.mark.slow
async def test_more_rows_than_are_held_in_memory_are_copied(
    source: Path, target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table_copy, "BATCH", 3)

    await to_postgresql.to_postgresql(source, target, source.parent)

    assert await content(target) == await content(database.sqlite_url(source))


async def test_text_that_postgresql_cannot_store_comes_as_new_jobs_would_store_it(source: Path, target: str) -> None:
    with closing(sqlite3.connect(source)) as connection, connection:
        connection.execute("UPDATE jobs SET prompt = 'a' || char(0) || 'b'")

    await to_postgresql.to_postgresql(source, target, source.parent)

    async with database.connected(target) as engine, engine.connect() as connection:
        assert set((await connection.scalars(select(jobs.c.prompt))).all()) == {"a\ufffdb"}


async def test_a_running_bot_s_database_is_refused(source: Path, target: str) -> None:
    async with database.exclusive(database.sqlite_url(source), source.parent):
        with pytest.raises(DatabaseError, match="Another process runs with the same"):
            await to_postgresql.to_postgresql(source, target, source.parent)

    assert await tables(target) == []


@pytest.mark.slow
async def test_a_target_that_a_bot_runs_with_is_refused(source: Path, target: str) -> None:
    def lost(error: DatabaseError) -> None:
        raise error

    async with database.opened(target) as engine, owned(engine, Shards((1,), 2), lost):
        with pytest.raises(DatabaseError, match="A bot runs with"):
            await to_postgresql.to_postgresql(source, target, source.parent)


@pytest.mark.slow
async def test_a_target_with_other_rows_is_refused_and_left_as_it_is(source: Path, target: str, tmp_path: Path) -> None:
    async with database.opened(target) as engine:
        await SqlStore(engine, tmp_path).create(a_job())
    before = await content(target)

    with pytest.raises(DatabaseError, match=r"is not empty \(jobs, .*name a new database"):
        await to_postgresql.to_postgresql(source, target, source.parent)

    assert await content(target) == before


async def test_a_target_of_another_program_is_refused_and_left_as_it_is(source: Path, target: str) -> None:
    async with database.connected(target) as engine, engine.begin() as connection:
        await connection.execute(text("CREATE TABLE jobs (id INTEGER)"))

    with pytest.raises(DatabaseError, match="tables of another program"):
        await to_postgresql.to_postgresql(source, target, source.parent)

    assert await tables(target) == ["jobs"]


@pytest.mark.slow
async def test_an_empty_target_that_a_bot_has_opened_before_is_taken(source: Path, target: str) -> None:
    async with database.opened(target):
        pass

    await to_postgresql.to_postgresql(source, target, source.parent)

    assert await content(target) == await content(database.sqlite_url(source))


async def test_a_source_of_an_older_schema_is_refused_with_what_to_do(tmp_path: Path, target: str) -> None:
    path = tmp_path / "old.sqlite"

    def first(connection: Connection) -> None:
        upgrade(connection, "0001")

    async with database.connected(database.sqlite_url(path)) as engine, engine.begin() as connection:
        await connection.run_sync(first)

    with pytest.raises(DatabaseError, match=r"older version of Dailies \(schema 0001, now .*Start this version"):
        await to_postgresql.to_postgresql(path, target, tmp_path)

    assert await tables(target) == []
    taken_away(path)  # from before the ledger


async def test_a_source_of_a_newer_schema_is_refused(source: Path, target: str) -> None:
    with closing(sqlite3.connect(source)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")

    with pytest.raises(DatabaseError, match=r"newer version of Dailies \(schema 9999\). Update the code"):
        await to_postgresql.to_postgresql(source, target, source.parent)


async def test_a_file_of_another_program_is_refused(tmp_path: Path, target: str) -> None:
    path = tmp_path / "other.sqlite"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE notes (id INTEGER)")

    with pytest.raises(DatabaseError, match="is not a database of Dailies"):
        await to_postgresql.to_postgresql(path, target, tmp_path)


async def test_a_missing_file_is_named(tmp_path: Path, target: str) -> None:
    with pytest.raises(DatabaseError, match=r"There is no database .*gone.sqlite; look at DATA_DIR"):
        await to_postgresql.to_postgresql(tmp_path / "gone.sqlite", target, tmp_path)


async def test_a_damaged_source_is_refused_and_left_as_it_is(source: Path, target: str) -> None:
    damaged = damage(source)

    with pytest.raises(DatabaseError, match="is damaged"):
        await to_postgresql.to_postgresql(source, target, source.parent)

    assert taken_away(source) == damaged


@pytest.mark.slow
async def test_a_backup_is_refused_because_its_jobs_may_have_run_since(source: Path, target: str) -> None:
    copy = source.with_name("copy.sqlite")
    async with database.connected(database.sqlite_url(source)) as engine:
        await database.backup(engine, copy)

    with pytest.raises(DatabaseError, match="is a backup, or was copied to PostgreSQL before"):
        await to_postgresql.to_postgresql(copy, target, source.parent)

    assert await tables(target) == []


@pytest.mark.slow
async def test_a_row_that_does_not_fit_is_named_and_nothing_is_copied(source: Path, target: str) -> None:
    with closing(sqlite3.connect(source)) as connection, connection:
        connection.execute("UPDATE job_references SET name = ? WHERE position = 4", ("x" * 300,))

    with pytest.raises(DatabaseError, match=r"row jobs-id-4, 4 of table job_references: .*too long"):
        await to_postgresql.to_postgresql(source, target, source.parent)

    assert await tables(target) == []


@pytest.mark.slow
async def test_a_value_that_changes_on_its_way_is_noticed_and_nothing_is_copied(source: Path, target: str) -> None:
    # As a trigger of the server's, or a type that keeps less, would do.
    async with database.opened(target) as engine, engine.begin() as connection:
        await connection.execute(text("ALTER TABLE jobs ALTER COLUMN created_at TYPE REAL"))

    with pytest.raises(DatabaseError, match=r"The copy is not the same: row jobs-id-0 of table jobs"):
        await to_postgresql.to_postgresql(source, target, source.parent)

    assert not any((await content(target)).values())


@pytest.mark.slow
async def test_after_the_copy_the_source_is_one_that_no_bot_goes_on_with_unasked(source: Path, target: str) -> None:
    await to_postgresql.to_postgresql(source, target, source.parent)

    async with database.connected(database.sqlite_url(source)) as engine:
        assert await database.is_copy(engine)


@pytest.mark.slow
async def test_a_run_that_was_killed_after_the_copy_is_finished_by_the_next(source: Path, target: str) -> None:
    await to_postgresql.to_postgresql(source, target, source.parent)
    with closing(sqlite3.connect(source, isolation_level=None)) as connection:
        connection.execute("PRAGMA user_version = 0")

    copied = await to_postgresql.to_postgresql(source, target, source.parent)

    assert copied.already
    async with database.connected(database.sqlite_url(source)) as engine:
        assert await database.is_copy(engine)


async def test_a_server_that_is_not_there_is_named_without_its_password(source: Path, tmp_path: Path) -> None:
    url = f"postgresql+asyncpg://dailies:secret@/dailies?host={tmp_path}"

    with pytest.raises(DatabaseError, match="cannot be used") as caught:
        await to_postgresql.to_postgresql(source, url, source.parent)

    assert "secret" not in str(caught.value)


@pytest.mark.slow
async def test_the_command_says_what_it_copied(source: Path, target: str, capsys: pytest.CaptureFixture[str]) -> None:
    environment = {"DATA_DIR": str(source.parent), "DATABASE_URL": target}

    assert await asyncio.to_thread(to_postgresql.main, environment, None) == 0

    assert "copied and compared" in capsys.readouterr().out


def test_the_command_needs_a_target(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert to_postgresql.main({"DATA_DIR": str(tmp_path)}, None) == 2

    assert capsys.readouterr().err.startswith("Set DATABASE_URL to the PostgreSQL database")
