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

from sqlalchemy import delete, exists, insert, select
from sqlalchemy.ext.asyncio import AsyncEngine

from dailies.approved import has_approved
from dailies.delivery.page import SharedVideo
from dailies.job import Job
from dailies.media.container import MP4
from dailies.media.playable import original_of, playable
from dailies.media.poster import make_poster, poster_of
from dailies.schema import job_references, jobs, screenings, shared_files, shared_screenings
from dailies.screening import Screening, reel_name

TOKEN_BYTES = 24
PATH = "/files"


class Shares:
    """Makes links and looks them up. public_url: without a trailing slash. days: KEEP_DAYS. approved_days: days that
    approved videos stay, if those are more. ffmpeg: makes posters; None: there are none. now: Unix seconds.
    """

    def __init__(
        self,
        engine: AsyncEngine,
        videos: Path,
        *,
        public_url: str,
        days: float,
        approved_days: float = 0.0,
        ffmpeg: str | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._engine = engine
        self._videos = videos
        self._public_url = public_url
        self._seconds = days * 86400
        self._approved_seconds = max(days, approved_days) * 86400
        self._ffmpeg = ffmpeg
        self._now = now

    async def share(self, job: Job, path: Path | None = None, extension: str = MP4) -> tuple[str, float]:
        """Make a link to a job's file, or to the output or conversion at path; returns it and when it expires (Unix
        seconds): with the file. extension: of the file, by its content. A link opens every output of its job.
        """
        now = self._now()
        token = secrets.token_urlsafe(TOKEN_BYTES)
        async with self._engine.begin() as connection:
            approved = await connection.scalar(select(exists().where(jobs.c.id == job.id, has_approved())))
            expires = (job.ended_at or now) + (self._approved_seconds if approved else self._seconds)
            await connection.execute(delete(shared_files).where(shared_files.c.expires_at <= now))
            row = {"token_sha256": _hash(token), "job_id": job.id, "expires_at": expires}
            await connection.execute(insert(shared_files).values(row))
        converted = path is not None and path in map(playable, job.files.values())
        name = path.name if path and converted else f"{path.stem if path else job.id}.{extension}"
        return f"{self._public_url}{PATH}/{token}/{name}", expires

    async def link(self, job: Job, path: Path | None = None, extension: str = MP4) -> tuple[str, float]:
        """Make a link as by share, but for a video to its page, with a poster unless the video is hidden."""
        url, expires = await self.share(job, path, extension)
        video = path or job.file
        if extension != MP4 or video is None:
            return url, expires
        original = original_of(video)
        if self._ffmpeg and not job.spoiler:
            await make_poster(self._ffmpeg, video, poster_of(original))
        return f"{url.rpartition('/')[0]}/{original.stem}.html", expires

    async def link_film(self, screening: Screening, path: Path, *, hidden: bool) -> tuple[str, float]:
        """Make a link to the page of a screening's or cut's film; returns it and when it expires (Unix seconds).

        hidden: nothing of it is shown before somebody asks for it. A link opens every film of it.
        """
        now = self._now()
        token, expires = secrets.token_urlsafe(TOKEN_BYTES), now + self._seconds
        row = {"token_sha256": _hash(token), "screening_id": screening.id, "hidden": hidden, "expires_at": expires}
        async with self._engine.begin() as connection:
            await connection.execute(delete(shared_screenings).where(shared_screenings.c.expires_at <= now))
            await connection.execute(insert(shared_screenings).values(row))
        if self._ffmpeg and not hidden:
            await make_poster(self._ffmpeg, path, poster_of(path))
        return f"{self._public_url}{PATH}/{token}/{path.stem}.html", expires

    async def find(self, token: str) -> SharedVideo | None:
        """Return the video that a link opens; None if it opens nothing (any more)."""
        marked = select(job_references.c.job_id).where(job_references.c.job_id == jobs.c.id, job_references.c.spoiler)
        query = (
            select(jobs.c.file, jobs.c.prompt, jobs.c.outputs, jobs.c.sources, marked.exists().label("hidden"))
            .add_columns((jobs.c.compared & jobs.c.votes.is_(None)).label("blind"))
            .join(shared_files, shared_files.c.job_id == jobs.c.id)
            # Looked up by the hash: the duration of a comparison reveals nothing about the token.
            .where(shared_files.c.token_sha256 == _hash(token), shared_files.c.expires_at > self._now())
            .where(jobs.c.file_removed_at.is_(None), jobs.c.forgotten_at.is_(None))
        )
        async with self._engine.connect() as connection:
            row = (await connection.execute(query)).one_or_none()
        if row is None or row.file is None:
            return None if row is not None else await self._find_film(token)
        sizes = tuple((one["width"], one["height"]) if one["width"] else None for one in row.outputs)
        hidden = row.hidden or any(one.get("spoiler") for one in row.sources)
        url = f"{self._public_url}{PATH}/{token}"
        return SharedVideo(self._videos / row.file, url, row.prompt, sizes, hidden, blind=bool(row.blind))

    async def _find_film(self, token: str) -> SharedVideo | None:
        query = (
            select(screenings.c.id, screenings.c.kind, shared_screenings.c.hidden)
            .join(shared_screenings, shared_screenings.c.screening_id == screenings.c.id)
            .where(shared_screenings.c.token_sha256 == _hash(token), shared_screenings.c.expires_at > self._now())
            .where(screenings.c.file_removed_at.is_(None))
        )
        async with self._engine.connect() as connection:
            row = (await connection.execute(query)).one_or_none()
        if row is None:
            return None
        path = self._videos / reel_name(row.id, 1)
        return SharedVideo(path, f"{self._public_url}{PATH}/{token}", row.kind.capitalize(), hidden=row.hidden)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
