"""Handlers of /budget settle, which records the cost of a job that was never billed."""

from __future__ import annotations

from decimal import Decimal
from functools import partial

from discord import Interaction
from discord.app_commands import Choice as Option

from cogs import autocomplete
from cogs.budget.handlers import BudgetHandlers, amount_of
from cogs.budget.views import settle_question
from cogs.interactions.permissions import discreet, searchable
from cogs.interactions.questions import Choice, Question, Questions
from cogs.interactions.responses import defer, finish, refuse
from cogs.interactions.text import plain
from dailies.errors import RefusedError
from dailies.formatting import usd
from dailies.job import Job
from dailies.jobs.runner import Runner
from dailies.jobs.settle import can_settle, settle
from dailies.language import gettext
from dailies.reason import ReasonCode
from dailies.store.library import Library
from dailies.store.port import JobStore
from dailies.store.shards import Shards

CHOICES = 25
"""Maximum choices that Discord shows."""
SEARCHED = 200
"""Jobs that are read for them: those with a hidden prompt are left out afterwards."""
TYPED_SHOWN = 40


class SettleHandlers:
    """Settles jobs for people who may set budgets: of their server, and in the operators' channel also of no server."""

    def __init__(
        self,
        budget_handlers: BudgetHandlers,
        library: Library,
        store: JobStore,
        runner: Runner,
        questions: Questions,
        shards: Shards,
    ) -> None:
        self.shards = shards
        self._budget_handlers = budget_handlers
        self._library = library
        self._store = store
        self._runner = runner
        self._questions = questions

    async def ask(self, interaction: Interaction, typed: str, amount: str) -> None:
        """Ask to confirm the cost."""
        try:
            job = await self._job(interaction, typed)
            cost = amount_of(amount)
        except RefusedError as error:
            await refuse(interaction, error)
            return
        held = await self._budget_handlers.budget_store.held(job.id)
        yes = Choice(gettext("Settle it"), partial(self._settle, job_id=job.id, cost=cost))
        choices = (yes, Choice(gettext("Cancel"), None))
        question = Question(settle_question(job, held, cost), choices, starts=False)
        await self._questions.ask(interaction, question)

    async def _settle(self, click: Interaction, *, job_id: str, cost: Decimal) -> None:
        try:
            # The job may have changed since the question.
            job = await self._job(click, job_id)
        except RefusedError as error:
            await refuse(click, error)
            return
        await defer(click)
        if not await settle(job, cost, click.user.id, store=self._store, runner=self._runner):
            await finish(click, gettext("This job has just changed. Look at it with /jobs show first."))
            return
        said = gettext("Job {job} now counts as not charged.", job=job.id)
        if cost:
            said = gettext("Job {job} now counts as {amount}.", job=job.id, amount=usd(cost))
        await finish(click, said)

    async def complete(self, interaction: Interaction, typed: str) -> list[Option[str]]:
        """Suggest jobs that can be settled here."""
        if interaction.guild_id is None or not self._budget_handlers.manages(interaction):
            return []
        places = self._budget_handlers.places(interaction)
        found = await self._library.without_bill(places, plain(typed), limit=SEARCHED)
        shown = [job for job in found if searchable(interaction, job, plain(typed))]
        return autocomplete.jobs([discreet(interaction, job) for job in shown[:CHOICES]])

    async def _job(self, interaction: Interaction, typed: str) -> Job:
        self._budget_handlers.guild(interaction)
        job = await self._library.find(typed.strip().lower())
        if job is None or job.place.guild_id not in self._budget_handlers.places(interaction):
            raise RefusedError(ReasonCode.NO_SUCH_JOB, typed=plain(typed)[:TYPED_SHOWN])
        # Another process may still be reporting the end, and would save the job without the settled cost.
        own = self.shards.owns(job.place.guild_id)
        if job.id in self._runner.running or not job.ended or not (own or job.told):
            raise RefusedError(ReasonCode.STILL_WORKED_ON)
        if not can_settle(job):
            raise RefusedError(ReasonCode.NOTHING_IN_DOUBT, usd=job.cost)
        return job
