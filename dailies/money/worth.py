"""The figure to steer by: what an approved second of film cost, in USD and in minutes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from dailies.formatting import cents, decimal
from dailies.language import gettext
from dailies.money.usage import Spent, total


@dataclass(frozen=True)
class Worth:
    """Sums of jobs. usd: their known costs. minutes: that OpenRouter worked on them. approved: seconds of film.

    wasted_usd, wasted: costs and number of jobs of which nothing holds as approved.
    """

    usd: Decimal
    minutes: float
    approved: float
    wasted_usd: Decimal
    wasted: int

    @property
    def usd_each(self) -> Decimal | None:
        """USD for an approved second; None without one."""
        return self.usd / Decimal(str(self.approved)) if self.approved else None

    @property
    def minutes_each(self) -> float | None:
        """Minutes for an approved second; None without one."""
        return self.minutes / self.approved if self.approved else None


def each_second(of: Worth) -> str | None:
    """Return what an approved second cost, in words: "$0.52 and 1.3 min"; None without one."""
    if of.usd_each is None or of.minutes_each is None:
        return None
    return gettext("{cost} and {minutes} min", cost=cents(of.usd_each), minutes=decimal(of.minutes_each, 1))


def worth(items: Iterable[Spent]) -> Worth:
    """Return what these jobs came to, failed and unapproved ones included: they are a part of the price."""
    items = list(items)
    wasted = [one for one in items if not one.approved_seconds and one.cost]
    minutes = sum(one.made_seconds for one in items) / 60
    return Worth(total(items), minutes, sum(one.approved_seconds for one in items), total(wasted), len(wasted))
