"""Approved videos on their way to the channel for them: each is posted once, and its message follows later words.

The record says what is to do (dailies/store/approved.py); a process that ends at any step leaves it to the next one.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from weakref import WeakValueDictionary

from dailies.delivery.chat import Posted, Upload
from dailies.delivery.courier import DeliveryRequest, ResponsePoster
from dailies.delivery.reviewed import ApprovedUpload, ReviewChat
from dailies.delivery.shares import Shares
from dailies.errors import ChatUnavailable, DeliveryError, FileGone, NotAllowed, RefusedError
from dailies.explain import sentence
from dailies.job import Job
from dailies.jobs.context import JobContext
from dailies.jobs.later import Later, keep_looking
from dailies.jobs.provenance import provenance, provenance_name
from dailies.jobs.redeliver import kept_files
from dailies.jobs.transitions import given_up
from dailies.media.container import recognise
from dailies.reason import Reason, ReasonCode
from dailies.review import ApprovedPost, Decision, Verdict
from dailies.store.reviews import ReviewStore

log = logging.getLogger(__name__)

LOOK_SECONDS = 10.0
"""Pause between two looks for what is to do."""


class ApprovedVideos:
    """Brings videos to the channel for approved ones. shares: None without a web server for links.

    tell: tells the operators what nobody else is there to be told.
    """

    def __init__(
        self,
        store: ReviewStore,
        context: JobContext,
        chat: ReviewChat,
        shares: Shares | None,
        tell: Callable[[str], Awaitable[None]],
    ) -> None:
        self._reviews, self._posts = store, store.approved
        self._context = context
        self._chat = chat
        self._shares = shares
        self._tell = tell
        self._later = Later[tuple[str, int]](context.now)
        self._locks = WeakValueDictionary[tuple[str, int], asyncio.Lock]()

    async def watch(self) -> None:
        """Do what is to do, until cancelled."""
        await keep_looking(self.look, self._context.sleep, LOOK_SECONDS, "approved videos")

    async def look(self) -> None:
        """Do what is to do now, by the records alone; tell the operators what cannot be done."""
        due = [(one.job_id, one.output) for one in await self._posts.due()]
        for job_id, output in self._later.now_due(due):
            post = await self.follow(job_id, output)
            if post is not None and (failed := failure(post)):
                await self._tell(f"Job {job_id}: {sentence(failed)}")

    async def follow(self, job_id: str, output: int) -> ApprovedPost | None:
        """Bring the channel for approved videos in line with what was said about one; return the record as it is then.

        None: it never was on its way there. One that Discord does not take just now is tried again later.
        """
        async with self._locks.setdefault((job_id, output), asyncio.Lock()):
            post = await self._posts.get(job_id, output)
            if post is None or post.ended_at is not None:
                return post
            try:
                await self._follow(post)
            except ChatUnavailable as error:
                if not given_up(post.wanted_at, self._context):
                    log.warning("job %s: its channel for approved videos is out of reach; it is tried again", job_id)
                    self._later.put_off((job_id, output))
                    return post
                await self._end(post, (await self._holds(post)).number, error.reason)
            return await self._posts.get(job_id, output)

    async def _follow(self, post: ApprovedPost) -> None:
        job, holds = await self._context.store.get(post.job_id), await self._holds(post)
        message_id = post.message_id
        if message_id is None and post.sent_at is not None:
            message_id = await self._found(post)
        if message_id is None and holds.verdict is not Verdict.APPROVED:
            await self._end(post, holds.number, None)
            return
        try:
            if message_id is None:
                await self._post(post, job, holds)
            else:
                await self._chat.edit_approved(post, message_id, job, holds)
        except ChatUnavailable:
            raise
        except RefusedError as error:
            await self._end(post, holds.number, error.reason)
        except DeliveryError as error:
            # Refused for good: it is not there, and nothing is to be looked for.
            await self._posts.sent(post, None)
            await self._end(post, holds.number, error.why if isinstance(error, NotAllowed) else error.reason)
        else:
            await self._end(post, holds.number, None)

    async def _found(self, post: ApprovedPost) -> int | None:
        try:
            found = await self._chat.find_approved(post, provenance_name(post.job_id, post.output))
        except NotAllowed:
            return None  # the post itself says why
        if found is not None:
            await self._posts.posted(post, found)
        return found

    async def _post(self, post: ApprovedPost, job: Job, holds: Decision) -> None:
        """Post a video once, and record its message. Raises RefusedError if it is no longer kept, and DeliveryError."""
        kept = await kept_files(job, running=False)
        if post.output not in kept:
            raise RefusedError(ReasonCode.NOT_HERE)
        path = kept[post.output][0]
        try:
            told = await asyncio.to_thread(provenance, job, holds, path)
        except FileNotFoundError as error:
            raise FileGone from error

        async def put(upload: Upload) -> Posted:
            original = None if upload.file == path else await self._original(job, post.output)
            await self._posts.sent(post, self._context.now())
            return Posted(await self._chat.post_approved(post, ApprovedUpload(job, holds, upload, told, original)))

        limit = self._chat.limit(job)
        poster = ResponsePoster(put, None if limit is None else limit - len(told.text.encode()))
        nonce = f"{job.id}-a{post.output}"
        request = DeliveryRequest((), nonce, more=True, response_poster=poster, number=post.output)
        done = await self._context.courier.hand(job, request)
        await self._posts.posted(post, done.posted.message_id)
        log.info("job %s: posted as approved, message %s", job.id, done.posted.message_id)

    async def _original(self, job: Job, output: int) -> Reason:
        """Say where the file as the model made it is."""
        if self._shares is None:
            return Reason(ReasonCode.APPROVED_ORIGINAL, job=job.id)
        path = job.files[output]
        kind = await asyncio.to_thread(recognise, path)
        url, ends = await self._shares.share(job, path, kind.extension)
        shown = f"||{url}||" if job.spoiler else url
        return Reason(ReasonCode.APPROVED_ORIGINAL_LINK, url=shown, until=int(ends))

    async def _holds(self, post: ApprovedPost) -> Decision:
        return (await self._reviews.newest([post.job_id]))[post.job_id, post.output]

    async def _end(self, post: ApprovedPost, number: int, reason: Reason | None) -> None:
        """Note that nothing more is to do, unless something newer was said: then the next look goes on."""
        if reason is not None:
            log.warning("job %s: it cannot be posted as approved: %s", post.job_id, reason)
        await self._posts.ended(post, number, self._context.now(), reason)
        self._later.done((post.job_id, post.output))


def failure(post: ApprovedPost) -> Reason | None:
    """Return why the channel for approved videos does not show what was said; None: it does, or will."""
    if post.ended_at is None or post.reason is None:
        return None
    code = ReasonCode.APPROVED_UNPOSTED if post.message_id is None else ReasonCode.APPROVED_UNCHANGED
    return Reason(code, channel=post.channel_id, why=post.reason)
