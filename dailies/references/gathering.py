"""The references of a job, or of several that share them, while they are being fetched."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from dailies.errors import RefusedError
from dailies.references.reference import Reference, Source, each_once


class Gathering:
    """References that are being fetched. fit: makes them fit into one request together.

    Several jobs may share one: it is finished once for all of them, and stops when all have cancelled it.
    """

    def __init__(
        self,
        tasks: Sequence[tuple[Source | None, asyncio.Task[Reference]]],
        fit: Callable[[Sequence[Reference]], Awaitable[tuple[Reference, ...]]],
    ) -> None:
        self._tasks = tasks
        self._fit = fit
        self._jobs, self._shared = 1, False
        self._finishing: asyncio.Task[tuple[Reference, ...]] | None = None

    def share(self, jobs: int) -> None:
        """Let so many jobs use it; each of them cancels it once."""
        self._jobs, self._shared = jobs, jobs > 1

    async def refused_early(self, seconds: float) -> RefusedError | None:
        """Wait this long for attachments; return the first refusal, or None if there is none yet."""
        attached = [task for source, task in self._tasks if source and source.attached]
        if attached:
            await asyncio.wait(attached, timeout=seconds, return_when=asyncio.FIRST_EXCEPTION)
        errors = [task.exception() for task in attached if task.done() and not task.cancelled()]
        return next((error for error in errors if isinstance(error, RefusedError)), None)

    async def finish(self) -> tuple[Reference, ...]:
        """Return all references, in order; the same picture only once, at its first place. A caller that is cancelled
        stops the fetches unless jobs share them.

        Raises the ReferenceRefused of the first that cannot be used, in the order given, or DiskFull.
        """
        if self._finishing is None:
            self._finishing = asyncio.create_task(self._finish())
        try:
            return await asyncio.shield(self._finishing)
        except asyncio.CancelledError:
            if not self._shared:
                await self.cancel()
            raise

    async def _finish(self) -> tuple[Reference, ...]:
        try:
            found = [await task for _, task in self._tasks]
        finally:
            await self._stop([task for _, task in self._tasks])
        return await self._fit(each_once(found, lambda one: f"{one.role} {one.sha256}"))

    def fetched(self) -> tuple[Reference, ...]:
        """Return those that were fetched, in order, after others were refused: they need not be given again."""
        ended = [task for _, task in self._tasks if task.done() and not task.cancelled() and task.exception() is None]
        return tuple(each_once([task.result() for task in ended], lambda one: f"{one.role} {one.sha256}"))

    async def cancel(self) -> None:
        """Stop the fetches that still run, unless other jobs still use them."""
        self._jobs -= 1
        if self._jobs > 0:
            return
        await self._stop([*filter(None, [self._finishing]), *(task for _, task in self._tasks)])

    @staticmethod
    async def _stop(tasks: Sequence[asyncio.Task[Any]]) -> None:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
