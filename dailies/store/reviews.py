"""Decisions on videos in the database: each is kept, and a new one follows the one that its author had seen."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, and_, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from dailies.review import Decision, Verdict
from dailies.schema import decisions, jobs, shot_forums, shots
from dailies.store.approved import ApprovedStore, follow
from dailies.store.patiently import Patiently
from dailies.store.shards import Shards
from dailies.upsert import insert_if_new

_KEY = (decisions.c.job_id, decisions.c.output)


class ReviewStore:
    """Keeps decisions. shards: `untold` returns those on videos of these alone."""

    def __init__(self, engine: AsyncEngine, patiently: Patiently, shards: Shards | None = None) -> None:
        self._engine = engine
        self._patiently = patiently
        self._shards = shards or Shards()
        self.approved = ApprovedStore(engine, patiently, self._shards)

    async def decide(self, decision: Decision, *, channel_id: int | None = None) -> bool:
        """Store a decision; False, and nothing stored, when its author had not seen the newest one before it.

        channel_id: the channel to which the video goes when it is approved; None: it stays where it is.
        """

        async def write(connection: AsyncConnection) -> bool:
            of = (decisions.c.job_id == decision.job_id) & (decisions.c.output == decision.output)
            before = await connection.scalar(select(func.max(decisions.c.number)).where(of))
            row = asdict(decision) | {"verdict": str(decision.verdict)}
            if (before or 0) != decision.number - 1:
                # Stored by a try of which the database never said that it succeeded.
                mine = [decisions.c[name] == row[name] for name in ("number", "verdict", "by_id", "decided_at")]
                return bool(await connection.scalar(select(exists().where(of, *mine))))
            if not await insert_if_new(connection, decisions, row):
                return False
            await follow(connection, decision, channel_id)
            return True

        return await self._patiently(write)

    async def told(self, decision: Decision, now: float, *, reply_id: int | None = None) -> None:
        """Note that a decision was shown. reply_id: the message with its note."""
        this = and_(*(getattr(decisions.c, name) == getattr(decision, name) for name in ("job_id", "output", "number")))
        values: dict[str, Any] = {"told_at": now} | ({"reply_id": reply_id} if reply_id else {})

        async def write(connection: AsyncConnection) -> None:
            await connection.execute(update(decisions).where(this).values(values))

        await self._patiently(write)

    async def history(self, job_id: str, output: int | None = None) -> list[Decision]:
        """Return all that was said about a video, oldest first. output: None: about every video of the job."""
        of = decisions.c.job_id == job_id
        return await self._load(of if output is None else of & (decisions.c.output == output))

    async def newest(self, job_ids: Collection[str]) -> Mapping[tuple[str, int], Decision]:
        """Return what holds for the videos of jobs, by job and output; nothing where nothing was said."""
        last = select(*_KEY, func.max(decisions.c.number).label("number")).group_by(*_KEY).subquery()
        same = [decisions.c[name] == last.c[name] for name in ("job_id", "output", "number")]
        query = select(decisions).join(last, and_(*same)).where(decisions.c.job_id.in_(list(job_ids)))
        async with self._engine.connect() as connection:
            found = [_decision(row) for row in (await connection.execute(query)).mappings()]
        return {(one.job_id, one.output): one for one in found}

    async def untold(self) -> list[Decision]:
        """Return the decisions that no message shows yet, oldest first."""
        own = select(jobs.c.id).where(self._shards.own())
        return await self._load(decisions.c.told_at.is_(None) & decisions.c.job_id.in_(own))

    async def reviewed_in(self, channel_ids: Collection[int]) -> bool:
        """Tell if one of these channels has a shot, or shots that are posts of a forum."""
        ids = list(channel_ids)
        there = or_(exists().where(shots.c.channel_id.in_(ids)), exists().where(shot_forums.c.channel_id.in_(ids)))
        async with self._engine.connect() as connection:
            return bool(await connection.scalar(select(there)))

    async def count(self, person_id: int) -> int:
        """Count what a person has said."""
        query = select(func.count()).where(decisions.c.by_id == person_id)
        async with self._engine.connect() as connection:
            return await connection.scalar(query) or 0

    async def forget(self, person_id: int) -> None:
        """Remove a person's notes and their name below what they said; that it was said stays."""

        async def write(connection: AsyncConnection) -> None:
            theirs = update(decisions).where(decisions.c.by_id == person_id)
            await connection.execute(theirs.values(by_id=None, note=None))

        await self._patiently(write)

    async def _load(self, condition: ColumnElement[bool]) -> list[Decision]:
        query = select(decisions).where(condition).order_by(decisions.c.decided_at, decisions.c.number)
        async with self._engine.connect() as connection:
            return [_decision(row) for row in (await connection.execute(query)).mappings()]


def _decision(row: RowMapping) -> Decision:
    kept: dict[str, Any] = {**row, "verdict": Verdict(row["verdict"])}
    return Decision(**kept)
