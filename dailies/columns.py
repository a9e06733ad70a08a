"""Types of columns: USD and reasons."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sqlalchemy import JSON, BigInteger, Dialect, TypeDecorator

from dailies.reason import Reason

MILLION = 1_000_000


class Usd(TypeDecorator[Decimal]):
    """A Decimal of USD, rounded to millionths as jobs.cost is; sums keep the type.

    The database holds whole millionths, because SQLite keeps no decimals and sums of floats are not exact.
    """

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:
        """Give it to the database."""
        return None if value is None else int((value * MILLION).quantize(Decimal(1), ROUND_HALF_UP))

    def process_result_value(self, value: int | Decimal | None, dialect: Dialect) -> Decimal | None:
        """Take it from the database. PostgreSQL's sum is a Decimal of millionths, SQLite's an int."""
        return None if value is None else Decimal(value) / MILLION


class ReasonColumn(TypeDecorator[Reason]):
    """A Reason as JSON; None is null."""

    impl = JSON(none_as_null=True)
    cache_ok = True

    def process_bind_param(self, value: Reason | None, dialect: Dialect) -> dict[str, Any] | None:
        """Give it to the database."""
        return value and value.to_json()

    def process_result_value(self, value: Mapping[str, Any] | None, dialect: Dialect) -> Reason | None:
        """Take it from the database."""
        return None if value is None else Reason.from_json(value)
