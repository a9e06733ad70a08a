"""Budgets: limits on the cost of jobs in a day or a month, and the jobs that count."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal
from enum import StrEnum


class Scope(StrEnum):
    """The jobs that count on a budget: all within one server; a direct message has the budget of EACH alone."""

    EACH = "each"  # a budget for everybody separately
    USER = "user"  # one person, instead of EACH
    ROLE = "role"  # the people with a role, together
    CHANNEL = "channel"  # a channel with its threads
    GUILD = "guild"


class Period(StrEnum):
    """The period of a budget, in the operator's time zone."""

    DAY = "day"
    MONTH = "month"

    def began(self, at: float, zone: tzinfo) -> float:
        """Return when the period of a moment began. Unix seconds, as every time here."""
        midnight = datetime.fromtimestamp(at, zone).replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
        return (midnight if self is Period.DAY else midnight.replace(day=1)).timestamp()

    def renews(self, at: float, zone: tzinfo) -> float:
        """Return when the next period begins."""
        began = datetime.fromtimestamp(self.began(at, zone), zone)
        # Calendar days: one with a change of the clock has 23 or 25 hours. The longest month has 31 days.
        after = began.date() + timedelta(days=1 if self is Period.DAY else 31)
        first = after if self is Period.DAY else after.replace(day=1)
        return datetime(first.year, first.month, first.day, tzinfo=zone).timestamp()


@dataclass(frozen=True)
class Budget:
    """subject_id: of the user, role or channel; 0 for EACH and GUILD."""

    scope: Scope
    period: Period
    usd: Decimal
    subject_id: int = 0


@dataclass(frozen=True)
class BudgetAccounts:
    """The accounts on which a job counts, besides its server's and its requester's.

    channel_id: the channel, for a thread the one it is in. role_ids: the requester's roles when the job was made.
    """

    channel_id: int
    role_ids: frozenset[int] = frozenset()


@dataclass(frozen=True)
class BudgetLeft:
    """The remainder of a budget. used: held and spent in its period. renews: Unix seconds."""

    budget: Budget
    used: Decimal
    renews: float

    @property
    def left(self) -> Decimal:
        """Return USD; 0 if more was spent than was held."""
        return max(Decimal(0), self.budget.usd - self.used)


@dataclass(frozen=True)
class Policy:
    """The operator's settings: ceilings, which a server's own limits can lower and never raise.

    unknown_usd: what a job holds when neither its price nor a bound is known. None for a number of jobs: no limit.
    """

    zone: tzinfo = UTC
    budgets: tuple[Budget, ...] = ()
    unknown_usd: Decimal = Decimal(5)
    user_jobs: int | None = None
    guild_jobs: int | None = None

    def ceiling(self, scope: Scope, period: Period) -> Decimal | None:
        """Return the most USD that a server's own budget can allow; None without an operator's budget over it."""
        over = {Scope.GUILD, Scope.EACH} if scope in (Scope.EACH, Scope.USER) else {Scope.GUILD}
        return min((one.usd for one in self.budgets if one.scope in over and one.period is period), default=None)

    def capped(self, budget: Budget) -> Budget:
        """Return a server's own budget as it holds: at most the operator's ceiling."""
        ceiling = self.ceiling(budget.scope, budget.period)
        return budget if ceiling is None else replace(budget, usd=min(budget.usd, ceiling))

    def jobs(self, per_user: int | None, per_guild: int | None) -> tuple[int | None, int | None]:
        """Return a server's own limits of running jobs as they hold: at most the operator's."""
        return _lower(per_user, self.user_jobs), _lower(per_guild, self.guild_jobs)


def applicable(
    own: Iterable[Budget], policy: Policy, *, in_guild: bool, user_id: int, accounts: BudgetAccounts
) -> list[Budget]:
    """The budgets on which a job counts. own: those that its server has set."""
    set_here = {(one.scope, one.subject_id, one.period): policy.capped(one) for one in own}
    defaults = {(one.scope, one.subject_id, one.period): one for one in policy.budgets}
    everything = defaults | set_here if in_guild else defaults
    found: list[Budget] = []
    for period in Period:
        each = everything.get((Scope.EACH, 0, period))
        found += [one for one in [everything.get((Scope.USER, user_id, period), each)] if one]
        if not in_guild:
            continue
        keys = [(Scope.CHANNEL, accounts.channel_id), (Scope.GUILD, 0)]
        keys += [(Scope.ROLE, role_id) for role_id in sorted(accounts.role_ids)]
        found += [
            everything[scope, subject, period] for scope, subject in keys if (scope, subject, period) in everything
        ]
    return found


def _lower(own: int | None, operators: int | None) -> int | None:
    return min((one for one in (own, operators) if one is not None), default=None)
