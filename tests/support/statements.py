"""SQL statements that are compiled once for all databases of a process.

SQLAlchemy keeps what it compiles for each engine anew. The bot has one engine; the tests have thousands, and spent a
fifth of their time in compiling the same statements.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.util import LRUCache

KEPT = 2000


class _Shared(LRUCache[Any, Any]):
    """Compiled statements by their keys, which begin with an engine's dialect: all of one driver are alike here."""

    def get(self, key: Any, default: Any = None) -> Any:
        return super().get(_of_driver(key), default)

    def __setitem__(self, key: Any, value: Any) -> None:
        super().__setitem__(_of_driver(key), value)


def _of_driver(key: tuple[Any, ...]) -> tuple[Any, ...]:
    dialect, *statement = key
    return (dialect.name, dialect.driver, *statement)


@contextmanager
def compiled_once() -> Generator[None]:
    """Let all engines that connect inside the block share their compiled statements."""
    shared = _Shared(KEPT)

    def connected(connection: Connection) -> None:
        connection.engine._compiled_cache = shared  # pyright: ignore[reportPrivateUsage]

    event.listen(Engine, "engine_connect", connected)
    yield
    event.remove(Engine, "engine_connect", connected)
