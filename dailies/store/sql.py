"""Jobs in a database: the same code for SQLite and PostgreSQL."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, RowMapping, bindparam, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from dailies import database
from dailies.database import BROKEN, is_away, is_conflict
from dailies.errors import Overtaken
from dailies.job import ENDED, UNSENT, Job, State
from dailies.money.budget import BudgetAccounts
from dailies.money.ledger import Ledger
from dailies.retry import retry
from dailies.schema import job_references, jobs
from dailies.store.comparisons import ComparisonStore
from dailies.store.creation import KeyTaken, insert_jobs, write_references
from dailies.store.job_events import JobEvents
from dailies.store.receipts import LastSent, Receipt, ReceiptStore
from dailies.store.rows import as_row, from_rows
from dailies.store.shards import Shards
from dailies.takes import in_order

log = logging.getLogger(__name__)

T = TypeVar("T")

TRIES = 60
"""Tries of a write while the database is locked or unavailable, a second apart."""
CONFLICT_TRIES, CONFLICT_SECONDS = 3, 0.1
"""Tries of a write that another one came in the way of, and the pause between them: by then that one has ended."""
RUN_TRIES = 86_400
"""Tries of a running job's writes. OpenRouter's id of a paid job is nowhere else, so for a day only the end of the
process ends them."""
ENDING_SECONDS = 5.0
"""Longest wait of a cancelled writer for its transaction."""


class SqlStore:
    """JobStore in a database. data_dir: folder of videos and references; rows hold names below it.

    shards: `unfinished`, `outstanding`, `revived` and `unanswered` return the jobs of these alone; by default those of
    all servers.

    A write that the database refuses for the moment (locked, restarting) is retried for about a minute before it
    raises, and for a day where a running job must not lose it. events: learns what was stored.
    """

    def __init__(
        self,
        engine: AsyncEngine,
        data_dir: Path,
        *,
        shards: Shards | None = None,
        ledger: Ledger | None = None,
        events: JobEvents | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._engine = engine
        self._events = events or JobEvents()
        self._shards = shards or Shards()
        self.ledger = ledger or Ledger()
        self.comparisons = ComparisonStore(engine, self.patiently, self._shards)
        self._folder = data_dir
        self._sleep = sleep
        self._counted: dict[str, dict[str, Any]] = {}
        self._receipts = ReceiptStore(data_dir)
        self._sending = asyncio.Lock()

    async def create(self, job: Job, accounts: BudgetAccounts | None = None) -> bool:
        return await self.create_set([job], accounts) is not None

    async def create_set(self, takes: Sequence[Job], accounts: BudgetAccounts | None = None) -> tuple[Job, ...] | None:
        try:
            made = await self.patiently(lambda connection: insert_jobs(connection, self.ledger, takes, accounts))
        except KeyTaken:
            return None
        self._events.created(made)
        return made

    async def save(self, job: Job) -> None:
        self._counted.pop(job.id, None)  # the whole row includes it

        async def write(connection: AsyncConnection) -> None:
            await connection.execute(_UPDATE, as_row(job) | {"kept": job.id})
            if job.state is State.REFUSED:
                await write_references(connection, job)
            await self.ledger.record_outcome(connection, job)

        await self.patiently(write, tries=RUN_TRIES)
        self._events.saved(job)

    async def intend(self, job: Job) -> bool:
        row = as_row(job) | {"kept": job.id, "at": job.submitted_at}

        async def write(connection: AsyncConnection) -> bool:
            return (await connection.execute(_INTEND, row)).rowcount == 1

        # One after the other, so that the receipt of the last request is right.
        async with self._sending:
            intended = await self.patiently(write, tries=RUN_TRIES)
            if intended and job.submitted_at is not None:
                await self._receipts.sending(LastSent(job.id, job.submitted_at))
        if intended:
            self._events.saved(job)
        return intended

    async def accept(self, job: Job) -> None:
        if job.openrouter_id is None:
            raise ValueError(f"job {job.id} was accepted without OpenRouter's id")
        await self._receipts.keep(Receipt(job.id, job.openrouter_id, job.polling_url, job.remote_status))
        await self.save(job)
        await self._receipts.drop(job.id)

    async def recover(self) -> None:
        for receipt in await self._receipts.kept():
            found = await self.load(jobs.c.id == receipt.job_id)
            if not found:
                log.error("the paid job %s of OpenRouter's belongs to none that is known", receipt.openrouter_id)
                continue
            job = found[0]
            if job.openrouter_id is None:
                alive = job.alive(receipt.openrouter_id, receipt.polling_url, receipt.status)
                if not await self.turn(alive, was=job):
                    continue
                log.warning("job %s: it was paid as %s, which only the disk knew", job.id, receipt.openrouter_id)
            await self._receipts.drop(job.id)

    async def admit(self, job: Job, *, able: Callable[[Decimal | None], bool] = lambda _: True) -> Job:
        async def write(connection: AsyncConnection) -> Job:
            await self.ledger.lock(connection, job)
            if (await connection.execute(_WAIT, as_row(job) | {"kept": job.id})).rowcount != 1:
                raise Overtaken
            await write_references(connection, job)
            admitted = await self.ledger.turn(connection, job, able)
            if admitted.state is not job.state:
                await connection.execute(_UPDATE, as_row(admitted) | {"kept": job.id})
            return admitted

        admitted = await self.patiently(write, tries=RUN_TRIES)
        self._events.saved(admitted)
        return admitted

    def count(self, job: Job) -> None:
        self._counted[job.id] = {"kept": job.id} | {f"new_{name}": getattr(job, name) for name in _SEEN}

    async def flush(self) -> None:
        if not self._counted:
            return
        counted, self._counted = self._counted, {}

        async def write(connection: AsyncConnection) -> None:
            await connection.execute(_COUNT, list(counted.values()))

        try:
            await self.patiently(write)
        except BROKEN as error:
            if not is_away(error):
                raise
            log.warning("%d counts of checks could not be written; they are tried again", len(counted))
            self._counted = counted | self._counted

    async def turn(self, job: Job, *, was: Job, said_by: int | None = None) -> bool:
        unchanged = (jobs.c.state == str(was.state)) & jobs.c.forgotten_at.is_not_distinct_from(was.forgotten_at)
        unchanged &= jobs.c.cost.is_(None) if was.cost is None else jobs.c.cost.is_not(None)

        async def write(connection: AsyncConnection) -> bool:
            change = update(jobs).where(jobs.c.id == job.id, unchanged).values(as_row(job))
            changed = (await connection.execute(change)).rowcount == 1
            if changed:
                await self.ledger.record_outcome(connection, job, said_by=said_by)
            return changed

        changed = await self.patiently(write)
        if changed:
            self._events.saved(job, was=was.state)
        return changed

    async def get(self, job_id: str) -> Job:
        found = await self.load(jobs.c.id == job_id)
        if not found:
            raise KeyError(job_id)
        return found[0]

    async def takes(self, set_id: str) -> tuple[Job, ...]:
        return in_order(await self.load(jobs.c.set_id == set_id))

    async def named(self, openrouter_id: str) -> str | None:
        async with self._engine.connect() as connection:
            return await connection.scalar(select(jobs.c.id).where(jobs.c.openrouter_id == openrouter_id).limit(1))

    async def unfinished(self) -> list[Job]:
        unfinished = or_(jobs.c.state.not_in([str(state) for state in ENDED]), jobs.c.told.is_(False))
        found = await self.load(self._shards.own() & unfinished)
        self._events.known(found)
        return found

    async def outstanding(self) -> list[str]:
        ended = jobs.c.state.in_([str(state) for state in ENDED])
        owed = or_(jobs.c.state == str(State.DELIVERING), ended & jobs.c.told.is_(False))
        query = select(jobs.c.id).where(self._shards.own(), owed).order_by(jobs.c.id)
        async with self._engine.connect() as connection:
            return list((await connection.scalars(query)).all())

    async def is_copy(self) -> bool:
        if last := await self._receipts.last():
            async with self._engine.connect() as connection:
                known = await connection.scalar(select(jobs.c.submitted_at).where(jobs.c.id == last.job_id))
            # A later time in the record: a crash came between record and file.
            if known is None or known < last.at:
                log.warning("the database does not know that job %s was sent: it was restored, or is new", last.job_id)
                return True
        return await database.is_copy(self._engine)

    async def adopt(self) -> None:
        await database.adopt(self._engine)
        await self._receipts.begin_anew()

    async def revived(self) -> list[str]:
        states = [str(State.SUBMITTED), str(State.COMPLETED)]
        query = select(jobs.c.id).where(self._shards.own(), jobs.c.state.in_(states)).order_by(jobs.c.id)
        async with self._engine.connect() as connection:
            return list((await connection.scalars(query)).all())

    async def unanswered(self) -> list[Job]:
        asked = jobs.c.callback_url.is_not(None) & jobs.c.forgotten_at.is_(None) & jobs.c.cost.is_(None)
        return await self.load(self._shards.own() & (jobs.c.state == str(State.UNKNOWN)) & asked)

    async def load(self, condition: ColumnElement[bool]) -> list[Job]:
        """Return the jobs whose row meets a condition, oldest first."""
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
        references: dict[str, list[RowMapping]] = {}
        for row in used:
            references.setdefault(row["job_id"], []).append(row)
        return [from_rows(row, references.get(row["id"], []), self._folder) for row in rows]

    async def patiently(self, write: Callable[[AsyncConnection], Awaitable[T]], *, tries: int = TRIES) -> T:
        """Run one transaction, tried at most `tries` times while the database is locked or unavailable.

        A cancelled caller waits for its end first: a connection abandoned inside a transaction keeps SQLite's lock.
        """

        async def transaction(_: int) -> T:
            async with self._engine.begin() as connection:
                return await write(connection)

        what = "a write to the database"
        trying = retry(transaction, BROKEN, what=what, tries=tries, pause=_pause, sleep=self._sleep)
        writing = asyncio.create_task(trying)
        try:
            return await asyncio.shield(writing)
        except asyncio.CancelledError:
            await asyncio.wait([writing], timeout=ENDING_SECONDS)
            raise


def _pause(error: Exception, number: int) -> float | None:
    if is_conflict(error):
        return CONFLICT_SECONDS if number < CONFLICT_TRIES else None
    return 1.0 if is_away(error) else None


_UPDATE = update(jobs).where(jobs.c.id == bindparam("kept"))
"""Built once: with thousands of jobs, building it for each save took a quarter of the processor time."""

_WAIT = _UPDATE.where(jobs.c.state.in_([str(state) for state in UNSENT]))

# Or this very write is repeated, because the answer to its commit was lost.
_INTENDED = (jobs.c.state == str(State.SUBMITTING)) & (jobs.c.submitted_at == bindparam("at"))
_INTEND = _UPDATE.where(or_(jobs.c.state == str(State.RESERVED), _INTENDED))

_SEEN = ("polls", "checked_at", "running_at", "remote_status", "trouble")
_COUNT = (
    update(jobs)
    # A row that was saved meanwhile is newer.
    .where(jobs.c.id == bindparam("kept"), jobs.c.state == str(State.SUBMITTED), jobs.c.polls < bindparam("new_polls"))
    .values({name: bindparam(f"new_{name}") for name in _SEEN})
)
