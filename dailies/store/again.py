"""The newest video that a person had made again: what a second press of the same button is known by."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from dailies.job import How
from dailies.schema import jobs


@dataclass(frozen=True)
class Repeated:
    """A job that came from another one by Again. created_at: Unix seconds."""

    job_id: str
    created_at: float


async def newest_again(engine: AsyncEngine, origin_id: str, requester_id: int) -> Repeated | None:
    """Return the newest job that a person made again of the one with this id, whatever became of it."""
    query = (
        select(jobs.c.id, jobs.c.created_at)
        .where(jobs.c.requester_id == requester_id, jobs.c.origin_id == origin_id)
        .where(jobs.c.origin_how == str(How.AGAIN))
        .order_by(jobs.c.created_at.desc(), jobs.c.id.desc())
        .limit(1)
    )
    async with engine.connect() as connection:
        row = (await connection.execute(query)).one_or_none()
    return Repeated(row.id, row.created_at) if row else None
