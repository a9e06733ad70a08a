"""Retries after temporary errors. Never used for the paid request, which is sent once."""

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
    """Return the seconds before the next try: 2, 4, 8 … at most 60, plus up to a quarter at random."""
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
    """Call until it returns; after `tries`, raise its last error. The call is passed the try's number, from 1.

    on: errors that may be temporary; others are raised at once. what: names the call in the log, with the job's id.
    pause: returns the seconds until the next try, from the error and the try's number; None: raise it at once.
    """
    number = 0
    while True:
        number += 1
        try:
            return await call(number)
        except on as error:
            seconds = pause(error, number)
            # Not each of thousands; and only the first line, because database errors show their statement below it.
            if seconds is not None and (number <= 5 or number % 60 == 0):
                log.warning("%s failed, try %d: %s", what, number, str(error).split("\n")[0] or type(error).__name__)
            if seconds is None or number >= tries:
                raise
        await sleep(seconds)
