"""So many at the same time, and so many of them for one person, so that nobody keeps the others waiting."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, nullcontext
from weakref import WeakValueDictionary


class FairSlots:
    """Places for work that is waited for. each: at most for one person."""

    def __init__(self, places: int, each: int) -> None:
        self._places = asyncio.Semaphore(places)
        self._most = each
        self._each: WeakValueDictionary[int, asyncio.Semaphore] = WeakValueDictionary()

    @asynccontextmanager
    async def one(self, requester: int | None) -> AsyncGenerator[None]:
        """Wait for a place and hold it. requester: who it is for; None: an operator, who may have all of them."""
        each = None if requester is None else self._each.setdefault(requester, asyncio.Semaphore(self._most))
        async with each or nullcontext(), self._places:
            yield
