"""The database of a benchmark's bot."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from tests.support.databases import postgresql

DATABASES = ("sqlite", "postgres")


@contextmanager
def database(kind: str) -> Generator[dict[str, str]]:
    """Yield the bot's database settings: a PostgreSQL server while the block runs, or none for SQLite in DATA_DIR."""
    if kind == "sqlite":
        yield {}
        return
    with postgresql() as url:
        yield {"DATABASE_URL": url}
