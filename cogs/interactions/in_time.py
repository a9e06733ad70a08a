"""The wait of an answer for the database, which ends before Discord stops waiting for the answer."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Coroutine
from typing import Any, TypeVar

from discord import Interaction

from dailies.database import BROKEN, is_away
from dailies.errors import RefusedError
from dailies.reason import ReasonCode

log = logging.getLogger(__name__)

T = TypeVar("T")

BEGAN = "waiting began"
"""Time when an interaction began to wait for the database (time.monotonic), among its extras."""


async def in_time(interaction: Interaction, work: Coroutine[Any, Any, T], seconds: float) -> T:
    """Wait for the database, for all of one answer's questions together for so many seconds.

    Raises RefusedError after these; the work goes on, because one that is cancelled would hold up everything else at
    SQLite's only connection.
    """
    now = time.monotonic()
    began: float = interaction.extras.setdefault(BEGAN, now)
    task = asyncio.create_task(work)
    done, _ = await asyncio.wait([task], timeout=max(0.0, began + seconds - now))
    if not done:
        task.add_done_callback(_log_late)
        raise RefusedError(ReasonCode.AWAY)
    try:
        return task.result()
    except BROKEN as error:
        if not is_away(error):
            raise
        raise RefusedError(ReasonCode.AWAY) from error


def _log_late(task: asyncio.Task[Any]) -> None:
    if not task.cancelled() and (error := task.exception()):
        log.warning("the database answered too late, and with an error: %r", error)
