"""Copying rows between databases of the same schema, and comparing them, as they are stored."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, MetaData, RowMapping, Table, TypeDecorator, func, insert, select, tuple_
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from dailies.database import is_away
from dailies.errors import DatabaseError
from dailies.schema import metadata
from dailies.storable import storable

BATCH = 500
"""Rows that are in memory at a time."""
CAUSE_SHOWN = 200

Stored = Mapping[str, Any]
"""A row by the names of its columns."""


def stored_tables() -> list[Table]:
    """Return the tables with their columns as they are stored, in an order in which rows may refer to earlier ones.

    A reason, for one, stays the JSON that it is: the code need not know it any more.
    """
    copies = MetaData()
    tables = [table.to_metadata(copies) for table in metadata.sorted_tables]
    for table in tables:
        for column in table.columns:
            if isinstance(column.type, TypeDecorator):
                column.type = column.type.impl_instance
    return tables


async def copy_rows(source: AsyncConnection, target: AsyncConnection, table: Table) -> int:
    """Insert all rows of a table, and return their number. Raises DatabaseError that names a row that is refused."""
    number = 0
    async for rows in _batches(source, table):
        try:
            async with target.begin_nested():
                await target.execute(insert(table), rows)
        except DBAPIError as error:
            if is_away(error):
                raise
            await _insert_each(target, table, rows)
        number += len(rows)
    return number


async def difference(source: AsyncConnection, target: AsyncConnection, table: Table) -> str | None:
    """Return the first difference between the rows of a table in words; None if each row is there and equal."""
    counts = [await one.scalar(select(func.count()).select_from(table)) for one in (source, target)]
    if counts[0] != counts[1]:
        return f"table {table.name} has {counts[0]} rows here and {counts[1]} there"
    async for rows in _batches(source, table):
        wanted = {_key(table, row): row for row in rows}
        found = await target.execute(select(table).where(_with_keys(table, list(wanted))))
        there = {_key(table, row): row for row in map(_named, found.mappings())}
        for key, row in wanted.items():
            if there.get(key) != row:
                return f"row {_spelled(key)} of table {table.name} is another one there"
    return None


async def set_sequence(target: AsyncConnection, table: Table) -> None:
    """Let the numbers that PostgreSQL gives to new rows begin after the greatest that is there."""
    column = table.autoincrement_column
    if column is None:
        return
    sequence = func.pg_get_serial_sequence(table.name, column.name)
    greatest = await target.scalar(select(func.max(column)))
    await target.execute(select(func.setval(sequence, greatest or 1, greatest is not None)))


async def _batches(source: AsyncConnection, table: Table) -> AsyncGenerator[list[dict[str, Any]]]:
    """Yield all rows in the order of their keys, with values that PostgreSQL takes."""
    statement = select(table).order_by(*table.primary_key.columns)
    try:
        async with source.stream(statement) as result:
            async for rows in result.mappings().partitions(BATCH):
                yield [{name: storable(value) for name, value in _named(row).items()} for row in rows]
    except ValueError as error:
        raise DatabaseError(
            f"Table {table.name} has a value that cannot be read: {error}. Nothing was copied."
        ) from error


async def _insert_each(target: AsyncConnection, table: Table, rows: Sequence[Stored]) -> None:
    """Insert rows one by one, to find the one that is refused."""
    for row in rows:
        try:
            async with target.begin_nested():
                await target.execute(insert(table), dict(row))
        except DBAPIError as error:
            if is_away(error):
                raise
            cause = str(error.orig).partition("\n")[0][:CAUSE_SHOWN]
            raise DatabaseError(
                f"PostgreSQL does not take row {_spelled(_key(table, row))} of table {table.name}: {cause}. "
                "Nothing was copied."
            ) from error


def _named(row: RowMapping) -> dict[str, Any]:
    return {str(name): value for name, value in row.items()}


def _key(table: Table, row: Stored) -> tuple[Any, ...]:
    return tuple(row[column.name] for column in table.primary_key.columns)


def _with_keys(table: Table, keys: Sequence[tuple[Any, ...]]) -> ColumnElement[bool]:
    columns = list(table.primary_key.columns)
    return columns[0].in_([one for (one,) in keys]) if len(columns) == 1 else tuple_(*columns).in_(keys)


def _spelled(key: tuple[Any, ...]) -> str:
    return ", ".join(map(str, key))
