"""Storing new jobs: one, or the takes of a set, all of them or none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import RowMapping, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from dailies.catalog.prompt_names import key_of
from dailies.draft import TAKES_MOST
from dailies.job import Job
from dailies.money.budget import BudgetAccounts
from dailies.money.ledger import Ledger
from dailies.schema import job_cast, job_references, jobs
from dailies.store.comparisons import begin_comparison
from dailies.store.lineage import lineage
from dailies.store.rows import as_row, reference_rows
from dailies.store.shots import number_takes
from dailies.takes import take_key
from dailies.upsert import insert_if_new, upsert


class KeyTaken(Exception):
    """Another job has one of the keys. The caller must roll back."""


async def insert_jobs(
    connection: AsyncConnection, ledger: Ledger, takes: Sequence[Job], accounts: BudgetAccounts | None
) -> tuple[Job, ...]:
    """Insert jobs and what each of them holds; return them with their places in their lineages.

    Raises KeyTaken and OverBudget; the caller must roll back then.
    """
    await ledger.lock(connection, takes[0])
    if made := await _made(connection, takes):
        return made
    stored: list[Job] = []
    takes = await number_takes(connection, takes)
    for job in takes:
        place = await lineage(connection, job)
        if not await insert_if_new(connection, jobs, as_row(job) | place):
            raise KeyTaken
        await write_references(connection, job)
        await _write_cast(connection, job)
        stored.append(replace(job, **place))
    await begin_comparison(connection, takes[0])
    await ledger.hold(connection, takes, accounts)
    for job in takes:
        await ledger.record_outcome(connection, job)
    return tuple(stored)


async def _made(connection: AsyncConnection, takes: Sequence[Job]) -> tuple[Job, ...]:
    """Return these very jobs if a commit whose answer was lost had stored them; none if their keys are free.

    Raises KeyTaken.
    """
    # Of every size: no other set is made while one of its takes has a key of this one.
    keys = [take_key(takes[0].key, place) for place in range(1, TAKES_MOST + 1)]
    query = select(jobs.c.id, jobs.c.root_id, jobs.c.take, jobs.c.shot_take).where(jobs.c.key.in_(keys))
    found = {row["id"]: row for row in (await connection.execute(query)).mappings()}
    if found and found.keys() != {job.id for job in takes}:
        raise KeyTaken
    return tuple(_as_made(job, found[job.id]) for job in takes if found)


def _as_made(job: Job, row: RowMapping) -> Job:
    shot = job.shot and replace(job.shot, number=row["shot_take"])
    return replace(job, root_id=row["root_id"], take=row["take"], shot=shot)


async def write_references(connection: AsyncConnection, job: Job) -> None:
    """Write the rows of a job's references, and remove those that it has no more."""
    rows = reference_rows(job)
    await upsert(connection, job_references, *rows)
    left_over = (job_references.c.job_id == job.id) & (job_references.c.position >= len(rows))
    await connection.execute(delete(job_references).where(left_over))


async def _write_cast(connection: AsyncConnection, job: Job) -> None:
    """Write which names of the cast a new job uses."""
    pictures = (*job.sources, *job.references)
    keys = sorted({key_of(name) for one in pictures for name in one.cast})
    await upsert(connection, job_cast, *({"job_id": job.id, "name_key": key} for key in keys))
