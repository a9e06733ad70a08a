"""The settings that servers make for themselves, in the database.

They are read whenever they are needed and never kept in memory: one look-up by the primary key, beside the budgets that
every command reads anyway. A cache would let another process go on with an amount that was lowered just now.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from dailies.catalog.option_checks import OwnDefaults
from dailies.schema import server_settings, shot_forums
from dailies.server_settings import SERVER_SETTINGS, ServerSettings, as_text
from dailies.store.sql import SqlStore
from dailies.upsert import upsert

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Change:
    """The last change of a setting. by: None: the person was forgotten. at: Unix seconds."""

    by: int | None
    at: float


@dataclass(frozen=True)
class Kept:
    """Settings of a server, and by name when each was changed and by whom; also those that were reset."""

    settings: ServerSettings = field(default_factory=ServerSettings)
    changes: Mapping[str, Change] = field(default_factory=dict[str, Change])


class ServerSettingStore:
    """Settings of servers. now: Unix seconds."""

    def __init__(self, engine: AsyncEngine, store: SqlStore, *, now: Callable[[], float] = time.time) -> None:
        self._engine = engine
        self._store = store
        self._now = now

    async def kept(self, guild_id: int) -> Kept:
        """Return what a server has set, with its last changes."""
        query = select(server_settings).where(server_settings.c.guild_id == guild_id)
        async with self._engine.connect() as connection:
            rows = (await connection.execute(query)).all()
        known = [row for row in rows if row.name in SERVER_SETTINGS]
        given: dict[str, Any] = {row.name: _read(row.name, row.value) for row in known}
        return Kept(ServerSettings(**given), {row.name: Change(row.changed_by, row.changed_at) for row in known})

    async def of(self, guild_id: int | None) -> ServerSettings:
        """Return what a server has set; nothing for None, which is no server."""
        return ServerSettings() if guild_id is None else (await self.kept(guild_id)).settings

    async def defaults(self, guild_id: int) -> OwnDefaults:
        """Return the defaults that a server has set."""
        return (await self.of(guild_id)).defaults

    async def change(self, guild_id: int, name: str, value: object, by: int) -> None:
        """Set a value of the setting with this name. None: the bot's own setting holds again."""
        row = {"guild_id": guild_id, "name": name, "value": None if value is None else as_text(value)}
        row |= {"changed_by": by, "changed_at": self._now()}

        async def write(connection: AsyncConnection) -> None:
            await upsert(connection, server_settings, row)

        await self._store.patiently(write)

    async def count(self, person_id: int) -> int:
        """Count the settings whose last change names a person, and the forums of shots that they chose."""
        changed = select(func.count()).where(server_settings.c.changed_by == person_id)
        forums = select(func.count()).where(shot_forums.c.set_by == person_id)
        async with self._engine.connect() as connection:
            return (await connection.scalar(changed) or 0) + (await connection.scalar(forums) or 0)

    async def forget(self, person_id: int) -> None:
        """Forget who changed what a person changed. The settings are the server's, and stay."""
        theirs = server_settings.c.changed_by == person_id

        async def write(connection: AsyncConnection) -> None:
            await connection.execute(update(server_settings).where(theirs).values(changed_by=None))
            await connection.execute(update(shot_forums).where(shot_forums.c.set_by == person_id).values(set_by=None))

        await self._store.patiently(write)


def _read(name: str, text: str | None) -> object:
    try:
        return None if text is None else SERVER_SETTINGS[name].read(text)
    except ValueError:
        log.warning("a server's setting %s cannot be read and is ignored: %r", name, text)
        return None
