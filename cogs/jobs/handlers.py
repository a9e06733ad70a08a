"""Handlers of /jobs, which check who may see which job. Every answer is ephemeral, but for a video that can be posted
nowhere else.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path

import discord
from discord import Interaction

from cogs.delivery.chat import DiscordChat
from cogs.delivery.response import VideoResponse
from cogs.interactions.discord_errors import BROKEN, reason
from cogs.interactions.permissions import age_restricted, may_handle
from cogs.interactions.responses import refuse
from cogs.interactions.rights import check_posting
from cogs.interactions.text import NOBODY, content, inert, plain, words_view
from cogs.jobs.details import tell
from cogs.jobs.forgetting import FORGET, forget_view, forgotten
from cogs.jobs.more import seen_job
from cogs.status.buttons import DELIVER, FILE
from cogs.status.summary import jump
from dailies import explain
from dailies.delivery.chat import Upload
from dailies.delivery.courier import Courier
from dailies.delivery.shares import Shares
from dailies.errors import DeliveryError, FileTooLarge, RefusedError
from dailies.formatting import megabytes
from dailies.job import Job
from dailies.jobs.deliver import output_words
from dailies.jobs.redeliver import Repeats, can_go_on, kept_files, post_again
from dailies.jobs.runner import Runner
from dailies.language import gettext
from dailies.media.container import recognise
from dailies.reason import Reason, ReasonCode
from dailies.retention import Retention
from dailies.store.library import Library
from dailies.store.reviews import ReviewStore

log = logging.getLogger(__name__)

TYPED_SHOWN = 40


class JobHandlers:
    """Answers /jobs but for its list, and its buttons. upload_seconds: limit of one upload."""

    def __init__(
        self,
        *,
        library: Library,
        reviews: ReviewStore,
        retention: Retention,
        runner: Runner,
        chat: DiscordChat,
        go_on: Callable[[Job], Awaitable[bool]],
        courier: Courier,
        shares: Shares | None,
        repeats: Repeats,
        upload_seconds: float,
    ) -> None:
        self._library = library
        self._reviews = reviews
        self._retention = retention
        self._runner = runner
        self._chat = chat
        self._go_on = go_on
        self._courier = courier
        self._shares = shares
        self._repeats = repeats
        self._upload_seconds = upload_seconds
        self._posting: set[str] = set()

    async def show(self, interaction: Interaction, typed: str) -> None:
        """Show everything that is kept of a job."""
        job = await self._visible(interaction, typed)
        if job is None:
            await refuse(interaction, _no_such_job(typed))
            return
        await tell(interaction, self._library, self._reviews, job)

    async def resend(self, interaction: Interaction, typed: str) -> None:
        """Post a job's video once more in its channel. The answer is deferred, because an upload takes time."""
        job = await self._visible(interaction, typed)
        if job is None:
            await refuse(interaction, _no_such_job(typed))
            return
        await self._repost(interaction, job)

    async def _repost(self, interaction: Interaction, job: Job) -> None:
        if job.id in self._posting:
            await refuse(interaction, RefusedError(ReasonCode.BEING_POSTED))
            return
        self._posting.add(job.id)
        try:
            # Where the bot is not a member, the video can only go into this answer. Only its requester gets there.
            here = job.place.token_only and await self._has_video(job)
            shown = here and (age_restricted(interaction.channel) or not job.age_restricted)
            await interaction.response.defer(ephemeral=not shown, thinking=True)
            answer = await self._resend(interaction, job, ephemeral=not shown)
        finally:
            self._posting.discard(job.id)
        if answer:
            await _say(interaction, job, answer)

    async def _resend(self, interaction: Interaction, job: Job, *, ephemeral: bool) -> str | None:
        """Return the answer's text; None when the answer holds the video."""
        try:
            await check_posting(interaction, job.place)
        except RefusedError as error:
            return inert(explain.explain(error), 900)
        if can_go_on(job) and job.id not in self._runner.running and await self._go_on(job):
            return explain.sentence(Reason(ReasonCode.LOOKS_AGAIN))
        chat, token_only = self._chat, job.place.token_only
        answer = VideoResponse(
            interaction,
            job,
            seconds=self._upload_seconds,
            ephemeral=ephemeral,
            price=chat.price,
            ai_label=chat.ai_label,
            review=chat.review,
        )
        here = answer if token_only else None
        try:
            await kept_files(job, running=job.id in self._runner.running)  # else it would cost a turn
            async with self._repeats.turn(interaction.user.id):
                posted = await post_again(
                    job,
                    str(interaction.id),
                    library=self._library,
                    chat=self._chat,
                    courier=self._courier,
                    running=job.id in self._runner.running,
                    response_poster=here.response_poster if here else None,
                )
        except RefusedError as error:
            return inert(explain.explain(error), 900)
        if here and here.done:
            return None
        if posted.channel_id is not None:
            return gettext("Its channel refused the video, so it went to its requester as a direct message.")
        return gettext("Posted again: {url}", url=jump(job, posted.message_id))

    async def _has_video(self, job: Job) -> bool:
        try:
            await kept_files(job, running=job.id in self._runner.running)
        except RefusedError:
            return False
        return True

    async def original(self, interaction: Interaction, typed: str) -> None:
        """Send a job's video, as the model made it, to the person alone."""
        job = await self._visible(interaction, typed)
        if job is None:
            await refuse(interaction, _no_such_job(typed))
            return
        own = job.place.requester_id == interaction.user.id
        if job.age_restricted and not own and not age_restricted(interaction.channel):
            await refuse(interaction, RefusedError(ReasonCode.SHOWN_AGE_RESTRICTED))
            return
        await self._hand_over(interaction, job)

    async def _hand_over(self, interaction: Interaction, job: Job) -> None:
        try:
            if job.blind:  # what a model wrote into its file may name it
                raise RefusedError(ReasonCode.STILL_BLIND)  # noqa: TRY301
            kept = await kept_files(job, running=job.id in self._runner.running)
        except RefusedError as error:
            await refuse(interaction, error)
            return
        await interaction.response.defer(ephemeral=True, thinking=True)
        try:
            async with self._repeats.turn(interaction.user.id):
                here = VideoResponse(interaction, job, seconds=self._upload_seconds, ephemeral=True)
                for number, (path, size) in kept.items():
                    if answer := await self._handed_over(here, interaction, job, number, path, size):
                        await _say(interaction, job, answer, further=here.done)
                        here.done = True
        except RefusedError as error:
            await _say(interaction, job, inert(explain.explain(error), 900))

    async def _handed_over(
        self, here: VideoResponse, interaction: Interaction, job: Job, number: int, path: Path, size: int
    ) -> str | None:
        """Return an answer's text; None when an answer holds the video."""
        if size <= interaction.filesize_limit:
            words = output_words(job, number, ReasonCode.ORIGINAL, ReasonCode.OUTPUT_ORIGINAL)
            try:
                kind = await asyncio.to_thread(recognise, path)
                await here.post(Upload(words, str(interaction.id), path, kind.extension, number=number))
            except FileTooLarge:
                log.warning("job %s: %d bytes were refused as too large", job.id, size)
            except DeliveryError as error:
                log.warning("job %s: Discord did not take the original: %s", job.id, error)
                return inert(explain.sentence(Reason(ReasonCode.NOT_GIVEN, error=error.reason)), 900)
            else:
                return None
        return await self._linked(job, path, size)

    @FILE.handles
    async def give(self, interaction: Interaction, what: str, job_id: str) -> None:
        """Handle the buttons for files: everybody who sees the video may have its original, but not post it again."""
        try:
            job = await seen_job(self._library, interaction, job_id)
            if what == DELIVER and not may_handle(interaction, job.place):
                raise RefusedError(ReasonCode.NOT_YOURS)  # noqa: TRY301
        except RefusedError as error:
            await refuse(interaction, error)
            return
        await (self._repost if what == DELIVER else self._hand_over)(interaction, job)

    async def _linked(self, job: Job, path: Path, size: int) -> str:
        if self._shares is None:
            return explain.sentence(Reason(ReasonCode.NO_ORIGINAL, size=size))
        url, ends = await self._shares.share(job, path, extension=(await asyncio.to_thread(recognise, path)).extension)
        return gettext(
            "The file as the model made it, {size}, available until {end}: {url}",
            size=megabytes(size),
            end=f"<t:{int(ends)}:f>",
            url=url,
        )

    async def ask_forget(self, interaction: Interaction) -> None:
        """Ask to confirm, with what forgetting would remove."""
        free, left = await self._library.count_to_forget(interaction.user.id, self._runner.running)
        view = forget_view(free, left, await self._retention.held(interaction.user.id))
        await interaction.response.send_message(view=view, ephemeral=True, allowed_mentions=NOBODY)

    @FORGET.handles
    async def forget(self, interaction: Interaction, answer: str) -> None:
        """Forget, or not. Only the jobs of the person who pressed the button are ever forgotten."""
        await interaction.response.defer()
        done = gettext("Nothing was removed.")
        if answer == "yes":
            person, kept = interaction.user.id, self._retention
            held = await kept.held(person)
            number, left = await kept.forget(person, self._runner.running)
            done = forgotten(number, left, held)
        await interaction.edit_original_response(view=words_view(done), allowed_mentions=NOBODY)

    async def _visible(self, interaction: Interaction, typed: str) -> Job | None:
        """Return a job that the person may see here; None for any other job and for an unknown id."""
        job = await self._library.find(typed.strip().lower())
        return job if job and may_handle(interaction, job.place) else None


async def _say(interaction: Interaction, job: Job, answer: str, *, further: bool = False) -> None:
    """Complete a deferred answer, or add a further one. An encoding may have outlasted the command's token."""
    try:
        if further:
            await interaction.followup.send(content(answer), ephemeral=True, allowed_mentions=NOBODY)
            return
        await interaction.edit_original_response(content=content(answer), allowed_mentions=NOBODY)
    except BROKEN as error:
        log.warning("job %s: its requester could not be answered: %s", job.id, type(error).__name__)
    except discord.HTTPException as error:
        log.warning("job %s: its requester could not be answered: %s", job.id, reason(error))


def _no_such_job(typed: str) -> RefusedError:
    return RefusedError(ReasonCode.NO_SUCH_JOB, typed=plain(typed)[:TYPED_SHOWN])
