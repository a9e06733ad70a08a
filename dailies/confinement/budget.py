"""The memory of all confined programs together: each waits until what it may take is free."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

MB = 1_000_000


class MemoryBudget:
    """Grants memory in the order in which it was asked for. total: bytes that are granted at the same time."""

    def __init__(self, total: int) -> None:
        self.total = total
        self.granted = 0
        self._waiting: deque[tuple[asyncio.Future[None], int]] = deque()

    @asynccontextmanager
    async def grant(self, wanted: int) -> AsyncGenerator[int]:
        """Wait for memory and hold it. Yields how much: at most the total, so that nobody waits for ever.

        A holder must not ask for more: two that wait for each other would.
        """
        size = min(wanted, self.total)
        await self._take(size)
        try:
            yield size
        finally:
            self._give_back(size)

    async def _take(self, size: int) -> None:
        if not self._waiting and self.granted + size <= self.total:
            self.granted += size
            return
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append((turn, size))
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():  # granted in the same moment
                self._give_back(size)
            else:
                self._waiting.remove((turn, size))
                self._grant_next()
            raise

    def _give_back(self, size: int) -> None:
        self.granted -= size
        self._grant_next()

    def _grant_next(self) -> None:
        while self._waiting and self.granted + self._waiting[0][1] <= self.total:
            turn, size = self._waiting.popleft()
            if not turn.done():
                self.granted += size
                turn.set_result(None)


MEMORY = MemoryBudget(4096 * MB)
"""Shared by everything that this process starts; bot.py sets its total (DECODE_MEMORY_MB)."""
