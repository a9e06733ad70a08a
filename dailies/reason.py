"""Reasons as data: why a job ended, what fails while it goes on, what was changed, how a price was found.

A reason is a code with its values. It is kept so, and becomes a sentence in dailies/explain/ and nowhere else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, TypeAlias, cast

from dailies.reason_codes import ReasonCode

Value: TypeAlias = "str | int | float | Decimal | Reason | Sequence[Value] | None"
"""Numbers as numbers, amounts of USD as decimal strings, other people's words and names as they came."""


@dataclass(frozen=True, init=False)
class Reason:
    """A code with its values, which dailies/reason_codes.py names beside each. Sequences become tuples."""

    code: ReasonCode
    values: Mapping[str, Any] = field(hash=False)

    def __init__(self, code: ReasonCode, /, **values: Value) -> None:
        object.__setattr__(self, "code", code)
        object.__setattr__(self, "values", {name: _frozen(value) for name, value in values.items()})

    def __str__(self) -> str:
        """For the log."""
        return " ".join([self.code, *(f"{name}={value}" for name, value in self.values.items())])

    def to_json(self) -> dict[str, Any]:
        """As it is kept: {"code": …, and its values}."""
        return {"code": str(self.code), **{name: _plain(value) for name, value in self.values.items()}}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Reason:
        """What `to_json` made. A code of a newer version of Dailies is shown as it is."""
        values = {name: _read(value) for name, value in kept.items() if name != "code"}
        try:
            return cls(ReasonCode(kept["code"]), **values)
        except ValueError:
            return cls(ReasonCode.TEXT, text=str(kept["code"]))


def _frozen(value: object) -> object:
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, str):
        return str(value)  # of an enum too
    if isinstance(value, Sequence):
        return tuple(_frozen(one) for one in cast("Sequence[object]", value))
    return value


def _plain(value: object) -> object:
    if isinstance(value, Reason):
        return value.to_json()
    return [_plain(one) for one in cast("tuple[object, ...]", value)] if isinstance(value, tuple) else value


def _read(value: object) -> Value:
    if isinstance(value, dict):
        return Reason.from_json(cast("dict[str, Any]", value))
    if isinstance(value, list):
        return [_read(one) for one in cast("list[object]", value)]
    return cast("Value", value)
