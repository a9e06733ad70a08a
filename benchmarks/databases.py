"""The database a benchmark's bot uses."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from tests.support.databases import postgresql

DATABASES = ("sqlite", "postgres")


@contextmanager
def database(kind: str) -> Generator[dict[str, str]]:
    """The bot's settings for it: a PostgreSQL server that lives as long as this, or none for SQLite in DATA_DIR."""
    if kind == "sqlite":
        yield {}
        return
    with postgresql() as url:
        yield {"DATABASE_URL": url}
