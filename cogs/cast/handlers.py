"""Handlers of /cast that list, show and remove names.

Whoever may use a channel sees the names that hold there; who added one, and who may manage the server or its messages,
may change it, which is checked at each click.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable

from discord import Interaction
from discord.app_commands import Choice

from cogs.cast import ids, views
from cogs.cast.answers import CastAnswers
from cogs.cast.checks import check_changing
from cogs.interactions.answers import show
from cogs.interactions.responses import refuse
from cogs.interactions.text import inert, plain, shorten, words_view
from cogs.video.cast_names import place_of
from dailies.errors import RefusedError
from dailies.language import gettext
from dailies.reason import ReasonCode

CHOICES = 25
"""Maximum choices that Discord shows."""

Release = Callable[[Iterable[str]], Awaitable[None]]


class CastHandlers:
    """Answers /cast list, show, edit and remove. release: removes pictures that went from the cast."""

    def __init__(self, answers: CastAnswers, release: Release) -> None:
        self._answers = answers
        self._release = release

    async def list_names(self, interaction: Interaction, page: int = 0) -> None:
        """Show a page of the names that hold here."""
        try:
            entries = await self._answers.in_time(interaction, self._answers.cast.visible(place_of(interaction)))
            uses = await self._answers.in_time(interaction, self._answers.cast.uses(entries))
        except RefusedError as error:
            await refuse(interaction, error)
            return
        now, folder = self._answers.cast.now(), self._answers.cast.data_dir
        shown = await asyncio.to_thread(views.list_view, entries, page, uses, folder, now=now)
        await show(interaction, shown.view, shown.files)

    @ids.LIST.handles
    async def turn(self, interaction: Interaction, page: str) -> None:
        """Show another page."""
        await self.list_names(interaction, int(page))

    async def show(self, interaction: Interaction, typed: str, *, edit: bool = False) -> None:
        """Show a name with its pictures and its record. edit: it is refused to who may not change it."""
        try:
            entry = await self._answers.named(interaction, typed)
            if edit:
                check_changing(interaction, entry)
        except RefusedError as error:
            await refuse(interaction, error)
            return
        await self._answers.tell(interaction, entry)

    async def ask_remove(self, interaction: Interaction, typed: str) -> None:
        """Ask to confirm before a name is removed."""
        try:
            entry = await self._answers.named(interaction, typed)
            check_changing(interaction, entry)
        except RefusedError as error:
            await refuse(interaction, error)
            return
        await show(interaction, views.removal_view(entry))

    @ids.REMOVE.handles
    async def remove(self, interaction: Interaction, answer: str, entry_id: str, revision: str) -> None:
        """Ask, remove, or keep an entry as it was shown."""
        if answer == "no":
            await show(interaction, words_view(gettext("Nothing was removed.")))
            return
        try:
            entry = await self._answers.changing(interaction, entry_id, revision)
            if answer == "ask":
                await show(interaction, views.removal_view(entry))
                return
            removed = await self._answers.in_time(interaction, self._answers.cast.remove(entry.id, entry.revision))
            if removed is None:
                raise RefusedError(ReasonCode.CAST_CHANGED, name=entry.name)  # noqa: TRY301
        except RefusedError as error:
            await refuse(interaction, error)
            return
        done = gettext("{name} was removed from the cast.", name=inert("@" + entry.name, 70))
        await show(interaction, words_view(done))
        await self._release(removed.pictures)

    async def complete(self, interaction: Interaction, typed: str) -> list[Choice[str]]:
        """Suggest names that hold here."""
        found = await self._answers.cast.matching(place_of(interaction), typed, limit=CHOICES)
        return [Choice(name=shorten(f"@{plain(one.name)}", 100), value=one.name) for one in found]
