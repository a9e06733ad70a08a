"""The cast in the database: named references, their pictures, and how often each is used."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from dailies.cast.consent import consent_ended
from dailies.cast.entry import CastEntry, CastPicture, CastPlace, Consent, scope_of
from dailies.catalog.prompt_names import key_of
from dailies.errors import RefusedError
from dailies.job import ENDED, Job
from dailies.reason import ReasonCode
from dailies.schema import cast_entries, cast_pictures, job_cast, job_references, jobs
from dailies.store.parts import parts
from dailies.store.sql import SqlStore
from dailies.upsert import insert_if_new, upsert

MOST = 200
"""Most entries of a server with its channels, or of a direct message, where no setting says otherwise."""
_SAME = (
    "id",
    "guild_id",
    "channel_id",
    "name",
    "note",
    "added_by",
    "added_at",
    "changed_at",
    "revision",
    "age_restricted",
)
"""Columns and fields of the same name and type."""
_PICTURE = ("sha256", "name", "link", "description", "spoiler", "width", "height")


@dataclass(frozen=True)
class Removed:
    """Entries that were removed: their number, and the SHA-256 of their pictures, which others may have as well."""

    count: int = 0
    pictures: frozenset[str] = frozenset()


class CastStore:
    """Keeps the cast. data_dir: folder of the pictures. most: entries of a server, or of a direct message."""

    def __init__(
        self,
        engine: AsyncEngine,
        store: SqlStore,
        data_dir: Path,
        *,
        most: int = MOST,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._engine = engine
        self._store = store
        self._most = most
        self.data_dir = data_dir
        self.now = now

    async def create(self, entry: CastEntry) -> None:
        """Store a new entry. Raises RefusedError when its scope has the name already, or when there are too many."""

        async def write(connection: AsyncConnection) -> None:
            place = _of_place(entry.guild_id, entry.channel_id)
            if await connection.scalar(select(cast_entries.c.id).where(cast_entries.c.id == entry.id)):
                return  # a commit whose answer was lost
            if (await connection.scalar(select(func.count()).where(place)) or 0) >= self._most:
                raise RefusedError(ReasonCode.CAST_FULL, most=self._most)
            if not await insert_if_new(connection, cast_entries, _as_row(entry)):
                raise _taken(entry)
            await upsert(connection, cast_pictures, *_picture_rows(entry))

        await self._store.patiently(write)

    async def change(self, entry: CastEntry) -> CastEntry | None:
        """Store a changed entry as the next revision, and return that; None when its revision is not the newest, or it
        was removed.

        Raises RefusedError when another one of its scope has the name.
        """
        changed = replace(entry, revision=entry.revision + 1, changed_at=self.now())
        same = (cast_entries.c.id == entry.id) & (cast_entries.c.revision == entry.revision)
        other = (cast_entries.c.scope == entry.scope) & (cast_entries.c.name_key == entry.key)
        other &= cast_entries.c.id != entry.id

        async def write(connection: AsyncConnection) -> bool:
            if await connection.scalar(select(cast_entries.c.id).where(other)):
                raise _taken(entry)
            row = _as_row(changed)
            if (await connection.execute(update(cast_entries).where(same).values(row))).rowcount != 1:
                return False
            await upsert(connection, cast_pictures, *_picture_rows(changed))
            left_over = (cast_pictures.c.entry_id == entry.id) & (cast_pictures.c.position >= len(entry.pictures))
            await connection.execute(delete(cast_pictures).where(left_over))
            return True

        return changed if await self._store.patiently(write) else None

    async def remove(self, entry_id: str, revision: int) -> Removed | None:
        """Remove an entry; None when this is not its newest revision, or it was removed before."""
        same = (cast_entries.c.id == entry_id) & (cast_entries.c.revision == revision)
        removed = await self._remove(same)
        return removed if removed.count else None

    async def forget(self, person_id: int) -> Removed:
        """Remove what a person added, in all servers."""
        return await self._remove(cast_entries.c.added_by == person_id)

    async def count(self, person_id: int) -> int:
        """Count the entries that a person added."""
        async with self._engine.connect() as connection:
            return await connection.scalar(select(func.count()).where(cast_entries.c.added_by == person_id)) or 0

    async def get(self, entry_id: str) -> CastEntry | None:
        """Return an entry; None when there is none."""
        return next(iter(await self._load(cast_entries.c.id == entry_id)), None)

    async def visible(self, place: CastPlace) -> list[CastEntry]:
        """Return the entries that hold in a place, in the order of their names. Of a name, the nearest one: a thread's
        stands above its channel's, and that above the server's.
        """
        holds = cast_entries.c.scope.in_(place.scopes)
        if not place.age_restricted:
            holds &= cast_entries.c.age_restricted.is_(False)
        nearest: dict[str, CastEntry] = {}
        for one in sorted(await self._load(holds), key=lambda one: place.scopes.index(one.scope)):
            nearest.setdefault(one.key, one)
        return [nearest[key] for key in sorted(nearest)]

    async def named(self, place: CastPlace, name: str) -> CastEntry | None:
        """Return the entry of a name, with or without its @, that holds in a place; None when there is none."""
        key = key_of(name.strip().removeprefix("@"))
        return next((one for one in await self.visible(place) if one.key == key), None)

    async def matching(self, place: CastPlace, typed: str, *, limit: int) -> list[CastEntry]:
        """Return the entries that hold in a place and whose names have this text in them, at their beginning first."""
        key = key_of(typed.strip().removeprefix("@"))
        found = [one for one in await self.visible(place) if key in one.key]
        return sorted(found, key=lambda one: (not one.key.startswith(key), one.key))[:limit]

    async def uses(self, entries: Collection[CastEntry]) -> dict[str, int]:
        """Return the number of videos that were asked of a model with each entry's name, in its server or channel and
        since it was added, by its id.
        """
        entry = cast_entries.c
        here = or_(
            entry.channel_id.is_(None) & (jobs.c.guild_id == entry.guild_id), jobs.c.channel_id == entry.channel_id
        )
        since = (jobs.c.created_at >= entry.added_at) & jobs.c.submitted_at.is_not(None)
        used = cast_entries.join(job_cast, job_cast.c.name_key == entry.name_key).join(
            jobs, (jobs.c.id == job_cast.c.job_id) & here & since
        )
        ids = [one.id for one in entries]
        query = select(entry.id, func.count()).select_from(used).where(entry.id.in_(ids)).group_by(entry.id)
        async with self._engine.connect() as connection:
            found = {row[0]: row[1] for row in (await connection.execute(query)).all()}
        return {one: found.get(one, 0) for one in ids}

    async def pictures(self) -> set[str]:
        """Return the SHA-256 of the pictures of all entries."""
        async with self._engine.connect() as connection:
            return set((await connection.scalars(select(cast_pictures.c.sha256).distinct())).all())

    async def needed(self, pictures: Collection[str]) -> set[str]:
        """Return those of these SHA-256 that an entry has, or a job that has not ended, or a job to which a person gave
        the picture by itself.
        """
        used, entries = job_references, cast_pictures.c.sha256
        ended = jobs.c.state.in_([str(state) for state in ENDED])
        query = select(used.c.sha256, used.c.cast, ended).join(jobs, jobs.c.id == used.c.job_id)
        needed: set[str] = set()
        for some in parts(sorted(pictures)):
            async with self._engine.connect() as connection:
                needed |= set((await connection.scalars(select(entries).where(entries.in_(some)))).all())
                rows = (await connection.execute(query.where(used.c.sha256.in_(some)))).all()
            needed |= {sha256 for sha256, cast, over in rows if not over or not cast}
        return needed

    async def check_consent(self, job: Job) -> None:
        """Check the consents to the pictures that a job uses by their names. One entry with the picture and the name
        is enough whose consent has not ended, or that needs none. Raises RefusedError.
        """
        used = {(one.sha256, key_of(name)) for one in job.references for name in one.cast}
        if not used:
            return
        entry, place = cast_entries.c, _of_place(job.place.guild_id, job.place.channel_id)
        query = select(cast_entries, cast_pictures.c.sha256).join(cast_pictures, cast_pictures.c.entry_id == entry.id)
        query = query.where(place, cast_pictures.c.sha256.in_(sorted({sha256 for sha256, _ in used})))
        async with self._engine.connect() as connection:
            rows = (await connection.execute(query)).mappings().all()
        now = self.now()
        for sha256, key in sorted(used):
            of_name = [row for row in rows if (row["sha256"], row["name_key"]) == (sha256, key)]
            if of_name and all(row["consent_until"] is not None and row["consent_until"] <= now for row in of_name):
                raise consent_ended(_from_rows(of_name[0], ()))

    async def _remove(self, condition: ColumnElement[bool]) -> Removed:
        async def write(connection: AsyncConnection) -> Removed:
            # Locked, so that no change adds a picture meanwhile; SQLite has one writer anyway.
            query = select(cast_entries.c.id).where(condition).order_by(cast_entries.c.id).with_for_update()
            ids = (await connection.scalars(query)).all()
            theirs = cast_pictures.c.entry_id.in_(ids)
            pictures = (await connection.scalars(select(cast_pictures.c.sha256).where(theirs))).all()
            await connection.execute(delete(cast_pictures).where(theirs))
            await connection.execute(delete(cast_entries).where(cast_entries.c.id.in_(ids)))
            return Removed(len(ids), frozenset(pictures))

        return await self._store.patiently(write)

    async def _load(self, condition: ColumnElement[bool]) -> list[CastEntry]:
        query = select(cast_entries).where(condition)
        shown = select(cast_pictures).join(cast_entries, cast_entries.c.id == cast_pictures.c.entry_id).where(condition)
        async with self._engine.connect() as connection:
            rows = (await connection.execute(query)).mappings().all()
            ordered = shown.order_by(cast_pictures.c.entry_id, cast_pictures.c.position)
            pictures = (await connection.execute(ordered)).mappings().all()
        of_entry: dict[str, list[RowMapping]] = {}
        for row in pictures:
            of_entry.setdefault(row["entry_id"], []).append(row)
        return [_from_rows(row, of_entry.get(row["id"], ())) for row in rows]


def _of_place(guild_id: int | None, channel_id: int | None) -> ColumnElement[bool]:
    """Return the condition for the entries of a server with its channels, or of a direct message."""
    return (
        cast_entries.c.scope == scope_of(None, channel_id) if guild_id is None else cast_entries.c.guild_id == guild_id
    )


def _taken(entry: CastEntry) -> RefusedError:
    return RefusedError(ReasonCode.CAST_NAME_TAKEN, name=entry.name, server=entry.channel_id is None)


def _as_row(entry: CastEntry) -> dict[str, Any]:
    consent = entry.consent
    return {
        **{name: getattr(entry, name) for name in _SAME},
        "scope": entry.scope,
        "name_key": entry.key,
        "consent_person": consent and consent.person,
        "consent_until": consent and consent.until,
        "consent_by": consent and consent.given_by,
        "consent_at": consent and consent.given_at,
    }


def _picture_rows(entry: CastEntry) -> list[dict[str, Any]]:
    return [
        {"entry_id": entry.id, "position": position, **{name: getattr(one, name) for name in _PICTURE}}
        for position, one in enumerate(entry.pictures)
    ]


def _from_rows(row: RowMapping, pictures: Sequence[RowMapping]) -> CastEntry:
    consent = None
    if row["consent_person"] is not None:
        consent = Consent(row["consent_person"], row["consent_until"], row["consent_by"], row["consent_at"])
    return CastEntry(
        **{name: row[name] for name in _SAME},
        pictures=tuple(CastPicture(**{name: one[name] for name in _PICTURE}) for one in pictures),
        consent=consent,
    )
