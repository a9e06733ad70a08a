"""Queries about kept jobs: lists, searches, forgetting, and files that may leave the disk."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, delete, func, or_, select, true, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from dailies.catalog.references import ReferenceHistory
from dailies.job import ENDED, WITHOUT_BILL, Job, State
from dailies.reason import Reason
from dailies.schema import job_references, jobs
from dailies.store.model_history import Kind, references_seen, seconds_taken
from dailies.store.shards import Shards
from dailies.store.sql import SqlStore

PAGE = 10
TAKEN = 5000
"""Finished jobs that are read for estimates, the newest."""
AT_ONCE = 500
"""Names in one query; SQLite takes 32,766 parameters, older builds 999."""

_ENDED = jobs.c.state.in_([str(state) for state in ENDED])
_AGE = tuple_(jobs.c.created_at, jobs.c.id)
_NEWEST = (jobs.c.created_at.desc(), jobs.c.id.desc())
_OLDEST = (jobs.c.created_at.asc(), jobs.c.id.asc())


@dataclass(frozen=True)
class Cursor:
    """A place in a list: beside the job with this id, towards older or newer ones."""

    job_id: str
    older: bool


@dataclass(frozen=True)
class Page:
    """Some jobs of a list, newest first. newer: how many stand before them. total: in the whole list."""

    jobs: tuple[Job, ...]
    newer: int
    total: int


@dataclass(frozen=True)
class Forgotten:
    """Result of forgetting: what left the records and has to leave the disk.

    videos: names below DATA_DIR/videos. references: SHA-256 that no other job uses. left: jobs that still run.
    """

    count: int
    videos: frozenset[str] = frozenset()
    references: frozenset[str] = frozenset()
    left: int = 0


class Library:
    """Reads and changes kept jobs, not their lives.

    It writes only to jobs that no run holds in memory: a run saves whole rows and would undo it. `moved` is different.
    shards: files of other shards' jobs may lie on another machine's disk.
    """

    def __init__(self, engine: AsyncEngine, store: SqlStore, shards: Shards | None = None) -> None:
        self._engine = engine
        self._store = store
        self._shards = shards or Shards()

    async def taken(self) -> list[tuple[Kind, float]]:
        """Kind of each newest finished job, and the seconds that it took. Oldest first."""
        # What was never checked or submitted has no difference.
        finished = (jobs.c.remote_status == "completed") & (jobs.c.checked_at - jobs.c.submitted_at).is_not(None)
        times = (jobs.c.submitted_at, jobs.c.running_at, jobs.c.checked_at, jobs.c.polls)
        query = select(jobs.c.model, jobs.c.duration, jobs.c.resolution, *times).where(finished)
        async with self._engine.connect() as connection:
            rows = (await connection.execute(query.order_by(jobs.c.id.desc()).limit(TAKEN))).all()
        return [((row[0], row[1], row[2]), seconds_taken(*row[3:])) for row in reversed(rows)]

    async def find(self, job_id: str) -> Job | None:
        """A job by its id, None when there is none."""
        found = await self._store.load(jobs.c.id == job_id)
        return found[0] if found else None

    async def of_requester(self, requester_id: int, at: Cursor | None = None) -> Page:
        """A person's jobs; without a place, the newest."""
        return await self._page(jobs.c.requester_id == requester_id, at)

    async def of_guild(self, guild_id: int, at: Cursor | None = None) -> Page:
        """A server's jobs; without a place, the newest."""
        return await self._page(jobs.c.guild_id == guild_id, at)

    async def matching(self, typed: str, *, requester_id: int, guild_id: int | None, limit: int) -> list[Job]:
        """The newest jobs of a person, and of a server if one is given, whose id or prompt holds what was typed."""
        seen = jobs.c.requester_id == requester_id
        if guild_id is not None:
            seen = or_(seen, jobs.c.guild_id == guild_id)
        return await self._newest_first(select(jobs.c.id).where(seen, _matches(typed)).order_by(*_NEWEST).limit(limit))

    async def without_bill(self, places: Collection[int | None], typed: str, *, limit: int) -> list[Job]:
        """The newest jobs that may have cost something, without a cost; as `matching`. places: servers; None: none."""
        seen = lies_in(places) & _matches(typed) & jobs.c.cost.is_(None)
        doubtful = jobs.c.state.in_([str(state) for state in WITHOUT_BILL])
        return await self._newest_first(select(jobs.c.id).where(seen, doubtful).order_by(*_NEWEST).limit(limit))

    async def delivered(self, job_id: str, message_id: int, channel_id: int | None, note: Reason | None) -> bool:
        """Keep that a job's video was posted again; False when it was forgotten meanwhile.

        channel_id: None for the job's own. note: what was changed.
        """
        posted = {
            "state": str(State.DELIVERED),
            "reason": None,
            "video_message_id": message_id,
            "video_channel_id": channel_id,
            "delivery_note": note,
        }

        async def write(connection: AsyncConnection) -> bool:
            kept = (jobs.c.id == job_id) & jobs.c.forgotten_at.is_(None)
            return (await connection.execute(update(jobs).where(kept).values(posted))).rowcount == 1

        return await self._store.patiently(write)

    async def moved(self, job_id: str, message_id: int) -> None:
        """Keep that another message is the status of a job now: the one thing that a run does not write."""

        async def write(connection: AsyncConnection) -> None:
            await connection.execute(update(jobs).where(jobs.c.id == job_id).values(new_status_id=message_id))

        await self._store.patiently(write)

    async def count_to_forget(self, requester_id: int, running: Collection[str]) -> tuple[int, int]:
        """Count the jobs that `forget` would take, and those that it would leave because they still run."""
        async with self._engine.connect() as connection:
            of_person = _of_person(requester_id)
            every = await connection.scalar(select(func.count()).where(of_person)) or 0
            free = await connection.scalar(select(func.count()).where(of_person & self._resting(running))) or 0
        return free, every - free

    async def forget(self, requester_id: int, running: Collection[str], now: float) -> Forgotten:
        """Take a person's words, references and videos out of the records; what it cost and where it was stay.

        running: ids of jobs that this process carries on; they and every job that has not ended are left.
        """

        async def write(connection: AsyncConnection) -> Forgotten:
            of_person = _of_person(requester_id)
            condition = of_person & self._resting(running)
            # Locked, so that a report does not bring one back to life meanwhile; SQLite has one writer anyway.
            found = select(jobs.c.id, jobs.c.file).where(condition).with_for_update()
            rows = (await connection.execute(found)).all()
            ids = [row.id for row in rows]
            used = await _references_of(connection, ids)
            for some in _parts(ids):
                await connection.execute(delete(job_references).where(job_references.c.job_id.in_(some)))
                await connection.execute(update(jobs).where(jobs.c.id.in_(some)).values(_EMPTY | {"forgotten_at": now}))
                lost = jobs.c.id.in_(some) & jobs.c.file.is_not(None) & jobs.c.file_removed_at.is_(None)
                await connection.execute(update(jobs).where(lost).values(file_removed_at=now))
            left = await connection.scalar(select(func.count()).where(of_person)) or 0
            videos = frozenset(row.file for row in rows if row.file)
            return Forgotten(len(ids), videos, used - await _known(connection, used), left)

        return await self._store.patiently(write)

    async def outdated_videos(self, before: float) -> list[tuple[str, str]]:
        """Job id and file name of each video, still on the disk, whose job ended before that time."""
        lasting = jobs.c.file.is_not(None) & jobs.c.file_removed_at.is_(None)
        gone = _ENDED & jobs.c.told.is_(True) & (jobs.c.ended_at < before) & self._shards.own()
        async with self._engine.connect() as connection:
            rows = (await connection.execute(select(jobs.c.id, jobs.c.file).where(lasting & gone))).all()
        return [(row.id, row.file) for row in rows]

    async def file_removed(self, job_id: str, now: float) -> None:
        """Keep that a job's video left the disk."""

        async def write(connection: AsyncConnection) -> None:
            await connection.execute(update(jobs).where(jobs.c.id == job_id).values(file_removed_at=now))

        await self._store.patiently(write)

    async def by_id(self, ids: Iterable[str]) -> dict[str, Job]:
        """The jobs with these ids, as far as there are any."""
        found: dict[str, Job] = {}
        for some in _parts(list(ids)):
            found |= {job.id: job for job in await self._store.load(jobs.c.id.in_(some))}
        return found

    async def references_in_use(self, before: float) -> set[str]:
        """SHA-256 of the references of every job that has not ended, or not before that time."""
        young = or_(~_ENDED, jobs.c.ended_at >= before)
        query = select(job_references.c.sha256).distinct().join(jobs, jobs.c.id == job_references.c.job_id).where(young)
        async with self._engine.connect() as connection:
            return set((await connection.scalars(query)).all())

    async def known_references(self, names: Collection[str]) -> set[str]:
        """Return those of these SHA-256 that any job ever used."""
        async with self._engine.connect() as connection:
            return await _known(connection, names)

    async def references_seen(self) -> Mapping[str, ReferenceHistory]:
        """Return what this bot's own jobs show about references, by model id."""
        return await references_seen(self._engine)

    async def oldest_check(self) -> float | None:
        """Return when the oldest job whose references are still being fetched was requested, in Unix seconds."""
        checking = select(func.min(jobs.c.created_at)).where(jobs.c.state == str(State.CHECKING))
        async with self._engine.connect() as connection:
            return await connection.scalar(checking)

    def _resting(self, running: Collection[str]) -> ColumnElement[bool]:
        # An end that was not told may be held in memory: by this process, which knows, or by another shard's.
        return _ENDED & jobs.c.id.not_in(list(running)) & or_(jobs.c.told.is_(True), self._shards.own())

    async def _page(self, condition: ColumnElement[bool], at: Cursor | None) -> Page:
        place = await self.find(at.job_id) if at else None
        query = select(jobs.c.id).where(condition).limit(PAGE)
        if at and place:
            here = tuple_(place.created_at, place.id)
            query = query.where(here > _AGE if at.older else here < _AGE)
        query = query.order_by(*(_NEWEST if at is None or at.older else _OLDEST))
        found = await self._newest_first(query)
        async with self._engine.connect() as connection:
            total = await connection.scalar(select(func.count()).where(condition)) or 0
            first = tuple_(found[0].created_at, found[0].id) if found else None
            counting = select(func.count()).where(condition, first < _AGE) if first is not None else None
            newer = (await connection.scalar(counting) or 0) if counting is not None else total
        return Page(tuple(found), newer, total)

    async def _newest_first(self, query: Select[tuple[str]]) -> list[Job]:
        async with self._engine.connect() as connection:
            ids = (await connection.scalars(query)).all()
        found = await self._store.load(jobs.c.id.in_(ids))
        return sorted(found, key=lambda job: (job.created_at, job.id), reverse=True)


_EMPTY: dict[str, object] = {
    "prompt": None,
    "sent_prompt": None,
    "sources": [],
    "reason": None,  # it may quote the prompt, or a reference's name
    "trouble": None,
    "unsigned_urls": [],
    "locale": None,
}
"""Values that forgetting writes over a job's row."""


def lies_in(places: Collection[int | None]) -> ColumnElement[bool]:
    """Jobs of these servers; None among them: those that belong to no server."""
    here = jobs.c.guild_id.in_([one for one in places if one is not None])
    return or_(here, jobs.c.guild_id.is_(None)) if None in places else here


def _matches(typed: str) -> ColumnElement[bool]:
    if not typed:
        return true()
    # As the id is: typed capitals are the same letters.
    return or_(jobs.c.id.startswith(typed.lower(), autoescape=True), jobs.c.prompt.icontains(typed, autoescape=True))


def _of_person(requester_id: int) -> ColumnElement[bool]:
    # A report from OpenRouter can bring a video to a job that was forgotten before.
    back = jobs.c.file.is_not(None) & jobs.c.file_removed_at.is_(None)
    return (jobs.c.requester_id == requester_id) & or_(jobs.c.forgotten_at.is_(None), back)


async def _references_of(connection: AsyncConnection, ids: list[str]) -> frozenset[str]:
    found: set[str] = set()
    for some in _parts(ids):
        query = select(job_references.c.sha256).where(job_references.c.job_id.in_(some))
        found |= set((await connection.scalars(query)).all())
    return frozenset(found)


async def _known(connection: AsyncConnection, names: Collection[str]) -> set[str]:
    found: set[str] = set()
    for some in _parts(list(names)):
        query = select(job_references.c.sha256).distinct().where(job_references.c.sha256.in_(some))
        found |= set((await connection.scalars(query)).all())
    return found


def _parts(names: list[str]) -> Iterable[list[str]]:
    return (names[start : start + AT_ONCE] for start in range(0, len(names), AT_ONCE))
