"""The only path from a person's options to a job: checked, and answered within Discord's three seconds."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from discord import Interaction

from cogs.interactions.languages import ServerLanguages
from cogs.interactions.permissions import accounts, age_restricted, check_permissions, server_of
from cogs.interactions.responses import REFUSAL_SHOWN, log_refusal, refuse
from cogs.interactions.rights import check_person
from cogs.interactions.text import inert_reason
from cogs.interactions.tokens import Tokens
from cogs.status.buttons import RUN_AGAIN, SILENT, USE
from cogs.video.answer import Answer, answer_to
from cogs.video.cast_names import CastNames, doubts_people
from cogs.video.collecting import Gatherings, cancel, gather
from cogs.video.command import Composer, VideoCommand
from cogs.video.create_job import JobCreator, placed_as
from cogs.video.earlier_job import Remake, run_again, run_silent, use_pictures
from cogs.video.message_links import MessageLinks
from cogs.video.price_check import PriceCheck, dearer, price_of
from cogs.video.prompt_markup import readable
from cogs.video.reference_check import doubt_references
from cogs.video.refusals import Refusals
from cogs.video.shots import Shots
from cogs.video.wanted import as_set, differs, wanted_jobs
from dailies.catalog.guide import ModelGuide
from dailies.disk import Disk
from dailies.errors import CatalogMissing, OverBudget, RefusedError
from dailies.job import Job
from dailies.jobs.runner import Runner
from dailies.language import gettext, gettext_noop
from dailies.reason import ReasonCode
from dailies.references.collect import Collector
from dailies.references.reference import each_source_once, read_links
from dailies.store.port import JobStore

log = logging.getLogger(__name__)

NEEDS_YES = gettext_noop("This one needs your OK before it starts. No charge yet.")
REAL_PEOPLE = gettext_noop(
    "It uses a real person's likeness, which may be refused, so it needs your OK first. No charge yet."
)
MODELS_DIFFER = gettext_noop(
    "Not every model can do all of this. See what each one would make before it starts. No charge yet."
)
PRICE_CHANGED = gettext_noop(
    "The price or a setting changed since this was shown, so nothing was started. No charge yet."
)


class VideoIntake:
    """Takes every request for a video, from any command, modal or button.

    The answer is the status (a link to it for a click that only one person sees), or a refusal; where its person has
    to agree to something first, it is the composer's panel, whose button submits the request again.
    look_seconds: limit of the answer's wait for a first look at attachments and for the job's record.
    """

    def __init__(
        self,
        *,
        guide: ModelGuide,
        collector: Collector,
        store: JobStore,
        runner: Runner,
        disk: Disk,
        composer: Composer,
        cast: CastNames,
        shots: Shots,
        links: MessageLinks,
        tokens: Tokens,
        price_check: PriceCheck,
        languages: ServerLanguages,
        look_seconds: float,
    ) -> None:
        self._guide = guide
        self._composer = composer
        self._cast, self._shots = cast, shots
        self._refusals = Refusals(composer, seconds=look_seconds / 3)
        self._links = links
        self._collector = collector
        self._store = store
        self._creator = JobCreator(store)
        self._runner = runner
        self._disk = disk
        self._tokens, self._price_check = tokens, price_check
        self._languages = languages
        self._look_seconds = look_seconds

    @RUN_AGAIN.handles
    async def run_again(self, interaction: Interaction, job_id: str) -> None:
        """Run the settings of a job whose outcome is unknown once more, on purpose, as a new job."""
        await self.submit_earlier(interaction, job_id, run_again)

    @SILENT.handles
    async def run_silent(self, interaction: Interaction, job_id: str) -> None:
        """Run the settings of a job whose sound was refused once more, without sound, as a new job."""
        await self.submit_earlier(interaction, job_id, run_silent)

    @USE.handles
    async def use_pictures(self, interaction: Interaction, job_id: str) -> None:
        """Compose a new job from a refused one, with the web pages' pictures in their place."""
        if command := await self._remade(interaction, job_id, use_pictures):
            await self.compose(interaction, command)

    async def submit_earlier(self, interaction: Interaction, job_id: str, remake: Remake) -> None:
        """Submit the command that `remake` makes from an earlier job."""
        if command := await self._remade(interaction, job_id, remake):
            await self.submit(interaction, command)

    async def _remade(self, interaction: Interaction, job_id: str, remake: Remake) -> VideoCommand | None:
        try:
            return await remake(self._store, interaction, job_id)
        except RefusedError as error:
            await refuse(interaction, error)
            return None

    async def compose(self, interaction: Interaction, command: VideoCommand) -> None:
        """Answer with the panel of a request, of which its person makes a job or not."""
        try:
            self._check_open(interaction, command)
            draft = await self._composer.draft(interaction, command)
        except RefusedError as error:
            await refuse(interaction, error)
            return
        await self._composer.open(interaction, draft)

    async def submit(self, interaction: Interaction, command: VideoCommand) -> None:
        """Check what can be checked at once, answer with the status, and start the job.

        Its person agrees first to a high price, and to references that the model may not use: in the panel.
        """
        ends = time.monotonic() + self._look_seconds
        try:
            self._check_open(interaction, command)
            command = await self._shots.command(interaction, await self._worded(interaction, command))
            command, unread = await self._with_sources(interaction, command)
            if unread:
                raise unread
            command = await self._cast.command(interaction, command)
            await self._disk.check()
            jobs = await self._jobs(interaction, command)
            if (said := await self._doubts(interaction, command, jobs)) is not None:
                draft = command.draft or await self._composer.draft(interaction, command)
                await self._composer.open(interaction, draft, said=said)
                return
            begin = partial(gather, self._collector, self._guide.references)
            gatherings = await begin(command, jobs, interaction.user.id, ends - time.monotonic())
        except (RefusedError, CatalogMissing) as error:
            await self._refusals.refuse(interaction, command, error, ends)
            return
        await self._make(interaction, command, jobs, gatherings, ends)

    def _check_open(self, interaction: Interaction, command: VideoCommand) -> None:
        if self._runner.stopping:
            raise RefusedError(ReasonCode.RESTARTING)
        check_permissions(interaction)
        check_person(interaction)
        if command.age_restricted and not age_restricted(interaction.channel):
            raise RefusedError(ReasonCode.STAYS_AGE_RESTRICTED)

    async def _worded(self, interaction: Interaction, command: VideoCommand) -> VideoCommand:
        """Fill in the key, and turn Discord's markup in the prompt into words."""
        prompt = await readable(interaction, command.options.prompt, seconds=0.5 * self._look_seconds)
        return replace(
            command,
            options=replace(command.options, prompt=prompt),
            key=command.key or str(interaction.id),
            age_restricted=age_restricted(interaction.channel),
        )

    async def _with_sources(
        self, interaction: Interaction, command: VideoCommand
    ) -> tuple[VideoCommand, RefusedError | None]:
        """Fill in the sources: each once, a link to a message replaced by the message's images.

        Links that cannot be read are left out; then the refusal comes with the command.
        """
        if command.sources is not None:
            return command, None
        try:
            links = await self._links.opened(interaction, read_links(command.links) if command.links else [])
        except RefusedError as error:
            return replace(command, sources=tuple(each_source_once(command.attached))), error
        return replace(command, sources=tuple(each_source_once([*command.attached, *links]))), None

    async def _jobs(self, interaction: Interaction, command: VideoCommand) -> tuple[Job, ...]:
        """Return the command's jobs, as each is to be. Raises RefusedError and CatalogMissing."""
        own = command.draft.defaults if command.draft else await self._guide.own_defaults(server_of(interaction))
        jobs = wanted_jobs(interaction, command, self._guide.with_own(own))
        await self._price_check.check(interaction, jobs)
        language = await self._languages.here(interaction)
        return tuple(replace(job, language=language) for job in jobs)

    async def _doubts(self, interaction: Interaction, command: VideoCommand, jobs: Sequence[Job]) -> str | None:
        """Return what the panel says above a request that its person has not agreed to yet; None: it can be made."""
        unsure: str | None = None
        for job in {job.request.model: job for job in jobs}.values():
            unsure = unsure or await doubt_references(self._guide, interaction, command, job.request)
            unsure = unsure or (gettext(REAL_PEOPLE) if doubts_people(self._guide, command, job.request) else None)
        agreed = price_of(jobs) in command.answered
        if command.most is not None:
            return unsure or dearer(jobs, command.most)
        if command.draft:
            # A composed request costs what its panel said, however little that is.
            return unsure or (None if agreed else gettext(PRICE_CHANGED))
        if command.models and differs(jobs):
            return unsure or gettext(MODELS_DIFFER)
        if unsure or agreed:
            return unsure
        return gettext(NEEDS_YES) if await self._price_check.asks(jobs) else None

    async def _make(
        self,
        interaction: Interaction,
        command: VideoCommand,
        jobs: Sequence[Job],
        gatherings: Gatherings,
        ends: float,
    ) -> None:
        """Record jobs, answer with their status and start them. If the record is slow, the answer comes first.

        ends: when the look at images ends (time.monotonic), which leaves the record a third of its time at least.
        """
        job, *others = as_set(jobs, self._guide, compared=bool(command.models))
        answer = answer_to(interaction, others)
        seconds = max(ends - time.monotonic(), self._look_seconds / 3)
        recording = await self._creator.begin([job, *others], accounts(interaction), seconds)
        early = None if recording.done() else await answer.begin(job)
        made, refused = None, RefusedError(command.made_before) if command.made_before else None
        try:
            made = await self._creator.finish(recording, [early or job, *others])
        except RefusedError as error:
            # Another command used the budget since it was checked, or the database is unavailable.
            refused = error
            if isinstance(error, OverBudget):
                self._price_check.advise(error, job)
        except Exception:
            await cancel(gatherings)
            if early:
                await self._withdraw(interaction, command, answer, early, RefusedError(ReasonCode.BUG))
            raise
        if made:
            placed = early or await answer.begin(made[0])
            await self._start(interaction, command, answer, placed_as(placed, made), gatherings)
            return
        await cancel(gatherings)
        if early:
            if refused:
                log_refusal(interaction, refused)
            await self._withdraw(interaction, command, answer, early, refused)
        elif refused and refused.reason.code is not command.made_before:
            await self._refusals.refuse(interaction, command, refused, ends)
        elif refused:
            await refuse(interaction, refused)
        else:
            log.info("interaction %s came twice; its job runs already", interaction.id)

    async def _start(
        self,
        interaction: Interaction,
        command: VideoCommand,
        answer: Answer,
        takes: tuple[Job, ...],
        gatherings: Gatherings,
    ) -> None:
        """Start jobs that are recorded and answered, once their status is there."""
        takes = placed_as(await answer.show(takes[0]), takes)
        shown = takes[0].place.status_message_id is not None
        for model, gathering in gatherings.items():
            gathering.share(sum(job.request.model == model for job in takes))
        for job in takes:
            if not shown:
                await gatherings[job.request.model].cancel()
            elif answer.by_token:
                self._tokens.hold(job.id, interaction)
            await self._store.save(job)
        for job in takes:
            # Without a gathering, a job in CHECKING ends as not sent.
            self._runner.start(job, gatherings[job.request.model] if shown else None)
        if (why := takes[0].reason) and not takes[0].told:
            refused = RefusedError(why.code, **why.values)
            await self._withdraw(interaction, command, answer, takes[0], refused)

    async def _withdraw(
        self, interaction: Interaction, command: VideoCommand, answer: Answer, job: Job, refused: RefusedError | None
    ) -> None:
        """Say in place of an early answer that the job is not made; a draft comes back in its panel."""
        if command.draft and refused and refused.reason.code is not command.made_before:
            said = inert_reason(refused.reason, REFUSAL_SHOWN)
            await self._composer.open(interaction, command.draft, said=said)
        else:
            await answer.withdraw(job, refused)
