"""The videos of a comparison on their way to the channel: in one message, if they fit into one.

Each job runs by itself and saves its own record alone. What they decide together is in the record of the comparison:
first which videos come in the common message, then which message that is. Whoever comes to it first decides or posts,
and the others take what is there; so it holds after a restart, and for two processes.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import replace

from dailies.comparison import Comparison
from dailies.errors import ChatUnavailable, FileGone, NotAllowed
from dailies.job import Job, Output, State
from dailies.jobs.context import JobContext
from dailies.jobs.transitions import given_up
from dailies.reason import Reason, ReasonCode

log = logging.getLogger(__name__)

LOOK_SECONDS = 5.0
"""Longest pause between two looks at the other jobs, which may run in another process."""


async def deliver_together(job: Job, context: JobContext, *, search: bool) -> Job | None:
    """Deliver a job's video in the common message of its comparison, and return the job as delivered, or as it is, with
    a trouble, while Discord is away. That is not saved yet. None: its video comes in a message of its own.

    Waits for the others of the set, at most limits.compare_seconds from the first finished video on.
    search: look for the message first, because an earlier process may have posted it.
    """
    assert job.take_set
    set_id = job.take_set.id
    found = await _decided(job, context)
    if not found.shows(job):
        return None
    async with context.set_signal.alone(set_id):
        found = await context.store.comparisons.get(set_id)
        if found.message_id is None and found.together:
            try:
                found = await _post(found, context, job.post_id, search=search)
            except ChatUnavailable:
                if given_up(job.completed_at or job.created_at, context):
                    found = await context.store.comparisons.part(set_id)
                else:
                    log.warning("job %s: Discord does not take its comparison just now; it is tried again", job.id)
                    return replace(job, trouble=Reason(ReasonCode.CHAT_AWAY))
    if found.message_id is None:
        return None
    log.info("job %s: delivered as message %s, with others", job.id, found.message_id)
    marks = await context.courier.marks(job)
    job = replace(job, marks={1: marks}) if marks else job
    came = replace(job.outputs[0] if job.outputs else Output(came=True), message_id=found.message_id)
    return replace(
        job,
        state=State.DELIVERED,
        reason=None,
        video_message_id=found.message_id,
        video_channel_id=found.channel_id,
        outputs=(came, *job.outputs[1:]),
    )


async def opened(job: Job, context: JobContext) -> None:
    """Record that a video of a comparison is there in a message of its own, so that the vote begins. One that has
    ended while the video was on its way is told again, below this video, too.
    """
    assert job.take_set
    found = await context.store.comparisons.posted(job.take_set.id, None, context.now())
    if found.ended_at is not None and job.blind:
        await context.store.comparisons.told(found.set_id, told=False)


async def _decided(job: Job, context: JobContext) -> Comparison:
    """Wait until it is decided which videos come first, and how; decide it once the others are ready, or too late."""
    assert job.take_set
    set_id, comparisons = job.take_set.id, context.store.comparisons
    context.set_signal.move(set_id)
    while True:
        found = await comparisons.get(set_id)
        if found.together is not None:
            return found
        takes = await context.store.takes(set_id)
        ready = [one for one in takes if await _is_ready(one)]
        left = _wait_left(ready, context)
        others = [one for one in takes if one.id != job.id and not one.ended and one not in ready]
        if not others or left <= 0:
            together = len(ready) > 1 and all(set(one.files) == {1} for one in ready) and not job.place.token_only
            return await comparisons.decide(set_id, [one.id for one in ready], together=together)
        await context.set_signal.wait(set_id, min(left, LOOK_SECONDS), context.sleep)


def _wait_left(ready: Sequence[Job], context: JobContext) -> float:
    """Return the seconds for which finished videos still wait: counted from the first one, by the records alone."""
    first = min((one.completed_at or one.created_at for one in ready), default=context.now())
    return first + context.limits.compare_seconds - context.now()


async def _is_ready(job: Job) -> bool:
    """Tell if a job's files are there to be posted."""
    if job.state is not State.DELIVERING or job.file is None:
        return False
    return await asyncio.to_thread(lambda: all(path.is_file() for path in job.files.values()))


async def _post(found: Comparison, context: JobContext, post_id: int | None, *, search: bool) -> Comparison:
    """Post the common message and record it, or that there is none. post_id: of the post of its shot.

    Raises ChatUnavailable.
    """
    search = search or found.set_id in context.set_signal.posting
    context.set_signal.posting.add(found.set_id)
    # The others may not have looked for the post of their shot yet.
    all_takes = [replace(one, post_id=post_id) for one in await context.store.takes(found.set_id)]
    takes = [one for one in all_takes if one.id in found.members]
    try:
        posted = await context.courier.together(takes, f"{found.set_id}-all", search=search)
    except (NotAllowed, FileGone) as error:
        log.warning("job %s: its comparison cannot be posted in one message: %s", found.set_id, error)
        posted = None
    if posted is None:
        return await context.store.comparisons.part(found.set_id)
    now, channel_id = context.now(), posted.channel_id
    return await context.store.comparisons.posted(found.set_id, posted.message_id, now, channel_id=channel_id)
