"""Checks of price, budgets and credits before a job is created."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from discord import Interaction

from cogs.interactions.permissions import accounts
from dailies.catalog.guide import ModelGuide
from dailies.errors import CreditsShort, OverBudget
from dailies.formatting import cents
from dailies.job import Job
from dailies.language import gettext
from dailies.money.affordable import cheaper, longest_offered
from dailies.money.credits import Credits
from dailies.store.budgets import BudgetStore
from dailies.store.server_settings import ServerSettingStore


class PriceCheck:
    """confirm_above: USD above which a price has to be confirmed, 0: every price; None: never. Servers can lower it."""

    def __init__(
        self,
        budget_store: BudgetStore,
        server_settings: ServerSettingStore,
        guide: ModelGuide,
        credits_: Credits,
        *,
        confirm_above: Decimal | None,
    ) -> None:
        self._server_settings = server_settings
        self.budget_store = budget_store
        self._guide = guide
        self._credits = credits_
        self._confirm_above = confirm_above

    async def check(self, interaction: Interaction, jobs: Sequence[Job]) -> None:
        """Check that these jobs fit now. The budgets are checked again, with effect, when they are created.

        Raises OverBudget and CreditsShort.
        """
        ledger, first = self.budget_store.ledger, jobs[0]
        budgets_left = await self.budget_store.budgets_left(first, accounts(interaction))
        try:
            ledger.check(jobs, budgets_left)
        except OverBudget as error:
            self.advise(error, first)
            raise
        await self._credits.check(sum(map(ledger.price, jobs), Decimal(0)))

    def cheaper(self, job: Job, error: OverBudget | CreditsShort) -> dict[str, int | str]:
        """Return settings with which a refused job would fit; empty: with none, or there are no credits at all."""
        return cheaper(job, self._guide, _left(error), self.budget_store.ledger.price)

    def fewer(self, job: Job, error: OverBudget | CreditsShort, takes: int) -> int:
        """Return how many takes of a refused set to make instead: as many as fit, at least one."""
        return max(1, self.budget_store.ledger.fits([job] * (takes - 1), _left(error)))

    async def asks(self, jobs: Sequence[Job]) -> bool:
        """Tell if the price of these jobs has to be agreed to before they are made: the operator or the server says so,
        whoever has the lower amount.
        """
        if _above(self._confirm_above, jobs):
            return True
        server = await self._server_settings.of(jobs[0].place.guild_id)
        return _above(server.confirm_above_usd, jobs)

    def advise(self, error: OverBudget, job: Job) -> None:
        """Add the longest video that would fit to a refusal."""
        error.fits = longest_offered(job, self._guide, error.left, self.budget_store.ledger.price)


def price_of(jobs: Sequence[Job]) -> str:
    """Return the name of a price in VideoCommand.answered, which differs for every price, model, setting and number."""
    # A panel that does not look into the cast does not know the words that are sent for its names.
    return "price of " + " + ".join(f"{replace(job.request, notes=(), sent_prompt=None)}: {job.quote}" for job in jobs)


def dearer(jobs: Sequence[Job], most: Decimal) -> str | None:
    """Return what the panel says when jobs cost more than the pressed button named; None: they do not."""
    prices = [job.most for job in jobs if job.most is not None]
    if len(prices) < len(jobs):
        return gettext("The price is no longer known; the button said {price}. No charge yet.", price=cents(most))
    today = sum(prices, Decimal(0))
    if today <= most:
        return None
    return gettext(
        "The price is now {now}; the button said {price}. No charge yet.", now=cents(today), price=cents(most)
    )


def _above(amount: Decimal | None, jobs: Sequence[Job]) -> bool:
    """Tell if the price of jobs is above an amount; 0: every price is, None: none is."""
    if amount is None:
        return False
    if any(job.quote is None or job.quote.usd is None for job in jobs):
        return True
    # The upper bound counts: whoever set a limit wants a confirmation before it can be exceeded.
    return sum((job.most or Decimal(0) for job in jobs), Decimal(0)) > amount or not amount


def _left(error: OverBudget | CreditsShort) -> Decimal:
    """Return the USD that are left by a refusal."""
    return max(
        Decimal(0), error.left if isinstance(error, OverBudget) else Decimal(error.reason.values.get("left") or 0)
    )
