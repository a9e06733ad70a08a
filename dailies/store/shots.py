"""Shots in the database: their names, the numbers of their takes, and who works on which."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import RowMapping, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from dailies.ids import new_id
from dailies.job import Job
from dailies.schema import chosen_shots, shots
from dailies.shot import Shot, shot_key
from dailies.store.patiently import Patiently
from dailies.upsert import insert_if_new, upsert

_SAME = ("id", "guild_id", "channel_id", "name", "takes", "created_at", "place", "post_id")
"""Columns and fields of the same name and type."""


async def number_takes(connection: AsyncConnection, takes: Sequence[Job]) -> tuple[Job, ...]:
    """Return new jobs with their numbers within their shot, in order; jobs of no shot as they are.

    Locks the shot until the transaction ends, so that no number is given twice.
    """
    shot = takes[0].shot
    if shot is None:
        return tuple(takes)
    counted = update(shots).where(shots.c.id == shot.shot_id).values(takes=shots.c.takes + len(takes))
    last: int = (await connection.execute(counted.returning(shots.c.takes))).scalar_one()
    first = last - len(takes) + 1
    return tuple(replace(job, shot=replace(shot, number=number)) for number, job in enumerate(takes, first))


class ShotStore:
    """Keeps shots."""

    def __init__(self, engine: AsyncEngine, patiently: Patiently) -> None:
        self._engine = engine
        self._patiently = patiently

    async def named(self, channel_id: int, guild_id: int | None, name: str, person_id: int, now: float) -> Shot:
        """Return the channel's shot of this name, made if there is none, and note it as the person's own.

        name: checked by `shot_name`.
        """

        async def write(connection: AsyncConnection) -> Shot:
            row = {"id": new_id(now), "guild_id": guild_id, "channel_id": channel_id, "name": name}
            row |= {"name_key": shot_key(name), "created_by": person_id, "created_at": now}
            await insert_if_new(connection, shots, row)
            same = (shots.c.channel_id == channel_id) & (shots.c.name_key == shot_key(name))
            found = shot_of((await connection.execute(select(shots).where(same))).mappings().one())
            chosen = {"channel_id": channel_id, "person_id": person_id, "shot_id": found.id, "chosen_at": now}
            await upsert(connection, chosen_shots, chosen)
            return found

        return await self._patiently(write)

    async def leave(self, channel_id: int, person_id: int) -> None:
        """Note that a person works on no shot of a channel any more."""

        theirs = (chosen_shots.c.channel_id == channel_id) & (chosen_shots.c.person_id == person_id)

        async def write(connection: AsyncConnection) -> None:
            await connection.execute(delete(chosen_shots).where(theirs))

        await self._patiently(write)

    async def chosen(self, channel_id: int, person_id: int) -> Shot | None:
        """Return the shot that a person works on in a channel; None: none."""
        joined = shots.join(chosen_shots, chosen_shots.c.shot_id == shots.c.id)
        theirs = (chosen_shots.c.channel_id == channel_id) & (chosen_shots.c.person_id == person_id)
        async with self._engine.connect() as connection:
            query = select(shots).select_from(joined).where(theirs)
            row = (await connection.execute(query)).mappings().one_or_none()
        return shot_of(row) if row is not None else None

    async def of_channel(self, channel_id: int) -> list[Shot]:
        """Return a channel's shots in the order of the cut."""
        last = func.coalesce(shots.c.place, 1_000_000)
        query = select(shots).where(shots.c.channel_id == channel_id).order_by(last, shots.c.created_at, shots.c.id)
        async with self._engine.connect() as connection:
            return [shot_of(row) for row in (await connection.execute(query)).mappings()]

    async def get(self, shot_id: str) -> Shot | None:
        """Return a shot; None when there is none."""
        async with self._engine.connect() as connection:
            row = (await connection.execute(select(shots).where(shots.c.id == shot_id))).mappings().one_or_none()
        return shot_of(row) if row is not None else None

    async def of_post(self, post_id: int) -> Shot | None:
        """Return the shot that a forum post is; None when it is none."""
        async with self._engine.connect() as connection:
            row = (await connection.execute(select(shots).where(shots.c.post_id == post_id))).mappings().one_or_none()
        return shot_of(row) if row is not None else None

    async def count(self, person_id: int) -> int:
        """Count the shots that a person named first, or works on in a channel."""
        chosen = select(chosen_shots.c.shot_id).where(chosen_shots.c.person_id == person_id)
        theirs = (shots.c.created_by == person_id) | shots.c.id.in_(chosen)
        async with self._engine.connect() as connection:
            return await connection.scalar(select(func.count()).where(theirs)) or 0

    async def forget(self, person_id: int) -> None:
        """Forget who named a person's shots, and which ones they worked on. The shots are the channel's, and stay."""

        async def write(connection: AsyncConnection) -> None:
            await connection.execute(delete(chosen_shots).where(chosen_shots.c.person_id == person_id))
            await connection.execute(update(shots).where(shots.c.created_by == person_id).values(created_by=None))

        await self._patiently(write)


def shot_of(row: RowMapping) -> Shot:
    """Return a shot from its row."""
    return Shot(**{name: row[name] for name in _SAME})
