"""The upload limit: Discord's claims, and the experience of earlier uploads.

A message of the bot gets the server's limit. An interaction states the requester's own, which is that limit or more;
a library's table of boost levels may be out of date. So the smaller of the two is trusted, the larger is worth a try,
and so is Discord's present smallest in place of the old one. Sizes really accepted or refused in the last days outrank
all claims.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from dailies.schema import upload_limits
from dailies.upsert import upsert

KEPT_SECONDS = 7 * 86400.0
"""Lifetime of an experience: boosts run out, and Discord changes its limits."""
ODD_SECONDS = 3600.0
"""Lifetime of a refusal below Discord's smallest limit: something else was wrong."""
DIRECT = 0
"""Stands for direct messages, which all have the same limit."""
UNKNOWN = 10 * 1024 * 1024
"""Trusted without any claim: Discord's smallest from 2024 on, which some uploads still met after it was raised."""
SMALLEST = 20 * 1024 * 1024
"""Discord's smallest since September 2026, in bytes: worth a try where a server's claim is the old one."""


@dataclass(frozen=True)
class ClaimedLimits:
    """Discord's claims, in bytes; None if it makes none. server: by its boost level. requester: their own.

    The requester's alone is the limit of an answer to their own command, as Discord stated it with the command.
    """

    server: int | None = None
    requester: int | None = None


@dataclass(frozen=True)
class ObservedLimits:
    """Recent experience of uploads, in bytes."""

    accepted: int | None = None
    refused: int | None = None


@dataclass(frozen=True)
class Limit:
    """sure: files are encoded to fit this. hoped: up to this an upload is worth trying as it is."""

    sure: int
    hoped: int


def judge(claims: ClaimedLimits, shown: ObservedLimits) -> Limit:
    """Combine claims and experience."""
    said = [one for one in (claims.server, claims.requester) if one]
    sure, hoped = (min(said), max(said)) if said else (UNKNOWN, UNKNOWN)
    if claims.server == UNKNOWN or not said:
        hoped = max(hoped, SMALLEST)
    if shown.refused is not None:
        hoped = min(hoped, shown.refused - 1)
        if sure >= shown.refused:
            # Neither was true: it is the old smallest, or nothing is left but to go well below.
            sure = UNKNOWN if shown.refused > UNKNOWN else shown.refused // 2
    if shown.accepted is not None and (shown.refused is None or shown.accepted < shown.refused):
        sure, hoped = max(sure, shown.accepted), max(hoped, shown.accepted)
    return Limit(sure, max(sure, hoped))


class UploadLimitStore:
    """Remembers the experience of uploads, for each server. now: Unix seconds."""

    def __init__(self, engine: AsyncEngine, now: Callable[[], float] = time.time) -> None:
        self._engine = engine
        self._now = now

    async def shown(self, guild_id: int | None, claim: int | None) -> ObservedLimits:
        """Return the experience that still holds. claim: bytes by the server's level; a change means another level."""
        async with self._engine.connect() as connection:
            return await self._read(connection, guild_id or DIRECT, claim)

    async def accepted(self, guild_id: int | None, claim: int | None, size: int) -> None:
        """Record that an upload of this size was accepted."""
        async with self._engine.begin() as connection:
            known = await self._known(connection, guild_id, claim)
            # This disproves a refusal of less.
            refused = known.refused if known.refused and known.refused > size else None
            await self._write(connection, guild_id, claim, max(size, known.accepted or 0), refused)

    async def refused(self, guild_id: int | None, claim: int | None, size: int) -> None:
        """Record that an upload of this size was too large."""
        async with self._engine.begin() as connection:
            known = await self._known(connection, guild_id, claim)
            accepted = known.accepted if known.accepted and known.accepted < size else None
            await self._write(connection, guild_id, claim, accepted, min(size, known.refused or size))

    async def _known(self, connection: AsyncConnection, guild_id: int | None, claim: int | None) -> ObservedLimits:
        """Read the experience, and keep others from adding to it until the transaction ends."""
        await upsert(connection, upload_limits, {"guild_id": guild_id or DIRECT})
        return await self._read(connection, guild_id or DIRECT, claim)

    async def _read(self, connection: AsyncConnection, guild_id: int, claim: int | None) -> ObservedLimits:
        query = select(upload_limits).where(upload_limits.c.guild_id == guild_id)
        row = (await connection.execute(query)).mappings().one_or_none()
        if row is None or row["claim"] != claim:
            return ObservedLimits()
        oldest = self._now() - KEPT_SECONDS
        accepted = row["accepted"] if (row["accepted_at"] or 0) > oldest else None
        odd = row["refused"] is not None and row["refused"] < UNKNOWN
        since = self._now() - ODD_SECONDS if odd else oldest
        refused = row["refused"] if (row["refused_at"] or 0) > since else None
        return ObservedLimits(accepted, refused)

    async def _write(
        self,
        connection: AsyncConnection,
        guild_id: int | None,
        claim: int | None,
        accepted: int | None,
        refused: int | None,
    ) -> None:
        now = self._now()
        row = {"guild_id": guild_id or DIRECT, "claim": claim, "accepted": accepted, "refused": refused}
        times = {
            "accepted_at": now if accepted is not None else None,
            "refused_at": now if refused is not None else None,
        }
        await upsert(connection, upload_limits, row | times)
