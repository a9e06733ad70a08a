"""Screenings, cuts and the times of screenings in the database."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, and_, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from dailies.job import Job, State
from dailies.reason import Reason
from dailies.schema import decisions, job_accounts, jobs, screening_schedules, screenings, shots
from dailies.screening import Entry, Kind, Screening, Wanted
from dailies.screening_times import Schedule
from dailies.store.shards import Shards
from dailies.store.sql import SqlStore
from dailies.upsert import insert_if_new, upsert

_SAME = (
    "id", "guild_id", "channel_id", "asked_by", "slot", "created_at", "status_id", "sent_at", "ended_at", "reason",
    "file_removed_at",
)  # fmt: skip
"""Columns and fields of the same name and type."""
_CHANGES = ("entries", "status_id", "files", "sent_at", "messages", "ended_at", "reason")
"""Columns that the making of a film changes."""
OVERLAP_SECONDS = 900.0
"""A take that was recorded right before a screening may have been missed by it: such takes are looked for again."""


class ScreeningStore:
    """Keeps screenings. shards: of this process, which makes theirs alone."""

    def __init__(self, engine: AsyncEngine, store: SqlStore, shards: Shards | None = None) -> None:
        self._engine = engine
        self._store = store
        self._shards = shards or Shards()

    async def begin(self, screening: Screening) -> bool:
        """Store a new one; False, and nothing stored, when its slot is taken or it is stored already."""

        async def write(connection: AsyncConnection) -> bool:
            return await insert_if_new(connection, screenings, _row(screening))

        return await self._store.patiently(write)

    async def save(self, screening: Screening) -> None:
        """Store what the making of a film has changed."""
        row = _row(screening)

        async def write(connection: AsyncConnection) -> None:
            its = screenings.c.id == screening.id
            await connection.execute(update(screenings).where(its).values({name: row[name] for name in _CHANGES}))

        await self._store.patiently(write)

    async def get(self, screening_id: str) -> Screening | None:
        """Return a screening; None when there is none."""
        found = await self._load(screenings.c.id == screening_id)
        return found[0] if found else None

    async def unfinished(self) -> list[Screening]:
        """Return those of these shards that are to be made or posted, oldest first."""
        found = await self._load(screenings.c.ended_at.is_(None))
        return [one for one in found if self._shards.owns(one.guild_id)]

    async def waiting(self, channel_id: int) -> int:
        """Count those of a channel that are to be made or posted."""
        query = select(func.count()).where(screenings.c.channel_id == channel_id, screenings.c.ended_at.is_(None))
        async with self._engine.connect() as connection:
            return await connection.scalar(query) or 0

    async def has_slot(self, channel_id: int, slot: str) -> bool:
        """Tell if a scheduled moment of a channel was taken."""
        taken = (screenings.c.channel_id == channel_id) & (screenings.c.slot == slot)
        async with self._engine.connect() as connection:
            return await connection.scalar(select(screenings.c.id).where(taken)) is not None

    async def new_takes(self, channel_id: int, since: float) -> tuple[list[Job], float]:
        """Return the jobs of a channel whose videos came after its last screening, oldest first, and since when.

        since: Unix seconds: no earlier ones. A screening that could not be made counts as none.
        """
        whole = (screenings.c.channel_id == channel_id) & (screenings.c.kind == str(Kind.SCREENING))
        earlier = await self._load(whole & screenings.c.reason.is_(None) & (screenings.c.created_at > since))
        earlier = [one for one in earlier if one.wanted.since_last]
        last = max((one.created_at for one in earlier), default=since)
        since = max(since, last - OVERLAP_SECONDS) if earlier else since
        shown = {entry.job_id for one in earlier if one.created_at > since - OVERLAP_SECONDS for entry in one.entries}
        found = await self._store.load(of_channel(channel_id) & _delivered() & (jobs.c.ended_at > since))
        return [job for job in found if job.id not in shown], last

    async def takes_of_shot(self, shot_id: str) -> list[Job]:
        """Return the jobs with videos of a shot, oldest first."""
        return await self._store.load(_delivered() & (jobs.c.shot_id == shot_id))

    async def decided_takes(self, channel_id: int) -> list[Job]:
        """Return the jobs with videos of a channel about which something was said, oldest first."""
        decided = jobs.c.id.in_(select(decisions.c.job_id))
        return await self._store.load(of_channel(channel_id) & _delivered() & decided)

    async def retaken(self, job_ids: Collection[str]) -> set[str]:
        """Return those of these jobs from which a later one came, whatever became of it but a refusal."""
        sent = jobs.c.origin_id.in_(list(job_ids)) & (jobs.c.state != str(State.REFUSED))
        async with self._engine.connect() as connection:
            return set((await connection.scalars(select(jobs.c.origin_id).where(sent))).all())

    async def jobs_of(self, entries: Sequence[Entry]) -> dict[str, Job]:
        """Return the jobs of takes by their ids."""
        ids = sorted({one.job_id for one in entries})
        found = await self._store.load(jobs.c.id.in_(ids)) if ids else []
        return {job.id: job for job in found}

    async def schedules(self) -> list[Schedule]:
        """Return the times of channels of these shards."""
        async with self._engine.connect() as connection:
            rows = (await connection.execute(select(screening_schedules))).mappings().all()
        return [Schedule(**row) for row in rows if self._shards.owns(row["guild_id"])]

    async def schedule(self, channel_id: int) -> Schedule | None:
        """Return the time of a channel; None when it has none."""
        query = select(screening_schedules).where(screening_schedules.c.channel_id == channel_id)
        async with self._engine.connect() as connection:
            row = (await connection.execute(query)).mappings().one_or_none()
        return None if row is None else Schedule(**row)

    async def set_schedule(self, schedule: Schedule) -> None:
        """Set the time of a channel, in place of an earlier one."""

        async def write(connection: AsyncConnection) -> None:
            await upsert(connection, screening_schedules, asdict(schedule))

        await self._store.patiently(write)

    async def end_schedule(self, channel_id: int) -> bool:
        """Remove the time of a channel; False when it had none."""

        async def write(connection: AsyncConnection) -> bool:
            its = screening_schedules.c.channel_id == channel_id
            return (await connection.execute(delete(screening_schedules).where(its))).rowcount > 0

        return await self._store.patiently(write)

    async def arrange(self, channel_id: int, shot_ids: Sequence[str]) -> None:
        """Set the places of a channel's shots in the cut: these first, in this order, and the others behind them."""

        async def write(connection: AsyncConnection) -> None:
            its = shots.c.channel_id == channel_id
            await connection.execute(update(shots).where(its).values(place=None))
            for place, shot_id in enumerate(shot_ids, 1):
                await connection.execute(update(shots).where(its, shots.c.id == shot_id).values(place=place))

        await self._store.patiently(write)

    async def outdated(self, before: float) -> list[Screening]:
        """Return those with files on the disk that ended before that time (Unix seconds)."""
        found = await self._load(_on_disk() & (screenings.c.ended_at < before))
        return [one for one in found if one.files and self._shards.owns(one.guild_id)]

    async def with_takes(self, job_ids: Collection[str]) -> list[Screening]:
        """Return those with files on the disk in which one of these jobs' videos is."""
        found = await self._load(_on_disk()) if job_ids else []
        return [one for one in found if any(entry.job_id in job_ids for entry in one.shown)]

    async def files_removed(self, screening_id: str, now: float) -> None:
        """Record that the files of one were removed."""

        async def write(connection: AsyncConnection) -> None:
            its = (screenings.c.id == screening_id) & screenings.c.file_removed_at.is_(None)
            await connection.execute(update(screenings).where(its).values(file_removed_at=now))

        await self._store.patiently(write)

    async def count(self, person_id: int) -> int:
        """Count what names a person: films that they asked for, and times that they set."""
        asked = select(func.count()).where(screenings.c.asked_by == person_id)
        set_by = select(func.count()).where(screening_schedules.c.set_by == person_id)
        async with self._engine.connect() as connection:
            return (await connection.scalar(asked) or 0) + (await connection.scalar(set_by) or 0)

    async def forget(self, person_id: int) -> None:
        """Forget who asked for what a person asked for, and who set the times that they set."""

        async def write(connection: AsyncConnection) -> None:
            asked = screenings.c.asked_by == person_id
            await connection.execute(update(screenings).where(asked).values(asked_by=None))
            theirs = screening_schedules.c.set_by == person_id
            await connection.execute(update(screening_schedules).where(theirs).values(set_by=None))

        await self._store.patiently(write)

    async def _load(self, condition: ColumnElement[bool]) -> list[Screening]:
        query = select(screenings).where(condition).order_by(screenings.c.id)
        async with self._engine.connect() as connection:
            return [_screening(row) for row in (await connection.execute(query)).mappings()]


def of_channel(channel_id: int) -> ColumnElement[bool]:
    """Return the condition for jobs of a channel, its threads, and the posts of its shots."""
    counted = select(job_accounts.c.job_id).where(
        job_accounts.c.scope == "channel", job_accounts.c.subject_id == channel_id
    )
    its = select(shots.c.id).where(or_(shots.c.channel_id == channel_id, shots.c.post_id == channel_id))
    return or_(jobs.c.channel_id == channel_id, jobs.c.id.in_(counted), jobs.c.shot_id.in_(its))


def _delivered() -> ColumnElement[bool]:
    posted = jobs.c.state == str(State.DELIVERED)
    return and_(posted, jobs.c.file.is_not(None), jobs.c.forgotten_at.is_(None))


def _on_disk() -> ColumnElement[bool]:
    return screenings.c.file_removed_at.is_(None)


def _row(screening: Screening) -> dict[str, Any]:
    entries = [asdict(one) | {"left_out": one.left_out and one.left_out.to_json()} for one in screening.entries]
    lists = {"files": list(screening.files), "messages": list(screening.messages), "entries": entries}
    own = {name: getattr(screening, name) for name in _SAME}
    return own | lists | {"kind": str(screening.kind), "wanted": asdict(screening.wanted)}


def _screening(row: RowMapping) -> Screening:
    own: dict[str, Any] = {name: row[name] for name in _SAME}
    return Screening(
        **own,
        kind=Kind(row["kind"]),
        wanted=Wanted(**row["wanted"]),
        entries=tuple(_entry(one) for one in row["entries"]),
        files=tuple(row["files"]),
        messages=tuple(row["messages"]),
    )


def _entry(kept: dict[str, Any]) -> Entry:
    own: dict[str, Any] = {**kept, "left_out": kept["left_out"] and Reason.from_json(kept["left_out"])}
    return Entry(**own)
