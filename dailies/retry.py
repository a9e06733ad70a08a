"""Trying again after errors that pass. The paid request never comes here: it is sent once."""

from __future__ import annotations

import asyncio
import logging
import math
import random
from collections.abc import Awaitable, Callable
from typing import TypeVar

log = logging.getLogger(__name__)

T = TypeVar("T")
E = TypeVar("E", bound=Exception)


def backoff(number: int) -> float:
    """Seconds before a further try: 2, 4, 8 … at most 60, spread by a quarter."""
    return min(60.0, 2.0**number) * (1 + random.random() / 4)


async def retry(
    call: Callable[[int], Awaitable[T]],
    on: type[E] | tuple[type[E], ...],
    *,
    what: str,
    tries: float = math.inf,
    pause: Callable[[E, int], float | None] = lambda _, number: backoff(number),
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> T:
    """Call until it returns, so many times at most, then raise its last error. The call gets the try's number, from 1.

    on: errors that may pass; others are raised at once. what: names the call in the log, with the job's id.
    pause: seconds until the next try, from the error and the try's number; None: it does not pass.
    """
    number = 0
    while True:
        number += 1
        try:
            return await call(number)
        except on as error:
            seconds = pause(error, number)
            # Not each of thousands; the first line alone, because below it the database's errors show their statement.
            if seconds is not None and (number <= 5 or number % 60 == 0):
                log.warning("%s failed, try %d: %s", what, number, str(error).split("\n")[0] or type(error).__name__)
            if seconds is None or number >= tries:
                raise
        await sleep(seconds)
