"""The life of a job: pending, in_progress, and an end; meanwhile its video is really rendered."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import secrets
import string
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

from sandbox.clock import Clock
from sandbox.openrouter.errors import JobError
from sandbox.openrouter.faults import JobScript, WebhookScript
from sandbox.openrouter.forms import reshape
from sandbox.openrouter.prices import cost
from sandbox.openrouter.references import ReferenceFetcher
from sandbox.openrouter.render import RenderError, Shot, last_frame, render
from sandbox.openrouter.validate import VideoRequest

T = TypeVar("T")

_LOG = logging.getLogger(__name__)
_ALPHABET = string.ascii_letters + string.digits
_ENDS = {
    "failed": "content_policy_violation: the output was flagged by the provider",
    "cancelled": None,
    "expired": None,
}


@dataclass
class Job:
    """One accepted request. Times are world time; `path` is set once it is completed."""

    id: str
    request: VideoRequest
    script: JobScript
    created: float
    webhook: WebhookScript | None = None
    status: str = "pending"
    error: object = None
    path: Path | None = None
    usage_cost: Decimal | None = None
    generation_id: str | None = None
    expires_at: int | None = None
    polled: int = 0
    downloads: int = 0
    """Downloads with the key that were begun."""
    told: bool = False
    """True if a poll was answered after the end."""
    leaves_queue: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def ended(self) -> bool:
        return self.status not in ("pending", "in_progress")


class Jobs:
    """All jobs of a server.

    queue_seconds, work_seconds: world seconds, spread by ±20 %. folder: where the videos go. video: the file that
    every job completes with instead of a rendering. on_end: called with each job that has ended.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        folder: Path,
        fetcher: ReferenceFetcher,
        queue_seconds: float,
        work_seconds: float,
        rng: random.Random,
        video: Path | None,
        on_end: Callable[[Job], None],
    ) -> None:
        self.by_id: dict[str, Job] = {}
        self.spent = Decimal(0)
        """USD of all completed jobs."""
        self._clock = clock
        self._folder = folder
        self._fetcher = fetcher
        self._queue_seconds = queue_seconds
        self._work_seconds = work_seconds
        self._rng = rng
        self._video = video
        self._on_end = on_end
        self._renderings: dict[str, asyncio.Task[Path]] = {}
        self._tasks: set[asyncio.Task[Any]] = set()
        # One at a time: ffmpeg uses all cores anyway, and the bot needs some of them.
        self._turn = asyncio.Semaphore(1)

    def accept(self, request: VideoRequest, script: JobScript, webhook: WebhookScript | None) -> Job:
        """Create a job and let it run. webhook: how its end is reported, for a request with a callback_url."""
        now = self._clock.time()
        # Not from the seeded rng: a restarted server must not give out an id twice.
        number = "".join(secrets.choice(_ALPHABET) for _ in range(20))
        job = Job(f"gen-vid-{int(now)}-{number}", request, script, now, webhook)
        self.by_id[job.id] = job
        self._keep(asyncio.create_task(self._run(job), name=job.id))
        return job

    def end_queue(self) -> None:
        """Let every pending job start now."""
        for job in self.by_id.values():
            job.leaves_queue.set()

    async def close(self) -> None:
        """End jobs that are still running."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _keep(self, task: asyncio.Task[T]) -> asyncio.Task[T]:
        """Hold on to a task until it is done: the loop itself keeps only a weak reference."""
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _run(self, job: Job) -> None:
        await self._live(job)
        self._on_end(job)

    async def _live(self, job: Job) -> None:
        queue, work = self._lengths(job.script)
        making = self._keep(asyncio.create_task(self._make(job))) if job.script.end == "completed" else None
        try:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(queue / self._clock.speed):
                    await job.leaves_queue.wait()
            job.status, begun = "in_progress", self._clock.time()
            if making is None:
                await self._clock.sleep(work)
                job.error = job.script.error or _ENDS[job.script.end]
                job.status = job.script.end
                return
            # A reference that cannot be fetched ends a job early; nothing else does.
            done, _ = await asyncio.wait({making}, timeout=work / self._clock.speed)
            if done and making.exception() is None:
                await self._clock.sleep(max(0.0, begun + work - self._clock.time()))
            self._complete(job, await making)
        except (JobError, RenderError) as error:
            _LOG.info("job %s failed: %s", job.id, error)
            job.error = str(error) if isinstance(error, JobError) else "internal_error: rendering failed"
            job.status = "failed"
        finally:
            if making is not None and not making.done():
                making.cancel()

    def _complete(self, job: Job, path: Path) -> None:
        job.path = path
        job.generation_id = job.id
        self.sign_anew(job)
        scripted = job.script.cost
        job.usage_cost = cost(job.request.model, job.request.work) if scripted is None else Decimal(str(scripted))
        self.spent += job.usage_cost or 0
        job.status = "completed"

    def sign_anew(self, job: Job) -> None:
        """Let the signed URLs of a completed job last from now on; those of earlier answers end as they said."""
        if job.path is not None:
            job.expires_at = int(self._clock.time() + job.script.stored_seconds)

    def _lengths(self, script: JobScript) -> tuple[float, float]:
        spread = self._rng.uniform(0.8, 1.2)
        queue = self._queue_seconds * spread if script.queue_seconds is None else script.queue_seconds
        work = self._work_seconds * spread if script.work_seconds is None else script.work_seconds
        return queue, work

    async def _make(self, job: Job) -> Path:
        """Fetch the references and render, in the form that a script asks for. Raises JobError, RenderError."""
        made = await self._rendered(job)
        if job.script.form is None:
            return made
        try:
            return await reshape(made, job.script.form, self._folder)
        except subprocess.SubprocessError as error:
            raise RenderError(str(error)) from error

    async def _rendered(self, job: Job) -> Path:
        request, script = job.request, job.script
        images = tuple([await self._fetcher.image(url) for url in request.image_urls])
        frames = {kind: await self._fetcher.image(url) for kind, url in request.frame_urls.items()}
        if self._video is not None:
            return self._video
        if request.previous_job_id is not None and (continued := self.by_id[request.previous_job_id].path):
            frames["first_frame"] = await last_frame(continued)
        shot = Shot(
            prompt=request.prompt,
            label=f"Sandbox rendering · {request.model.id} · {request.duration} s",
            width=script.size[0] if script.size else request.width,
            height=script.size[1] if script.size else request.height,
            seconds=request.duration if script.seconds is None else script.seconds,
            audio=request.audio and script.sound,
            seed=request.seed,
            references=images,
            first=frames.get("first_frame"),
            last=frames.get("last_frame"),
        )
        # Jobs that look the same share one rendering.
        key = await asyncio.to_thread(shot.key)
        if key not in self._renderings:
            target = self._folder / f"{key[:20]}.mp4"
            self._renderings[key] = self._keep(asyncio.create_task(self._render(shot, target)))
        return await asyncio.shield(self._renderings[key])

    async def _render(self, shot: Shot, target: Path) -> Path:
        async with self._turn:
            await render(shot, target)
        return target
