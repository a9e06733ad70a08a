"""A context for a job's life: a api of the test's own, a chat in memory, time that does not pass."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import imageio_ffmpeg
from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncEngine

from dailies import database
from dailies.delivery.courier import Courier, DeliveryTools
from dailies.delivery.limits import UploadLimitStore
from dailies.delivery.shares import Shares
from dailies.job import Job
from dailies.jobs.context import JobContext, JobLimits
from dailies.jobs.life import live
from dailies.media.encode import Encoder
from dailies.money.budget import Policy
from dailies.money.ledger import Ledger
from dailies.openrouter.client import ClientLimits
from dailies.store.sql import SqlStore
from tests.support.databases import sqlite_file
from tests.support.servers import Served, serving
from tests.unit.kit import FakeChat, Now, Sleeps, client

LIMITS = JobLimits(poll_interval=30, check_seconds=150, download_seconds=20, media_seconds=20)
TRIES = 3
ACCEPTED: dict[str, Any] = {"id": "remote-1", "polling_url": "/api/v1/videos/remote-1", "status": "pending"}
DONE: dict[str, Any] = {"status": "completed", "usage": {"cost": 0.25, "is_byok": False}}

Step = int | bytes | dict[str, Any] | Callable[[], Awaitable[web.StreamResponse]]
"""A status to fail with, a file, a JSON answer, or a coroutine function that answers."""


@dataclass
class ScriptedAPI:
    """Answers by script; the last step of each list is repeated."""

    video: bytes
    submits: list[Step] = field(default_factory=lambda: [ACCEPTED])
    polls: list[Step] = field(default_factory=lambda: [DONE])
    downloads: list[Step] = field(default_factory=list[Step])

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        """Answer one request."""
        if request.method == "POST":
            return await self._step(self.submits)
        if "/content" in request.path or request.path.endswith(".mp4"):
            return await self._step(self.downloads) if self.downloads else web.Response(body=self.video)
        return await self._step(self.polls)

    async def _step(self, steps: list[Step]) -> web.StreamResponse:
        step = steps.pop(0) if len(steps) > 1 else steps[0]
        match step:
            case int():
                return web.json_response({"error": {"code": step, "message": "scripted"}}, status=step)
            case bytes():
                return web.Response(body=step)
            case dict():
                return web.json_response(step)
            case _:
                return await step()


@dataclass
class Harness:
    """A context and everything around it that a test looks at."""

    context: JobContext
    server: Served
    chat: FakeChat
    sleeps: Sleeps
    now: Now
    store: SqlStore
    upload_limits: UploadLimitStore

    @property
    def posts(self) -> int:
        """Paid requests that arrived."""
        return sum(arrival.method == "POST" for arrival in self.server.arrivals)

    async def kept(self, job: Job) -> Job:
        """Store the job as an earlier process left it."""
        await self.store.create(job)
        return job


@asynccontextmanager
async def harness(
    api: ScriptedAPI,
    folder: Path,
    *,
    job_limits: JobLimits = LIMITS,
    chat: FakeChat | None = None,
    limits: ClientLimits | None = None,
    policy: Policy | None = None,
    public_url: str | None = None,
    engine: AsyncEngine | None = None,
) -> AsyncGenerator[Harness]:
    """Build everything that a job needs, for as long as the context is open. engine: None for a SQLite file."""
    chat, sleeps, now = chat or FakeChat(), Sleeps(), Now()
    given = contextlib.nullcontext(engine) if engine else None
    async with (
        given or database.opened(await sqlite_file(folder / "jobs.sqlite")) as engine,
        serving(api) as server,
        client(server.base, limits=limits) as openrouter,
    ):
        store = SqlStore(engine, folder, ledger=Ledger(policy, now=now))
        ffmpeg = imageio_ffmpeg.get_ffmpeg_exe()
        videos = folder / "videos"
        shares = Shares(engine, videos, public_url=public_url, days=14, now=now) if public_url else None
        tools = DeliveryTools(
            UploadLimitStore(engine, now),
            Encoder(ffmpeg, jobs=1, seconds=60),
            shares,
            ffmpeg,
            media_seconds=20,
            tries=TRIES,
        )
        context = JobContext(
            store=store,
            openrouter=openrouter,
            chat=chat,
            courier=Courier(chat, tools, sleep=sleeps),
            limits=job_limits,
            videos=videos,
            ffmpeg=ffmpeg,
            sleep=sleeps,
            now=now,
        )
        yield Harness(context, server, chat, sleeps, now, store, tools.upload_limits)


async def lived(
    job: Job, api: ScriptedAPI, folder: Path, *, chat: FakeChat | None = None, public_url: str | None = None
) -> tuple[Job, Harness]:
    """Run a job to its end; fails when the store says otherwise."""
    async with harness(api, folder, chat=chat, public_url=public_url) as on:
        await on.store.create(job)
        ended = await live(job, on.context)
        assert await on.store.get(job.id) == ended
        return ended, on
