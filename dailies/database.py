"""Opening the database: SQLite in DATA_DIR, or PostgreSQL, with its schema brought up to date."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sqlite3
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionFree
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool

from dailies import sqlite_file
from dailies.errors import DatabaseError
from dailies.files import flush
from dailies.migrate import migrate
from dailies.sqlite_file import BUSY_SECONDS
from dailies.storable import storable, to_json

log = logging.getLogger(__name__)

STATEMENT_SECONDS, CONNECT_SECONDS = 60.0, 20.0
"""Limits of one statement and of one connection to PostgreSQL: a server that hangs, or whose machine is gone, gives no
answer at all."""
COPY = 1
"""SQLite's user_version of a copy that no bot has used yet."""
MIGRATION_LOCK = 4_170_001
"""PostgreSQL's advisory lock while the schema is changed: any number that nothing else uses."""

BROKEN = (DBAPIError, NoConnectionFree, OSError)
"""Errors of calls to the database; `is_away` tells which are temporary."""
_PASSING = ("08", "40", "53", "57", "58")
"""Classes of PostgreSQL's codes: connections, rollbacks, room and memory, shutdown and start, its disk. With asyncpg,
SQLAlchemy has no error of its own for them: a statement that a restart cuts off is a plain DBAPIError."""

_WRITING = {
    "journal_mode": "WAL",  # readers and the one writer do not wait for each other
    "synchronous": "FULL",  # what was committed survives a power cut: these rows are about money
    "foreign_keys": "ON",
}
_READING = {"query_only": "ON"}
# An error that is logged must not show prompts, or links that are signed.
_OPTIONS: dict[str, Any] = {"hide_parameters": True, "json_serializer": to_json}


class _Engine(AsyncEngine):
    """`begin` is for transactions that write. `connect` reads, and what one connection reads is of one moment."""

    def __init__(self, writing: AsyncEngine, reading: AsyncEngine) -> None:
        super().__init__(writing.sync_engine)
        self._writing = writing
        self._reading = reading

    def connect(self) -> AsyncConnection:
        return self._reading.connect()

    @asynccontextmanager
    async def begin(self) -> AsyncGenerator[AsyncConnection]:
        async with self._writing.begin() as connection:
            yield connection

    async def dispose(self, close: bool = True) -> None:
        await self._reading.dispose(close)
        await self._writing.dispose(close)


@asynccontextmanager
async def exclusive(url: str, data_dir: Path) -> AsyncGenerator[None]:
    """Keep other processes from a SQLite file and from DATA_DIR. PostgreSQL has locks of its own (store/shards.py).

    Raises DatabaseError.
    """
    path = _sqlite_path(_parsed(url))
    async with sqlite_file.exclusive(path, data_dir) if path else contextlib.nullcontext():
        yield


@asynccontextmanager
async def opened(url: str) -> AsyncGenerator[AsyncEngine]:
    """The database with its schema up to date.

    url: sqlite+aiosqlite:///PATH or postgresql+asyncpg://…. Raises DatabaseError, which never shows the password.
    """
    async with connected(url) as engine:
        await _prepare(engine)
        yield engine


@asynccontextmanager
async def connected(url: str) -> AsyncGenerator[AsyncEngine]:
    """The database as it is, which another process may be using. Raises DatabaseError for a wrong address."""
    engine = _engine(url)
    try:
        yield engine
    finally:
        await engine.dispose()


async def reach(url: str) -> str:
    """Look whether a PostgreSQL answers, and change nothing; returns its address. Raises DatabaseError.

    Neither the address nor the error shows the password. SQLite's file is not opened: the bot makes it.
    """
    async with connected(url) as engine:
        if engine.dialect.name != "sqlite":
            try:
                async with engine.connect() as connection:
                    await connection.execute(text("SELECT 1"))
            except (DBAPIError, OSError) as error:
                raise DatabaseError(unusable(engine, error)) from error
        return where(engine)


def is_away(error: BaseException) -> bool:
    """Tell if the database is unavailable for the moment (locked, full, restarting, unreachable), or if other calls of
    this process have held all its connections for too long: the same call may succeed later.
    """
    if isinstance(error, DBAPIError) and not isinstance(error, (OperationalError, InterfaceError)):
        return error.connection_invalidated or str(getattr(error.orig, "sqlstate", None))[:2] in _PASSING
    return isinstance(error, BROKEN)


def is_conflict(error: BaseException) -> bool:
    """Tell if the database refused a row because of another one, which another write may have made at that moment."""
    return isinstance(error, IntegrityError)


def while_away(seconds: float) -> Callable[[Exception, int], float | None]:
    """Return a `pause` for `retry`: this many seconds while the database is unavailable."""
    return lambda error, _: seconds if is_away(error) else None


def sqlite_url(path: Path) -> str:
    """The address of a SQLite file."""
    return f"sqlite+aiosqlite:///{path.absolute()}"


def _parsed(url: str) -> URL:
    try:
        return make_url(url)
    except ArgumentError as error:
        raise DatabaseError(
            "DATABASE_URL cannot be read; it looks like postgresql+asyncpg://user:password@host/name"
        ) from error


def _sqlite_path(url: URL) -> Path | None:
    return Path(url.database) if url.get_backend_name() == "sqlite" and url.database else None


def _engine(url: str) -> AsyncEngine:
    parsed = _parsed(url)
    if parsed.drivername == "sqlite+aiosqlite":
        return _Engine(
            # One connection: SQLite has one writer, and waiting in our queue is fairer than its busy loop.
            _sqlite(parsed, 1, _WRITING, "BEGIN IMMEDIATE"),
            # Readers of their own: while another process keeps the writer waiting, commands are answered.
            _sqlite(parsed, 4, _READING, "BEGIN"),
        )
    if parsed.drivername == "postgresql+asyncpg":
        limits = {"command_timeout": STATEMENT_SECONDS, "timeout": CONNECT_SECONDS}
        pool: dict[str, Any] = {"pool_size": 5, "max_overflow": 0, "pool_pre_ping": True, "connect_args": limits}
        engine = create_async_engine(parsed, **pool, **_OPTIONS)
        event.listen(engine.sync_engine, "before_cursor_execute", _storable, retval=True)
        return _Engine(engine, engine.execution_options(isolation_level="REPEATABLE READ"))
    raise DatabaseError("DATABASE_URL has to begin with postgresql+asyncpg:// or sqlite+aiosqlite:///")


def _sqlite(url: URL, connections: int, pragmas: Mapping[str, object], begin: str) -> AsyncEngine:
    """begin: Python's driver would begin a transaction only before it changes rows. What was read before that, and
    changes of the schema, would be outside of it.
    """
    pragmas = {"busy_timeout": int(BUSY_SECONDS * 1000), **pragmas}
    pool: dict[str, Any] = {"poolclass": AsyncAdaptedQueuePool, "pool_size": connections, "max_overflow": 0}
    engine = create_async_engine(url, **pool, **_OPTIONS)

    def set_up(connection: DBAPIConnection, _: object) -> None:
        connection.isolation_level = None  # it begins nothing by itself
        cursor = connection.cursor()
        for name, value in pragmas.items():
            cursor.execute(f"PRAGMA {name}={value}")
        cursor.close()

    def begun(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    event.listen(engine.sync_engine, "connect", set_up)
    event.listen(engine.sync_engine, "begin", begun)
    event.listen(engine.sync_engine, "before_cursor_execute", _storable, retval=True)
    return engine


def _storable(_: Connection, __: object, statement: str, parameters: object, *___: object) -> tuple[str, object]:
    return statement, storable(parameters)


async def _prepare(engine: AsyncEngine) -> None:
    if path := _sqlite_path(engine.url):
        await asyncio.to_thread(sqlite_file.check, path)
    try:
        async with engine.begin() as connection:
            if engine.dialect.name == "postgresql":
                await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": MIGRATION_LOCK})
            await connection.run_sync(migrate)
    except (DBAPIError, OSError) as error:
        raise DatabaseError(unusable(engine, error)) from error


def where(engine: AsyncEngine) -> str:
    """The address of a database, without the password."""
    return engine.url.render_as_string(hide_password=True)


def unusable(engine: AsyncEngine, error: BaseException) -> str:
    """Say why, and what to do. Restoring a backup loses later payments, so it is no advice when a server is down."""
    cause = str(getattr(error, "orig", None) or error) or type(error).__name__
    if engine.dialect.name != "sqlite":
        advice = "look whether it runs, and whether DATABASE_URL is right"
    elif is_away(error):
        advice = "look whether the bot may write there, and whether another program has it open"
    else:
        advice = "restore a backup, or repair it"
    return f"The database {where(engine)} cannot be used: {cause.rstrip('.')}. It was left as it is; {advice}."


async def is_copy(engine: AsyncEngine) -> bool:
    """Tell if `backup` wrote this database and no bot has adopted it: others may have run its jobs since."""
    if engine.dialect.name != "sqlite":
        return False
    async with engine.connect() as connection:
        return (await connection.execute(text("PRAGMA user_version"))).scalar_one() == COPY


async def mark_as_copy(engine: AsyncEngine) -> None:
    """Say in a SQLite database that others may run its jobs from now on."""
    async with engine.begin() as connection:
        await connection.execute(text(f"PRAGMA user_version = {COPY}"))


async def adopt(engine: AsyncEngine) -> None:
    """Accept this copy as the database from now on."""
    if engine.dialect.name != "sqlite":
        return
    async with engine.begin() as connection:
        await connection.execute(text("PRAGMA user_version = 0"))


async def backup(engine: AsyncEngine, target: Path) -> None:
    """Write a consistent copy of a SQLite database to a new file, also while the bot runs.

    Raises DatabaseError for PostgreSQL (use pg_dump), when there is no database, and when the file exists already or
    cannot be written.
    """
    if engine.dialect.name != "sqlite":
        raise DatabaseError("This is for SQLite; use pg_dump for PostgreSQL.")
    source = Path(engine.url.database or "")
    if not await asyncio.to_thread(source.is_file):  # SQLite would make an empty one
        raise DatabaseError(f"There is no database {source}; look at DATA_DIR")
    try:
        # Made here, empty, so that a file of another is never written to, nor removed below.
        await asyncio.to_thread(target.touch, exist_ok=False)
    except FileExistsError as error:
        raise DatabaseError(f"{target} exists already; name a new file") from error
    except OSError as error:
        raise DatabaseError(f"{target} cannot be written ({error.strerror})") from error
    try:
        await asyncio.to_thread(_copy, source, target)
    except (sqlite3.Error, OSError) as error:
        await asyncio.to_thread(target.unlink, missing_ok=True)  # a copy that broke off is no copy
        raise DatabaseError(f"{target} could not be written: {error}") from error


def _copy(source: Path, target: Path) -> None:
    with contextlib.closing(sqlite3.connect(source, timeout=BUSY_SECONDS, isolation_level=None)) as original:
        original.execute("VACUUM INTO ?", [str(target)])
    with contextlib.closing(sqlite3.connect(target, isolation_level=None)) as copy:
        copy.execute(f"PRAGMA user_version = {COPY}")
    flush(target)
    flush(target.parent)
