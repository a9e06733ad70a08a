"""Jobs in a database: the same code for SQLite and PostgreSQL."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, RowMapping, bindparam, delete, exc, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from dailies.jobs.job import ENDED, Job, Place, State
from dailies.jobs.owner import Shards
from dailies.money.budget import Payer
from dailies.money.ledger import Ledger
from dailies.openrouter.options import VideoRequest
from dailies.openrouter.pricing import Quote
from dailies.references.reference import Reference, Source, sent_of, thumbnail_of
from dailies.schema import job_references, jobs

log = logging.getLogger(__name__)

T = TypeVar("T")

RETRIES = 60
"""Tries of a write that finds the database locked or away, a second apart: what was paid must not be forgotten."""
ENDING_SECONDS = 5.0
"""How long a cancelled writer waits for its transaction."""
AWAY = (exc.OperationalError, exc.InterfaceError, exc.TimeoutError, OSError)
"""The database refuses for the moment, or other writes of this process have kept all connections for too long."""


class SqlStore:
    """See JobStore. data_dir: where videos and references are; rows hold names below it.

    shards: `unfinished` finds the jobs of these alone; by default those of all servers.

    A write that the database refuses for the moment (locked, restarting) is tried for about a minute before it raises.
    """

    def __init__(
        self,
        engine: AsyncEngine,
        data_dir: Path,
        *,
        shards: Shards | None = None,
        ledger: Ledger | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._engine = engine
        self._shards = shards or Shards()
        self.ledger = ledger or Ledger()
        self._videos = data_dir / "videos"
        self._references = data_dir / "references"
        self._sleep = sleep
        self._counted: dict[str, dict[str, Any]] = {}

    async def create(self, job: Job, payer: Payer | None = None) -> bool:
        """See JobStore."""

        async def write(connection: AsyncConnection) -> None:
            await self.ledger.lock(connection, job)
            await connection.execute(insert(jobs).values(as_row(job)))
            await self._write_references(connection, job)
            await self.ledger.hold(connection, job, payer)
            await self.ledger.settle(connection, job)

        try:
            await self.patiently(write)
        except exc.IntegrityError:
            # The same key, or this very row: a commit whose answer was lost and that was tried again.
            async with self._engine.connect() as connection:
                kept = (await connection.execute(select(jobs.c.id).where(jobs.c.key == job.key))).scalar_one_or_none()
            return kept == job.id
        return True

    async def save(self, job: Job) -> None:
        """See JobStore."""
        self._counted.pop(job.id, None)  # it is part of the whole row

        async def write(connection: AsyncConnection) -> None:
            await connection.execute(_UPDATE, as_row(job) | {"kept": job.id})
            if job.state is State.REFUSED:
                await self._write_references(connection, job)
            await self.ledger.settle(connection, job)

        await self.patiently(write)

    async def admit(self, job: Job) -> Job:
        """See JobStore."""

        async def write(connection: AsyncConnection) -> Job:
            await self.ledger.lock(connection, job)
            # Before anything is read, because on SQLite the first write is the lock.
            await connection.execute(_UPDATE, as_row(job) | {"kept": job.id})
            await self._write_references(connection, job)
            admitted = await self.ledger.turn(connection, job)
            if admitted.state is not job.state:
                await connection.execute(_UPDATE, as_row(admitted) | {"kept": job.id})
            return admitted

        return await self.patiently(write)

    def count(self, job: Job) -> None:
        """See JobStore."""
        self._counted[job.id] = {"kept": job.id} | {f"new_{name}": getattr(job, name) for name in _SEEN}

    async def flush(self) -> None:
        """See JobStore."""
        if not self._counted:
            return
        counted, self._counted = self._counted, {}

        async def write(connection: AsyncConnection) -> None:
            await connection.execute(_COUNT, list(counted.values()))

        try:
            await self.patiently(write)
        except AWAY:
            log.warning("%d counts of checks could not be written; they are tried again", len(counted))
            self._counted = counted | self._counted

    async def turn(self, job: Job, *, was: Job) -> bool:
        """See JobStore."""
        unchanged = (jobs.c.state == str(was.state)) & jobs.c.forgotten_at.is_not_distinct_from(was.forgotten_at)

        async def write(connection: AsyncConnection) -> bool:
            change = update(jobs).where(jobs.c.id == job.id, unchanged).values(as_row(job))
            changed = (await connection.execute(change)).rowcount == 1
            if changed:
                await self.ledger.settle(connection, job)
            return changed

        return await self.patiently(write)

    async def get(self, job_id: str) -> Job:
        """See JobStore."""
        found = await self.load(jobs.c.id == job_id)
        if not found:
            raise KeyError(job_id)
        return found[0]

    async def unfinished(self) -> list[Job]:
        """See JobStore."""
        unfinished = or_(jobs.c.state.not_in([str(state) for state in ENDED]), jobs.c.told.is_(False))
        return await self.load(self._shards.own() & unfinished)

    async def submitted(self) -> list[str]:
        """See JobStore."""
        query = select(jobs.c.id).where(self._shards.own(), jobs.c.state == str(State.SUBMITTED))
        async with self._engine.connect() as connection:
            return list((await connection.scalars(query)).all())

    async def unanswered(self) -> list[Job]:
        """See JobStore."""
        asked = jobs.c.callback_url.is_not(None) & jobs.c.forgotten_at.is_(None)
        return await self.load(self._shards.own() & (jobs.c.state == str(State.UNKNOWN)) & asked)

    async def load(self, condition: ColumnElement[bool]) -> list[Job]:
        """Jobs that meet a condition on their row, oldest first."""
        async with self._engine.connect() as connection:
            rows = (await connection.execute(select(jobs).where(condition).order_by(jobs.c.id))).mappings().all()
            used = (
                (
                    await connection.execute(
                        select(job_references)
                        .join(jobs, jobs.c.id == job_references.c.job_id)
                        .where(condition)
                        .order_by(job_references.c.job_id, job_references.c.position)
                    )
                )
                .mappings()
                .all()
            )
        references: dict[str, list[Reference]] = {}
        for row in used:
            references.setdefault(row["job_id"], []).append(self._reference(row))
        return [self._job(row, references.get(row["id"], [])) for row in rows]

    async def _write_references(self, connection: AsyncConnection, job: Job) -> None:
        await connection.execute(delete(job_references).where(job_references.c.job_id == job.id))
        rows = [
            {
                "job_id": job.id,
                "position": position,
                "name": one.name,
                "sha256": one.sha256,
                "media_type": one.media_type,
                "width": one.width,
                "height": one.height,
                "link": one.link,
                "page": one.page,
                "converted": one.converted,
                "notes": list(one.notes),
            }
            for position, one in enumerate(job.references)
        ]
        if rows:
            await connection.execute(insert(job_references), rows)

    async def patiently(self, write: Callable[[AsyncConnection], Awaitable[T]]) -> T:
        """One transaction, tried again while the database is locked or away.

        Who is cancelled meanwhile lets it end first: a connection that is given up inside a transaction keeps SQLite's
        lock.
        """
        writing = asyncio.create_task(self._patiently(write))
        try:
            return await asyncio.shield(writing)
        except asyncio.CancelledError:
            await asyncio.wait([writing], timeout=ENDING_SECONDS)
            raise

    async def _patiently(self, write: Callable[[AsyncConnection], Awaitable[T]]) -> T:
        for attempt in range(RETRIES):
            try:
                async with self._engine.begin() as connection:
                    return await write(connection)
            except AWAY as error:
                if attempt == RETRIES - 1:
                    raise
                log.warning("the database did not take a write, try %d: %s", attempt + 1, type(error).__name__)
                await self._sleep(1.0)
        raise AssertionError("unreachable: the last try returns or raises")

    def _reference(self, row: RowMapping) -> Reference:
        original = self._references / row["sha256"]
        return Reference(
            name=row["name"],
            sha256=row["sha256"],
            path=sent_of(original, row["converted"]),
            thumbnail=thumbnail_of(original),
            media_type=row["media_type"],
            width=row["width"],
            height=row["height"],
            link=row["link"],
            page=row["page"],
            converted=row["converted"],
            notes=tuple(row["notes"]),
        )

    def _job(self, row: RowMapping, references: Sequence[Reference]) -> Job:
        return Job(
            **{name: row[name] for name in _SAME},
            place=Place(**{name: row[name] for name in (*_PLACE, "new_status_id")}),
            request=VideoRequest(
                **{name: row[name] for name in _REQUEST}, prompt=row["prompt"] or "", notes=tuple(row["notes"])
            ),
            sources=tuple(Source(**source) for source in row["sources"]),
            references=tuple(references),
            state=State(row["state"]),
            unsigned_urls=tuple(row["unsigned_urls"]),
            quote=_quote(row),
            cost=_usd(row["cost"]),
            file=self._videos / row["file"] if row["file"] else None,
        )


_UPDATE = update(jobs).where(jobs.c.id == bindparam("kept"))
"""Built once: with thousands of jobs, building it for each save took a quarter of the processor time."""

_SEEN = ("polls", "checked_at", "remote_status", "trouble")
_COUNT = (
    update(jobs)
    # A row that was saved meanwhile knows better.
    .where(jobs.c.id == bindparam("kept"), jobs.c.state == str(State.SUBMITTED), jobs.c.polls < bindparam("new_polls"))
    .values({name: bindparam(f"new_{name}") for name in _SEEN})
)

_REQUEST = ("model", "model_name", "duration", "resolution", "aspect_ratio", "audio", "seed", "sent_prompt")
# Without new_status_id, which Library.moved writes while runs save the record as they know it.
_PLACE = ("guild_id", "channel_id", "requester_id", "status_message_id", "token_only")
_SAME = (
    "id", "key", "created_at", "openrouter_id", "polling_url", "submitted_at", "callback_url", "remote_status",
    "polls", "checked_at", "trouble", "is_byok", "video_message_id", "ended_at", "reason", "told", "locale",
    "file_removed_at", "forgotten_at", "upload_limit", "delivery_note", "video_channel_id",
    "follow_up_at",
)  # fmt: skip
"""Columns and fields of the same name and type."""


def _usd(amount: Decimal | None) -> Decimal | None:
    return None if amount is None else Decimal(amount).normalize()


def _quote(row: RowMapping) -> Quote | None:
    if row["quote_basis"] is None:
        return None
    return Quote(_usd(row["quote_usd"]), row["quote_exact"], _usd(row["quote_at_most"]), row["quote_basis"])


def as_row(job: Job) -> dict[str, Any]:
    """A job's columns."""
    quote = job.quote.kept() if job.quote else None
    return {
        **{name: getattr(job, name) for name in _SAME},
        **{name: getattr(job.place, name) for name in _PLACE},
        **{name: getattr(job.request, name) for name in _REQUEST},
        "prompt": job.request.prompt or None,
        "notes": list(job.request.notes),
        # An attachment's link is signed and dead after a day; only its name is kept.
        "sources": [asdict(one) | ({"url": ""} if one.attached else {}) for one in job.sources],
        "state": str(job.state),
        "unsigned_urls": list(job.unsigned_urls),
        "quote_usd": quote and quote.usd,
        "quote_at_most": quote and quote.at_most,
        "quote_exact": quote and quote.exact,
        "quote_basis": quote and quote.basis,
        "cost": job.cost,
        "file": job.file.name if job.file else None,
    }
