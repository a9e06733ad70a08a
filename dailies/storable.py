"""Text as both databases take it.

PostgreSQL takes no zero bytes, neither database takes half of a surrogate pair, and PostgreSQL keeps JSON that holds
one, but fails every query that reads it. Such text comes from strangers: a prompt, a file's name, a provider's words.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import cast


def storable(value: object) -> object:
    """Return a value, or a container of values, with U+FFFD in place of what cannot be stored. Other types stay."""
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, dict):
        return {storable(key): storable(one) for key, one in cast("Mapping[object, object]", value).items()}
    if isinstance(value, (list, tuple)):
        cleaned = [storable(one) for one in cast("Sequence[object]", value)]
        return tuple(cleaned) if isinstance(value, tuple) else cleaned
    return value


def to_json(value: object) -> str:
    """Return a value as JSON that both databases can read."""
    return json.dumps(storable(value))


def _text(value: str) -> str:
    if value.isascii() and "\0" not in value:
        return value
    # Two halves that belong together become one character.
    return value.replace("\0", "\ufffd").encode("utf-16", "surrogatepass").decode("utf-16", "replace")
