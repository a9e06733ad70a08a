"""OpenRouter's reports of jobs' ends, and conclusions from missing reports.

A report revives a job whose paid request got no answer, or was refused: whatever its status says, it was taken. If none
comes for long enough, OpenRouter most likely never accepted the request: it reports the end of every job that has a
callback_url.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace

from dailies.errors import NotYet
from dailies.job import Job, State
from dailies.jobs.context import JobContext
from dailies.jobs.runner import Runner
from dailies.openrouter.webhook import WebhookDelivery
from dailies.reason import Reason, ReasonCode
from dailies.store.shards import Shards

log = logging.getLogger(__name__)

WATCH_SECONDS = 60.0
"""Longest pause between two checks of unreported jobs."""

TRIED_SECONDS = 86_400.0
"""Age of a request from which OpenRouter may have given up reporting it, so that silence proves nothing.

OpenRouter does not document how long it retries. That it does so for a day, at least every REPORT_WAIT_SECONDS, is an
assumption, and the reason why the status says "most likely".
"""

_REVIVED = (State.UNKNOWN, State.UNREPORTED)
_NOT_TAKEN = (State.FAILED, State.REFUSED, State.QUEUED, State.RESERVED)
"""States of a request that was sent and refused: ended for that, cancelled, or waiting to be sent again."""


def _was_refused(job: Job) -> bool:
    """Tell if a job was sent and then counted as unpaid, which leaves it without OpenRouter's id."""
    return job.state in _NOT_TAKEN and job.submitted_at is not None and job.openrouter_id is None


class Reports:
    """Acts on OpenRouter's reports. wait: seconds without a report after which a request counts as never accepted."""

    def __init__(self, context: JobContext, runner: Runner, shards: Shards, *, wait: float) -> None:
        self._context = context
        self._runner = runner
        self._shards = shards
        self._wait = wait

    async def told(self, job_id: str, delivery: WebhookDelivery) -> None:
        """Check a job that OpenRouter reports as ended. The report itself is not trusted, except for OpenRouter's id of
        a job whose paid request got no answer or was refused.

        Raises NotYet when the report has to be sent again: the paid request is in flight, the end is being shown, or
        the record is being changed.
        """
        try:
            job = await self._context.store.get(job_id)
        except KeyError:
            log.warning("OpenRouter reports %s for job %s, which is not known", delivery.openrouter_id, job_id)
            return
        known = job.openrouter_id == delivery.openrouter_id
        if job.state is State.SUBMITTING:
            raise NotYet("the paid request has not been answered yet")
        if job.state in _REVIVED or (job.state is State.TIMED_OUT and known) or _was_refused(job):
            if await self._context.store.named(delivery.openrouter_id) not in (None, job.id):
                # The address is not signed: a report replayed there must not give one job's video to another.
                log.warning("OpenRouter's report of another job came for job %s", job_id)
                return
            own = self._shards.owns(job.place.guild_id)
            if job.ended and (job.id in self._runner.running or not (own or job.told)):
                raise NotYet("the job's end is being told")
            activity = Reason(ReasonCode.REPORTED_AFTER_ALL)
            if not await self.go_on(replace(job, openrouter_id=delivery.openrouter_id, activity=activity)):
                raise NotYet("the job's record was changed meanwhile")
        elif job.state is State.SUBMITTED and known:
            self._context.end_signal.set(job.id)

    async def go_on(self, job: Job) -> bool:
        """Resume polling a job that has ended, or waits to be sent again, or the download of one whose video was never
        downloaded; False when its record has changed meanwhile.

        job: as stored, with OpenRouter's id. A job of another process is resumed by that process.
        """
        if job.openrouter_id is None:
            return False
        alive = job.alive(job.openrouter_id)
        if job.state is State.UNDELIVERED:
            # It is known to be finished and paid, whatever a check would say today.
            alive = replace(alive, state=State.COMPLETED)
        if not await self._context.store.turn(alive, was=job):
            return False
        log.info("job %s: it goes on as %s at OpenRouter", job.id, job.openrouter_id)
        if self._shards.owns(job.place.guild_id):
            self._context.end_signal.set(job.id)
            self._runner.start(alive)
        return True

    async def watch(self) -> None:
        """Handle jobs reported to other processes and jobs never reported, until cancelled."""
        clock = asyncio.get_running_loop().time
        began = clock()
        while True:
            await self.adopt()
            await self.doubt(listened=clock() - began)
            await self._context.sleep(min(WATCH_SECONDS, self._wait / 10))

    async def adopt(self) -> None:
        """Start revived jobs that are not running: another process got the report, or the one that got it ended before
        it started them.
        """
        before = self._runner.held
        ids = [job_id for job_id in await self._context.store.revived() if job_id not in before]
        for job_id in ids:
            job = await self._context.store.get(job_id)
            carried = job_id in self._runner.held or self._runner.stopping
            if job.state in (State.SUBMITTED, State.COMPLETED) and not carried:
                log.info("job %s: it goes on, and nobody carried it on", job_id)
                self._runner.start(job)

    async def doubt(self, *, listened: float) -> None:
        """End unknown jobs that were never reported. listened: seconds of uninterrupted listening."""
        if listened < self._wait:
            return
        now = self._context.now()
        for job in await self._context.store.unanswered():
            here = job.callback_url == self._context.callback_url(job.id) and job.id not in self._runner.running
            heard = job.ended_at is not None and now - job.ended_at >= self._wait
            sure = job.submitted_at is not None and now - job.submitted_at < TRIED_SECONDS
            if here and heard and sure:
                await self._end(replace(job, ended_at=now), was=job)

    async def _end(self, job: Job, *, was: Job) -> None:
        reason = Reason(ReasonCode.NEVER_REPORTED, seconds=self._wait, session=job.id)
        ended = replace(job, state=State.UNREPORTED, reason=reason, told=False)
        if await self._context.store.turn(ended, was=was):
            self._runner.start(ended)
