"""`bot.py migrate [FILE]`: copies a stopped bot's SQLite database to the PostgreSQL that DATABASE_URL names.

The target is the setting that the bot needs from then on anyway, and an argument would show its password to everyone
on the machine.
"""

from __future__ import annotations

import asyncio
import sqlite3
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Table, bindparam, func, inspect, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from dailies import database, sqlite_file
from dailies.database import MIGRATION_LOCK
from dailies.errors import DatabaseError
from dailies.migrate import REVISION, migrate, revision_of
from dailies.store.shards import COUNT_LOCK, SHARD_LOCK
from dailies.store.table_copy import copy_rows, difference, set_sequence, stored_tables

NO_TARGET = (
    "Set DATABASE_URL to the PostgreSQL database that the rows should go to, as in "
    "postgresql+asyncpg://user:password@host/name. They come from dailies.sqlite in DATA_DIR, or from the file "
    "that you name.\n"
)
_RUNNING = text(
    "SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database "
    "WHERE datname = current_database() AND locktype = 'advisory' AND classid IN :locks"
).bindparams(bindparam("locks", (COUNT_LOCK, SHARD_LOCK), expanding=True))


@dataclass(frozen=True)
class Copied:
    """A finished copy. rows: their number in each table. already: an earlier run had copied them."""

    source: Path
    target: str
    rows: Mapping[str, int]
    already: bool


def main(environment: Mapping[str, str], source: Path | None) -> int:
    """Copy the database, print what was done, and return the exit code. source: by default the one in DATA_DIR.

    Needs no other settings than DATABASE_URL and DATA_DIR.
    """
    folder = Path(environment.get("DATA_DIR", "").strip() or "data")
    url = environment.get("DATABASE_URL", "").strip()
    if not url.startswith("postgresql"):
        sys.stderr.write(NO_TARGET)
        return 2
    try:
        copied = asyncio.run(to_postgresql(source or folder / "dailies.sqlite", url, folder))
    except DatabaseError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(_report(copied))
    return 0


async def to_postgresql(source: Path, url: str, data_dir: Path) -> Copied:
    """Copy every row in one transaction, compare each, and mark the source as a copy of the past.

    Raises DatabaseError, with nothing copied, when a bot runs with either database, the source is damaged, of another
    schema or itself a copy, or the target has something else in it.
    """
    if not await asyncio.to_thread(source.is_file):
        raise DatabaseError(f"There is no database {source}; look at DATA_DIR, or name the file.")
    origin = database.sqlite_url(source)
    async with database.exclusive(origin, data_dir):
        await asyncio.to_thread(sqlite_file.check, source)
        async with database.connected(origin) as old, database.connected(url) as new:
            try:
                async with old.connect() as reading:
                    await _check_source(source, reading)
                    async with new.begin() as writing:
                        copied = await _transfer(source, old, reading, new, writing)
            except (DBAPIError, OSError) as error:
                from_source = isinstance(getattr(error, "orig", None), sqlite3.Error)
                raise DatabaseError(database.unusable(old if from_source else new, error)) from error
            # A bot that is started with it again by mistake then sends nothing that waits in it.
            await database.mark_as_copy(old)
    return copied


async def _transfer(
    source: Path, old: AsyncEngine, reading: AsyncConnection, new: AsyncEngine, writing: AsyncConnection
) -> Copied:
    tables, target = stored_tables(), database.where(new)
    await _take_target(target, writing, tables)
    filled = [table.name for table in tables if (await writing.execute(select(table).limit(1))).first()]
    if not filled and await database.is_copy(old):
        raise DatabaseError(
            f"{source} is a backup, or was copied to PostgreSQL before: a bot may have run its jobs since. If this is "
            "the database that you want to go on with, start the bot with it once (DATABASE_URL empty), stop it, and "
            "migrate again."
        )
    rows = {} if filled else {table.name: await copy_rows(reading, writing, table) for table in tables}
    for table in tables:
        if found := await difference(reading, writing, table):
            raise DatabaseError(
                f"{target} is not empty ({', '.join(filled)}), and {found}. Nothing was copied; name a new database."
                if filled
                else f"The copy is not the same: {found}. It was taken back; {target} is as it was."
            )
        await set_sequence(writing, table)
        rows[table.name] = await writing.scalar(select(func.count()).select_from(table)) or 0
    return Copied(source, target, rows, already=bool(filled))


async def _check_source(source: Path, reading: AsyncConnection) -> None:
    """Check that the source has today's schema. Raises DatabaseError."""
    revision = await reading.run_sync(revision_of)
    if revision is None:
        raise DatabaseError(f"{source} is not a database of Dailies.")
    if revision < REVISION:
        raise DatabaseError(
            f"{source} is of an older version of Dailies (schema {revision}, now {REVISION}). Start this version with "
            "it once (DATABASE_URL empty), which brings it up to date; stop it, and migrate again."
        )
    if revision > REVISION:
        raise DatabaseError(f"{source} is of a newer version of Dailies (schema {revision}). Update the code first.")


async def _take_target(target: str, writing: AsyncConnection, tables: list[Table]) -> None:
    """Keep bots from the target until the transaction ends, and give it today's schema. Raises DatabaseError."""
    # A bot that starts meanwhile waits for this lock before it looks at the database.
    await writing.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": MIGRATION_LOCK})
    if await writing.scalar(_RUNNING):
        raise DatabaseError(f"A bot runs with {target}. Stop it first.")

    def prepare(connection: Connection) -> None:
        if inspect(connection).get_table_names() and revision_of(connection) != REVISION:
            raise DatabaseError(
                f"{target} has tables of another program, or of another version of Dailies. Make a new database for it."
            )
        migrate(connection)

    await writing.run_sync(prepare)
    names = ", ".join(f'"{table.name}"' for table in tables)
    await writing.execute(text(f"LOCK TABLE {names} IN ACCESS EXCLUSIVE MODE"))


def _report(copied: Copied) -> str:
    """Say what was copied, and what comes next."""
    number = sum(copied.rows.values())
    rows_said = "1 row" if number == 1 else f"{number:,} rows"
    what = "was copied there before; compared" if copied.already else "copied and compared"
    tables = ", ".join(f"{name} {rows:,}" for name, rows in copied.rows.items())
    return (
        f"{copied.source} → {copied.target}: {what} {rows_said} ({tables}).\n"
        f"Start the bot: with this DATABASE_URL it goes on there. Keep {copied.source} until you have seen it do so; "
        "it is marked as a copy.\n"
    )
