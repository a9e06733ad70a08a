"""Rows that are inserted, or updated when they exist: one statement, which no other transaction can come between."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection


async def upsert(connection: AsyncConnection, table: Table, *rows: Mapping[str, Any]) -> None:
    """Insert rows of the same columns; where a row with the primary key exists, update the other columns given.

    Two transactions that delete and then insert the same row both find it missing, and one of them fails. Here the
    later one waits for the earlier one, and then holds the row until it ends.
    """
    if not rows:
        return
    statement = _insert(connection)(table)
    keys = [column.name for column in table.primary_key]
    # Without another column the key is set to itself, because only an update locks the row.
    changed = [name for name in rows[0] if name not in keys] or keys
    values = {name: statement.excluded[name] for name in changed}
    await connection.execute(
        statement.on_conflict_do_update(index_elements=keys, set_=values), [dict(row) for row in rows]
    )


async def insert_if_new(connection: AsyncConnection, table: Table, row: Mapping[str, Any]) -> bool:
    """Insert a row; False, and nothing stored, when one with the same primary key or unique value exists."""
    statement = _insert(connection)(table).values(dict(row)).on_conflict_do_nothing()
    return (await connection.execute(statement)).rowcount == 1


def _insert(connection: AsyncConnection) -> Callable[[Table], postgresql.Insert | sqlite.Insert]:
    return postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
