"""Links to videos on the bot's own web server, for files that Discord does not take.

A link holds 192 random bits; the database keeps their hash, so that reading it opens nothing. Every process with
the same database and DATA_DIR can serve every link.
"""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncEngine

from dailies.job import Job
from dailies.media.container import MP4
from dailies.media.playable import playable
from dailies.schema import jobs, shared_files

TOKEN_BYTES = 24
PATH = "/files"


class Shares:
    """Makes links and looks them up. public_url: without a trailing slash. days: KEEP_DAYS. now: Unix seconds."""

    def __init__(
        self, engine: AsyncEngine, videos: Path, *, public_url: str, days: float, now: Callable[[], float] = time.time
    ) -> None:
        self._engine = engine
        self._videos = videos
        self._public_url = public_url
        self._seconds = days * 86400
        self._now = now

    async def share(self, job: Job, path: Path | None = None, extension: str = MP4) -> tuple[str, float]:
        """Make a link to a job's file, or to the output or conversion at path; returns it and when it expires (Unix
        seconds): with the file. extension: of the file, by its content. A link opens every output of its job.
        """
        now = self._now()
        token = secrets.token_urlsafe(TOKEN_BYTES)
        expires = (job.ended_at or now) + self._seconds
        async with self._engine.begin() as connection:
            await connection.execute(delete(shared_files).where(shared_files.c.expires_at <= now))
            row = {"token_sha256": _hash(token), "job_id": job.id, "expires_at": expires}
            await connection.execute(insert(shared_files).values(row))
        converted = path is not None and path in map(playable, job.files.values())
        name = path.name if path and converted else f"{path.stem if path else job.id}.{extension}"
        return f"{self._public_url}{PATH}/{token}/{name}", expires

    async def find(self, token: str) -> Path | None:
        """Return the file that a link opens; None if it opens nothing (any more)."""
        query = (
            select(jobs.c.file)
            .join(shared_files, shared_files.c.job_id == jobs.c.id)
            # Looked up by the hash: the duration of a comparison reveals nothing about the token.
            .where(shared_files.c.token_sha256 == _hash(token), shared_files.c.expires_at > self._now())
            .where(jobs.c.file_removed_at.is_(None), jobs.c.forgotten_at.is_(None))
        )
        async with self._engine.connect() as connection:
            name = (await connection.execute(query)).scalar_one_or_none()
        return self._videos / name if name else None


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
