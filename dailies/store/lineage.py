"""The lineage of a job: the first job that it goes back to, and its number among the takes."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from dailies.job import Job
from dailies.schema import jobs


async def lineage(connection: AsyncConnection, job: Job) -> dict[str, Any]:
    """Return the columns `root_id` and `take` of a new job. Locks the first job of its lineage until the transaction
    ends, so that no number is given twice.
    """
    if job.origin is None:
        return {"root_id": job.root_id, "take": job.take}
    parent = select(func.coalesce(jobs.c.root_id, jobs.c.id)).where(jobs.c.id == job.origin.job_id)
    root_id = await connection.scalar(parent) or job.origin.job_id
    await connection.execute(update(jobs).where(jobs.c.id == root_id).values(root_id=root_id))
    last = await connection.scalar(select(func.max(jobs.c.take)).where(jobs.c.root_id == root_id))
    return {"root_id": root_id, "take": (last or 1) + 1}
