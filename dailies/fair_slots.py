"""Slots for concurrent work, given out in turns, so that nobody keeps the others waiting."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass


@dataclass(frozen=True)
class Turn:
    """A claim to a slot. person: id; None: an operator, who may have all slots. later: goes after everybody who waits
    without it.
    """

    person: int | None = None
    later: bool = False


NOBODY = Turn()
"""An operator's own turn."""


@dataclass(eq=False)
class _Waiting:
    person: int | None
    later: bool
    given: asyncio.Future[None]


class FairSlots:
    """Slots for concurrent work. slots: in all. each: at most for one person; None: all of them.

    A free slot goes to the person with the fewest, then to the one whose last turn is the longest ago.
    """

    def __init__(self, slots: int, each: int | None = None) -> None:
        self._free = slots
        self._each = each or slots
        self._taken: Counter[int | None] = Counter()
        self._waiting: list[_Waiting] = []
        self._turns: dict[int | None, int] = {}
        """Number of the last turn of everybody who has a slot or waits for one."""
        self._turn = 0

    @property
    def busy(self) -> bool:
        """True if whoever comes next has to wait."""
        return self._free == 0

    @asynccontextmanager
    async def one(self, person: int | None, *, later: bool = False) -> AsyncGenerator[None]:
        """Wait for a slot and hold it. person, later: as in Turn."""
        waiting = _Waiting(person, later, asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        self._give()
        try:
            await waiting.given
        except asyncio.CancelledError:
            if waiting in self._waiting:
                self._waiting.remove(waiting)
                self._forget(person)
            else:
                self._leave(person)
            raise
        try:
            yield
        finally:
            self._leave(person)

    def _give(self) -> None:
        while self._free and (able := [one for one in self._waiting if self._may(one)]):
            chosen = min(able, key=lambda one: (one.later, self._taken[one.person], self._turns.get(one.person, 0)))
            self._waiting.remove(chosen)
            self._free -= 1
            self._turn += 1
            self._taken[chosen.person] += 1
            self._turns[chosen.person] = self._turn
            chosen.given.set_result(None)

    def _may(self, one: _Waiting) -> bool:
        return not one.given.done() and (one.person is None or self._taken[one.person] < self._each)

    def _leave(self, person: int | None) -> None:
        self._free += 1
        self._taken[person] -= 1
        self._give()
        self._forget(person)

    def _forget(self, person: int | None) -> None:
        if not self._taken[person] and all(one.person != person for one in self._waiting):
            del self._taken[person]
            self._turns.pop(person, None)
