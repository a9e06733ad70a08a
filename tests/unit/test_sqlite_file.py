"""SQLite's file at the start: one process has it, and damage is said before anything is changed."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from dailies import database
from dailies.errors import DatabaseError
from dailies.job import State
from dailies.store.sql import SqlStore
from tests.unit.kit import a_job

JOBS = 20


def log_of(path: Path) -> Path:
    return path.with_name(f"{path.name}-wal")


@asynccontextmanager
async def opened(path: Path) -> AsyncGenerator[AsyncEngine]:
    async with database.opened(database.sqlite_url(path)) as engine:
        yield engine


async def ids(path: Path) -> set[str]:
    async with opened(path) as engine:
        return {job.id for job in await SqlStore(engine, path.parent).unfinished()}


@pytest_asyncio.fixture
async def crashed(tmp_path: Path) -> Path:
    """A database with jobs, most of them in its log, as a process that was killed leaves it behind."""
    path = tmp_path / "there" / "jobs.sqlite"
    path.parent.mkdir()
    async with opened(tmp_path / "live.sqlite") as engine:
        async with engine.connect() as connection:
            await connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
        store = SqlStore(engine, tmp_path)
        for number in range(JOBS):
            await store.create(a_job(id=f"{number:02}", key=f"{number}", state=State.QUEUED))
        for end in ("", "-wal", "-shm"):
            shutil.copyfile(f"{tmp_path / 'live.sqlite'}{end}", f"{path}{end}")
    return path


@pytest.mark.slow
async def test_a_database_whose_process_was_killed_is_whole_and_nothing_is_said(
    crashed: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert len(await ids(crashed)) == JOBS
    assert "damaged" not in caplog.text


def cut(log: bytes) -> bytes:
    return log[: len(log) // 2]


def cut_between_frames(log: bytes) -> bytes:
    page = int.from_bytes(log[8:12], "big")
    return log[: 32 + 40 * (24 + page)]


def flip(log: bytes) -> bytes:
    return log[: len(log) // 2] + bytes([log[len(log) // 2] ^ 1]) + log[len(log) // 2 + 1 :]


def zero(log: bytes) -> bytes:
    return log[: len(log) // 2] + bytes(len(log) - len(log) // 2)


def empty(_: bytes) -> bytes:
    return b""


def behead(log: bytes) -> bytes:
    return bytes(32) + log[32:]


@pytest.mark.slow
@pytest.mark.parametrize("damage", [cut, cut_between_frames, flip, zero, behead, empty])
async def test_a_damaged_log_leaves_the_last_whole_transaction_and_is_said(
    crashed: Path, caplog: pytest.LogCaptureFixture, damage: Callable[[bytes], bytes]
) -> None:
    log = log_of(crashed).read_bytes()
    log_of(crashed).write_bytes(damage(log))

    found = await ids(crashed)

    assert found == {f"{number:02}" for number in range(len(found))}
    assert len(found) < JOBS
    (said,) = [one.getMessage() for one in caplog.records if "is damaged" in one.getMessage()]
    assert said.startswith(f"The database's log {log_of(crashed)} is damaged: ")
    (kept,) = crashed.parent.glob("*.damaged-*")
    assert str(kept) in said
    assert kept.read_bytes() == damage(log)
    caplog.clear()
    assert await ids(crashed) == found
    assert "damaged" not in caplog.text


async def test_a_log_whose_index_was_lost_in_a_power_cut_is_not_called_damaged(
    crashed: Path, caplog: pytest.LogCaptureFixture
) -> None:
    crashed.with_name(f"{crashed.name}-shm").unlink()

    assert len(await ids(crashed)) == JOBS
    assert "damaged" not in caplog.text


async def test_a_transaction_that_was_never_finished_is_no_damage(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    live, path = tmp_path / "live.sqlite", tmp_path / "jobs.sqlite"
    async with opened(live) as engine:
        await SqlStore(engine, tmp_path).create(a_job())
    with closing(sqlite3.connect(live, isolation_level=None)) as connection:
        connection.execute("PRAGMA cache_size = 1")  # pages go to the log before the transaction ends
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("CREATE TABLE big (x)")
        connection.executemany("INSERT INTO big VALUES (?)", [("x" * 3000,)] * 200)
        for end in ("", "-wal", "-shm"):
            shutil.copyfile(f"{live}{end}", f"{path}{end}")
    assert log_of(path).stat().st_size > 100_000

    assert await ids(path) == {a_job().id}
    assert "damaged" not in caplog.text


def no_header(content: bytearray) -> None:
    content[:100] = bytes(100)


def odd_page(content: bytearray) -> None:
    content[4096:] = b"\xff" * (len(content) - 4096)


def half(content: bytearray) -> None:
    del content[len(content) // 2 :]


def damaged(path: Path, damage: Callable[[bytearray], None]) -> None:
    content = bytearray(path.read_bytes())
    damage(content)
    path.write_bytes(content)


def contents(path: Path) -> list[bytes]:
    return [one.read_bytes() for one in (path, log_of(path)) if one.exists()]


@pytest.mark.parametrize("damage", [no_header, odd_page, half])
async def test_a_damaged_file_is_refused_and_left_as_it_is_with_its_log(
    crashed: Path, damage: Callable[[bytearray], None]
) -> None:
    damaged(crashed, damage)
    before = contents(crashed)

    with pytest.raises(DatabaseError) as raised:
        await ids(crashed)

    said = str(raised.value)
    assert said.startswith(f"The database {crashed} is damaged (")
    assert "It was left as it is. To restore a backup, move" in said
    assert "jobs.sqlite-wal and jobs.sqlite-shm" in said
    assert contents(crashed) == before


async def test_a_log_whose_database_is_gone_is_not_thrown_away(crashed: Path) -> None:
    shutil.move(crashed, crashed.with_name("moved.sqlite"))
    before = contents(crashed)

    with pytest.raises(DatabaseError, match=r"is gone, but its log .*jobs\.sqlite-wal is there"):
        await ids(crashed)

    assert contents(crashed) == before


async def test_a_second_process_with_the_same_folder_is_refused(tmp_path: Path) -> None:
    url = database.sqlite_url(tmp_path / "a.sqlite")
    async with database.exclusive(url, tmp_path):
        with pytest.raises(DatabaseError, match="Another process runs with the same DATA_DIR"):
            async with database.exclusive(url, tmp_path):
                pass
    async with database.exclusive(url, tmp_path):
        pass  # free again


async def test_a_second_process_with_the_same_file_in_another_folder_is_refused(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    (tmp_path / "two" / "link.sqlite").symlink_to(tmp_path / "one" / "a.sqlite")
    async with database.exclusive(database.sqlite_url(tmp_path / "one" / "a.sqlite"), tmp_path / "one"):
        with pytest.raises(DatabaseError, match=r"Another process runs with the same database .*one/a\.sqlite"):
            async with database.exclusive(database.sqlite_url(tmp_path / "two" / "link.sqlite"), tmp_path / "two"):
                pass


async def test_a_lock_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    url = database.sqlite_url(tmp_path / "not there" / "a.sqlite")
    with pytest.raises(DatabaseError, match="look whether the bot may write there"):
        async with database.exclusive(url, tmp_path):
            pass
