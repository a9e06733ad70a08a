"""Queries about stored jobs: lists, searches, forgetting, and files that may be deleted."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, and_, delete, func, or_, select, true, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from dailies.approved import has_approved
from dailies.catalog.references import ReferenceHistory
from dailies.job import ENDED, WITHOUT_BILL, Job, State
from dailies.schema import job_cast, job_references, jobs
from dailies.store.comparisons import forget_votes
from dailies.store.model_history import Kind, references_seen, seconds_taken
from dailies.store.parts import parts
from dailies.store.rows import as_row
from dailies.store.shards import Shards
from dailies.store.sql import SqlStore

PAGE = 10
TAKEN = 5000
"""Newest finished jobs that are read for estimates."""

_ENDED = jobs.c.state.in_([str(state) for state in ENDED])
_AGE = tuple_(jobs.c.created_at, jobs.c.id)
_OF_A_POST = ("state", "reason", "video_message_id", "video_channel_id", "delivery_note", "marks")
_NEWEST = (jobs.c.created_at.desc(), jobs.c.id.desc())
_OLDEST = (jobs.c.created_at.asc(), jobs.c.id.asc())


@dataclass(frozen=True)
class Cursor:
    """A position in a list: next to the job with this id, towards older or newer ones."""

    job_id: str
    older: bool


@dataclass(frozen=True)
class Page:
    """Some jobs of a list, newest first. newer: number of jobs before them. total: number in the whole list."""

    jobs: tuple[Job, ...]
    newer: int
    total: int


@dataclass(frozen=True)
class Forgotten:
    """Number of forgotten jobs, and the files that have to be deleted.

    videos: names below DATA_DIR/videos. references: SHA-256 that no other job uses. left: jobs that still run.
    """

    count: int
    videos: frozenset[str] = frozenset()
    references: frozenset[str] = frozenset()
    left: int = 0


class Library:
    """Reads stored jobs, and changes those that are not running.

    A running job saves whole rows and would undo other changes; only `moved` writes a column that runs do not.
    shards: of this process; files of other shards' jobs may be on another machine's disk.
    """

    def __init__(self, engine: AsyncEngine, store: SqlStore, shards: Shards | None = None) -> None:
        self._engine = engine
        self._store, self.comparisons = store, store.comparisons
        self._shards = shards or Shards()

    async def taken(self) -> list[tuple[Kind, float]]:
        """Return kind and seconds of the newest finished jobs, oldest first."""
        # The difference is null for a job that was never checked or submitted.
        finished = (jobs.c.remote_status == "completed") & (jobs.c.checked_at - jobs.c.submitted_at).is_not(None)
        times = (jobs.c.submitted_at, jobs.c.running_at, jobs.c.checked_at, jobs.c.polls)
        query = select(jobs.c.model, jobs.c.duration, jobs.c.resolution, *times).where(finished)
        async with self._engine.connect() as connection:
            rows = (await connection.execute(query.order_by(jobs.c.id.desc()).limit(TAKEN))).all()
        return [((row[0], row[1], row[2]), seconds_taken(*row[3:])) for row in reversed(rows)]

    async def find(self, job_id: str) -> Job | None:
        """Return a job by its id, None when there is none."""
        found = await self._store.load(jobs.c.id == job_id)
        return found[0] if found else None

    async def of_requester(self, requester_id: int, cursor: Cursor | None = None, typed: str = "") -> Page:
        """Return a page of a person's jobs that match a text; without a cursor, the newest."""
        return await self._page((jobs.c.requester_id == requester_id) & _matches(typed), cursor)

    async def of_guild(
        self, guild_id: int, cursor: Cursor | None = None, typed: str = "", channels: Collection[int] = ()
    ) -> Page:
        """Return a page of a server's jobs; without a cursor, the newest. With a text, of those in these channels."""
        found = _matches(typed) & jobs.c.channel_id.in_(channels) if typed else true()
        return await self._page((jobs.c.guild_id == guild_id) & found, cursor)

    async def channels_of(self, guild_id: int) -> set[int]:
        """Return the channels and threads of a server in which jobs were requested."""
        query = select(jobs.c.channel_id).distinct().where(jobs.c.guild_id == guild_id)
        async with self._engine.connect() as connection:
            return set((await connection.scalars(query)).all())

    async def matching(self, typed: str, *, requester_id: int, guild_id: int | None, limit: int) -> list[Job]:
        """Return the newest jobs of a person, and a server if given, whose id begins with or prompt holds the text."""
        seen = jobs.c.requester_id == requester_id
        if guild_id is not None:
            seen = or_(seen, jobs.c.guild_id == guild_id)
        return await self._newest_first(select(jobs.c.id).where(seen, _matches(typed)).order_by(*_NEWEST).limit(limit))

    async def without_bill(self, places: Collection[int | None], typed: str, *, limit: int) -> list[Job]:
        """Return the newest matching jobs that may have cost something but have no cost. places: as in lies_in."""
        seen = lies_in(places) & _matches(typed) & jobs.c.cost.is_(None)
        doubtful = jobs.c.state.in_([str(state) for state in WITHOUT_BILL])
        return await self._newest_first(select(jobs.c.id).where(seen, doubtful).order_by(*_NEWEST).limit(limit))

    async def delivered(self, job: Job) -> bool:
        """Record what a job says of a further post of its video; False when it was forgotten meanwhile."""
        posted = {name: value for name, value in as_row(job).items() if name in _OF_A_POST}

        async def write(connection: AsyncConnection) -> bool:
            kept = (jobs.c.id == job.id) & jobs.c.forgotten_at.is_(None)
            return (await connection.execute(update(jobs).where(kept).values(posted))).rowcount == 1

        return await self._store.patiently(write)

    async def moved(self, job_id: str, message_id: int) -> None:
        """Record that another message is now the status of a job, or of the set of which it is the first one, in the
        one column that runs do not write.
        """

        async def write(connection: AsyncConnection) -> None:
            its = or_(jobs.c.id == job_id, jobs.c.set_id == job_id)
            await connection.execute(update(jobs).where(its).values(new_status_id=message_id))

        await self._store.patiently(write)

    async def takes(self, set_id: str) -> tuple[Job, ...]:
        """Return the takes of a set, in order."""
        return await self._store.takes(set_id)

    async def count_to_forget(self, requester_id: int, running: Collection[str]) -> tuple[int, int]:
        """Count the jobs that `forget` would take, and those that it would leave because they are still running."""
        async with self._engine.connect() as connection:
            of_person = _of_person(requester_id)
            every = await connection.scalar(select(func.count()).where(of_person)) or 0
            free = await connection.scalar(select(func.count()).where(of_person & self._resting(running))) or 0
        return free, every - free

    async def forget(self, requester_id: int, running: Collection[str], now: float) -> Forgotten:
        """Remove a person's words, references and videos from the records; costs and places stay.

        running: ids of jobs that this process runs; they and every job that has not ended are left.
        """

        async def write(connection: AsyncConnection) -> Forgotten:
            of_person = _of_person(requester_id)
            condition = of_person & self._resting(running)
            # Locked, so that no report revives one meanwhile; SQLite has one writer anyway.
            found = select(jobs.c.id, jobs.c.file).where(condition).with_for_update()
            rows = (await connection.execute(found)).all()
            ids = [row.id for row in rows]
            used = await _references_of(connection, ids)
            await forget_votes(connection, requester_id)
            for some in parts(ids):
                await connection.execute(delete(job_references).where(job_references.c.job_id.in_(some)))
                await connection.execute(delete(job_cast).where(job_cast.c.job_id.in_(some)))
                await connection.execute(update(jobs).where(jobs.c.id.in_(some)).values(_EMPTY | {"forgotten_at": now}))
                lost = jobs.c.id.in_(some) & jobs.c.file.is_not(None) & jobs.c.file_removed_at.is_(None)
                await connection.execute(update(jobs).where(lost).values(file_removed_at=now))
            left = await connection.scalar(select(func.count()).where(of_person)) or 0
            videos = frozenset(row.file for row in rows if row.file)
            return Forgotten(len(ids), videos, used - await _recorded(connection, used), left)

        return await self._store.patiently(write)

    async def outdated_videos(self, before: float, approved_before: float) -> list[tuple[str, str]]:
        """Return job id and file name of each video on the disk whose job ended before that time (Unix seconds), or
        before the second one if a video of it is approved; oldest first.
        """
        lasting = jobs.c.file.is_not(None) & jobs.c.file_removed_at.is_(None)
        old = and_(jobs.c.ended_at < before, or_(~has_approved(), jobs.c.ended_at < approved_before))
        gone = _ENDED & jobs.c.told.is_(True) & old & self._shards.own()
        async with self._engine.connect() as connection:
            found = await connection.execute(select(jobs.c.id, jobs.c.file).where(lasting & gone).order_by(jobs.c.id))
        return [(row.id, row.file) for row in found.all()]

    async def file_removed(self, job_id: str, now: float) -> None:
        """Record that a job's video was deleted from the disk."""

        async def write(connection: AsyncConnection) -> None:
            await connection.execute(update(jobs).where(jobs.c.id == job_id).values(file_removed_at=now))

        await self._store.patiently(write)

    async def by_id(self, ids: Iterable[str]) -> dict[str, Job]:
        """Return the jobs with these ids, as far as they exist."""
        found: dict[str, Job] = {}
        for some in parts(list(ids)):
            found |= {job.id: job for job in await self._store.load(jobs.c.id.in_(some))}
        return found

    async def references_in_use(self, before: float) -> set[str]:
        """Return the SHA-256 of references of every job that has not ended, or not before that time (Unix seconds)."""
        young = or_(~_ENDED, jobs.c.ended_at >= before)
        query = select(job_references.c.sha256).distinct().join(jobs, jobs.c.id == job_references.c.job_id).where(young)
        async with self._engine.connect() as connection:
            return set((await connection.scalars(query)).all())

    async def known_references(self, names: Collection[str]) -> set[str]:
        """Return those of these SHA-256 that are recorded as references of any job."""
        async with self._engine.connect() as connection:
            return await _recorded(connection, names)

    async def references_seen(self) -> Mapping[str, ReferenceHistory]:
        """Return what this bot's own jobs show about references, by model id."""
        return await references_seen(self._engine)

    async def oldest_check(self) -> float | None:
        """Return when the oldest job whose references are still being fetched was requested, in Unix seconds."""
        checking = select(func.min(jobs.c.created_at)).where(jobs.c.state == str(State.CHECKING))
        async with self._engine.connect() as connection:
            return await connection.scalar(checking)

    def _resting(self, running: Collection[str]) -> ColumnElement[bool]:
        # Another shard's process may hold in memory a job whose end was not told; this one knows its own.
        return _ENDED & jobs.c.id.not_in(list(running)) & or_(jobs.c.told.is_(True), self._shards.own())

    async def _page(self, condition: ColumnElement[bool], cursor: Cursor | None) -> Page:
        # A cursor comes from a button's id: that of a job outside of the list begins with its first page.
        beside = await self._store.load((jobs.c.id == cursor.job_id) & condition) if cursor else []
        place = beside[0] if beside else None
        query = select(jobs.c.id).where(condition).limit(PAGE)
        if cursor and place:
            here = tuple_(place.created_at, place.id)
            query = query.where(here > _AGE if cursor.older else here < _AGE)
        query = query.order_by(*(_NEWEST if cursor is None or cursor.older else _OLDEST))
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
    "provider_options": {},  # a negative prompt is theirs, too
    "reason": None,  # it may quote the prompt, or a reference's name
    "trouble": None,
    "locale": None,
}
"""Values that forgetting writes into a job's row."""


def lies_in(places: Collection[int | None]) -> ColumnElement[bool]:
    """Return the condition for jobs of these servers. None among them: jobs without a server."""
    here = jobs.c.guild_id.in_([one for one in places if one is not None])
    return or_(here, jobs.c.guild_id.is_(None)) if None in places else here


def _matches(typed: str) -> ColumnElement[bool]:
    if not typed:
        return true()
    # Ids are lower case; capitals count as the same letters.
    return or_(jobs.c.id.startswith(typed.lower(), autoescape=True), jobs.c.prompt.icontains(typed, autoescape=True))


def _of_person(requester_id: int) -> ColumnElement[bool]:
    # A report from OpenRouter can bring a video to a job that was forgotten before.
    back = jobs.c.file.is_not(None) & jobs.c.file_removed_at.is_(None)
    return (jobs.c.requester_id == requester_id) & or_(jobs.c.forgotten_at.is_(None), back)


async def _references_of(connection: AsyncConnection, ids: list[str]) -> frozenset[str]:
    found: set[str] = set()
    for some in parts(ids):
        query = select(job_references.c.sha256).where(job_references.c.job_id.in_(some))
        found |= set((await connection.scalars(query)).all())
    return frozenset(found)


async def _recorded(connection: AsyncConnection, names: Collection[str]) -> set[str]:
    found: set[str] = set()
    for some in parts(list(names)):
        query = select(job_references.c.sha256).distinct().where(job_references.c.sha256.in_(some))
        found |= set((await connection.scalars(query)).all())
    return found
