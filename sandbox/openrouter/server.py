"""OpenRouter's video API on loopback: start, stop, and the parts that a test reads and scripts."""

from __future__ import annotations

import asyncio
import random
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

import imageio_ffmpeg
from aiohttp import web
from aiohttp.typedefs import Middleware

from sandbox.clock import Clock
from sandbox.openrouter.account import Account
from sandbox.openrouter.jobs import Job, Jobs
from sandbox.openrouter.references import ReferenceFetcher, ReferenceLimits
from sandbox.openrouter.routes import Routes
from sandbox.openrouter.webhooks import Webhooks


class OpenRouterServer(Account):
    """OpenRouter's video API on 127.0.0.1.

    clock: world time; a job's length is counted in it.
    queue_seconds, work_seconds: world seconds a job is pending, then in_progress, spread by ±20 % from `seed`.
        A job is never completed before its video is rendered.
    max_body_bytes: a larger POST is answered 413.
    video: a file every job completes with instead of a rendering of its own, for runs of hundreds of jobs.
    webhook_secret, webhook_routes: the workspace's signing secret and the real addresses of https origins (Webhooks).

    webhooks: what reports the ends of jobs; `webhooks.attempts` has every try.
    middlewares: aiohttp's, around every request, for what faults cannot say; to be set before the start.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        key: str,
        queue_seconds: float = 10.0,
        work_seconds: float = 80.0,
        seed: int = 0,
        limit_usd: float | None = None,
        credits_usd: float | None = None,
        max_body_bytes: int = 100_000_000,
        reference_limits: ReferenceLimits | None = None,
        video: Path | None = None,
        webhook_secret: str | None = None,
        webhook_routes: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(clock, key, limit_usd, credits_usd)
        self.middlewares: list[Middleware] = []
        self.webhooks = Webhooks(clock, origin=lambda: self.origin, secret=webhook_secret, routes=webhook_routes or {})
        self._queue_seconds = queue_seconds
        self._work_seconds = work_seconds
        self._seed = seed
        self._max_body_bytes = max_body_bytes
        self._reference_limits = reference_limits or ReferenceLimits()
        self._video = video
        self._folder: Path | None = None
        self._fetcher: ReferenceFetcher | None = None
        self._jobs: Jobs | None = None
        self._runner: web.AppRunner | None = None

    @property
    def api_base(self) -> str:
        return f"{self.origin}/api/v1"

    @property
    def jobs(self) -> dict[str, Job]:
        """Return the accepted jobs by id, in order."""
        return self._jobs.by_id if self._jobs is not None else {}

    async def start(self, port: int = 0) -> None:
        """Listen on 127.0.0.1; port 0 takes a free one.

        Raises OSError when the port is taken, RuntimeError when there is no ffmpeg.
        """
        if self._video is None:
            await asyncio.to_thread(imageio_ffmpeg.get_ffmpeg_exe)
        self._folder = Path(tempfile.mkdtemp(prefix="openrouter-sandbox-"))
        self._fetcher = ReferenceFetcher(self._reference_limits)
        self._jobs = Jobs(
            self.clock,
            folder=self._folder,
            fetcher=self._fetcher,
            queue_seconds=self._queue_seconds,
            work_seconds=self._work_seconds,
            rng=random.Random(self._seed),
            video=self._video,
            on_end=self.webhooks.ended,
        )
        app = web.Application(client_max_size=self._max_body_bytes, middlewares=self.middlewares)
        Routes(self, self._jobs).add_to(app)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, "127.0.0.1", port).start()
        except OSError:
            await self.close()
            raise
        bound: int = self._runner.addresses[0][1]
        self.origin = f"http://127.0.0.1:{bound}"

    def end_queue(self) -> None:
        """Let every pending job start now, however long its queue was to be."""
        if self._jobs is not None:
            self._jobs.end_queue()

    async def close(self) -> None:
        """Stop listening, end the jobs, delete their files. May be called twice, or without a start."""
        if self._runner is not None:
            await self._runner.cleanup()
        if self._jobs is not None:
            await self._jobs.close()
        await self.webhooks.close()
        if self._fetcher is not None:
            await self._fetcher.close()
        if self._folder is not None:
            await asyncio.to_thread(shutil.rmtree, self._folder, ignore_errors=True)
        self._runner = self._fetcher = self._folder = None
