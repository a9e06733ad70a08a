"""Long lists of names in queries."""

from __future__ import annotations

from collections.abc import Iterable

AT_ONCE = 500
"""Names in one query: SQLite takes 32,766 parameters, older builds 999."""


def parts(names: list[str]) -> Iterable[list[str]]:
    """Return names in parts of AT_ONCE."""
    return (names[start : start + AT_ONCE] for start in range(0, len(names), AT_ONCE))
