"""The port between a job's life and its stored record; SqlStore in sql.py implements it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Protocol

from dailies.job import Job
from dailies.money.budget import BudgetAccounts
from dailies.store.comparisons import ComparisonStore


class JobStore(Protocol):
    """Store of jobs. The effect of every call except `count` is durable when it returns."""

    comparisons: ComparisonStore

    async def create(self, job: Job, accounts: BudgetAccounts | None = None) -> bool:
        """Store a new job and the amount that it holds of the budgets; False, and nothing stored, when its key exists.

        accounts: further budgets on which it counts; None: its channel's. Raises OverBudget, and stores nothing then.
        """
        ...

    async def create_set(self, takes: Sequence[Job], accounts: BudgetAccounts | None = None) -> tuple[Job, ...] | None:
        """Store the takes of a set, or one job, all or none, as `create` does. Return them with their places in their
        lineages; None, and nothing stored, when a job with a key of such a set exists, whatever that set's size.

        Raises OverBudget, and stores nothing then.
        """
        ...

    async def save(self, job: Job) -> None:
        """Store a job, and release the amount that it holds of the budgets once its cost is known."""
        ...

    async def intend(self, job: Job) -> bool:
        """Record that the paid request of a reserved job is sent now. False, and nothing stored, when the record is no
        longer reserved: another process has taken the job over and may have sent it.
        """
        ...

    async def accept(self, job: Job) -> None:
        """Save OpenRouter's answer to the paid request, keeping it on the disk until the database has it."""
        ...

    async def recover(self) -> None:
        """Revive paid jobs whose answer is only on the disk; called before a job is resumed."""
        ...

    async def admit(self, job: Job, *, able: Callable[[Decimal | None], bool] = lambda _: True) -> Job:
        """Store a queued job with its references; return it reserved when its turn has come, else with its position.

        able: tells if credits allow a job of at most this many USD; jobs they do not allow hold up no others, nor do
        those that wait to be sent again. Raises Overtaken when the record waits no longer: it was cancelled, OpenRouter
        reported it after all, or another process has sent it.
        """
        ...

    def count(self, job: Job) -> None:
        """Store, with the next `flush`, that a submitted job was checked once more, and the result.

        This alone need not be durable: a crash loses the checks of the last seconds.
        """
        ...

    async def flush(self) -> None:
        """Write all counts in one transaction."""
        ...

    async def turn(self, job: Job, *, was: Job, said_by: int | None = None) -> bool:
        """Store a job that is not running, unless its record has changed since it was read as `was`: False, and nothing
        stored, when its state has changed, its cost is known by now, or it was forgotten.

        said_by: id of the person who named the cost; None: OpenRouter did.
        """
        ...

    async def get(self, job_id: str) -> Job:
        """Return a job by its id. Raises KeyError when there is none."""
        ...

    async def takes(self, set_id: str) -> tuple[Job, ...]:
        """Return the takes of a set, in order; none when there is no such set."""
        ...

    async def named(self, openrouter_id: str) -> str | None:
        """Return our id of the job with this OpenRouter id; None when there is none."""
        ...

    async def unfinished(self) -> list[Job]:
        """Return the jobs that have not ended, and those whose end was not told, oldest first."""
        ...

    async def outstanding(self) -> list[str]:
        """Return ids of the jobs whose video is to be posted, or whose end is not told, oldest first."""
        ...

    async def is_copy(self) -> bool:
        """Tell if the database is a restored backup: it is marked as one, or lacks the last request that was sent from
        here. Another process may have run its jobs since.
        """
        ...

    async def adopt(self) -> None:
        """Accept a restored backup as the database from now on."""
        ...

    async def revived(self) -> list[str]:
        """Return ids of the jobs in the states to which a job is revived: submitted and completed."""
        ...

    async def unanswered(self) -> list[Job]:
        """Return the unknown jobs that OpenRouter was asked to report, oldest first, except those that are forgotten or
        whose cost a person has named.
        """
        ...
