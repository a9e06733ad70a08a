"""Work that is found by the records and did not succeed just now: each is tried again, at intervals that grow."""

from __future__ import annotations

import logging
import random
from collections.abc import Awaitable, Callable, Hashable, Sequence
from typing import Generic, TypeVar

from dailies.database import BROKEN, is_away

log = logging.getLogger(__name__)

K = TypeVar("K", bound=Hashable)

AGAIN_SECONDS, RAREST_AGAIN_SECONDS = 30.0, 600.0
"""Shortest and longest pause until something is tried again."""


class Later(Generic[K]):
    """Times of the next tries, by what is tried. now: Unix seconds."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._again: dict[K, tuple[int, float]] = {}
        """Times that it failed, and the time from which it is tried again."""

    def now_due(self, found: Sequence[K]) -> list[K]:
        """Return what is to be tried now of all that is to do; the rest was put off. What is not found is forgotten."""
        now = self._now()
        self._again = {one: self._again[one] for one in found if one in self._again}
        return [one for one in found if now >= self._again.get(one, (0, now))[1]]

    def put_off(self, one: K) -> None:
        """Note that something failed; the jitter keeps what failed together from coming all at once."""
        number = self._again.get(one, (0, 0.0))[0] + 1
        pause = min(RAREST_AGAIN_SECONDS, AGAIN_SECONDS * 2.0 ** min(number - 1, 10))
        self._again[one] = number, self._now() + pause * (0.75 + random.random() / 4)

    def done(self, one: K) -> None:
        """Note that something succeeded."""
        self._again.pop(one, None)


async def keep_looking(
    look: Callable[[], Awaitable[None]], sleep: Callable[[float], Awaitable[None]], seconds: float, what: str
) -> None:
    """Look for work every so many seconds, until cancelled; wait for a database that is away. what: as in "votes"."""
    while True:
        await sleep(seconds)
        try:
            await look()
        except BROKEN as error:
            if not is_away(error):
                raise
            log.warning("%s could not be looked at; it is tried again", what)
