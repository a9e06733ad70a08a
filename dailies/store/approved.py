"""Approved videos on their way to the channel for them, in the database: each is posted there once."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, RowMapping, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from dailies.reason import Reason
from dailies.review import ApprovedPost, Decision, Verdict
from dailies.schema import approved_posts, decisions, jobs
from dailies.store.patiently import Patiently
from dailies.store.shards import Shards
from dailies.upsert import insert_if_new

_TO_DO: dict[str, Any] = {"ended_at": None, "reason": None}


async def follow(connection: AsyncConnection, decision: Decision, channel_id: int | None) -> None:
    """Note what a new decision leaves to do in the channel for approved videos: a video to post, or, where it is or may
    be already, a message to change. channel_id: that channel; None: there is none.
    """
    its = _of(decision.job_id, decision.output)
    there = or_(approved_posts.c.message_id.is_not(None), approved_posts.c.sent_at.is_not(None))
    await connection.execute(update(approved_posts).where(its, there).values(_TO_DO))
    if decision.verdict is not Verdict.APPROVED or channel_id is None:
        over = {"ended_at": decision.decided_at, "reason": None}
        await connection.execute(update(approved_posts).where(its, ~there).values(over))
        return
    wanted = {"channel_id": channel_id, "wanted_at": decision.decided_at}
    row = {"job_id": decision.job_id, "output": decision.output, **wanted}
    if not await insert_if_new(connection, approved_posts, row):
        await connection.execute(update(approved_posts).where(its, ~there).values(wanted | _TO_DO))


class ApprovedStore:
    """Keeps what is, or is to be, in channels for approved videos. shards: `due` returns those of these alone."""

    def __init__(self, engine: AsyncEngine, patiently: Patiently, shards: Shards) -> None:
        self._engine = engine
        self._patiently = patiently
        self._shards = shards

    async def get(self, job_id: str, output: int) -> ApprovedPost | None:
        """Return the record of a video; None: it never was on its way there."""
        found = await self._load(_of(job_id, output))
        return found[0] if found else None

    async def due(self) -> list[ApprovedPost]:
        """Return those that are still to do, oldest first."""
        own = select(jobs.c.id).where(self._shards.own())
        return await self._load(approved_posts.c.ended_at.is_(None) & approved_posts.c.job_id.in_(own))

    async def sent(self, post: ApprovedPost, now: float | None) -> None:
        """Note that a video is about to be sent, so that it may be there; None: it was refused, and is not."""
        await self._update(post, sent_at=now)

    async def posted(self, post: ApprovedPost, message_id: int) -> None:
        """Note the message with a video."""
        await self._update(post, message_id=message_id)

    async def ended(self, post: ApprovedPost, number: int, now: float, reason: Reason | None = None) -> bool:
        """Note that nothing more is to do; False, and nothing noted, when something newer was said meanwhile.

        number: of the decision that the message agrees with. reason: why there is none.
        """

        async def write(connection: AsyncConnection) -> bool:
            its = (decisions.c.job_id == post.job_id) & (decisions.c.output == post.output)
            # Locked first, as by the next decision (follow), so that neither undoes the other.
            this = _of(post.job_id, post.output)
            await connection.execute(select(approved_posts.c.job_id).where(this).with_for_update())
            if await connection.scalar(select(func.max(decisions.c.number)).where(its)) != number:
                return False
            await connection.execute(update(approved_posts).where(this).values(ended_at=now, reason=reason))
            return True

        return await self._patiently(write)

    async def _update(self, post: ApprovedPost, **values: object) -> None:
        async def write(connection: AsyncConnection) -> None:
            its = _of(post.job_id, post.output)
            await connection.execute(update(approved_posts).where(its).values(values))

        await self._patiently(write)

    async def _load(self, condition: ColumnElement[bool]) -> list[ApprovedPost]:
        query = select(approved_posts).where(condition).order_by(approved_posts.c.wanted_at, approved_posts.c.job_id)
        async with self._engine.connect() as connection:
            return [_post(row) for row in (await connection.execute(query)).mappings()]


def _of(job_id: str, output: int) -> ColumnElement[bool]:
    return (approved_posts.c.job_id == job_id) & (approved_posts.c.output == output)


def _post(row: RowMapping) -> ApprovedPost:
    return ApprovedPost(**row)
