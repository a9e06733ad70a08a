"""The composer's way in: a request becomes a draft in the database, and a draft is shown as its panel."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar

import discord
from discord import Interaction

from cogs.composer.fetching import DraftPictures, Found
from cogs.composer.outlook import Outlook, outlook
from cogs.composer.panel import panel
from cogs.composer.pictures import Gallery, gallery, left_out, thumbnails
from cogs.interactions.answers import redraw, show
from cogs.interactions.discord_errors import BROKEN
from cogs.interactions.in_time import in_time
from cogs.interactions.permissions import accounts, age_restricted, server_of
from cogs.interactions.text import words_view
from cogs.video.cast_names import CastNames, likeness_hint
from cogs.video.command import VideoCommand
from cogs.video.create_job import new_job
from cogs.video.message_links import MessageLinks
from cogs.video.price_check import PriceCheck
from cogs.video.prompt_markup import readable
from cogs.video.shots import Shots
from cogs.video.wanted import contending_jobs
from dailies.catalog.guide import ModelGuide
from dailies.catalog.option_checks import OwnDefaults
from dailies.catalog.options import Options, VideoRequest
from dailies.draft import Draft, new_draft
from dailies.errors import OverBudget, RefusedError
from dailies.job import Job
from dailies.language import gettext
from dailies.reason import ReasonCode
from dailies.references.reference import Source, each_source_once, read_links, source_of
from dailies.references.roles import counts
from dailies.review import Decision, open_notes
from dailies.store.drafts import DraftStore
from dailies.store.port import JobStore
from dailies.store.reviews import ReviewStore

log = logging.getLogger(__name__)

T = TypeVar("T")

PICTURES_SHARE = 0.5
"""Share of look_seconds for which a panel waits for pictures that are not on this disk yet."""
OPTIONAL_SHARE = 1.25
"""Share of look_seconds after which a panel is shown without what else the database knows."""


class DraftComposer:
    """The port Composer of cogs/video/command.py. look_seconds: limit of an answer's wait for the database."""

    def __init__(
        self,
        *,
        guide: ModelGuide,
        drafts: DraftStore,
        store: JobStore,
        links: MessageLinks,
        price_check: PriceCheck,
        pictures: DraftPictures,
        cast: CastNames,
        shots: Shots,
        reviews: ReviewStore,
        look_seconds: float,
    ) -> None:
        self.guide = guide
        self.links = links
        self._pictures = pictures
        self.cast = cast
        self.shots = shots
        self.drafts = drafts
        self._store = store
        self._reviews = reviews
        self._price_check = price_check
        self._look_seconds = look_seconds

    async def open(self, interaction: Interaction, draft: Draft, *, said: str = "", typed: str = "") -> None:
        """Answer with the panel of this draft; with a line where its job is, when it was made into one.

        typed: its menu of models shows those that match this.
        """
        if draft.job_id is not None:
            await show(interaction, words_view(await self._made(interaction, draft.job_id)))
            return
        draft = await self._with_cast(interaction, draft)
        late = partial(self._late, interaction, said)
        draft, found = await self._pictures.ready(draft, PICTURES_SHARE * self._look_seconds, late)
        seen = await self.look(interaction, draft)
        drawn = await self._gallery(seen, interaction.message)
        said = "\n".join(line for line in (said, left_out(found)) if line)
        await show(interaction, panel(self.guide, seen, said, typed=typed, gallery=drawn.item), drawn.files)

    async def close(self) -> None:
        """Stop what still runs for panels; what is not on this disk by then is fetched when it is next shown."""
        await self._pictures.close()

    async def _late(self, interaction: Interaction, said: str, draft: Draft, found: Found) -> None:
        """Draw a panel again when its pictures came after it, unless it was made into a job meanwhile."""
        newest = await self.drafts.get(draft.id)
        if newest is None or newest.job_id is not None:
            return
        seen = await self.look(interaction, newest)
        drawn = await self._gallery(seen, None)
        said = "\n".join(line for line in (said, left_out(found)) if line)
        with suppress(discord.HTTPException, *BROKEN):  # closed meanwhile, or too late: it is in the draft
            await redraw(interaction, panel(self.guide, seen, said, gallery=drawn.item), drawn.files)

    @staticmethod
    async def _gallery(seen: Outlook, message: discord.Message | None) -> Gallery:
        wanted = thumbnails(seen.draft, seen.shape)
        return await asyncio.to_thread(gallery, wanted, message) if wanted else Gallery(None, [])

    async def draft(self, interaction: Interaction, command: VideoCommand) -> Draft:
        """Store a draft of a request. Raises RefusedError when the database does not take it in time."""
        prompt = await self.readable(interaction, command.options.prompt)
        command = await self.shots.command(interaction, command)
        guild_id, channel_id = interaction.guild_id, interaction.channel_id or 0
        options = replace(command.options, prompt=prompt, references=0, frames=())
        fresh = new_draft(interaction.user.id, guild_id, channel_id, options, now=time.time())
        draft = replace(
            fresh,
            sources=await self._sources(interaction, command),
            takes=command.takes,
            models=command.models,
            origin=command.origin,
            shot=command.shot,
            age_restricted=command.age_restricted or age_restricted(interaction.channel),
            defaults=await self._defaults(interaction),
        )
        if command.cast:
            found = await self.cast.draft(interaction, draft.options, draft.sources, chosen=command.cast)
            draft = replace(draft, sources=found.sources)
        await self.in_time(interaction, self.drafts.create(draft))
        return draft

    async def newest(self, interaction: Interaction) -> Draft:
        """Return the person's newest draft of this channel that no job was made of, or else a fresh one."""
        found = await self.in_time(interaction, self.drafts.newest(interaction.user.id, interaction.channel_id or 0))
        if found and not found.is_blank:
            return found
        fresh = VideoCommand(Options(""), shot=await self.shots.take(interaction, ""))
        if found and (found.defaults, found.shot) == (await self._defaults(interaction), fresh.shot):
            return found
        # Nothing is lost, and a new one has the defaults and the shot of now.
        return await self.draft(interaction, fresh)

    async def own(self, interaction: Interaction, draft_id: str) -> Draft:
        """Return a draft of the person's own. Raises RefusedError."""
        draft = await self.in_time(interaction, self.drafts.get(draft_id))
        if draft is None:
            raise RefusedError(ReasonCode.DRAFT_GONE)
        if draft.person_id != interaction.user.id or draft.channel_id != interaction.channel_id:
            raise RefusedError(ReasonCode.DRAFT_NOT_YOURS)
        return draft

    async def look(self, interaction: Interaction, draft: Draft) -> Outlook:
        """Return what a draft comes to, with the budgets of the person and the job that it comes from.

        What the database does not say in time is left out: the intake asks again before anything is paid.
        """
        seen = await self._named(interaction, draft)
        origin, notes = await self._origin(interaction, draft)
        job = new_job(interaction, VideoCommand(draft.options), seen.request or VideoRequest("", "", ""), seen.quote)
        jobs = contending_jobs(interaction, VideoCommand(draft.options), seen.contenders) or (job,) * draft.takes
        try:
            looking = self._price_check.budget_store.budgets_left(job, accounts(interaction))
            budgets_left = await self.in_time(interaction, looking, share=OPTIONAL_SHARE)
        except RefusedError:
            return replace(seen, origin=origin, notes=notes)
        seen = replace(seen, origin=origin, notes=notes, budgets_left=budgets_left)
        if seen.request is None or seen.problem:
            return seen
        try:
            self._price_check.budget_store.ledger.check(jobs, budgets_left)
        except OverBudget as error:
            self._price_check.advise(error, job)
            return replace(seen, problem=error.reason)
        return seen

    async def _with_cast(self, interaction: Interaction, draft: Draft) -> Draft:
        """Return a draft with the pictures of names that have come into the cast since it was last shown."""
        with suppress(RefusedError):  # its panel says why
            found = await self.cast.draft(interaction, draft.options, draft.sources)
            fuller = replace(draft, sources=found.sources)
            if fuller != draft and await self.in_time(interaction, self.drafts.record(fuller)):
                return fuller
        return draft

    async def _named(self, interaction: Interaction, draft: Draft) -> Outlook:
        """Return what a draft comes to by the list of models and the cast."""
        try:
            found = await self.cast.draft(interaction, draft.options, draft.sources)
        except RefusedError as error:
            seen = outlook(self.guide, draft)
            return replace(seen, problem=seen.problem or error.reason)
        seen = replace(outlook(self.guide, replace(draft, options=found.options)), unknown=found.unknown)
        if seen.request and (hint := likeness_hint(self.guide, seen.request, found.people, *counts(draft.sources))):
            seen = replace(seen, hint=hint)
        return seen

    async def readable(self, interaction: Interaction, prompt: str) -> str:
        """Return a prompt with names in the place of Discord's ids, as the intake would."""
        return await readable(interaction, prompt, seconds=0.5 * self._look_seconds)

    async def in_time(self, interaction: Interaction, work: Coroutine[Any, Any, T], *, share: float = 1.0) -> T:
        """Wait for the database, for all of one answer's questions together as long as an answer may: look_seconds.

        share: of that time, after which this work is not waited for. Raises RefusedError then.
        """
        return await in_time(interaction, work, share * self._look_seconds)

    async def _defaults(self, interaction: Interaction) -> OwnDefaults:
        return await self.in_time(interaction, self.guide.own_defaults(server_of(interaction)))

    async def _origin(self, interaction: Interaction, draft: Draft) -> tuple[Job | None, tuple[Decision, ...]]:
        """Return the job that a draft comes from, and what was said that a retake of it is to do."""
        if draft.origin is None:
            return None, ()
        try:
            job = await self.in_time(interaction, self._store.get(draft.origin.job_id), share=OPTIONAL_SHARE)
            history = await self.in_time(interaction, self._reviews.history(job.id), share=OPTIONAL_SHARE)
        except (KeyError, RefusedError):
            return None, ()
        return job, tuple(open_notes(history))

    async def _made(self, interaction: Interaction, job_id: str) -> str:
        """Return the line that a draft becomes once a job was made of it."""
        try:
            place = (await self.in_time(interaction, self._store.get(job_id), share=OPTIONAL_SHARE)).place
        except (KeyError, RefusedError):
            return gettext("This draft has already been started, as job {job}. You weren't charged again.", job=job_id)
        if place.status_id:
            where = f"https://discord.com/channels/{place.guild_id or '@me'}/{place.channel_id}/{place.status_id}"
            started = gettext("This draft has already been started: {link}", link=where)
        else:
            started = gettext("This draft has already been started, as job {job}", job=job_id)
        return "\n".join([started, gettext("You weren't charged again.")])

    async def _sources(self, interaction: Interaction, command: VideoCommand) -> tuple[Source, ...]:
        """Return the pictures of a request, from wherever it has them."""
        if command.references:
            return tuple(source_of(one, one.path.with_name(one.sha256)) for one in command.references)
        if command.sources is not None:
            return command.sources
        try:
            links = await self.links.opened(interaction, read_links(command.links) if command.links else [])
        except RefusedError:
            links = []
        return tuple(each_source_once([*command.attached, *links]))
