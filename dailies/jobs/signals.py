"""What jobs that run side by side are told: that no paid request may begin, that one of them has ended, and that there
is room for the next one."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager, suppress

from dailies.errors import Stopping


class Gate:
    """What every paid request passes. Closed, it lets none in and waits for those inside."""

    def __init__(self) -> None:
        self.closed = False
        self._inside = 0
        self._empty = asyncio.Event()
        self._empty.set()

    @contextmanager
    def passing(self) -> Generator[None]:
        """Around the moment a paid request is sent and the record of its answer. Raises Stopping when closed."""
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
        """Let nobody in any more and wait, at most so many seconds, until those inside are through."""
        self.closed = True
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._empty.wait()


class EndSignal:
    """Cuts a wait short: it is rung when OpenRouter says that a job has ended."""

    def __init__(self) -> None:
        self._alarms: dict[str, asyncio.Timeout] = {}
        self._early: set[str] = set()

    def set(self, job_id: str) -> None:
        """Let whoever waits for this job look at once; rung while nobody waits, it cuts the next wait."""
        if alarm := self._alarms.get(job_id):
            alarm.reschedule(asyncio.get_running_loop().time())
        else:
            self._early.add(job_id)

    async def wait(self, job_id: str, seconds: float, sleep: Callable[[float], Awaitable[None]]) -> bool:
        """Wait so long, or until it is rung for this job: whether it was."""
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
        """Nobody waits for this job any more."""
        self._early.discard(job_id)


class QueueSignal:
    """Where jobs wait for their turn: the end of another one lets them look again."""

    def __init__(self) -> None:
        self._alarms: set[asyncio.Timeout] = set()

    def move(self) -> None:
        """Let everybody in it look at once whether it is their turn."""
        for alarm in self._alarms:
            if not alarm.expired():
                alarm.reschedule(asyncio.get_running_loop().time())

    async def wait(self, seconds: float, sleep: Callable[[float], Awaitable[None]]) -> None:
        """Wait so long, or until the line moves."""
        with suppress(TimeoutError):
            async with asyncio.timeout(None) as alarm:
                self._alarms.add(alarm)
                try:
                    await sleep(seconds)
                finally:
                    self._alarms.discard(alarm)
