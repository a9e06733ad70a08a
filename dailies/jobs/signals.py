"""What jobs that run side by side are told: that no paid request may begin, and that one of them has ended."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager, suppress


class Gate:
    """What every paid request passes. Closed, it lets none in and waits for those inside."""

    def __init__(self) -> None:
        self.closed = False
        self._inside = 0
        self._empty = asyncio.Event()
        self._empty.set()

    @contextmanager
    def passing(self) -> Generator[None]:
        """Around a paid request and the record of its answer."""
        self._inside += 1
        self._empty.clear()
        try:
            yield
        finally:
            self._inside -= 1
            if not self._inside:
                self._empty.set()

    async def close(self, seconds: float) -> None:
        """Let nobody in any more and wait, at most so many seconds, until those inside are through."""
        self.closed = True
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._empty.wait()


class Bell:
    """Cuts a wait short: it is rung when OpenRouter says that a job has ended."""

    def __init__(self) -> None:
        self._rung: dict[str, asyncio.Event] = {}

    def ring(self, job_id: str) -> None:
        """Let whoever waits for this job look at once; rung while nobody waits, it cuts the next wait."""
        self._rung.setdefault(job_id, asyncio.Event()).set()

    async def pause(self, job_id: str, seconds: float, sleep: Callable[[float], Awaitable[None]]) -> None:
        """Wait so long, or until it is rung for this job."""
        bell = self._rung.setdefault(job_id, asyncio.Event())
        sleeping, ringing = asyncio.ensure_future(sleep(seconds)), asyncio.ensure_future(bell.wait())
        try:
            await asyncio.wait({sleeping, ringing}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            sleeping.cancel()
            ringing.cancel()
            bell.clear()

    def take_down(self, job_id: str) -> None:
        """Nobody waits for this job any more."""
        self._rung.pop(job_id, None)
