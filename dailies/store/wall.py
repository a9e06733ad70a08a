"""The wall of a channel: its takes, newest first, filtered by shot, by how they stand, by person and by cast."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from dailies.job import ENDED, Job, State
from dailies.review import Decision, Verdict
from dailies.schema import decisions, job_cast, jobs, shots
from dailies.store.reviews import ReviewStore
from dailies.store.sql import SqlStore

NO_SHOT = "none"
"""In place of a shot's id: takes of no shot."""


class Standing(StrEnum):
    """Standings of takes."""

    APPROVED = "approved"
    RETAKE = "retake"
    OPEN = "open"  # delivered, and no word about it holds
    RUNNING = "running"
    FAILED = "failed"  # ended without a video in the channel


@dataclass(frozen=True, slots=True)
class Scope:
    """Channels whose takes a person may see on a wall. channels: the wall's channel and its threads. elsewhere: further
    ones, in which takes of its shots are shown. adult: takes that stay in age-restricted channels are shown.
    """

    channel_id: int
    channels: frozenset[int]
    elsewhere: frozenset[int] = frozenset()
    adult: bool = False


@dataclass(frozen=True, slots=True)
class WallFilter:
    """Filters of the takes; None: all. shot_id: ours, or NO_SHOT. cast_key: a name of the cast, as it is compared."""

    shot_id: str | None = None
    standing: Standing | None = None
    person_id: int | None = None
    cast_key: str | None = None


@dataclass(frozen=True)
class WallPage:
    """Some takes, newest first. words: what holds for each, by job id. number: of the page, from 0. total: of takes."""

    takes: tuple[Job, ...]
    words: Mapping[str, Decision]
    number: int
    total: int


class Wall:
    """Reads walls."""

    def __init__(self, engine: AsyncEngine, jobs_store: SqlStore, reviews: ReviewStore) -> None:
        self._engine = engine
        self._jobs = jobs_store
        self._reviews = reviews

    async def places(self, channel_id: int) -> set[int]:
        """Return the channels and threads in which takes of a channel's shots were made."""
        query = select(jobs.c.channel_id).distinct().where(jobs.c.shot_id.in_(_shots_of(channel_id)))
        async with self._engine.connect() as connection:
            return set((await connection.scalars(query)).all())

    async def page(self, scope: Scope, wanted: WallFilter, number: int, size: int) -> WallPage:
        """Return a page of takes; the last one where there are fewer."""
        condition = _seen(scope) & _matches(wanted)
        async with self._engine.connect() as connection:
            total = await connection.scalar(select(func.count()).where(condition)) or 0
            number = min(number, max(0, (total - 1) // size))
            query = select(jobs.c.id).where(condition).order_by(jobs.c.created_at.desc(), jobs.c.id.desc())
            ids = list((await connection.scalars(query.limit(size).offset(number * size))).all())
        found = {job.id: job for job in await self._jobs.load(jobs.c.id.in_(ids))}
        takes = tuple(found[one] for one in ids if one in found)
        return WallPage(takes, _words(await self._reviews.newest(ids)), number, total)


def _words(newest: Mapping[tuple[str, int], Decision]) -> dict[str, Decision]:
    """Return one word for each job: of several outputs, that one is approved says most."""
    found: dict[str, Decision] = {}
    for (job_id, _), one in sorted(newest.items()):
        before = found.get(job_id)
        if before is None or (one.verdict is Verdict.APPROVED and before.verdict is not Verdict.APPROVED):
            found[job_id] = one
    return {job_id: one for job_id, one in found.items() if one.verdict is not Verdict.WITHDRAWN}


def _shots_of(channel_id: int):  # noqa: ANN202 (a subquery)
    return select(shots.c.id).where(shots.c.channel_id == channel_id)


def _seen(scope: Scope) -> ColumnElement[bool]:
    here = jobs.c.channel_id.in_(scope.channels)
    theirs = jobs.c.channel_id.in_(scope.elsewhere) & jobs.c.shot_id.in_(_shots_of(scope.channel_id))
    seen = (here | theirs) if scope.elsewhere else here
    return seen if scope.adult else seen & jobs.c.age_restricted.is_(False)


def _matches(wanted: WallFilter) -> ColumnElement[bool]:
    condition = jobs.c.id.is_not(None)
    if wanted.shot_id is not None:
        condition &= jobs.c.shot_id.is_(None) if wanted.shot_id == NO_SHOT else jobs.c.shot_id == wanted.shot_id
    if wanted.person_id is not None:
        condition &= jobs.c.requester_id == wanted.person_id
    if wanted.cast_key is not None:
        condition &= exists().where(job_cast.c.job_id == jobs.c.id, job_cast.c.name_key == wanted.cast_key)
    return condition if wanted.standing is None else condition & _stands(wanted.standing)


def _stands(standing: Standing) -> ColumnElement[bool]:
    ended = jobs.c.state.in_([str(state) for state in ENDED])
    delivered = jobs.c.state == str(State.DELIVERED)
    match standing:
        case Standing.APPROVED:
            return _said(Verdict.APPROVED)
        case Standing.RETAKE:
            return _said(Verdict.RETAKE) & ~_said(Verdict.APPROVED)
        case Standing.OPEN:
            return delivered & ~_said(Verdict.APPROVED) & ~_said(Verdict.RETAKE)
        case Standing.RUNNING:
            return ~ended
        case Standing.FAILED:
            return ended & ~delivered


def _said(verdict: Verdict) -> ColumnElement[bool]:
    """Return the condition that this holds for a video of the job."""
    later = decisions.alias()
    same = (later.c.job_id == decisions.c.job_id) & (later.c.output == decisions.c.output)
    newest = ~exists().where(same, later.c.number > decisions.c.number)
    return exists().where(decisions.c.job_id == jobs.c.id, decisions.c.verdict == str(verdict), newest)
