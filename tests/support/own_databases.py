"""Databases of their own for tests that need a new one: made on a running server, which takes longer to start."""

from __future__ import annotations

from itertools import count

from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import create_async_engine

_NUMBERS = count(1)


async def new_database(server: str) -> str:
    """Make an empty database on a PostgreSQL server; return its address. server: the address of another one there."""
    name = f"own_{next(_NUMBERS)}"
    engine = create_async_engine(server, isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        await connection.execute(text(f"CREATE DATABASE {name}"))
    await engine.dispose()
    return make_url(server).set(database=name).render_as_string(hide_password=False)
