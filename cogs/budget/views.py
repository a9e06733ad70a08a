"""Money in words: what is left of the budgets, and what a video without a bill is settled as."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from cogs.interactions.text import inert
from cogs.status.view import title
from dailies.formatting import usd
from dailies.job import Job
from dailies.money.budget import BudgetLeft, Period, Scope

SHOWN = 10
"""Maximum budgets listed; a person with dozens of roles has more than fit into a message."""
NAMES = {
    Scope.EACH: "Your budget here",
    Scope.USER: "Your budget here",
    Scope.ROLE: "Your role's budget",
    Scope.CHANNEL: "This channel's budget",
    Scope.GUILD: "This server's budget",
}


def settle_question(job: Job, held: Decimal, cost: Decimal) -> str:
    """Ask to confirm the cost of a job without a bill. held: USD that it holds until then."""
    counts = f"as {usd(cost)}" if cost else "as not charged"
    return "\n".join(
        [
            f"### Settle {job.id} {counts}?",
            f"{title(job)}, requested by <@{job.place.requester_id}> <t:{int(job.created_at)}:f>, "
            f"{inert(job.request.model_name, 80)}. It holds {usd(held)}.",
            "Check openrouter.ai/activity first. The ledger records that you said so. If OpenRouter still reports "
            "a charge, that counts instead.",
        ]
    )


def budget_lines(budgets_left: Sequence[BudgetLeft]) -> list[str]:
    """List what is left of each budget, the tightest first."""
    more = [f"- and {len(budgets_left) - SHOWN} more, with more left"] if len(budgets_left) > SHOWN else []
    return [f"- {_left_line(one)}" for one in sorted(budgets_left, key=lambda each: each.left)[:SHOWN]] + more


def _left_line(one: BudgetLeft) -> str:
    """Say what is left of a budget and when it renews, in each reader's own time zone."""
    each = "today" if one.budget.period is Period.DAY else "this month"
    name = f"<@&{one.budget.subject_id}>'s budget" if one.budget.scope is Scope.ROLE else NAMES[one.budget.scope]
    return f"{name}: {usd(one.left)} of {usd(one.budget.usd)} left {each}; renews <t:{int(one.renews)}:R>"
