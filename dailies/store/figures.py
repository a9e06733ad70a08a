"""Figures of the whole database for operators: jobs that have not ended, and money."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from dailies.job import ENDED, State
from dailies.metrics.port import DatabaseFigures
from dailies.schema import jobs, ledger

_GOING_ON = [str(state) for state in State if state not in ENDED]
_JOBS = (
    select(jobs.c.state, jobs.c.model, func.count())
    .where(jobs.c.state.in_(_GOING_ON))
    .group_by(jobs.c.state, jobs.c.model)
)
_MONEY = select(func.sum(ledger.c.held), func.sum(ledger.c.spent))


async def read_figures(engine: AsyncEngine) -> DatabaseFigures:
    """Read the figures of all servers, of one moment."""
    async with engine.connect() as connection:
        counted = (await connection.execute(_JOBS)).all()
        held, spent = (await connection.execute(_MONEY)).one()
    numbers = {(str(state), str(model)): int(number) for state, model, number in counted}
    return DatabaseFigures(numbers, held or Decimal(0), spent or Decimal(0))
