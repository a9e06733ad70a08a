"""The end of votes on comparisons: somebody ends one, its time is over, or there is nothing to choose from."""

from __future__ import annotations

import logging

from dailies.comparison import Comparison
from dailies.jobs.context import JobContext
from dailies.jobs.later import Later, keep_looking
from dailies.jobs.transitions import given_up
from dailies.store.comparisons import Wins

log = logging.getLogger(__name__)

LOOK_SECONDS = 10.0
"""Pause between two looks for votes that are over."""


class Votes:
    """Ends votes and tells of it. seconds: how long a vote goes on at most."""

    def __init__(self, context: JobContext, *, seconds: float) -> None:
        self._context = context
        self._seconds = seconds
        self._later = Later[str](context.now)

    async def watch(self) -> None:
        """End the votes that are over, and show what is not shown yet, until cancelled."""
        await keep_looking(self.look, self._context.sleep, LOOK_SECONDS, "votes")

    async def look(self) -> None:
        """End the votes that are over now, by the records alone: a start after a long pause finds them too."""
        due = await self._context.store.comparisons.due(self._context.now() - self._seconds)
        for set_id in self._later.now_due(due):
            await self.end(set_id)

    async def wins(self, guild_id: int) -> dict[str, Wins]:
        """Return what each model came to in a server's comparisons that people voted on, by its id."""
        return await self._context.store.comparisons.wins(guild_id)

    async def end(self, set_id: str) -> Comparison:
        """End a vote and show how it ended. Raises KeyError when there is no such comparison."""
        context = self._context
        async with context.set_signal.alone(set_id):
            ended = await context.store.comparisons.end(set_id, context.now())
            if ended.told:
                return ended
            takes = await context.store.takes(set_id)
            told = await context.chat.show_result(ended, takes)
            if not told and given_up(ended.ended_at or context.now(), context):
                log.error("job %s: how its vote ended could not be shown, which is given up now", set_id)
                told = True
            if told:
                await context.store.comparisons.told(set_id)
                self._later.done(set_id)
            else:
                self._later.put_off(set_id)
        if all(one.ended for one in takes):
            context.set_signal.discard(set_id)
        return ended
