"""Handlers of /jobs list, and what the pickers of /jobs suggest. Every answer is ephemeral."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Mapping
from dataclasses import replace

import discord
from discord import Interaction
from discord.app_commands import Choice

from cogs import autocomplete
from cogs.interactions.answers import comes_later, redraw, show
from cogs.interactions.permissions import age_restricted, discreet, may_handle, moderates, sees
from cogs.interactions.responses import refuse
from cogs.interactions.text import plain
from cogs.jobs.list_view import WORDS_MOST, PageRequest, list_view
from cogs.status.blind import blinded
from dailies.errors import RefusedError
from dailies.job import Job, Place
from dailies.media.stills import Stills
from dailies.reason import ReasonCode
from dailies.store.library import Cursor, Library, Page

CHOICES = 25
"""Maximum choices that Discord shows."""
SEARCHED = 200
"""Jobs that are read for them: those that the person may not see are left out afterwards."""
AT_ONCE_SHARE, PICTURES_SHARE = 1 / 3, 5
"""Shares of look_seconds: an answer's wait for pictures before Discord is told that it comes later; and in all."""


class JobList:
    """Lists jobs. look_seconds: limit of an answer's wait."""

    def __init__(self, library: Library, stills: Stills, *, look_seconds: float) -> None:
        self._library = library
        self._stills = stills
        self._seconds = look_seconds

    async def open(self, interaction: Interaction, words: str | None, *, guild: bool) -> None:
        """Answer with the newest jobs. words: that their prompts hold. guild: those of the server."""
        await self._show(interaction, PageRequest(guild, words=plain(words or "")[:WORDS_MOST].strip()))

    async def turn(self, interaction: Interaction, whose: str, way: str, beside: str, words: str) -> None:
        """Show another page in the message whose button was pressed."""
        await self._show(interaction, PageRequest(whose == "guild", Cursor(beside, way == "older"), words[1:]))

    async def complete(self, interaction: Interaction, typed: str) -> list[Choice[str]]:
        """Suggest jobs that the person may see."""
        guild_id = interaction.guild_id if moderates(interaction) else None
        found = await self._library.matching(
            plain(typed), requester_id=interaction.user.id, guild_id=guild_id, limit=SEARCHED
        )
        return autocomplete.jobs([job for job in found if may_handle(interaction, job.place)][:CHOICES])

    async def _show(self, interaction: Interaction, request: PageRequest) -> None:
        if request.guild and not moderates(interaction):
            await refuse(interaction, RefusedError(ReasonCode.OTHERS_HIDDEN))
            return
        page = await self._page(interaction, request)
        unseen = {one.id for one in page.jobs if discreet(interaction, one) is not one}
        shown = [one for one in page.jobs if one.id not in unseen and _is_shown(interaction, one)]
        wait = PICTURES_SHARE * self._seconds
        drawing = asyncio.create_task(self._stills.of(shown, person=interaction.user.id, wait=wait))
        late = await comes_later(interaction, drawing, AT_ONCE_SHARE * self._seconds)
        pictures = await asyncio.to_thread(_pictures, shown, await drawing)
        page = replace(page, jobs=tuple(blinded(discreet(interaction, one)) for one in page.jobs))
        files = [discord.File(io.BytesIO(data), f"{job_id}.jpg") for job_id, data in pictures.items()]
        await (redraw if late else show)(interaction, list_view(page, request, pictures, unseen), files)

    async def _page(self, interaction: Interaction, request: PageRequest) -> Page:
        guild_id, person = interaction.guild_id, interaction.user.id
        if not request.guild or guild_id is None:
            return await self._library.of_requester(person, request.at, request.words)
        seen = set[int]()
        if request.words:  # words of a hidden prompt find nothing, so that nobody guesses it
            every = await self._library.channels_of(guild_id)
            seen = {one for one in every if sees(interaction, Place(guild_id, one, person))}
        return await self._library.of_guild(guild_id, request.at, request.words, seen)


def _is_shown(interaction: Interaction, job: Job) -> bool:
    own = job.place.requester_id == interaction.user.id
    return own or not job.age_restricted or age_restricted(interaction.channel)


def _pictures(jobs: list[Job], stills: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return a picture of each job, by its id: of its video, or else its first reference. Blocks."""
    found: dict[str, bytes] = {}
    for job in jobs:
        if job.id in stills:
            found[job.id] = stills[job.id]
        elif job.references:
            try:
                found[job.id] = job.references[0].thumbnail.read_bytes()
            except OSError:
                continue
    return found
