"""More, below every video: for who presses it alone, its details, the original file, a link to share, one more post."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from discord import Interaction, ui

from cogs.interactions.permissions import age_restricted, may_handle
from cogs.interactions.responses import defer, finish, refuse
from cogs.interactions.rights import check_person, check_shown
from cogs.interactions.text import inert
from cogs.jobs.details import tell
from cogs.status.buttons import ABOUT, CONTINUE, DELIVER, EDIT, FILE, FINAL, MORE, ORIGINAL, SHARE
from cogs.status.review import review_buttons
from dailies.catalog.final import Final, final_of
from dailies.catalog.guide import ModelGuide
from dailies.delivery.shares import Shares
from dailies.errors import CatalogMissing, RefusedError
from dailies.explain import explain, sentence
from dailies.formatting import cents
from dailies.job import Job, State
from dailies.jobs.redeliver import Repeats, kept_files
from dailies.language import gettext
from dailies.media.container import recognise
from dailies.media.playable import playable
from dailies.reason import Reason, ReasonCode
from dailies.references.roles import counted
from dailies.store.library import Library
from dailies.store.reviews import ReviewStore

REFUSAL_SHOWN = 900


class MoreButton:
    """Handles More and the link to share. guide: knows what a final would be.

    shares: None without a web server for links.
    """

    def __init__(
        self, library: Library, reviews: ReviewStore, guide: ModelGuide, shares: Shares | None, repeats: Repeats
    ) -> None:
        self._library = library
        self._reviews = reviews
        self._guide = guide
        self._shares = shares
        self._repeats = repeats

    @MORE.handles
    async def more(self, interaction: Interaction, job_id: str, number: str) -> None:
        """Show everything that is kept of a job, with buttons for its file."""
        try:
            check_person(interaction)
            job = await seen_job(self._library, interaction, job_id)
        except RefusedError as error:
            await refuse(interaction, error)
            return
        rows = [self._buttons(interaction, job, number), await self._review(job, int(number))]
        await tell(interaction, self._library, self._reviews, job, rows)

    @ABOUT.handles
    async def about(self, interaction: Interaction, job_id: str) -> None:
        """Show the same of one of several videos in a message, with the buttons that one alone has below it."""
        await self.more(interaction, job_id, "1")

    def _buttons(self, interaction: Interaction, job: Job, number: str) -> list[ui.Button[ui.LayoutView]]:
        return [*self._files(interaction, job, number), *self._next(job, number)]

    async def _review(self, job: Job, number: int) -> list[ui.Button[ui.LayoutView]]:
        """Return what says something about the video, which stands below it only where people review."""
        if job.blind or job.state is not State.DELIVERED:
            return []
        return review_buttons(job.id, number, (await self._reviews.newest([job.id])).get((job.id, number)))

    def _next(self, job: Job, number: str) -> list[ui.Button[ui.LayoutView]]:
        if job.blind or job.state is not State.DELIVERED:
            return []
        buttons: list[ui.Button[ui.LayoutView]] = []
        if job.take_set and job.take_set.compared:
            buttons += [
                EDIT.button(gettext("Edit"), job_id=job.id),
                CONTINUE.button(gettext("Continue"), job_id=job.id, number=number),
            ]
        if final := self._final(job):
            price = [] if final.usd is None else [cents(final.usd)]
            buttons.append(FINAL.button(" · ".join([gettext("Final"), *price]), job_id=job.id))
        return buttons

    def _final(self, job: Job) -> Final | None:
        options = counted(job.request.options, job.references or job.sources)
        with suppress(CatalogMissing):
            return final_of(self._guide, options)
        return None

    def _files(self, interaction: Interaction, job: Job, number: str) -> list[ui.Button[ui.LayoutView]]:
        if job.file is None or job.file_removed_at is not None:
            return []
        buttons = [] if job.blind else [FILE.button(gettext("Original file"), what=ORIGINAL, job_id=job.id)]
        if self._shares:
            buttons.append(SHARE.button(gettext("Link to share"), job_id=job.id, number=number))
        if may_handle(interaction, job.place):
            buttons.append(FILE.button(gettext("Post again"), what=DELIVER, job_id=job.id))
        return buttons

    @SHARE.handles
    async def share(self, interaction: Interaction, job_id: str, number: str) -> None:
        """Give a link under which anybody can watch the video."""
        try:
            check_person(interaction)
            job = await seen_job(self._library, interaction, job_id)
            if self._shares is None:
                raise RefusedError(ReasonCode.NO_LINKS_HERE)  # noqa: TRY301
            kept = await kept_files(job, running=False)
        except RefusedError as error:
            await refuse(interaction, error)
            return
        await defer(interaction)
        try:
            async with self._repeats.turn(interaction.user.id):
                path, _ = kept.get(int(number)) or next(iter(kept.values()))
                kind = await asyncio.to_thread(recognise, path)
                converted = await asyncio.to_thread(playable(path).is_file)
                if converted:
                    url, ends = await self._shares.link(job, playable(path))
                else:
                    url, ends = await self._shares.link(job, path, kind.extension)
        except RefusedError as error:
            await finish(interaction, inert(explain(error), REFUSAL_SHOWN))
            return
        shown = f"||{url}||" if job.spoiler else url
        await finish(interaction, sentence(Reason(ReasonCode.LINK_TO_SHARE, url=shown, until=int(ends))))


async def seen_job(library: Library, interaction: Interaction, job_id: str) -> Job:
    """Return the job of a button below a video, for a person who sees the video where they pressed it.

    Raises RefusedError.
    """
    job = await library.find(job_id)
    if job is None:
        raise RefusedError(ReasonCode.JOB_UNKNOWN)
    check_shown(interaction, job.place)
    if job.forgotten_at is not None:
        raise RefusedError(ReasonCode.VIDEO_FORGOTTEN)
    own = job.place.requester_id == interaction.user.id
    if job.age_restricted and not own and not age_restricted(interaction.channel):
        raise RefusedError(ReasonCode.SHOWN_AGE_RESTRICTED)
    return job
