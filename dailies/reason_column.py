"""Reasons in the database: JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import JSON, Dialect, TypeDecorator

from dailies.reason import Reason


class ReasonColumn(TypeDecorator[Reason]):
    """A Reason as the JSON that it says it is; None is null."""

    impl = JSON(none_as_null=True)
    cache_ok = True

    def process_bind_param(self, value: Reason | None, dialect: Dialect) -> dict[str, Any] | None:
        """To the database."""
        return value and value.to_json()

    def process_result_value(self, value: Mapping[str, Any] | None, dialect: Dialect) -> Reason | None:
        """From the database."""
        return None if value is None else Reason.from_json(value)
