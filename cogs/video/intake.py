"""Where a command's options become a job: checked, answered within Discord's three seconds, handed over."""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

import discord
from discord import Interaction

from cogs.interactions.discord_errors import BROKEN
from cogs.interactions.permissions import accounts, check_permissions
from cogs.interactions.questions import Choice, Question, Questions
from cogs.interactions.responses import REFUSAL_SHOWN, refuse
from cogs.interactions.text import NOBODY, inert
from cogs.interactions.tokens import Tokens
from cogs.status.view import AGAIN, USE, status_view
from cogs.video.create_job import JobCreator
from cogs.video.earlier_job import pictured, unknown
from cogs.video.message_links import MessageLinks
from cogs.video.new_job import new_job, quoted
from cogs.video.price_check import PriceCheck, price_of
from dailies.catalog.browse import stand_in
from dailies.catalog.facts import ModelImageLimits
from dailies.catalog.options import Defaults, Options, VideoRequest, check_options
from dailies.catalog.references import ReferenceModels
from dailies.disk import Disk
from dailies.errors import CatalogMissing, OverBudget, RefusedError, TooManyReferences
from dailies.explain import NOTHING_PAID, explain
from dailies.job import Job, State
from dailies.jobs.runner import Runner
from dailies.openrouter.models import CatalogCache
from dailies.openrouter.pricing import Quote
from dailies.references.collect import Collector, Gathering
from dailies.references.reference import Reference, Source, read_links
from dailies.store.port import JobStore

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class VideoCommand:
    """A command's options. attachments: in the order of the options. links: the option's text.

    key: the id of the command's interaction, also after a question, so that one command makes one job; empty at first.
    answered: names of the questions that were answered with yes, which are not asked again.
    sources: what attachments and links come to, links to messages opened; None until that was looked up.
    """

    options: Options
    attachments: Sequence[discord.Attachment] = ()
    links: str | None = None
    key: str = ""
    answered: frozenset[str] = frozenset()
    sources: tuple[Source, ...] | None = None
    references: tuple[Reference, ...] = ()
    """References that were looked into for an earlier job; nothing is fetched again."""


Check = Callable[[Interaction, VideoCommand, VideoRequest], Awaitable[Question | None]]
"""Looks at a request before its job is made: None lets it pass, a question is asked, RefusedError refuses it."""


class VideoIntake:
    """Takes requests. It answers every one of them: with the status, or with a refusal to the requester alone."""

    def __init__(
        self,
        *,
        catalog_cache: CatalogCache,
        collector: Collector,
        store: JobStore,
        runner: Runner,
        defaults: Defaults,
        disk: Disk,
        questions: Questions,
        known: ReferenceModels,
        links: MessageLinks,
        tokens: Tokens,
        price_check: PriceCheck,
        look_seconds: float,
    ) -> None:
        self.checks: list[Check] = []
        self.questions = questions
        self.catalog_cache = catalog_cache
        self.defaults = defaults
        self.known = known
        self.links = links
        self._collector = collector
        self._store = store
        self._creator = JobCreator(store, seconds=look_seconds)
        self._runner = runner
        self._disk = disk
        self._tokens = tokens
        self._price_check = price_check
        self._look_seconds = look_seconds

    async def take(self, interaction: Interaction, asked: VideoCommand) -> None:
        """Check what can be seen at once, answer with the status, and start the job.

        A check that has a question answers with that; the click on its answer comes here again, with `asked` changed.
        """
        began = time.monotonic()
        asked = replace(asked, key=asked.key or str(interaction.id))
        try:
            self._check_open(interaction)
            sources = await self._sources(interaction, asked)
            asked = replace(asked, sources=sources)
            await self._disk.check()
            checked = await self._checked(interaction, asked, len(sources))
            ready = await self._priced(interaction, asked, checked) if isinstance(checked, VideoRequest) else checked
        except (RefusedError, CatalogMissing) as error:
            await refuse(interaction, error)
            return
        if isinstance(ready, Question):
            await self.questions.ask(interaction, ready)
            return
        if asked.references:
            await self._use(interaction, ready, asked.references)
            return
        gathering = self._collector.start(sources, requester=interaction.user.id, takes=self._takes(ready))
        if refused := await gathering.refused_early(self._look_seconds - (time.monotonic() - began)):
            await gathering.cancel()
            await refuse(interaction, refused)
            return
        await self._begin(interaction, ready, gathering)

    async def _use(self, interaction: Interaction, job: Job, references: Sequence[Reference]) -> None:
        if not await self._begin(interaction, job, self._again(interaction, references, job)):
            used = f"These images have been used already, in a job of their own. {NOTHING_PAID}"
            await refuse(interaction, RefusedError(used))

    def choice(self, label: str, asked: VideoCommand, name: str) -> Choice:
        """A button that takes the request again, as it is given here, with the question `name` answered."""
        return Choice(label, partial(self.take, asked=replace(asked, answered=asked.answered | {name})))

    async def _sources(self, interaction: Interaction, asked: VideoCommand) -> tuple[Source, ...]:
        """Attachments and links, each once, in order; a link to a message counts as that message's images."""
        if asked.sources is not None:
            return asked.sources
        attached = [Source(url=one.url, name=one.filename[:80], attached=True) for one in asked.attachments]
        links = await self.links.opened(interaction, read_links(asked.links) if asked.links else [])
        return tuple({source.url: source for source in [*attached, *links]}.values())

    async def _checked(self, interaction: Interaction, asked: VideoCommand, references: int) -> VideoRequest | Question:
        options = replace(asked.options, references=references)
        try:
            defaults, notes = self.standing()
            request = check_options(options, self.catalog_cache.catalog, defaults, self.known)
            if options.model is None:
                request = replace(request, notes=(*request.notes, *notes))
        except TooManyReferences as error:
            return self._fewer(asked, error)
        for check in self.checks:
            if question := await check(interaction, asked, request):
                return question
        return request

    async def _priced(self, interaction: Interaction, asked: VideoCommand, request: VideoRequest) -> Job | Question:
        sources = asked.sources or ()
        job = new_job(interaction, self.catalog_cache, asked.key, request, sources, len(sources))
        price = price_of(job)
        yes = self.choice("Pay and make it", asked, price)
        return await self._price_check.question(interaction, job, yes, agreed=price in asked.answered) or job

    def _fewer(self, asked: VideoCommand, error: TooManyReferences) -> Question:
        """More references than the model takes: the first ones can be used."""
        first = replace(asked, sources=(asked.sources or ())[: error.most])
        return Question(
            f"{inert(explain(error), REFUSAL_SHOWN)}",
            (Choice(f"Use the first {error.most}", partial(self.take, asked=first)), Choice("Cancel", None)),
        )

    @AGAIN.handles
    async def again(self, interaction: Interaction, job_id: str, *, agreed: str = "") -> None:
        """Run the settings of a job whose fate is unknown once more, on purpose, as a job of its own.

        agreed: after a question, the price that was agreed to.
        """
        try:
            self._check_open(interaction)
            before = await unknown(self._store, interaction, job_id)
            await self._disk.check()
            # One key for the job: a second click, of whoever it is, makes no second one.
            job = new_job(
                interaction,
                self.catalog_cache,
                AGAIN.of(job_id=job_id),
                before.request,
                before.sources,
                len(before.references),
            )
            price = price_of(job)
            yes = Choice("Pay and make it", partial(self.again, job_id=job_id, agreed=price))
            question = await self._price_check.question(interaction, job, yes, agreed=price == agreed)
        except RefusedError as error:
            await refuse(interaction, error)
            return
        if question:
            await self.questions.ask(interaction, question)
            return
        if not await self._begin(interaction, job, self._again(interaction, before.references, job)):
            await refuse(
                interaction, RefusedError(f"It has been run again already; use /video for another. {NOTHING_PAID}")
            )

    @USE.handles
    async def use_pictures(self, interaction: Interaction, job_id: str) -> None:
        """Make a new job of a refused one, with the pictures of the pages in their place and all else equal."""
        try:
            self._check_open(interaction)
            before = await pictured(self._store, interaction, job_id)
        except RefusedError as error:
            await refuse(interaction, error)
            return
        request = before.request
        options = Options(
            prompt=request.prompt,
            model=request.model,
            duration=request.duration,
            resolution=request.resolution,
            aspect_ratio=request.aspect_ratio,
            audio=request.audio,
            seed=request.seed,
        )
        pictures = tuple(replace(one, page=None) for one in before.references)
        # One key for the refused job: however often the button is pressed, it makes one job.
        asked = VideoCommand(options, key=USE.of(job_id=job_id), sources=before.sources, references=pictures)
        await self.take(interaction, asked)

    async def _begin(self, interaction: Interaction, job: Job, gathering: Gathering | None) -> bool:
        """Record the job, answer with its status, and let it run. False: there is one with its key, nothing is said."""
        try:
            made = await self._creator.create(job, accounts(interaction))
        except RefusedError as error:
            # Another command was faster since the budgets were looked at, or the database is away.
            if gathering:
                await gathering.cancel()
            await refuse(
                interaction, self._price_check.with_advice(error, job) if isinstance(error, OverBudget) else error
            )
            return True
        if not made:
            log.info("interaction %s came twice; its job runs already", interaction.id)
            if gathering:
                await gathering.cancel()
            return False
        try:
            message_id = await _answer(interaction, job)
        except (*BROKEN, discord.HTTPException):
            # Nobody can be told and nobody would see the status: the one place where a request ends unanswered.
            log.exception("job %s: Discord did not take the answer to the command; nothing was sent", job.id)
            message_id = None
        job = replace(job, place=replace(job.place, status_message_id=message_id))
        if message_id is None:
            if gathering:
                await gathering.cancel()
            # A job found checking without references on their way ends as not sent.
            job, gathering = replace(job, state=State.CHECKING), None
        else:
            self._tokens.hold(job.id, interaction)
        await self._store.save(job)
        self._runner.start(job, gathering)
        return True

    def _again(self, interaction: Interaction, references: Sequence[Reference], job: Job) -> Gathering:
        return self._collector.again(references, requester=interaction.user.id, takes=self._takes(job))

    def _takes(self, job: Job) -> ModelImageLimits:
        return self.known.bounds(job.request.model)

    def quote(self, job: Job) -> Quote | None:
        """What a job would cost by the prices of now."""
        return quoted(self.catalog_cache, job.request, len(job.references))

    def standing(self) -> tuple[Defaults, tuple[str, ...]]:
        """See stand_in. Raises CatalogMissing."""
        return stand_in(self.catalog_cache.catalog, self.defaults, self.known)

    def _check_open(self, interaction: Interaction) -> None:
        if self._runner.stopping:
            raise RefusedError(f"The bot is restarting; run the command again in a minute. {NOTHING_PAID}")
        check_permissions(interaction)


async def _answer(interaction: Interaction, job: Job) -> int | None:
    """Answer with the status message; returns its id."""
    answer = await interaction.response.send_message(view=status_view(job, []), allowed_mentions=NOBODY)
    return answer.message_id
