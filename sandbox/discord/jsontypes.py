"""JSON as Python sees it, and narrow helpers for reading it."""

from __future__ import annotations

import json
from typing import Any, TypeGuard, cast

JsonObject = dict[str, Any]


def is_object(value: object) -> TypeGuard[JsonObject]:
    """Return whether a parsed JSON value is an object."""
    return isinstance(value, dict)


def is_list(value: object) -> TypeGuard[list[Any]]:
    """Return whether a parsed JSON value is an array."""
    return isinstance(value, list)


def objects(value: object) -> list[JsonObject]:
    """Return the objects in an array; nothing for anything else."""
    return [item for item in value if is_object(item)] if is_list(value) else []


def is_integer(value: object) -> TypeGuard[int]:
    """Return whether a JSON value is an integer; Python counts booleans as integers, JSON does not."""
    return isinstance(value, int) and not isinstance(value, bool)


def dumps(value: object) -> str:
    """Compact JSON text."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def copy(value: JsonObject) -> JsonObject:
    """A deep copy of a JSON object."""
    return cast("JsonObject", json.loads(dumps(value)))
