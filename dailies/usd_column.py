"""USD in the database: whole millionths, because SQLite keeps no decimals and sums of floats are not exact."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from sqlalchemy import BigInteger, Dialect, TypeDecorator

MILLION = 1_000_000


class Usd(TypeDecorator[Decimal]):
    """A Decimal of USD, rounded to millionths as jobs.cost is; sums keep the type."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:
        """To the database."""
        return None if value is None else int((value * MILLION).quantize(Decimal(1), ROUND_HALF_UP))

    def process_result_value(self, value: int | Decimal | None, dialect: Dialect) -> Decimal | None:
        """From the database. PostgreSQL's sum is a Decimal of millionths, SQLite's an int."""
        return None if value is None else Decimal(value) / MILLION
