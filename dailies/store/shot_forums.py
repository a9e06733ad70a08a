"""Forums in which the shots of channels have posts, in the database: which forum, and which post is which shot."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from dailies.job import State
from dailies.schema import jobs, shot_forums, shots
from dailies.shot import Shot
from dailies.store.patiently import Patiently
from dailies.store.shots import shot_of
from dailies.upsert import upsert


@dataclass(frozen=True, slots=True)
class PostPlace:
    """Place in which a shot has its post, or is to get one. forum_id: of its channel; None: its shots have no posts.

    asked_at: since when a post may be there that is not known yet, in Unix seconds; None: none is.
    """

    shot: Shot
    forum_id: int | None
    asked_at: float | None


class ShotForumStore:
    """Keeps forums and posts of shots."""

    def __init__(self, engine: AsyncEngine, patiently: Patiently) -> None:
        self._engine = engine
        self._patiently = patiently

    async def of_channel(self, channel_id: int) -> int | None:
        """Return the forum of a channel's shots; None: they have no posts."""
        async with self._engine.connect() as connection:
            query = select(shot_forums.c.forum_id).where(shot_forums.c.channel_id == channel_id)
            return await connection.scalar(query)

    async def use(self, channel_id: int, guild_id: int, forum_id: int, set_by: int, now: float) -> None:
        """Give the shots of a channel posts in a forum. Those that have a post keep it."""
        row = {"channel_id": channel_id, "guild_id": guild_id, "forum_id": forum_id, "set_by": set_by, "set_at": now}

        async def write(connection: AsyncConnection) -> None:
            await upsert(connection, shot_forums, row)

        await self._patiently(write)

    async def leave(self, channel_id: int) -> None:
        """Give the shots of a channel no posts any more. Those that are there stay, and stand for their shots."""

        async def write(connection: AsyncConnection) -> None:
            await connection.execute(delete(shot_forums).where(shot_forums.c.channel_id == channel_id))

        await self._patiently(write)

    async def place(self, shot_id: str) -> PostPlace | None:
        """Return where a shot has its post, or is to get one; None when there is no such shot."""
        joined = shots.outerjoin(shot_forums, shot_forums.c.channel_id == shots.c.channel_id)
        query = select(shots, shot_forums.c.forum_id).select_from(joined).where(shots.c.id == shot_id)
        async with self._engine.connect() as connection:
            row = (await connection.execute(query)).mappings().one_or_none()
        return PostPlace(shot_of(row), row["forum_id"], row["post_asked_at"]) if row is not None else None

    async def asking(self, shot_id: str, now: float) -> None:
        """Record that a shot's post is about to be made: from now on it may be there. The first such time stays."""
        await self._change(shot_id, post_asked_at=func.coalesce(shots.c.post_asked_at, now))

    async def refused(self, shot_id: str) -> None:
        """Record that no post of a shot was made after all."""
        await self._change(shot_id, post_asked_at=None)

    async def posted(self, shot_id: str, post_id: int) -> None:
        """Record the post that a shot is."""
        await self._change(shot_id, post_id=post_id, post_asked_at=None)

    async def gone(self, shot_id: str, post_id: int) -> None:
        """Record that a shot's post was deleted, unless it has another one by now. Its next take gets a new one."""

        async def write(connection: AsyncConnection) -> None:
            same = (shots.c.id == shot_id) & (shots.c.post_id == post_id)
            await connection.execute(update(shots).where(same).values(post_id=None))

        await self._patiently(write)

    async def takes(self, shot_id: str) -> list[str]:
        """Return the ids of the jobs that made a shot's delivered takes, in the order of their numbers."""
        delivered = (jobs.c.shot_id == shot_id) & (jobs.c.state == str(State.DELIVERED))
        query = select(jobs.c.id).where(delivered).order_by(jobs.c.shot_take, jobs.c.id)
        async with self._engine.connect() as connection:
            return list((await connection.scalars(query)).all())

    async def _change(self, shot_id: str, **values: Any) -> None:  # noqa: ANN401 (of any column)
        async def write(connection: AsyncConnection) -> None:
            await connection.execute(update(shots).where(shots.c.id == shot_id).values(values))

        await self._patiently(write)
