"""Continue, below every video: the ways in which it goes on, and the composer with the one that is chosen."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from discord import Interaction

from cogs.interactions.permissions import server_of
from cogs.interactions.responses import REFUSAL_SHOWN, refuse
from cogs.interactions.text import NOBODY, content, inert_reason
from cogs.status.buttons import CONTINUE
from cogs.video.command import Composer, command_after
from cogs.video.earlier_job import check_named, shown_job
from cogs.video.ways_view import WAY, opening, ways_view
from dailies.catalog.guide import ModelGuide
from dailies.continuing.last_frames import LastFrames
from dailies.continuing.ways import Way, ways
from dailies.errors import CatalogMissing, DailiesError, RefusedError
from dailies.job import How, Job
from dailies.openrouter.payload import Role
from dailies.reason import ReasonCode
from dailies.references.reference import Source, source_of
from dailies.store.port import JobStore

FRAME_SECONDS = 120.0
"""Limit of the wait for a last frame, once Discord knows that the answer comes later."""
FRAME_SHARE = 0.5
"""Share of look_seconds for which an answer waits for a last frame; after that it comes later."""


class ContinueButton:
    """Handles Continue and the ways. For everybody who sees the video: whoever generates pays.

    look_seconds: limit of an answer's wait for the job.
    """

    def __init__(
        self, store: JobStore, guide: ModelGuide, composer: Composer, frames: LastFrames, *, look_seconds: float
    ) -> None:
        self._store = store
        self._guide = guide
        self._composer = composer
        self._frames = frames
        self._look_seconds = look_seconds

    @CONTINUE.handles
    async def offer(self, interaction: Interaction, job_id: str, number: str) -> None:
        """Show the ways to who pressed the button alone, and begin to take the last frame."""
        try:
            job = await shown_job(self._store, interaction, job_id, self._look_seconds)
            check_named(job)
            found = await ways(job, int(number), await self._guide.of_server(server_of(interaction)))
        except (RefusedError, CatalogMissing) as error:
            await refuse(interaction, error)
            return
        view = ways_view(job, int(number), found)
        await interaction.response.send_message(view=view, ephemeral=True, allowed_mentions=NOBODY)
        if any(way.how is How.LAST_FRAME and way.problem is None for way in found):
            await self._frames.begin(job, int(number), requester=interaction.user.id)

    @WAY.handles
    async def go(self, interaction: Interaction, how: str, job_id: str, number: str) -> None:
        """Open the composer with the next video, ready to be generated."""
        try:
            job = await shown_job(self._store, interaction, job_id, self._look_seconds)
            check_named(job)
            way = await self._way(interaction, job, int(number), How(how))
            sources = await self._sources(interaction, job, int(number), way)
            command = replace(command_after(job, way.how), options=way.options, sources=sources, origin=way.origin)
            draft = await self._composer.draft(interaction, command)
        except (RefusedError, CatalogMissing) as error:
            await _refuse(interaction, error)
            return
        await self._composer.open(interaction, draft, said=opening(job, way))

    async def _way(self, interaction: Interaction, job: Job, number: int, how: How) -> Way:
        """Return a way as it is possible now. Raises RefusedError."""
        for way in await ways(job, number, await self._guide.of_server(server_of(interaction))):
            if way.how is how:
                if way.problem:
                    raise RefusedError(way.problem.code, **way.problem.values)
                return way
        raise RefusedError(ReasonCode.WAY_GONE)

    async def _sources(self, interaction: Interaction, job: Job, number: int, way: Way) -> tuple[Source, ...]:
        """Return the pictures of the next video. Raises RefusedError."""
        if way.how is not How.LAST_FRAME:
            return tuple(source_of(one, one.path.with_name(one.sha256)) for one in way.references)
        taking = asyncio.create_task(
            self._frames.source(job, number, requester=interaction.user.id, wait=FRAME_SECONDS)
        )
        await asyncio.wait([taking], timeout=FRAME_SHARE * self._look_seconds)
        if not taking.done():
            await interaction.response.defer()
        return (replace(await taking, role=Role.FIRST),)


async def _refuse(interaction: Interaction, error: DailiesError) -> None:
    """Answer with the error, also where the answer was put off."""
    if not interaction.response.is_done():
        await refuse(interaction, error)
        return
    text = content(inert_reason(error.reason, REFUSAL_SHOWN))
    await interaction.followup.send(text, ephemeral=True, allowed_mentions=NOBODY)
