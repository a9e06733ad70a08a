"""Background work beside the jobs for as long as the process runs."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from dailies.database import is_away

log = logging.getLogger(__name__)

AGAIN_SECONDS = 30.0
"""Seconds before work that failed starts again."""


class Background:
    """Restarts work that fails: a full disk or a database that is away ends nothing for good."""

    def __init__(self, *, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        self._sleep = sleep
        self._tasks: set[asyncio.Task[None]] = set()

    def begin(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Run work that never ends by itself."""
        self._tasks.add(asyncio.create_task(self._keep_up(work)))

    async def stop(self) -> None:
        """End all of it."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _keep_up(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        while True:
            try:
                await work()
            except Exception as error:
                # Whatever it was: without this work the bot would look healthy and, say, never hear of a report again.
                trace = None if is_away(error) else error
                log.error("background work broke (%s); it begins again in %g s", error, AGAIN_SECONDS, exc_info=trace)  # noqa: TRY400
            await self._sleep(AGAIN_SECONDS)
