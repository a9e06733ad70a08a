"""Signals between concurrent jobs: paid requests are closed, a job has ended at OpenRouter, the queue has moved."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager, suppress

from dailies.errors import Stopping


class Gate:
    """Gate that every paid request passes. Closed, it lets none in and waits for those inside."""

    def __init__(self) -> None:
        self.closed = False
        self._inside = 0
        self._empty = asyncio.Event()
        self._empty.set()

    @contextmanager
    def passing(self) -> Generator[None]:
        """Enclose the sending of a paid request and the record of its answer. Raises Stopping when closed."""
        if self.closed:
            raise Stopping
        self._inside += 1
        self._empty.clear()
        try:
            yield
        finally:
            self._inside -= 1
            if not self._inside:
                self._empty.set()

    async def close(self, seconds: float) -> None:
        """Let no more requests in, and wait, at most this many seconds, for those inside."""
        self.closed = True
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._empty.wait()


class EndSignal:
    """Cuts a job's wait short when OpenRouter reports that the job has ended."""

    def __init__(self) -> None:
        self._alarms: dict[str, asyncio.Timeout] = {}
        self._early: set[str] = set()

    def set(self, job_id: str) -> None:
        """End the current wait for this job at once; without one, the next wait."""
        if alarm := self._alarms.get(job_id):
            alarm.reschedule(asyncio.get_running_loop().time())
        else:
            self._early.add(job_id)

    async def wait(self, job_id: str, seconds: float, sleep: Callable[[float], Awaitable[None]]) -> bool:
        """Wait this long, or until the signal is set for this job; return True in the latter case."""
        if job_id in self._early:
            self._early.discard(job_id)
            return True
        with suppress(TimeoutError):
            async with asyncio.timeout(None) as alarm:
                self._alarms[job_id] = alarm
                try:
                    await sleep(seconds)
                    return False
                finally:
                    del self._alarms[job_id]
        return True

    def discard(self, job_id: str) -> None:
        """Clear the signal: nothing waits for this job any more."""
        self._early.discard(job_id)


class QueueSignal:
    """Wakes queued jobs when another job ends, so that they check for their turn."""

    def __init__(self) -> None:
        self._alarms: set[asyncio.Timeout] = set()

    def move(self) -> None:
        """Let every queued job check at once for its turn."""
        for alarm in self._alarms:
            if not alarm.expired():
                alarm.reschedule(asyncio.get_running_loop().time())

    async def wait(self, seconds: float, sleep: Callable[[float], Awaitable[None]]) -> None:
        """Wait this long, or until the queue moves."""
        with suppress(TimeoutError):
            async with asyncio.timeout(None) as alarm:
                self._alarms.add(alarm)
                try:
                    await sleep(seconds)
                finally:
                    self._alarms.discard(alarm)


class SetSignal:
    """Wakes the jobs of a comparison that wait for each other, when one of them is ready or has ended."""

    def __init__(self) -> None:
        self._signals: dict[str, QueueSignal] = {}
        self._locks: dict[str, asyncio.Lock] = {}
        self.posting = set[str]()
        """Sets whose common message this process has tried to post: it may be there, whatever was answered."""

    def move(self, set_id: str) -> None:
        """Let every job that waits in this set look again at once."""
        if signal := self._signals.get(set_id):
            signal.move()

    async def wait(self, set_id: str, seconds: float, sleep: Callable[[float], Awaitable[None]]) -> None:
        """Wait this long, or until something moves in this set."""
        await self._signals.setdefault(set_id, QueueSignal()).wait(seconds, sleep)

    def alone(self, set_id: str) -> asyncio.Lock:
        """Return the lock under which one job of a set posts for all of them."""
        return self._locks.setdefault(set_id, asyncio.Lock())

    def discard(self, set_id: str) -> None:
        """Forget a set whose jobs have all ended."""
        self._signals.pop(set_id, None)
        self._locks.pop(set_id, None)
        self.posting.discard(set_id)
