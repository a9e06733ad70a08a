"""Runs the lives of jobs side by side, resumes unfinished ones, and stops them cleanly."""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import replace

from dailies import explain
from dailies.jobs.job import Job, State
from dailies.jobs.life import Crew, live
from dailies.references.collect import Gathering

log = logging.getLogger(__name__)


class Runner:
    """One task for each job that has not ended."""

    def __init__(self, crew: Crew) -> None:
        self._crew = crew
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self.stopping = False

    def start(self, job: Job, gathering: Gathering | None = None) -> None:
        """Carry a job on in the background."""
        task = asyncio.create_task(self._run(job, gathering), name=f"job {job.id}")
        self._tasks[job.id] = task
        task.add_done_callback(lambda _: self._tasks.pop(job.id))

    async def resume(self) -> int:
        """Carry on every job that an earlier process left unfinished; returns how many."""
        jobs = [job for job in await self._crew.store.unfinished() if job.id not in self._tasks]
        for job in jobs:
            self.start(job)
        return len(jobs)

    async def stop(self, seconds: float) -> None:
        """Take no new job, let a paid request in flight get its answer, then leave the rest. seconds: limit."""
        self.stopping = True
        ends = time.monotonic() + seconds
        await self._stop_unpaid()
        while await self._submitting() and time.monotonic() < ends:  # noqa: ASYNC110 (the store alone knows)
            await asyncio.sleep(0.05)
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)
        left = await self._crew.store.unfinished()
        try:
            async with asyncio.timeout(max(1.0, ends - time.monotonic())):
                await asyncio.gather(*(self._leave(job, "was stopped") for job in left))
        except TimeoutError:
            log.warning("not every status could be told that the bot stops")

    async def _stop_unpaid(self) -> None:
        """Whoever has not sent the paid request yet shall not send it while nobody will wait for the video."""
        jobs = [job for job in await self._crew.store.unfinished() if job.state in (State.CHECKING, State.RESERVED)]
        tasks = [task for job in jobs if (task := self._tasks.get(job.id))]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _run(self, job: Job, gathering: Gathering | None) -> None:
        try:
            if self.stopping:
                # Its command was answered while the bot began to stop.
                if gathering:
                    await gathering.cancel()
                await self._leave(job, "was stopped")
                return
            await live(job, self._crew, gathering)
        except Exception:
            # A bug must be told in the status too: a message that looks alive would be waited for.
            log.exception("job %s: a bug ended its run", job.id)
            await self._leave(await self._crew.store.get(job.id), "had an error of its own")

    async def _submitting(self) -> bool:
        return any(job.state is State.SUBMITTING for job in await self._crew.store.unfinished())

    async def _leave(self, job: Job, cause: str) -> None:
        """Jobs are kept in memory, so one that is left now is not resumed: its status must say so."""
        if job.ended:
            return
        log.warning("job %s: left behind as %s, %s at OpenRouter", job.id, job.state, job.openrouter_id or "unknown")
        state, reason = _left(job, cause)
        left = replace(job, state=state, reason=reason, ended_at=self._crew.now(), trouble=None)
        await self._crew.store.save(left)
        await self._crew.chat.show(left)


def _left(job: Job, cause: str) -> tuple[State, str]:
    if job.file is not None:
        return State.UNDELIVERED, explain.left_undelivered(cause)
    if job.openrouter_id is not None:
        return State.TIMED_OUT, explain.left_running(cause)
    if job.state is State.SUBMITTING:
        return State.UNKNOWN, explain.left_unanswered(cause)
    return State.REFUSED, explain.left_unsent(cause)
