"""History of this bot's own jobs, by model: reference images, and the time that jobs took."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import JSON, and_, case, func, select, type_coerce
from sqlalchemy.ext.asyncio import AsyncEngine

from dailies.catalog.references import ReferenceHistory
from dailies.job import State
from dailies.openrouter.payload import Role
from dailies.reason import ReasonCode
from dailies.schema import job_references, jobs

_FINISHED = (State.COMPLETED, State.DELIVERING, State.DELIVERED, State.UNDELIVERED)


async def references_seen(engine: AsyncEngine) -> Mapping[str, ReferenceHistory]:
    """Return, by model id, jobs with references that made a video, and requests refused with mention of references."""
    per_job = (
        select(job_references.c.job_id, func.count().label("images"))
        .where(job_references.c.role == str(Role.REFERENCE))  # frames say nothing of references
        .group_by(job_references.c.job_id)
        .subquery()
    )
    finished = jobs.c.state.in_([str(state) for state in _FINISHED])
    reason = type_coerce(jobs.c.reason, JSON)
    refused = and_(
        jobs.c.openrouter_id.is_(None),
        reason["code"].as_string() == str(ReasonCode.BAD_REQUEST),
        reason["message"].as_string().icontains("reference"),  # OpenRouter has no code for it
    )
    sent = jobs.c.openrouter_id.is_not(None)
    query = (
        select(
            jobs.c.model,
            func.coalesce(jobs.c.guild_id, 0).label("guild"),
            func.sum(case((finished, 1), else_=0)).label("finished"),
            func.max(case((finished, per_job.c.images), else_=0)).label("most"),
            func.sum(case((refused, 1), else_=0)).label("refused"),
            func.sum(case((sent, 1), else_=0)).label("sent"),
        )
        .join(per_job, per_job.c.job_id == jobs.c.id)
        .group_by(jobs.c.model, "guild")
    )
    async with engine.connect() as connection:
        rows = (await connection.execute(query)).all()
    seen: dict[str, ReferenceHistory] = {}
    for row in rows:
        before = seen.get(row.model, ReferenceHistory())
        seen[row.model] = ReferenceHistory(
            finished=before.finished + row.finished,
            most=max(before.most, row.most),
            refused=before.refused + row.refused,
            guilds=before.guilds | frozenset[int]([row.guild] if row.sent else []),
        )
    return seen


Kind = tuple[str, int | None, str | None]
"""Model, length in seconds, resolution."""


def seconds_taken(submitted_at: float, running_at: float | None, checked_at: float, polls: int) -> float:
    """Return the seconds that a job took: midway between the last check that found it running and the one that found it
    finished.

    running_at: time of the former; None: there was none, or it was not stored; then checks count as evenly spread.
    0 if the times contradict each other, because the clock was changed.
    """
    by = checked_at - submitted_at
    after = by * (1 - 1 / max(1, polls)) if running_at is None else max(0.0, running_at - submitted_at)
    return (after + by) / 2 if after < by else 0.0
