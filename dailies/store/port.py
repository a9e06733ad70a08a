"""The port through which a job's life reaches its records; SqlStore in sql.py implements it."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Protocol

from dailies.job import Job
from dailies.money.budget import BudgetAccounts


class JobStore(Protocol):
    """Store of jobs. Every call except `count` is durable when it returns."""

    async def create(self, job: Job, accounts: BudgetAccounts | None = None) -> bool:
        """Keep a new job and what it holds of the budgets.

        False, and nothing kept, when there is one with the same key.
        payer: on whose budgets it counts besides; None: its channel's. Raises OverBudget, and keeps nothing.
        """
        ...

    async def save(self, job: Job) -> None:
        """Keep what has become of a job, and end what it holds of the budgets once its cost is known."""
        ...

    async def intend(self, job: Job) -> bool:
        """Keep that the paid request of a reserved job goes out now; False, and nothing kept, when the record says that
        it is not reserved any more, so that somebody else has taken the job over and may have sent it.
        """
        ...

    async def accept(self, job: Job) -> None:
        """As `save`, for OpenRouter's answer to the paid request: on the disk until the database has taken it."""
        ...

    async def recover(self) -> None:
        """Bring back to life what was paid and only the disk knows of; before anything is resumed."""
        ...

    async def admit(self, job: Job, *, able: Callable[[Decimal | None], bool] = lambda _: True) -> Job:
        """Keep a queued job with its references; returns it as reserved when its turn has come, else with its line.

        able: whether jobs that should cost at most so many USD can go at all; those that cannot hold up nobody.
        """
        ...

    def count(self, job: Job) -> None:
        """Keep, with the next `flush`, that a submitted job was looked at once more, and what was seen; it still runs.

        The one thing that need not be durable: a crash forgets checks of the last seconds.
        """
        ...

    async def flush(self) -> None:
        """Write what was counted, all in one transaction."""
        ...

    async def turn(self, job: Job, *, was: Job, said_by: int | None = None) -> bool:
        """Keep what has become of a job that no run holds, unless its record changed since it was read as `was`:
        False, and nothing kept, when its state is another one, its cost is known by now, or it was forgotten.

        said_by: the person who says what it cost; None: OpenRouter does.
        """
        ...

    async def get(self, job_id: str) -> Job:
        """A job by its id. Raises KeyError when there is none."""
        ...

    async def named(self, openrouter_id: str) -> str | None:
        """Our id of the job that OpenRouter calls so; None when it is nobody's that is known."""
        ...

    async def unfinished(self) -> list[Job]:
        """The jobs that have not ended, and those whose end was not told, oldest first."""
        ...

    async def is_copy(self) -> bool:
        """Tell if the database is a restored backup: it was made as one, or does not know of the last request that was
        sent from here. Another process may have carried on its jobs since.
        """
        ...

    async def adopt(self) -> None:
        """It is the database from now on."""
        ...

    async def submitted(self) -> list[str]:
        """Ids of the jobs that OpenRouter has."""
        ...

    async def unanswered(self) -> list[Job]:
        """The unknown jobs that OpenRouter was asked to report, oldest first, without those that were forgotten and
        those of which a person said what they cost.
        """
        ...
