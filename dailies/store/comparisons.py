"""Comparisons and their votes in the database. Each change is one statement, or locks its comparison first, so that two
processes can make it at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import and_, case, delete, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from dailies.comparison import Comparison, winner
from dailies.job import ENDED, Job, State
from dailies.schema import comparison_votes, comparisons, jobs
from dailies.store.patiently import Patiently
from dailies.store.shards import Shards
from dailies.upsert import insert_if_new, upsert

T = TypeVar("T")

_ENDED = [str(state) for state in ENDED]
_SAME = (
    "set_id", "guild_id", "asker_id", "together", "message_id", "channel_id", "opened_at", "ended_at", "winner_id",
    "told",
)  # fmt: skip
"""Columns and fields of the same name and type."""


@dataclass(frozen=True)
class Wins:
    """Record of a model in the comparisons of a server. won: times that it was chosen. of: comparisons with votes in
    which it had a video.
    """

    won: int
    of: int


async def begin_comparison(connection: AsyncConnection, job: Job) -> None:
    """Insert the record of a comparison with its jobs, if they are one. job: the first of them."""
    if job.take_set is not None and job.take_set.compared:
        place = job.place
        row = {"set_id": job.take_set.id, "guild_id": place.guild_id, "asker_id": place.requester_id}
        await insert_if_new(connection, comparisons, row)


async def forget_votes(connection: AsyncConnection, voter_id: int) -> None:
    """Remove the votes of a person; of votes that have ended, the counts stay."""
    await connection.execute(delete(comparison_votes).where(comparison_votes.c.voter_id == voter_id))


class ComparisonStore:
    """Keeps comparisons. shards: `due` returns those of these alone."""

    def __init__(self, engine: AsyncEngine, patiently: Patiently, shards: Shards) -> None:
        self._engine = engine
        self._patiently = patiently
        self._shards = shards

    async def get(self, set_id: str) -> Comparison:
        """Return a comparison. Raises KeyError when there is none."""
        async with self._engine.connect() as connection:
            return await _load(connection, set_id)

    async def decide(self, set_id: str, members: Sequence[str], *, together: bool) -> Comparison:
        """Record once which videos come first, and whether in one message; return what holds then, whoever decided."""

        async def write(connection: AsyncConnection) -> Comparison:
            open_ = (comparisons.c.set_id == set_id) & comparisons.c.together.is_(None)
            decided = update(comparisons).where(open_).values(together=together, members=list(members))
            await connection.execute(decided)
            return await _load(connection, set_id)

        return await self._patiently(write)

    async def part(self, set_id: str) -> Comparison:
        """Record that the videos do not go into one message after all, unless that was posted."""

        async def write(connection: AsyncConnection) -> Comparison:
            unposted = (comparisons.c.set_id == set_id) & comparisons.c.message_id.is_(None)
            await connection.execute(update(comparisons).where(unposted).values(together=False))
            return await _load(connection, set_id)

        return await self._patiently(write)

    async def posted(
        self, set_id: str, message_id: int | None, now: float, *, channel_id: int | None = None
    ) -> Comparison:
        """Record that videos are there to be voted on. message_id: of the common message; None: of one video alone.
        channel_id: of that message, if it is not the jobs' own. The first message that was recorded stays.
        """
        opened = {"opened_at": func.coalesce(comparisons.c.opened_at, now)}
        message, channel = comparisons.c.message_id, comparisons.c.channel_id
        first = {"message_id": func.coalesce(message, message_id)}
        first |= {"channel_id": case((message.is_(None), channel_id), else_=channel)}
        common = {} if message_id is None else first

        async def write(connection: AsyncConnection) -> Comparison:
            of_set = comparisons.c.set_id == set_id
            await connection.execute(update(comparisons).where(of_set).values(opened | common))
            return await _load(connection, set_id)

        return await self._patiently(write)

    async def vote(self, set_id: str, job_id: str, voter_id: int, now: float) -> int | None:
        """Record a person's vote in place of their earlier one, and return how many people have voted; None, and
        nothing recorded, when the vote has ended.
        """

        async def write(connection: AsyncConnection) -> int | None:
            if (await _locked(connection, set_id)).ended_at is not None:
                return None
            row = {"set_id": set_id, "voter_id": voter_id, "job_id": job_id, "voted_at": now}
            await upsert(connection, comparison_votes, row)
            return await connection.scalar(select(func.count()).where(comparison_votes.c.set_id == set_id)) or 0

        return await self._patiently(write)

    async def end(self, set_id: str, now: float) -> Comparison:
        """End a vote: count it, name the winner, and let the models of its jobs be told. Once; later calls return what
        came of it.
        """

        async def write(connection: AsyncConnection) -> Comparison:
            found = await _locked(connection, set_id)
            if found.ended_at is not None:
                return found
            its = comparison_votes.c.set_id == set_id
            counted = select(comparison_votes.c.job_id, func.count()).where(its).group_by(comparison_votes.c.job_id)
            votes = {row[0]: row[1] for row in (await connection.execute(counted)).all()}
            ended = {"ended_at": now, "winner_id": winner(votes)}
            await connection.execute(update(comparisons).where(comparisons.c.set_id == set_id).values(ended))
            # From here on their models may be told. The counts stay when a person is forgotten.
            await connection.execute(update(jobs).where(jobs.c.set_id == set_id).values(votes=0))
            for job_id, number in votes.items():
                await connection.execute(update(jobs).where(jobs.c.id == job_id).values(votes=number))
            return await _load(connection, set_id)

        return await self._patiently(write)

    async def told(self, set_id: str, *, told: bool = True) -> None:
        """Record that the messages show how a vote ended, or that one of them does not yet."""

        async def write(connection: AsyncConnection) -> None:
            await connection.execute(update(comparisons).where(comparisons.c.set_id == set_id).values(told=told))

        await self._patiently(write)

    async def due(self, before: float) -> list[str]:
        """Return ids of the comparisons of these shards that have to be ended, or told of: those that opened before
        that time (Unix seconds), those with less than two videos once all their jobs have ended, and those whose end
        the messages do not show yet.
        """
        of_set = jobs.c.set_id == comparisons.c.set_id
        running = exists().where(and_(of_set, jobs.c.state.not_in(_ENDED)))
        came = select(func.count()).where(of_set, jobs.c.state == str(State.DELIVERED)).scalar_subquery()
        first = exists().where(jobs.c.id == comparisons.c.set_id, self._shards.own())
        over = or_(comparisons.c.opened_at < before, and_(~running, came < 2))
        due = or_(comparisons.c.ended_at.is_not(None), over)
        query = select(comparisons.c.set_id).where(comparisons.c.told.is_(False), first, due)
        async with self._engine.connect() as connection:
            return list((await connection.scalars(query.order_by(comparisons.c.set_id))).all())

    async def votes_of(self, voter_id: int) -> int:
        """Count the votes of a person."""
        query = select(func.count()).where(comparison_votes.c.voter_id == voter_id)
        async with self._engine.connect() as connection:
            return await connection.scalar(query) or 0

    async def wins(self, guild_id: int) -> dict[str, Wins]:
        """Return what each model came to in a server's comparisons that people voted on, by its id."""
        other = jobs.alias()
        voted_on = exists().where(other.c.set_id == comparisons.c.set_id, other.c.votes > 0)
        won = func.sum(case((comparisons.c.winner_id == jobs.c.id, 1), else_=0))
        query = (
            select(jobs.c.model, won, func.count())
            .join(comparisons, comparisons.c.set_id == jobs.c.set_id)
            .where(comparisons.c.guild_id == guild_id, jobs.c.state == str(State.DELIVERED), voted_on)
            .group_by(jobs.c.model)
        )
        async with self._engine.connect() as connection:
            rows = (await connection.execute(query)).all()
        return {model: Wins(won, of) for model, won, of in rows}


async def _locked(connection: AsyncConnection, set_id: str) -> Comparison:
    """Return a comparison that nobody else changes until the transaction ends; SQLite has one writer anyway.

    Raises KeyError.
    """
    return await _load(connection, set_id, lock=True)


async def _load(connection: AsyncConnection, set_id: str, *, lock: bool = False) -> Comparison:
    query = select(comparisons).where(comparisons.c.set_id == set_id)
    row = (await connection.execute(query.with_for_update() if lock else query)).mappings().one_or_none()
    if row is None:
        raise KeyError(set_id)
    same: dict[str, Any] = {name: row[name] for name in _SAME}
    return Comparison(**same, members=tuple(row["members"]))
