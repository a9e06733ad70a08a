"""The port through which a store writes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection

T = TypeVar("T")


class Patiently(Protocol):
    """Runs one transaction, tried again while the database is locked or away (dailies/store/sql.py)."""

    async def __call__(self, write: Callable[[AsyncConnection], Awaitable[T]], /) -> T: ...
