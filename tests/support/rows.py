"""Rows with a value in every column, made from the tables' definitions."""

from __future__ import annotations

import random
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, BigInteger, Boolean, Column, Double, Integer, Numeric, String, Table, Text
from sqlalchemy.ext.asyncio import AsyncEngine

from dailies.columns import ReasonColumn, Usd
from dailies.reason import Reason, ReasonCode
from dailies.schema import metadata

NUMBER = 7
"""Rows of each table, but for the ledger, which has those that its jobs need."""
TEXT = "Füchse 🦊 'in' \"Anführung\" \\n 图像 "


async def fill(engine: AsyncEngine, number: int = NUMBER, seed: int = 1) -> dict[str, int]:
    """Insert rows into every table, and return how many."""
    made = rows(number, seed)
    async with engine.begin() as connection:
        for table in metadata.sorted_tables:
            await connection.execute(table.insert(), made[table.name])
    return {name: len(rows) for name, rows in made.items()}


def rows(number: int = NUMBER, seed: int = 1) -> dict[str, list[dict[str, Any]]]:
    """Return rows by the names of their tables. Where a column may be null, every third row has nothing there."""
    source = random.Random(seed)
    made = {
        table.name: [{column.name: _value(column, n, source) for column in table.columns} for n in range(number)]
        for table in metadata.sorted_tables
    }
    for job in made["jobs"]:
        job["state"] = "delivered" if job["cost"] is not None else "submitted"
        job["quote_at_most"] = job["quote_at_most"] or Decimal(3)
    made["ledger"] = [line for job in made["jobs"] for line in _ledger(job)]
    return made


def _ledger(job: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what the ledger has of a job (dailies/money/ledger.py)."""
    plain = {"job_id": job["id"], "at": 1_790_000_000.123456, "is_byok": False, "said_by": None}
    most, cost = job["quote_at_most"], job["cost"]
    held = [plain | {"entry": "hold", "held": most, "spent": Decimal(0)}]
    return (
        held if cost is None else [*held, plain | {"entry": "settlement", "held": -most, "spent": cost, "said_by": 5}]
    )


def _value(column: Column[Any], row: int, source: random.Random) -> Any:
    for key in column.foreign_keys:
        return _value(key.column, row, source)
    if column.nullable and row % 3 == 2:
        return None
    match column.type:
        case Usd():
            return Decimal(source.randrange(10**9)) / 1_000_000
        case ReasonColumn():
            return Reason(ReasonCode.DEFAULT_GONE, model=TEXT, used="a/b")
        case Boolean():
            return row % 2 == 0
        case Text():
            return TEXT * 3
        case String(length=length):
            return f"{_table(column)}-{column.name}-{row}"[-(length or 99) :]
        case BigInteger():
            return 2**62 + row if column.primary_key else source.randrange(2**62)
        case Integer():
            return row if column.primary_key else source.randrange(2**31)
        case Numeric() if not isinstance(column.type, Double):
            return Decimal(source.randrange(10**10)) / 1_000_000
        case Double():
            return source.uniform(1.7e9, 1.9e9)
        case JSON():
            return [{"text": TEXT, "number": source.random(), "id": 2**62 + row, "nothing": None, "list": [True, {}]}]
        case other:
            raise NotImplementedError(f"{column}: {other!r}")


def _table(column: Column[Any]) -> str:
    table = column.table
    assert isinstance(table, Table)
    return table.name
