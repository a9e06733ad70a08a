"""Checks of price, budgets and credits before a job is created."""

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
from dailies.money.affordable import longest_offered
from dailies.money.credits import Credits
from dailies.store.budgets import BudgetStore


class PriceCheck:
    """confirm_above: USD above which a price has to be confirmed, 0: every price; None: never."""

    def __init__(
        self, budget_store: BudgetStore, guide: ModelGuide, credits_: Credits, *, confirm_above: Decimal | None
    ) -> None:
        self.budget_store = budget_store
        self._guide = guide
        self._credits = credits_
        self._confirm_above = confirm_above

    async def question(self, interaction: Interaction, job: Job, yes: Choice, *, agreed: bool) -> Question | None:
        """Return the question that confirms the price, if it has to be asked. agreed: to exactly this price.

        Raises OverBudget and CreditsShort when the job does not fit now. The budgets are checked again, with effect,
        when the job is created.
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
        # The upper bound counts: an operator who set a limit wants a confirmation before it can be exceeded.
        return (job.most or job.quote.usd) > self._confirm_above or not self._confirm_above

    def advise(self, error: OverBudget, job: Job) -> None:
        """Add the longest video that would fit to a refusal."""
        error.fits = longest_offered(job, self._guide, error.left, self.budget_store.ledger.price)


def price_of(job: Job) -> str:
    """Return the name of the price question, which differs for every price, model and setting."""
    return f"price of {replace(job.request, notes=())}: {job.quote}"
