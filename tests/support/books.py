"""The invariant of the ledger: its rows add up, for each job, to what became of that job."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from dailies.schema import jobs, ledger

UNPAID = {"refused", "failed", "cancelled", "expired", "unreported"}


async def audit(engine: AsyncEngine) -> None:
    """Fail unless every job holds what it held from the start or, its cost being known, has spent just that."""
    async with engine.connect() as connection:
        rows = (await connection.execute(select(ledger).order_by(ledger.c.id))).all()
        kept = {row.id: row for row in (await connection.execute(select(jobs.c.id, jobs.c.state, jobs.c.cost))).all()}
    for job_id in {row.job_id for row in rows}:
        entries = [row for row in rows if row.job_id == job_id]
        held = sum((row.held for row in entries), Decimal(0))
        spent = sum((row.spent for row in entries), Decimal(0))
        assert [row.entry for row in entries].index("hold") == 0, f"{job_id} did not begin with its hold"
        # Between any two holds the first one was let go.
        holds = [row.entry for row in entries if row.entry != "settlement"]
        assert "hold hold" not in " ".join(holds), f"{job_id} held twice"
        job = kept[job_id]
        if job.cost is not None or job.state in UNPAID:
            assert (held, spent) == (0, Decimal(job.cost or 0)), f"{job_id} is {job.state}: {held} held, {spent} spent"
        else:
            assert (held, spent) == (entries[0].held, 0), f"{job_id} is {job.state}: {held} held, {spent} spent"
