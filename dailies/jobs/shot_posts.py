"""The forum posts of shots: made once, with a shot's first take, and tagged with what became of its takes."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from weakref import WeakValueDictionary

from dailies.delivery.forum import Forum
from dailies.errors import NotAllowed
from dailies.job import Job
from dailies.reason import Reason, ReasonCode
from dailies.review import shot_state
from dailies.store.reviews import ReviewStore
from dailies.store.shot_forums import ShotForumStore

log = logging.getLogger(__name__)


class ShotPosts:
    """Knows which post the takes of a shot go into. One for each process: a server's jobs run in one."""

    def __init__(self, forum: Forum, store: ShotForumStore, reviews: ReviewStore) -> None:
        self._forum = forum
        self._store = store
        self._reviews = reviews
        self._locks = WeakValueDictionary[str, asyncio.Lock]()

    async def of(self, job: Job, now: float) -> tuple[Job, Reason | None]:
        """Return a job with the post that its videos go into, made if its shot has none yet; without one, where they
        are posted where it was asked for, and why a post could not be made, if one was to be. now: Unix seconds.

        Raises ChatUnavailable.
        """
        shot, place = job.shot, job.place
        if shot is None or job.post_id is not None or place.guild_id is None:
            return job, None
        async with self._alone(shot.shot_id):
            found = await self._store.place(shot.shot_id)
            if found is None or found.forum_id is None or found.shot.post_id == place.channel_id:
                return job, None
            post_id = found.shot.post_id
            if post_id is None:
                await self._store.asking(shot.shot_id, now)
                try:
                    post_id = await self._forum.open_post(job, found.shot, found.forum_id, since=found.asked_at)
                except NotAllowed as refusal:
                    log.warning("job %s: its shot gets no post: %s", job.id, refusal)
                    if found.asked_at is None:
                        await self._store.refused(shot.shot_id)
                    return job, Reason(ReasonCode.POSTED_ELSEWHERE, channel=found.forum_id, why=refusal.why)
                log.info("job %s: its shot is post %s", job.id, post_id)
                await self._store.posted(shot.shot_id, post_id)
        return replace(job, post_id=post_id), None

    async def gone(self, job: Job) -> None:
        """Forget the post of a job, which was deleted."""
        if job.shot and job.post_id:
            await self._store.gone(job.shot.shot_id, job.post_id)

    async def tag(self, job: Job) -> None:
        """Make the post of a job's shot show what became of its takes, if it has one."""
        if job.shot is None:
            return
        async with self._alone(job.shot.shot_id):
            found = await self._store.place(job.shot.shot_id)
            if found is None or found.forum_id is None or found.shot.post_id is None:
                return
            takes = await self._store.takes(job.shot.shot_id)
            await self._forum.tag_post(found.shot.post_id, shot_state(takes, await self._reviews.newest(takes)))

    def _alone(self, shot_id: str) -> asyncio.Lock:
        return self._locks.setdefault(shot_id, asyncio.Lock())
