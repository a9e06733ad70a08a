"""Runs the lives of jobs side by side, resumes unfinished ones, and stops them cleanly."""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import replace

from dailies.database import BROKEN, is_away, is_conflict, while_away
from dailies.job import UNSENT, Job, State
from dailies.jobs.context import JobContext
from dailies.jobs.later import Later
from dailies.jobs.life import live
from dailies.reason import Reason, ReasonCode
from dailies.references.gathering import Gathering
from dailies.retry import retry

log = logging.getLogger(__name__)

ENDS_SECONDS = 5.0
"""Limit of a stop's wait for status messages about ends; the next start sends the rest."""

COUNT_SECONDS = 10.0
"""Pause between two writes of check counts. With thousands of jobs, a transaction for each check took a third of the
processor time, and when all of them changed at once, a slow disk delayed writes by half a minute. A crash loses at most
one check of a job, at the shortest interval; nothing relies on the counts."""

SWEEP_SECONDS = 15.0
"""Pause between two searches for jobs whose video is not posted, or whose end is not told."""

_AWAY = while_away(5.0)
LIVES = 20
"""Maximum runs of a job that the database or the disk interrupts; after that it counts as a bug."""


def _interrupted(error: Exception, _: int) -> float | None:
    return 5.0 if is_away(error) or is_conflict(error) else None


class Runner:
    """Runs one task for each job that has not ended."""

    def __init__(self, context: JobContext) -> None:
        self._context = context
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._broken: set[str] = set()
        self._later = Later[str](context.now)
        self.stopping = False

    def start(self, job: Job, gathering: Gathering | None = None) -> None:
        """Run a job in the background, unless it is running already."""
        if job.id in self._tasks:
            return
        task = asyncio.create_task(self._run(job, gathering), name=f"job {job.id}")
        self._tasks[job.id] = task
        self._broken.discard(job.id)
        task.add_done_callback(lambda _: self._tasks.pop(job.id))

    @property
    def running(self) -> frozenset[str]:
        """Ids of the jobs that this process runs; it may save their records at any time."""
        return frozenset(self._tasks)

    @property
    def held(self) -> frozenset[str]:
        """Ids of the running jobs, and of the jobs that a bug left to the next start."""
        return frozenset(self._tasks) | self._broken

    async def resume(self) -> int:
        """Run every job that an earlier process left unfinished, unless the bot is stopping; return their number."""
        if self.stopping:
            return 0
        await self._context.store.recover()
        if await self._context.store.is_copy():
            await self._doubt_unsent()
            await self._context.store.adopt()
        jobs = [job for job in await self._context.store.unfinished() if job.id not in self._tasks]
        for job in jobs:
            self.start(job)
        # Let each task take its first step, after which every submitted job is counted and its check scheduled.
        await asyncio.sleep(0)
        return len(jobs)

    async def _doubt_unsent(self) -> None:
        """End unsent jobs of a restored backup as unknown: they may have been sent since the backup was made."""
        for job in await self._context.store.unfinished():
            if job.state in UNSENT:
                log.warning("job %s: not sent, because the backup that was restored is older than its request", job.id)
                reason = Reason(ReasonCode.RESTORED, session=job.id)
                doubted = replace(job, state=State.UNKNOWN, reason=reason, ended_at=self._context.now())
                await self._context.store.save(doubted)

    async def keep_counts(self) -> None:
        """Write the counts of checks every COUNT_SECONDS, until cancelled."""
        while True:
            await self._context.sleep(COUNT_SECONDS)
            await self._context.store.flush()

    async def sweep(self) -> None:
        """Try outstanding jobs again, each at growing intervals, until cancelled."""
        while True:
            await self._context.sleep(SWEEP_SECONDS)
            await self.take_up()

    async def take_up(self) -> None:
        """Run the outstanding jobs that are due and not running: Discord was away, or another process left them."""
        for job_id in self._later.now_due(await self._context.store.outstanding()):
            if job_id in self.held:
                continue
            job = await self._context.store.get(job_id)
            if job.outstanding and job_id not in self.held and not self.stopping:
                self.start(job)

    async def stop(self, seconds: float) -> None:
        """Start no new job, wait for the answers to paid requests in flight, and leave the rest to the next start.

        seconds: limit.
        """
        self.stopping = True
        ends = time.monotonic() + seconds
        await self._context.gate.close(seconds)
        await self._context.chat.drain(min(ENDS_SECONDS, max(0.0, ends - time.monotonic())))
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)
        try:
            async with asyncio.timeout(max(1.0, ends - time.monotonic())):
                await self._context.store.flush()
                await self._tell_lost()
        except BROKEN as error:
            if not is_away(error):
                raise
            log.warning("not every requester could be told that the bot stops; the next start tells them")

    def abandon(self) -> None:
        """End every run where it stands, as a crash would, and send nothing more."""
        self.stopping = True
        self._context.gate.closed = True
        for task in self._tasks.values():
            task.cancel()

    async def _tell_lost(self) -> None:
        # These cannot be resumed: a reference may be gone by then, and an answer that did not come is lost.
        lost = [
            job for job in await self._context.store.unfinished() if job.state in (State.CHECKING, State.SUBMITTING)
        ]
        await asyncio.gather(*(self._not_sent(job, "stop") for job in lost))

    async def _run(self, job: Job, gathering: Gathering | None) -> None:
        try:
            if self.stopping and job.state is State.CHECKING:
                # Its command was answered when the bot was already stopping.
                await self._not_sent(job, "stop")
                return
            job = await self._live(job, gathering)
            if job.outstanding:
                self._later.put_off(job.id)
        except Exception:
            # Any bug ends here: it is logged in full, the status shows it, and the other jobs go on.
            log.exception("job %s: a bug ended its run; the next start goes on with it", job.id)
            self._broken.add(job.id)
            await self._stranded(await self._record(job.id))
        finally:
            self._context.end_signal.discard(job.id)
            if gathering:
                await gathering.cancel()

    async def _live(self, job: Job, gathering: Gathering | None) -> Job:
        """Run a job's life; resume it from its record when the database was unavailable or refused a write."""

        async def go_on(number: int) -> Job:
            if number == 1:
                return await live(job, self._context, gathering)
            await self._recovered()  # of a paid request, only the disk may have the answer
            return await live(await self._record(job.id), self._context, gathering)

        what = f"job {job.id}: its run"
        return await retry(go_on, BROKEN, what=what, tries=LIVES, pause=_interrupted, sleep=self._context.sleep)

    async def _recovered(self) -> None:
        recover, what = self._context.store.recover, "reading what the disk has of paid requests"
        await retry(lambda _: recover(), BROKEN, what=what, pause=_AWAY, sleep=self._context.sleep)

    async def _record(self, job_id: str) -> Job:
        """Return a job's record, as soon as the database can be read."""
        # Tried until the process ends: without its record, nothing can be done for a job.
        get, what = self._context.store.get, f"job {job_id}: reading its record"
        return await retry(lambda _: get(job_id), BROKEN, what=what, pause=_AWAY, sleep=self._context.sleep)

    async def _stranded(self, job: Job) -> None:
        """Show a bug in the status too: people would wait for a message that looks alive."""
        if job.ended:
            return
        if job.openrouter_id is None:
            await self._not_sent(job, "bug")
        else:
            # Its record stays as it is, so that the next start resumes the paid job.
            reason = Reason(ReasonCode.STRANDED)
            await self._context.chat.show(replace(job, state=State.TIMED_OUT, reason=reason, trouble=None))

    async def _not_sent(self, job: Job, cause: str) -> None:
        if job.state is State.SUBMITTING:
            state, key = State.UNKNOWN, job.key
            reason = Reason(ReasonCode.LEFT_UNANSWERED, cause=cause, session=job.id)
        else:
            state, key = State.REFUSED, job.id  # as `end` in transitions.py
            reason = Reason(ReasonCode.LEFT_UNSENT, cause=cause)
        ended = replace(job, state=state, reason=reason, key=key, ended_at=self._context.now(), trouble=None)
        await self._context.store.save(ended)
        if await self._context.chat.show(ended):
            await self._context.store.save(replace(ended, told=True))
