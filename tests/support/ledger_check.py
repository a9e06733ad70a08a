"""The ledger's invariant: for each job, its rows add up to that job's outcome.

`checking_ledgers` holds every database to it that a test uses, in the test's own process or in those of bots it starts.
"""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, Row, create_engine, event, func, inspect, select
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from dailies import database
from dailies.schema import jobs, ledger
from sandbox.botprocess import BotProcess

Line = Row[*tuple[Any, ...]]
UNPAID = {"refused", "failed", "cancelled", "expired", "unreported"}

_LINES = (
    # One statement sees one state of the database, also while a bot writes.
    select(
        jobs.c.id,
        jobs.c.state,
        jobs.c.cost,
        func.coalesce(jobs.c.quote_at_most, jobs.c.quote_usd).label("most"),
        ledger.c.entry,
        ledger.c.held,
        ledger.c.spent,
    )
    .outerjoin(ledger, ledger.c.job_id == jobs.c.id)
    .order_by(jobs.c.id, ledger.c.id)
)


async def problems(url: str) -> list[str]:
    """Return the mistakes in a database's ledger. A database that is gone, or older than the ledger, has none."""
    if file := _sqlite_file(url):
        return await asyncio.to_thread(_problems_of_file, file)
    try:
        async with _engine(url).connect() as connection:
            return _mistakes(await connection.run_sync(_lines))
    except OSError:
        return []  # PostgreSQL, which ended with its users


def _sqlite_file(url: str) -> Path | None:
    parsed = make_url(url)
    return Path(parsed.database or "") if parsed.get_backend_name() == "sqlite" else None


def _problems_of_file(file: Path) -> list[str]:
    """Look at a SQLite file in this thread, which takes a sixth of the time of a loop with a thread of its own."""
    if not file.is_file():
        return []
    with contextlib.closing(sqlite3.connect(file)) as opened:
        token = _opened.set(opened)
        try:
            with _files().connect() as connection:
                return _mistakes(_lines(connection))
        finally:
            _opened.reset(token)


_opened = ContextVar[sqlite3.Connection]("_opened")


@cache
def _files() -> Engine:
    """Make one engine for all files, which keeps its statements."""
    return create_engine("sqlite://", creator=_opened.get, poolclass=NullPool)


@cache
def _engine(url: str) -> AsyncEngine:
    """Make an engine that keeps its statements, not its connections."""
    return create_async_engine(url, poolclass=NullPool)


def _mistakes(rows: Sequence[Line]) -> list[str]:
    found = [_wrong(list(lines)) for _, lines in groupby(rows, attrgetter("id"))]
    return [one for one in found if one]


def _lines(connection: Connection) -> Sequence[Line]:
    return connection.execute(_LINES).all() if inspect(connection).has_table("ledger") else []


def _wrong(lines: Sequence[Line]) -> str | None:
    """Check that every job holds its price from the start or, its cost being known, has spent just that."""
    job, first = lines[0], lines[0].held
    if job.entry is None:
        return f"job {job.id}, {job.state}: never held anything"
    held, spent = sum((one.held for one in lines), Decimal(0)), sum((one.spent for one in lines), Decimal(0))
    what = f"job {job.id}, {job.state}, cost {job.cost}, price {job.most}: "
    what += ", ".join(f"{one.entry} {one.held} {one.spent}" for one in lines)
    # Between any two holds, the first one was released.
    holds = " ".join(one.entry for one in lines if one.entry != "settlement")
    if job.entry != "hold" or "hold hold" in holds or (job.most is not None and first != job.most):
        return what
    known = job.cost is not None or job.state in UNPAID
    return None if (held, spent) == ((0, Decimal(job.cost or 0)) if known else (first, 0)) else what


@dataclass
class LedgerCheck:
    """Databases that were used since the last look, and bots that run. wrong: problems found when a bot ended."""

    urls: set[str] = field(default_factory=set[str])
    bots: set[BotProcess] = field(default_factory=set[BotProcess])
    wrong: list[str] = field(default_factory=list[str])

    def look(self) -> list[str]:
        """Return every problem, once."""
        wrong, self.wrong = self.wrong, []
        urls = sorted(self.urls | {_url(bot) for bot in self.bots})
        files = [file for url in urls if (file := _sqlite_file(url))]
        servers = [url for url in urls if not _sqlite_file(url)]
        try:
            wrong += [one for file in files for one in _problems_of_file(file)]
            if servers:
                # In a thread, because a loop of the test's may be running in this one.
                with ThreadPoolExecutor(1) as aside:
                    wrong += aside.submit(asyncio.run, _all(servers)).result()
        finally:
            self.urls.clear()  # the look itself connects too
        return wrong


async def _all(urls: Sequence[str]) -> list[str]:
    return [one for url in urls for one in await problems(url)]


@contextmanager
def checking_ledgers() -> Generator[LedgerCheck]:
    """Notice every connection that is made in this process, and every bot that is started and ended."""
    check = LedgerCheck()
    start, kill = BotProcess.start, BotProcess.kill

    def connected(connection: Connection) -> None:
        check.urls.add(connection.engine.url.render_as_string(hide_password=False))

    async def started(bot: BotProcess) -> None:
        check.bots.add(bot)
        await start(bot)

    async def killed(bot: BotProcess) -> int | None:
        code = await kill(bot)
        if bot in check.bots:
            # Before its folder is removed.
            check.bots.discard(bot)
            check.wrong += await problems(_url(bot))
        return code

    event.listen(Engine, "engine_connect", connected)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BotProcess, "start", started)
        patch.setattr(BotProcess, "kill", killed)
        yield check
    event.remove(Engine, "engine_connect", connected)


def _url(bot: BotProcess) -> str:
    own = database.sqlite_url(Path(bot.environment.get("DATA_DIR", "data")) / "dailies.sqlite")
    return bot.environment.get("DATABASE_URL") or own
