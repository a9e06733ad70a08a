"""Words of people about videos: stored first, then told where the video is; after a restart what is untold is told."""

from __future__ import annotations

import asyncio
import logging
from weakref import WeakValueDictionary

from dailies.delivery.reviewed import ReviewChat, Telling
from dailies.errors import ChatUnavailable, NotAllowed
from dailies.jobs.context import JobContext
from dailies.jobs.later import Later, keep_looking
from dailies.jobs.transitions import given_up
from dailies.reason import Reason
from dailies.review import Decision, Verdict
from dailies.store.reviews import ReviewStore

log = logging.getLogger(__name__)

LOOK_SECONDS = 10.0
"""Pause between two looks for decisions that no message shows."""
Key = tuple[str, int, int]


class Reviews:
    """Takes decisions and tells of them. chat: with the bot's own token."""

    def __init__(self, store: ReviewStore, context: JobContext, chat: ReviewChat) -> None:
        self.store = store
        self._context = context
        self._chat = chat
        self._later = Later[Key](context.now)
        self._locks = WeakValueDictionary[tuple[str, int], asyncio.Lock]()

    async def decide(self, decision: Decision, way: Telling | None, *, channel_id: int | None) -> bool:
        """Store a decision, and tell it if it counts; False when its author had not seen what was said before it.

        way: how it is told; None: with the bot's own token. channel_id: the channel for approved videos.
        """
        async with self._alone(decision):
            if not await self.store.decide(decision, channel_id=channel_id):
                return False
            await self._tell(decision, way or self._chat, search=False)
        return True

    async def watch(self) -> None:
        """Tell what no message shows yet, until cancelled."""
        await keep_looking(self.look, self._context.sleep, LOOK_SECONDS, "decisions")

    async def look(self) -> None:
        """Tell what is untold now, by the records alone: a start after a crash finds it too."""
        untold = {_key(one): one for one in await self.store.untold()}
        for key in self._later.now_due(list(untold)):
            decision = untold[key]
            async with self._alone(decision):
                history = await self.store.history(decision.job_id, decision.output)
                newest = next(one for one in history if one.number == decision.number)
                if newest.told_at is None:
                    await self._tell(newest, self._chat, search=True)

    async def _tell(self, decision: Decision, way: Telling, *, search: bool) -> None:
        """Show a decision in the video's message; a note, and what cannot be shown there, in a reply."""
        job = await self._context.store.get(decision.job_id)
        holds = (await self.store.newest([job.id]))[job.id, decision.output]
        reply_id: int | None = None
        try:
            shown = await way.show(job, holds)
            if decision.verdict is Verdict.RETAKE or not shown:
                reply_id = await way.reply(job, decision, search=search)
        except NotAllowed as error:
            self._not_told(decision, error.why)
        except ChatUnavailable as error:
            if not given_up(decision.decided_at, self._context):
                log.warning("job %s: Discord does not take what was said about it; it is tried again", job.id)
                self._later.put_off(_key(decision))
                return
            self._not_told(decision, error.reason)
        if self._context.posts:
            await self._context.posts.tag(job)
        await self.store.told(decision, self._context.now(), reply_id=reply_id)
        self._later.done(_key(decision))

    @staticmethod
    def _not_told(decision: Decision, why: Reason) -> None:
        log.warning("job %s: what was said about it cannot be told where it is: %s", decision.job_id, why)

    def _alone(self, decision: Decision) -> asyncio.Lock:
        """Return the lock under which one decision on a video is told at a time."""
        return self._locks.setdefault((decision.job_id, decision.output), asyncio.Lock())


def _key(decision: Decision) -> Key:
    return decision.job_id, decision.output, decision.number
