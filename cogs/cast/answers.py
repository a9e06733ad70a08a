"""Answers of /cast, each for the person alone: an entry that was named or clicked, and what became of it."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from discord import Interaction

from cogs.cast import views
from cogs.cast.checks import check_changing, may_change
from cogs.interactions.answers import redraw, show
from cogs.interactions.in_time import in_time
from cogs.interactions.text import plain
from cogs.video.cast_names import place_of
from dailies.cast.entry import CastEntry, holds
from dailies.catalog.prompt_names import closest
from dailies.errors import RefusedError
from dailies.reason import ReasonCode
from dailies.store.cast import CastStore

T = TypeVar("T")


class CastAnswers:
    """Finds entries and shows them. look_seconds: limit of an answer's wait."""

    def __init__(self, cast: CastStore, *, look_seconds: float) -> None:
        self.cast = cast
        self.look_seconds = look_seconds

    async def named(self, interaction: Interaction, typed: str) -> CastEntry:
        """Return the entry of a name that holds here. Raises RefusedError, with the one that was probably meant."""
        place = place_of(interaction)
        if entry := await self.in_time(interaction, self.cast.named(place, typed)):
            return entry
        known = {one.key: one.name for one in await self.in_time(interaction, self.cast.visible(place))}
        name = plain(typed).lstrip("@")
        close = closest(name, known)
        raise RefusedError(ReasonCode.CAST_UNKNOWN, name=name[:65], close=known[close] if close else None)

    async def changing(self, interaction: Interaction, entry_id: str, revision: str | None = None) -> CastEntry:
        """Return an entry that holds here and that the person may change. revision: has to be its newest.

        Raises RefusedError.
        """
        entry = await self.in_time(interaction, self.cast.get(entry_id))
        if entry is None or not holds(entry, place_of(interaction)):
            raise RefusedError(ReasonCode.CAST_REMOVED)
        check_changing(interaction, entry)
        if revision is not None and entry.revision != int(revision):
            raise RefusedError(ReasonCode.CAST_CHANGED, name=entry.name)
        return entry

    async def tell(self, interaction: Interaction, entry: CastEntry, said: str = "") -> None:
        """Answer with an entry; with buttons for who may change it."""
        try:
            uses = (await self.in_time(interaction, self.cast.uses([entry])))[entry.id]
        except RefusedError:
            uses = 0
        edit = may_change(interaction, entry)
        now, folder = self.cast.now(), self.cast.data_dir
        shown = await asyncio.to_thread(views.entry_view, entry, uses, folder, now=now, edit=edit, said=said)
        await self.answer(interaction, shown)

    @staticmethod
    async def answer(interaction: Interaction, shown: views.Shown) -> None:
        if interaction.response.is_done():
            await redraw(interaction, shown.view, shown.files)
        else:
            await show(interaction, shown.view, shown.files)

    async def in_time(self, interaction: Interaction, work: Coroutine[Any, Any, T]) -> T:
        """Wait for the database for as long as Discord waits for the answer. Raises RefusedError."""
        return await (work if interaction.response.is_done() else in_time(interaction, work, self.look_seconds))
