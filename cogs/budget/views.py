"""Money in words: what is left of the budgets, and what a video without a bill is settled as."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from cogs.interactions.text import inert
from cogs.status.view import title
from dailies.formatting import usd
from dailies.job import Job
from dailies.language import gettext, gettext_noop, ngettext
from dailies.money.budget import BudgetLeft, Period, Scope

SHOWN = 10
"""Maximum budgets listed; a person with dozens of roles has more than fit into a message."""
NAMES = {
    Scope.EACH: gettext_noop("Your budget here"),
    Scope.USER: gettext_noop("Your budget here"),
    Scope.CHANNEL: gettext_noop("This channel's budget"),
    Scope.GUILD: gettext_noop("This server's budget"),
}


def settle_question(job: Job, held: Decimal, cost: Decimal) -> str:
    """Ask to confirm the cost of a job without a bill. held: USD that it holds until then."""
    question = gettext("Settle {job} as not charged?", job=job.id)
    if cost:
        question = gettext("Settle {job} as {amount}?", job=job.id, amount=usd(cost))
    what = gettext(
        "{title}, requested by {person} {when}, {model}. It holds {amount}.",
        title=title(job),
        person=f"<@{job.place.requester_id}>",
        when=f"<t:{int(job.created_at)}:f>",
        model=inert(job.request.model_name, 80),
        amount=usd(held),
    )
    advice = gettext(
        "Check openrouter.ai/activity first. The ledger records that you said so. If OpenRouter still reports "
        "a charge, that counts instead."
    )
    return f"### {question}\n{what}\n{advice}"


def budget_lines(budgets_left: Sequence[BudgetLeft]) -> list[str]:
    """List what is left of each budget, the tightest first."""
    lines = [_left_line(one) for one in sorted(budgets_left, key=lambda each: each.left)[:SHOWN]]
    if (more := len(budgets_left) - SHOWN) > 0:
        lines.append(ngettext("and {n} more, with more left", "and {n} more, with more left", more))
    return [f"- {line}" for line in lines]


def _left_line(one: BudgetLeft) -> str:
    """Say what is left of a budget and when it renews, in each reader's own time zone."""
    if one.budget.scope is Scope.ROLE:
        name = gettext("{role}'s budget", role=f"<@&{one.budget.subject_id}>")
    else:
        name = gettext(NAMES[one.budget.scope])
    values = {"budget": name, "left": usd(one.left), "amount": usd(one.budget.usd), "when": f"<t:{int(one.renews)}:R>"}
    if one.budget.period is Period.DAY:
        return gettext("{budget}: {left} of {amount} left today; renews {when}", **values)
    return gettext("{budget}: {left} of {amount} left this month; renews {when}", **values)
