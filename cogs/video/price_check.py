"""Money before a job is made: the price is asked about, budgets refuse, and who pays is read from the interaction."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from discord import Interaction

from cogs.budget.views import price_question
from cogs.interactions.permissions import accounts
from cogs.interactions.questions import Choice, Question
from dailies.catalog.guide import ModelGuide
from dailies.errors import OverBudget
from dailies.job import Job
from dailies.money.affordable import longest
from dailies.money.credits import Credits
from dailies.store.budgets import BudgetStore


class PriceCheck:
    """confirm_above: USD from which a price is asked about; None: never."""

    def __init__(
        self, budget_store: BudgetStore, guide: ModelGuide, credits_: Credits, *, confirm_above: Decimal | None
    ) -> None:
        self.budget_store = budget_store
        self._guide = guide
        self._credits = credits_
        self._confirm_above = confirm_above

    async def question(self, interaction: Interaction, job: Job, yes: Choice, *, agreed: bool) -> Question | None:
        """The question whether the price is agreed to, if it has to be asked. agreed: to this very price.

        Raises OverBudget and CreditsShort when there is no room for the job now; whether it has room in the budgets is
        decided when it is created.
        """
        budgets_left = await self.budget_store.budgets_left(job, accounts(interaction))
        try:
            self.budget_store.ledger.check(job, budgets_left)
        except OverBudget as error:
            self.advise(error, job)
            raise
        await self._credits.check(self.budget_store.ledger.price(job))
        if agreed or not self._asks(job):
            return None
        return Question(price_question(job, budgets_left), (yes, Choice("No", None)))

    def _asks(self, job: Job) -> bool:
        if self._confirm_above is None:
            return False
        if job.quote is None or job.quote.usd is None:
            return True
        # The most that it should cost: who set a limit wants to be asked before it may be passed.
        return (job.most or job.quote.usd) > self._confirm_above or not self._confirm_above

    def advise(self, error: OverBudget, job: Job) -> None:
        """Add to a refusal what would fit."""
        if model := self._guide.model(job.request.model):
            offered = self._guide.references.durations(model, references=bool(job.references or job.sources)) or ()
            error.fits = longest(job, model, offered, error.left, self.budget_store.ledger.price)


def price_of(job: Job) -> str:
    """The name of the question whether a job's price is agreed to: another price, model or setting is another one."""
    return f"price of {replace(job.request, notes=())}: {job.quote}"
