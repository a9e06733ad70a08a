"""Handlers of Approve, Retake and the window of a retake. A word is stored before anything shows it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from contextlib import suppress

import discord
from discord import Interaction, ui
from discord.utils import MISSING

from cogs.delivery.reviewed import ReviewMessages
from cogs.interactions.discord_errors import BROKEN
from cogs.interactions.in_time import in_time
from cogs.interactions.responses import REFUSAL_SHOWN, log_refusal, refuse
from cogs.interactions.text import NOBODY, content, inert_reason
from cogs.interactions.windows import Fields
from cogs.review.rights import ReviewRights
from cogs.review.views import NOTHING_CHARGED, length_of, meanwhile, note_window, outcome, written
from cogs.review.way import ClickTelling
from cogs.status.review import NOTE, RETAKE, SAY, reviewed_view, state_line
from dailies.errors import RefusedError
from dailies.job import Job
from dailies.jobs.approved import ApprovedVideos
from dailies.jobs.redeliver import kept_files
from dailies.jobs.reviews import Reviews
from dailies.language import gettext
from dailies.reason import ReasonCode
from dailies.review import Decision, Verdict, read_seconds
from dailies.store.library import Library

log = logging.getLogger(__name__)

NOTES_KEPT = 200
"""Notes that are remembered because they could not be saved, the newest: nobody types one twice."""


class ReviewHandlers:
    """Takes what people say about videos.

    look_seconds: limit of an answer's wait for the database. now: Unix seconds.
    """

    def __init__(
        self,
        library: Library,
        reviews: Reviews,
        approved: ApprovedVideos,
        rights: ReviewRights,
        chat: ReviewMessages,
        *,
        look_seconds: float,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._library = library
        self._reviews = reviews
        self._approved = approved
        self._rights = rights
        self._chat = chat
        self._look_seconds = look_seconds
        self._now = now
        self._notes: dict[tuple[int, str], str] = {}
        """Notes by who wrote them about which job."""

    @SAY.handles
    async def say(self, interaction: Interaction, verdict: str, job_id: str, number: str, seen: str) -> None:
        """Approve a video, or take that back."""
        await interaction.response.defer()
        try:
            job = await self._job(interaction, job_id, int(number))
        except RefusedError as error:
            await _refused(interaction, error)
            return
        await self._decide(interaction, job, self._decision(interaction, job_id, number, seen, Verdict(verdict)))

    @RETAKE.handles
    async def retake(self, interaction: Interaction, job_id: str, number: str, seen: str) -> None:
        """Open the window of a retake; or say first what was said meanwhile."""
        try:
            job = await in_time(interaction, self._job(interaction, job_id, int(number)), self._look_seconds)
            history = await in_time(interaction, self._reviews.store.history(job_id, int(number)), self._look_seconds)
        except RefusedError as error:
            await refuse(interaction, error)
            return
        newest = history[-1] if history else None
        if newest and newest.number != int(seen):
            text, view = meanwhile(job, int(number), newest, "")
            await interaction.response.send_message(content(text), view=view, ephemeral=True, allowed_mentions=NOBODY)
            return
        note = self._notes.get((interaction.user.id, job_id), "")
        await interaction.response.send_modal(note_window(job, int(number), seen, note=note))

    @NOTE.handles
    async def noted(self, interaction: Interaction, job_id: str, number: str, seen: str, fields: Fields) -> None:
        """Take a note."""
        await interaction.response.defer()
        note, when = written(fields)
        self._remember(interaction, job_id, note)
        try:
            job = await self._job(interaction, job_id, int(number))
            at = read_seconds(when, length_of(job, int(number)))
        except RefusedError as error:
            again = error.reason.code is ReasonCode.REVIEW_SECONDS_WRONG
            view = ui.View(timeout=None).add_item(
                RETAKE.button(gettext("Change it"), job_id=job_id, number=number, seen=seen)
            )
            await _refused(interaction, error, view if again else None)
            return
        decision = self._decision(interaction, job_id, number, seen, Verdict.RETAKE, note=note or None, at_seconds=at)
        await self._decide(interaction, job, decision)

    async def _decide(self, interaction: Interaction, job: Job, decision: Decision) -> None:
        number = decision.output
        way = ClickTelling(interaction, job, number, self._chat)
        channel_id = await self._rights.channel_for_approved(job)
        if not await self._reviews.decide(decision, way, channel_id=channel_id):
            history = await self._reviews.store.history(job.id, number)
            text, view = meanwhile(job, number, history[-1] if history else None, decision.note or "")
            await _answer(interaction, text, view)
            return
        self._notes.pop((interaction.user.id, job.id), None)
        log.info("user %s said about job %s: %s", interaction.user.id, job.id, decision.verdict)
        approved = decision.verdict is Verdict.APPROVED
        post = await self._approved.follow(job.id, number)
        said = outcome(job, post, kept=await _is_kept(job, number), approved=approved)
        if way.message is None:
            await _redrawn(interaction, decision)
            # Whoever said it elsewhere than below the video sees here that it counts.
            await _answer(interaction, "\n".join((state_line(decision), said or gettext(NOTHING_CHARGED))))
        elif said:
            await _answer(interaction, said)

    def _decision(
        self,
        interaction: Interaction,
        job_id: str,
        number: str,
        seen: str,
        verdict: Verdict,
        *,
        note: str | None = None,
        at_seconds: float | None = None,
    ) -> Decision:
        return Decision(
            job_id,
            int(number),
            int(seen) + 1,
            verdict,
            interaction.user.id,
            self._now(),
            note=note,
            at_seconds=at_seconds,
        )

    async def _job(self, interaction: Interaction, job_id: str, number: int) -> Job:
        """Return a job about whose video the person may say something here. Raises RefusedError."""
        job = await self._library.find(job_id)
        if job is None:
            raise RefusedError(ReasonCode.JOB_UNKNOWN)
        await self._rights.check(interaction, job, number)
        return job

    def _remember(self, interaction: Interaction, job_id: str, note: str) -> None:
        self._notes[interaction.user.id, job_id] = note
        for old in list(self._notes)[:-NOTES_KEPT]:
            del self._notes[old]


async def _redrawn(interaction: Interaction, decision: Decision) -> None:
    """Let the buttons of a private message name what was said now; those of a layout ask anew when they are pressed."""
    message = interaction.message
    if message is None or message.flags.components_v2 or not message.flags.ephemeral:
        return
    view = reviewed_view(message, decision.job_id, decision.output, decision)
    with suppress(*BROKEN, discord.HTTPException):  # they ask anew as well
        await interaction.edit_original_response(view=view, allowed_mentions=NOBODY)


async def _is_kept(job: Job, number: int) -> bool:
    try:
        return number in await kept_files(job, running=False)
    except RefusedError:
        return False


async def _refused(interaction: Interaction, error: RefusedError, view: ui.View | None = None) -> None:
    log_refusal(interaction, error)
    await _answer(interaction, inert_reason(error.reason, REFUSAL_SHOWN), view)


async def _answer(interaction: Interaction, text: str, view: ui.View | None = None) -> None:
    """Answer a deferred click to the person alone; the message that was clicked in stays."""
    await interaction.followup.send(content(text), view=view or MISSING, ephemeral=True, allowed_mentions=NOBODY)
