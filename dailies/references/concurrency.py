"""Limits of concurrency, in all and for each person, so that nobody keeps the others waiting."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, nullcontext
from weakref import WeakValueDictionary


class FairSlots:
    """Slots for concurrent work. slots: in all. each: at most for one person."""

    def __init__(self, slots: int, each: int) -> None:
        self._slots = asyncio.Semaphore(slots)
        self._most = each
        self._each: WeakValueDictionary[int, asyncio.Semaphore] = WeakValueDictionary()

    @asynccontextmanager
    async def one(self, requester: int | None) -> AsyncGenerator[None]:
        """Wait for a slot and hold it. requester: id of the person; None: an operator, who may have all of them."""
        each = None if requester is None else self._each.setdefault(requester, asyncio.Semaphore(self._most))
        async with each or nullcontext(), self._slots:
            yield
