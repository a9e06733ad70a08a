"""Spending by person, model and day, and the ratio of bills to quotes."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import Decimal
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from dailies.formatting import decimal
from dailies.job import State
from dailies.language import gettext
from dailies.review import Verdict
from dailies.schema import decisions, jobs, ledger

K = TypeVar("K")

DAYS = 30
"""Days that /usage covers, today included."""
ENOUGH = 5
"""Number of a model's bills from which on they are compared with its quotes."""
COMPARED = 200
"""Number of newest bills compared: prices change."""


@dataclass(frozen=True)
class Spent:
    """A job as an item on a bill. at: Unix seconds. Amounts in USD; cost None: not known.

    shot: the name of the shot that it is a take of. made_seconds: how long OpenRouter took; 0: it was not sent.
    approved_seconds: length of its videos that hold as approved.
    """

    job_id: str
    at: float
    guild_id: int | None
    user_id: int
    model: str
    state: str
    quote: Decimal | None
    cost: Decimal | None
    held: Decimal
    is_byok: bool
    channel_id: int = 0
    shot: str | None = None
    made_seconds: float = 0.0
    approved_seconds: float = 0.0


class Usage:
    """Reads the records of jobs and the ledger."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def of_user(self, user_id: int, since: float) -> list[Spent]:
        """Return a person's jobs in all servers that were not refused, oldest first."""
        return await self._read(jobs.c.requester_id == user_id, since)

    async def of_guild(self, guild_id: int, since: float) -> list[Spent]:
        """Return a server's jobs, oldest first."""
        return await self._read(jobs.c.guild_id == guild_id, since)

    async def of_jobs(self, condition: ColumnElement[bool], since: float) -> list[Spent]:
        """Return the jobs whose row meets a condition and that were not refused, oldest first."""
        return await self._read(condition, since)

    async def accuracy(self) -> dict[str, Decimal]:
        """Return bills as a share of the quotes (1: as quoted), for each model with enough of them.

        Costs settled by hand are not bills.
        """
        said = select(ledger.c.job_id).where(ledger.c.said_by.is_not(None))
        age = func.row_number().over(partition_by=jobs.c.model, order_by=jobs.c.id.desc()).label("age")
        billed = select(jobs.c.model, jobs.c.cost, jobs.c.quote_usd, age).where(
            jobs.c.cost > 0, jobs.c.quote_usd > 0, jobs.c.is_byok.is_(False), jobs.c.id.not_in(said)
        )
        newest = billed.subquery("newest")
        async with self._engine.connect() as connection:
            rows = (await connection.execute(select(newest).where(newest.c.age <= COMPARED))).all()
        found: dict[str, list[tuple[Decimal, Decimal]]] = {}
        for row in rows:
            found.setdefault(row.model, []).append((row.cost, row.quote_usd))
        return {
            model: sum((cost for cost, _ in pairs), Decimal(0)) / sum((quote for _, quote in pairs), Decimal(0))
            for model, pairs in found.items()
            if len(pairs) >= ENOUGH
        }

    async def remarks(self) -> dict[str, str]:
        """Return the same in words, by the id of the model."""
        return {
            model: gettext("bills came to {share} % of quotes here", share=decimal(share * 100, 0))
            for model, share in (await self.accuracy()).items()
        }

    async def _read(self, whose: ColumnElement[bool], since: float) -> list[Spent]:
        sums = select(ledger.c.job_id, func.sum(ledger.c.held).label("held")).group_by(ledger.c.job_id)
        held = sums.subquery("holds")
        query = (
            select(jobs, held.c.held)
            .outerjoin(held, held.c.job_id == jobs.c.id)
            .where(whose, jobs.c.created_at >= since, jobs.c.state != State.REFUSED.value)
            .order_by(jobs.c.id)
        )
        last = func.max(decisions.c.number).over(partition_by=(decisions.c.job_id, decisions.c.output))
        newest = select(decisions, last.label("last")).join(jobs, jobs.c.id == decisions.c.job_id)
        said = newest.where(whose, jobs.c.created_at >= since).subquery()
        approved = select(said.c.job_id, said.c.output).where(
            said.c.number == said.c.last, said.c.verdict == str(Verdict.APPROVED)
        )
        async with self._engine.connect() as connection:
            rows = (await connection.execute(query)).all()
            outputs: dict[str, set[int]] = {}
            for job_id, output in (await connection.execute(approved)).all():
                outputs.setdefault(job_id, set()).add(output)
        return [_spent(row, outputs.get(row.id, set())) for row in rows]


def _spent(row: Any, approved: Collection[int]) -> Spent:  # noqa: ANN401 (a row)
    ended = row.completed_at or row.ended_at
    made = max(0.0, ended - row.submitted_at) if ended and row.submitted_at else 0.0
    return Spent(
        job_id=row.id,
        at=row.created_at,
        guild_id=row.guild_id,
        user_id=row.requester_id,
        model=row.model,
        state=row.state,
        quote=row.quote_usd,
        cost=row.cost,
        held=row.held or Decimal(0),
        is_byok=row.is_byok,
        channel_id=row.channel_id,
        shot=row.shot,
        made_seconds=made,
        approved_seconds=sum(_length(row, number) for number in approved),
    )


def _length(row: Any, output: int) -> float:  # noqa: ANN401 (a row)
    """Return the seconds of a job's video; of older jobs, those that were asked for."""
    known = row.outputs[output - 1]["seconds"] if 0 < output <= len(row.outputs) else None
    return float(known or row.duration or 0)


def first_day(now: float, zone: tzinfo) -> date:
    """Return the first of the last thirty days."""
    return datetime.fromtimestamp(now, zone).date() - timedelta(days=DAYS - 1)


def since(now: float, zone: tzinfo) -> float:
    """Return when the last thirty days began."""
    first = first_day(now, zone)
    return datetime(first.year, first.month, first.day, tzinfo=zone).timestamp()


def total(items: Iterable[Spent]) -> Decimal:
    """Return the known total spending."""
    return sum((one.cost for one in items if one.cost is not None), Decimal(0))


def grouped(items: Iterable[Spent], key: Callable[[Spent], K]) -> list[tuple[K, int, Decimal]]:
    """Return number of jobs and USD for each key, the most expensive first."""
    found: dict[K, list[Spent]] = {}
    for one in items:
        found.setdefault(key(one), []).append(one)
    return sorted(((name, len(some), total(some)) for name, some in found.items()), key=lambda each: -each[2])


def by_day(items: Iterable[Spent], now: float, zone: tzinfo) -> list[tuple[date, Decimal]]:
    """Return USD for each of the last thirty days, including those without a job."""
    first = first_day(now, zone)
    days = {first + timedelta(days=number): Decimal(0) for number in range(DAYS)}
    for one in items:
        day = datetime.fromtimestamp(one.at, zone).date()
        if day in days and one.cost is not None:
            days[day] += one.cost
    return list(days.items())


COLUMNS = (
    "job", "asked_at", "server", "user", "model", "state", "quote_usd", "cost_usd", "held_usd", "byok", "shot",
    "made_seconds", "approved_seconds",
)  # fmt: skip


def to_csv(items: Sequence[Spent]) -> str:
    """Make a table for spreadsheets. No cell begins as a formula does (OWASP, CSV injection)."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for one in items:
        asked = datetime.fromtimestamp(one.at, UTC).isoformat(timespec="seconds")
        amounts = [_amount(one.quote), _amount(one.cost), _amount(one.held)]
        cells = [one.job_id, asked, str(one.guild_id or ""), str(one.user_id), one.model, one.state, *amounts]
        times = [f"{one.made_seconds:.0f}", f"{one.approved_seconds:g}"]
        writer.writerow([*map(_harmless, cells), "yes" if one.is_byok else "no", _harmless(one.shot or ""), *times])
    return out.getvalue()


def _amount(amount: Decimal | None) -> str:
    return "" if amount is None else f"{amount:.6f}"


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n")) else cell
