"""Drafts in the database, one row each, with their content as JSON."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, delete, func, literal, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from dailies.catalog.option_checks import OwnDefaults
from dailies.catalog.options import OPTIONS, Options
from dailies.draft import DRAFT_SECONDS, KEY, Draft
from dailies.job import How, Origin
from dailies.openrouter.payload import Fitting, Role
from dailies.references.reference import Source
from dailies.schema import drafts, jobs
from dailies.shot import ShotTake
from dailies.store.sql import SqlStore
from dailies.upsert import insert_if_new

_SAME = ("id", "person_id", "guild_id", "channel_id", "revision", "created_at", "changed_at")
"""Columns and fields of the same name and type."""
_OPTIONS = ("prompt", "model", *OPTIONS, "continues", "continues_model", "provider_options")


class DraftStore:
    """Keeps drafts for DRAFT_SECONDS after their last change. data_dir: folder of the pictures."""

    def __init__(
        self, engine: AsyncEngine, store: SqlStore, data_dir: Path, *, now: Callable[[], float] = time.time
    ) -> None:
        self._engine = engine
        self._store = store
        self._folder = data_dir
        self._now = now

    async def create(self, draft: Draft) -> None:
        """Store a new draft."""

        async def write(connection: AsyncConnection) -> None:
            await insert_if_new(connection, drafts, _as_row(draft))

        await self._store.patiently(write)

    async def change(self, draft: Draft) -> Draft | None:
        """Store a changed draft as the next revision, and return that; None when its revision is not the newest."""
        changed = replace(draft, revision=draft.revision + 1, changed_at=self._now())
        same = (drafts.c.id == draft.id) & (drafts.c.revision == draft.revision)

        async def write(connection: AsyncConnection) -> bool:
            return (await connection.execute(update(drafts).where(same).values(_as_row(changed)))).rowcount == 1

        return changed if await self._store.patiently(write) else None

    async def record(self, draft: Draft) -> bool:
        """Store what was found out about a draft's pictures, which changes nothing that a person chose: its revision
        stays. False when that is not the newest.
        """
        same = (drafts.c.id == draft.id) & (drafts.c.revision == draft.revision)

        async def write(connection: AsyncConnection) -> bool:
            return (await connection.execute(update(drafts).where(same).values(_as_row(draft)))).rowcount == 1

        return await self._store.patiently(write)

    async def get(self, draft_id: str) -> Draft | None:
        """Return a draft; None when there is none, or none any more."""
        found = await self._load(drafts.c.id == draft_id)
        return found[0] if found else None

    async def newest(self, person_id: int, channel_id: int) -> Draft | None:
        """Return the draft that a person changed last in a channel and made no job of; None when there is none."""
        theirs = (drafts.c.person_id == person_id) & (drafts.c.channel_id == channel_id) & jobs.c.id.is_(None)
        found = await self._load(theirs, most=1)
        return found[0] if found else None

    async def pictures(self) -> set[str]:
        """Return the names of all originals that drafts hold (SHA-256)."""
        found = await self._load(drafts.c.id.is_not(None))
        return {one.kept.name for draft in found for one in draft.sources if one.kept}

    async def count(self, person_id: int) -> int:
        """Count the drafts of a person."""
        query = select(func.count()).where(drafts.c.person_id == person_id)
        async with self._engine.connect() as connection:
            return await connection.scalar(query) or 0

    async def forget(self, person_id: int) -> None:
        """Remove the drafts of a person."""
        await self._delete(drafts.c.person_id == person_id)

    async def tidy(self) -> None:
        """Remove the drafts that were not changed for DRAFT_SECONDS."""
        await self._delete(drafts.c.changed_at < self._now() - DRAFT_SECONDS)

    async def _delete(self, condition: ColumnElement[bool]) -> None:
        async def write(connection: AsyncConnection) -> None:
            await connection.execute(delete(drafts).where(condition))

        await self._store.patiently(write)

    async def _load(self, condition: ColumnElement[bool], *, most: int | None = None) -> list[Draft]:
        """Return drafts, the one changed last first. The job of one is looked up by its key, which makes it the only
        one.
        """
        young = drafts.c.changed_at >= self._now() - DRAFT_SECONDS
        made = drafts.outerjoin(jobs, jobs.c.key == literal(KEY) + drafts.c.id)
        query = select(drafts, jobs.c.id.label("job_id")).select_from(made).where(condition, young)
        async with self._engine.connect() as connection:
            ordered = query.order_by(drafts.c.changed_at.desc()).limit(most)
            rows = (await connection.execute(ordered)).mappings().all()
        return [self._from_row(row) for row in rows]

    def _from_row(self, row: RowMapping) -> Draft:
        content = row["content"]
        origin = content["origin"]
        return Draft(
            **{name: row[name] for name in (*_SAME, "job_id")},
            options=Options(**content["options"]),
            sources=tuple(map(self._source, content["sources"])),
            takes=content["takes"],
            models=tuple(content.get("models", ())),
            origin=Origin(origin["job_id"], How(origin["how"]), origin["hops"]) if origin else None,
            shot=ShotTake(**shot) if (shot := content.get("shot")) else None,
            age_restricted=content["age_restricted"],
            defaults=OwnDefaults(**content.get("defaults", {})),  # those of earlier versions have none
        )

    def _source(self, row: dict[str, Any]) -> Source:
        kept, fitting = row["kept"], row["fitting"]
        given: dict[str, Any] = row | {
            "kept": self._folder / "references" / kept if kept else None,
            "role": Role(row["role"]),
            "fitting": Fitting(fitting) if fitting else None,
            "cast": tuple(row.get("cast", ())),
        }
        return Source(**given)


def _as_row(draft: Draft) -> dict[str, Any]:
    content = {
        "options": {name: getattr(draft.options, name) for name in _OPTIONS},
        # With the addresses of attachments, which may still have to be fetched; a draft ends before they do.
        "sources": [asdict(one) | {"kept": one.kept and one.kept.name} for one in draft.sources],
        "takes": draft.takes,
        "models": list(draft.models),
        "origin": draft.origin and asdict(draft.origin),
        "shot": draft.shot and asdict(draft.shot),
        "age_restricted": draft.age_restricted,
        "defaults": asdict(draft.defaults),
    }
    return {**{name: getattr(draft, name) for name in _SAME}, "content": content}
