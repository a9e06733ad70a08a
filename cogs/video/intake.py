"""The only path from a person's options to a job: checked, and answered within Discord's three seconds."""

from __future__ import annotations

import logging
import time
from dataclasses import replace
from functools import partial

import discord
from discord import Interaction

from cogs.interactions.discord_errors import BROKEN
from cogs.interactions.permissions import accounts, age_restricted, check_permissions
from cogs.interactions.questions import Choice, Question, Questions
from cogs.interactions.responses import REFUSAL_SHOWN, refuse
from cogs.interactions.rights import check_person
from cogs.interactions.text import NOBODY, inert
from cogs.interactions.tokens import Tokens
from cogs.status.buttons import AGAIN, SILENT, USE
from cogs.status.view import status_view
from cogs.video.command import Check, VideoCommand
from cogs.video.create_job import JobCreator, new_job
from cogs.video.earlier_job import Remake, run_again, run_silent, use_pictures
from cogs.video.message_images import attachment
from cogs.video.message_links import MessageLinks
from cogs.video.price_check import PriceCheck, price_of
from cogs.video.prompt_markup import readable
from cogs.video.reference_check import confirm_references
from dailies.catalog.guide import ModelGuide
from dailies.disk import Disk
from dailies.errors import CatalogMissing, OverBudget, RefusedError, TooManyReferences
from dailies.explain import explain, sentence
from dailies.job import Job, State
from dailies.jobs.runner import Runner
from dailies.reason import ReasonCode
from dailies.references.collect import Collector, Gathering
from dailies.references.reference import each_source_once, read_links
from dailies.store.port import JobStore

log = logging.getLogger(__name__)

HINT_SHOWN = 300


class VideoIntake:
    """Takes every request for a video, from any command, modal or button.

    The answer is the status, a question, or a refusal that only the requester sees.
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
        questions: Questions,
        links: MessageLinks,
        tokens: Tokens,
        price_check: PriceCheck,
        look_seconds: float,
    ) -> None:
        self.checks: list[Check] = [partial(confirm_references, guide, self.choice)]
        self._guide = guide
        self._questions = questions
        self._links = links
        self._collector = collector
        self._store = store
        self._creator = JobCreator(store)
        self._runner = runner
        self._disk = disk
        self._tokens = tokens
        self._price_check = price_check
        self._look_seconds = look_seconds

    @AGAIN.handles
    async def run_again(self, interaction: Interaction, job_id: str) -> None:
        """Run the settings of a job whose outcome is unknown once more, on purpose, as a new job."""
        await self.submit_earlier(interaction, job_id, run_again)

    @SILENT.handles
    async def run_silent(self, interaction: Interaction, job_id: str) -> None:
        """Run the settings of a job whose sound was refused once more, without sound, as a new job."""
        await self.submit_earlier(interaction, job_id, run_silent)

    @USE.handles
    async def use_pictures(self, interaction: Interaction, job_id: str) -> None:
        """Make a new job from a refused one, with the web pages' pictures in their place."""
        await self.submit_earlier(interaction, job_id, use_pictures)

    async def submit_earlier(self, interaction: Interaction, job_id: str, remake: Remake) -> None:
        """Submit the command that `remake` makes from an earlier job."""
        try:
            command = await remake(self._store, interaction, job_id)
        except RefusedError as error:
            await refuse(interaction, error)
            return
        await self.submit(interaction, command)

    async def submit(self, interaction: Interaction, command: VideoCommand) -> None:
        """Check what can be checked at once, answer with the status, and start the job.

        If a check has a question, that is the answer; the click on a choice submits the changed command here again.
        """
        ends = time.monotonic() + self._look_seconds
        try:
            self._check_open(interaction)
            command = await self._resolve(interaction, command)
            await self._disk.check()
            checked = await self._check(interaction, command)
            if isinstance(checked, Question):
                await self._questions.ask(interaction, checked)
                return
            gathering = await self._gather(interaction, command, checked, ends - time.monotonic())
        except (RefusedError, CatalogMissing) as error:
            await refuse(interaction, error)
            return
        await self._make(interaction, command, checked, gathering, ends)

    def choice(self, label: str, command: VideoCommand, name: str) -> Choice:
        """Return a button that submits this command again with the question `name` answered."""
        return Choice(label, partial(self.submit, command=replace(command, answered=command.answered | {name})))

    def _check_open(self, interaction: Interaction) -> None:
        if self._runner.stopping:
            raise RefusedError(ReasonCode.RESTARTING)
        check_permissions(interaction)
        check_person(interaction)

    async def _resolve(self, interaction: Interaction, command: VideoCommand) -> VideoCommand:
        """Fill in key and sources: each source once, a link to a message replaced by the message's images.

        Discord's markup in the prompt becomes words.

        Raises RefusedError if it came from an age-restricted channel, and this is none, or none any more.
        """
        adult = age_restricted(interaction.channel)
        if command.age_restricted and not adult:
            raise RefusedError(ReasonCode.STAYS_AGE_RESTRICTED)
        prompt = await readable(interaction, command.options.prompt, seconds=0.5 * self._look_seconds)
        options = replace(command.options, prompt=prompt)
        command = replace(command, options=options, key=command.key or str(interaction.id), age_restricted=adult)
        if command.sources is not None:
            return command
        attached = [attachment(one) for one in command.attachments]
        links = await self._links.opened(interaction, read_links(command.links) if command.links else [])
        return replace(command, sources=tuple(each_source_once([*attached, *links])))

    async def _check(self, interaction: Interaction, command: VideoCommand) -> Job | Question:
        """Return the command's job, or the question that has to be answered first."""
        try:
            request = self._guide.check(replace(command.options, references=command.images))
        except TooManyReferences as error:
            first = Choice(f"Use the first {error.most}", partial(self.submit, command=command.first(error.most)))
            return Question(inert(explain(error), REFUSAL_SHOWN), (first, Choice("Cancel", None)))
        for check in self.checks:
            if question := await check(interaction, command, request):
                return question
        job = new_job(interaction, command, request, self._guide.quote(request, command.images))
        price, hint = price_of(job), self._guide.people_hint(request, command.images)
        yes = self.choice("Pay and make it", command, price)
        question = await self._price_check.question(interaction, job, yes, agreed=price in command.answered)
        if question:
            return question.with_hint(inert(sentence(hint), HINT_SHOWN)) if hint else question
        # Said once: in the question, or else in the status.
        told = hint is None or price in command.answered
        return job if told else replace(job, request=replace(request, notes=(hint, *request.notes)))

    async def _gather(self, interaction: Interaction, command: VideoCommand, job: Job, seconds: float) -> Gathering:
        """Start to collect the images. Raises RefusedError for an attachment refused within these seconds."""
        begin = partial(self._collector.start, command.sources or ())
        if command.references:
            begin = partial(self._collector.again, command.references)
        gathering = begin(requester=interaction.user.id, takes=self._guide.references.bounds(job.request.model))
        if refused := await gathering.refused_early(seconds):
            await gathering.cancel()
            raise refused
        return gathering

    async def _make(
        self, interaction: Interaction, command: VideoCommand, job: Job, gathering: Gathering, ends: float
    ) -> None:
        """Record a job, answer with its status and start it. If the record is slow, the answer comes first.

        ends: when the look at images ends (time.monotonic), which leaves the record a third of its time at least.
        """
        seconds = max(ends - time.monotonic(), self._look_seconds / 3)
        recording = await self._creator.begin(job, accounts(interaction), seconds)
        early = None if recording.done() else await self._answer(interaction, job)
        made, refused = False, RefusedError(command.made_before) if command.made_before else None
        try:
            made = await self._creator.finish(recording, early or job)
        except RefusedError as error:
            # Another command used the budget since it was checked, or the database is unavailable.
            refused = error
            if isinstance(error, OverBudget):
                self._price_check.advise(error, job)
        except Exception:
            await gathering.cancel()
            if early:
                await _withdraw(interaction, early, RefusedError(ReasonCode.BUG))
            raise
        if made:
            await self._start(interaction, early or await self._answer(interaction, job), gathering)
            return
        await gathering.cancel()
        if early:
            await _withdraw(interaction, early, refused)
        elif refused:
            await refuse(interaction, refused)
        else:
            log.info("interaction %s came twice; its job runs already", interaction.id)

    async def _answer(self, interaction: Interaction, job: Job) -> Job:
        """Answer with a job's status, and return the job with its message; without one if Discord did not take it."""
        try:
            answer = await interaction.response.send_message(view=status_view(job, []), allowed_mentions=NOBODY)
        except (*BROKEN, discord.HTTPException):
            # The requester cannot be told and would see no status: the only place where a request ends unanswered.
            log.exception("job %s: Discord did not take the answer to the command; nothing was sent", job.id)
            return job
        return replace(job, place=replace(job.place, status_message_id=answer.message_id))

    async def _start(self, interaction: Interaction, job: Job, gathering: Gathering) -> None:
        """Start a job that is recorded and answered."""
        answered = job.place.status_message_id is not None
        if answered:
            self._tokens.hold(job.id, interaction)
        else:
            await gathering.cancel()
        await self._store.save(job)
        # Without a gathering, a job in CHECKING ends as not sent.
        self._runner.start(job, gathering if answered else None)


async def _withdraw(interaction: Interaction, job: Job, refused: RefusedError | None) -> None:
    """Turn the status of a job that is not made into the refusal; None: another status has it, and this one goes."""
    if job.place.status_message_id is None:
        return
    try:
        if refused is None:
            await interaction.delete_original_response()
        else:
            ended = replace(job, state=State.REFUSED, reason=refused.reason, ended_at=time.time())
            await interaction.edit_original_response(view=status_view(ended, []), allowed_mentions=NOBODY)
    except (*BROKEN, discord.HTTPException) as error:
        log.warning("job %s: its status could not be changed to say that it is not made: %r", job.id, error)
