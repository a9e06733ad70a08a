"""Again, Edit and Final: whoever presses them makes a new video, and pays it from their own budgets."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from decimal import Decimal

from discord import Interaction

from cogs.interactions.responses import refuse
from cogs.status.buttons import AGAIN, EDIT, FINAL, MILLION, WINNER
from cogs.video.command import Composer, VideoCommand, command_after
from cogs.video.earlier_job import check_named, shown_job
from cogs.video.final import said_of
from cogs.video.intake import VideoIntake
from dailies.catalog.final import final_of
from dailies.catalog.guide import ModelGuide
from dailies.catalog.option_checks import SEED_MOST
from dailies.comparison import chosen
from dailies.errors import CatalogMissing, RefusedError
from dailies.job import How, Job, State
from dailies.language import gettext, gettext_noop
from dailies.reason import ReasonCode
from dailies.references.reference import Source, source_of
from dailies.store.again import Repeated
from dailies.store.port import JobStore

SECOND_PRESS_SECONDS = 10.0
"""Time within which the same person's second press asks, because a double click is no wish for two videos."""

PRESSED_TWICE = gettext_noop("You pressed **Again** a moment ago. Generate makes one more.")
SAME_MODEL = gettext_noop(
    "The winner's model, prompt, pictures and seed. It's generated anew and may differ. No charge yet."
)
PICTURES_GONE = gettext_noop("Its pictures are no longer kept, so they have to be added again.")

NewestAgain = Callable[[str, int], Awaitable[Repeated | None]]
"""Returns the newest job that a person made again of the one with this id."""


class NextTake:
    """Handles Again, Edit and Final. look_seconds: limit of an answer's wait for the job. now: Unix seconds."""

    def __init__(
        self,
        intake: VideoIntake,
        guide: ModelGuide,
        store: JobStore,
        composer: Composer,
        newest_again: NewestAgain,
        *,
        look_seconds: float,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._intake = intake
        self._guide = guide
        self._store = store
        self._composer = composer
        self._newest_again = newest_again
        self._look_seconds = look_seconds
        self._now = now
        self._pressed: dict[tuple[str, int], float] = {}
        """Begin of the last press of each job's button by each person; the database knows those of other processes."""

    @AGAIN.handles
    async def again(self, interaction: Interaction, job_id: str, most: str) -> None:
        """Make a video with the same settings and a new seed, for the price on the button and no more."""
        pressed = self._press(job_id, interaction.user.id)
        try:
            job = await shown_job(self._store, interaction, job_id, self._look_seconds)
            check_named(job)
            command = await self._again(job)
            if command is None:
                await self._compose(interaction, job, How.AGAIN, said=gettext(PICTURES_GONE))
                return
            last = await self._newest_again(job_id, interaction.user.id)
            if pressed or (last and self._now() - last.created_at < SECOND_PRESS_SECONDS):
                await self._open(interaction, command, said=gettext(PRESSED_TWICE))
                return
            # Two presses that see the same job before them have the same key, in whatever process.
            command = replace(command, key=f"again:{job_id}:{interaction.user.id}:{_id(last)}")
            command = replace(command, most=Decimal(most) / MILLION if most else None)
        except RefusedError as error:
            await refuse(interaction, error)
            return
        await self._intake.submit(interaction, command)

    @EDIT.handles
    async def edit(self, interaction: Interaction, job_id: str) -> None:
        """Open the composer with everything of a job."""
        try:
            job = await shown_job(self._store, interaction, job_id, self._look_seconds)
            if job.take_set and job.take_set.compared and (job.blind or job.state is not State.DELIVERED):
                # With all of its models, which says nothing of the letters.
                takes = await self._store.takes(job.take_set.id)
                draft = await self._composer.draft(interaction, _compared_again(takes))
                await self._composer.open(interaction, draft)
                return
            kept = await _pictures_kept(job)
            await self._compose(interaction, job, How.EDIT, said="" if kept else gettext(PICTURES_GONE))
        except RefusedError as error:
            await refuse(interaction, error)

    async def _again(self, job: Job) -> VideoCommand | None:
        """Return the command that repeats a job with a new seed; None if its pictures are gone."""
        if not await _pictures_kept(job):
            return None
        command = _command(job, How.AGAIN)
        model = self._guide.model(job.request.model)
        seed = secrets.randbelow(SEED_MOST + 1) if model and model.seed else None
        return replace(command, options=replace(command.options, seed=seed))

    @FINAL.handles
    async def final(self, interaction: Interaction, job_id: str) -> None:
        """Open the composer with a video's request as a final; of a comparison, on the model that won."""
        try:
            job = await shown_job(self._store, interaction, job_id, self._look_seconds)
            check_named(job)
            first = chosen(await self._store.takes(job.take_set.id)) if job.take_set else None
            await self._compose_final(interaction, job, self._guide.final.model or (first and first.request.model))
        except (RefusedError, CatalogMissing) as error:
            await refuse(interaction, error)

    @WINNER.handles
    async def winner(self, interaction: Interaction, set_id: str) -> None:
        """Open the composer with the request of a comparison's winner, on its model, at the final resolution."""
        try:
            job = await shown_job(self._store, interaction, set_id, self._look_seconds)
            check_named(job)
            first = chosen(await self._store.takes(set_id))
            if first is None:
                raise RefusedError(ReasonCode.VOTE_NOT_HERE)  # noqa: TRY301
            await self._compose_final(interaction, first, first.request.model)
        except (RefusedError, CatalogMissing) as error:
            await refuse(interaction, error)

    async def _compose_final(self, interaction: Interaction, job: Job, model_id: str | None) -> None:
        """Open the composer with a job's request as a final on this model; None: on its own."""
        command = _command(job, How.FINAL)
        lost = "" if await _pictures_kept(job) else "\n" + gettext(PICTURES_GONE)
        counted_options = replace(command, sources=() if lost else command.sources).counted
        final = final_of(self._guide, counted_options, model_id)
        if final is None and model_id != job.request.model:
            raise RefusedError(ReasonCode.FINAL_SAME)
        options = final.options if final else counted_options
        command = replace(command, options=options, sources=() if lost else command.sources)
        said = said_of(final) if final else gettext(SAME_MODEL)
        await self._open(interaction, command, said=f"{said}{lost}")

    async def _compose(self, interaction: Interaction, job: Job, how: How, *, said: str) -> None:
        command = _command(job, how)
        if not await _pictures_kept(job):
            command = replace(command, sources=())
        await self._open(interaction, command, said=said)

    async def _open(self, interaction: Interaction, command: VideoCommand, *, said: str) -> None:
        draft = await self._composer.draft(interaction, command)
        await self._composer.open(interaction, draft, said=said)

    def _press(self, job_id: str, person: int) -> bool:
        """Note a press; True if it is the person's second one within SECOND_PRESS_SECONDS."""
        now = self._now()
        self._pressed = {who: at for who, at in self._pressed.items() if now - at < SECOND_PRESS_SECONDS}
        second = (job_id, person) in self._pressed
        self._pressed[job_id, person] = now
        return second


def _command(job: Job, how: How) -> VideoCommand:
    """Return a job's command once more, with the pictures that it was made of, which are kept, or was given."""
    return replace(command_after(job, how), sources=_sources(job), made_before=ReasonCode.MADE_AGAIN_ALREADY)


def _compared_again(takes: Sequence[Job]) -> VideoCommand:
    """Return the request of a comparison once more: the settings of the model that comes first by its name."""
    in_order = sorted(takes, key=lambda one: one.request.model)
    with_most = max(in_order, key=lambda one: len(_sources(one)))
    command = replace(_command(in_order[0], How.EDIT), sources=_sources(with_most))
    # Where it comes from would tell a letter.
    return replace(command, models=tuple(one.request.model for one in in_order), origin=None)


def _sources(job: Job) -> tuple[Source, ...]:
    """Return the pictures that a job was made of; of one refused before that, each as it was fetched or else given."""
    kept = [source_of(one, one.path.with_name(one.sha256)) for one in job.references]
    if job.state is not State.REFUSED:
        return tuple(kept) or job.sources
    found: list[Source] = []
    for given in job.sources:
        same = next((one for one in kept if (one.name, one.role) == (given.name, given.role)), given)
        kept = [one for one in kept if one is not same]
        found.append(same)
    return (*found, *kept)


async def _pictures_kept(job: Job) -> bool:
    originals = [one.path.with_name(one.sha256) for one in job.references]
    return await asyncio.to_thread(lambda: all(path.is_file() for path in originals))


def _id(last: Repeated | None) -> str:
    return last.job_id if last else ""
