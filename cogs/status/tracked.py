"""States of a status message: those that it should show, and those that it shows."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace

from cogs.status.message import StatusMessage
from dailies.job import Job


def status_name(job: Job) -> str:
    """Return the name of a job's status: the id of the job, or of the set that it is a take of."""
    return job.take_set.id if job.take_set else job.id


def place_of(job: Job) -> int:
    """Return a job's place in its set, from 1."""
    return job.take_set.place if job.take_set else 1


@dataclass(slots=True)
class TrackedStatus:
    """A status message. jobs: the states that it should show, by their places: of one job, or of the takes of a set.

    shown: the states that it shows; None while unknown. told: set once a job's end was told, by its id. until: no edit
    before then, because Discord limited this message alone.
    """

    name: str
    jobs: dict[int, Job] = field(default_factory=dict[int, Job])
    shown: tuple[Job, ...] | None = None
    shown_at: float = 0.0
    refused: bool = False
    until: float = 0.0
    tries: int = 0
    told: dict[str, asyncio.Future[bool]] = field(default_factory=dict[str, "asyncio.Future[bool]"])
    message: StatusMessage = field(default_factory=StatusMessage)

    @property
    def latest(self) -> tuple[Job, ...]:
        """The states that it should show, in order."""
        return tuple(job for _, job in sorted(self.jobs.items()))

    @property
    def ended(self) -> bool:
        """True when nothing that it shows goes on by itself."""
        return all(job.ended for job in self.jobs.values())

    @property
    def news(self) -> bool:
        """True if the message should change by more than the time of the last check."""
        shown, latest = self.shown, self.latest
        return shown is None or len(shown) != len(latest) or any(map(_differs, shown, latest))

    def untold(self, jobs: tuple[Job, ...]) -> list[Job]:
        """Return the ended ones of these jobs whose end somebody waits to be told."""
        return [job for job in jobs if job.ended and not job.told and job.id in self.told]

    def replaceable(self, jobs: tuple[Job, ...]) -> bool:
        """Return whether it may be posted again: not a second time, and not once all ends were told."""
        again = self.message.new_id is not None or any(job.place.new_status_id is not None for job in jobs)
        return not (again or jobs[0].place.token_only or all(job.ended and job.told for job in jobs))


def _differs(shown: Job, latest: Job) -> bool:
    """Tell if a job has changed by more than its last check."""
    checked = replace(shown, polls=latest.polls, checked_at=latest.checked_at, running_at=latest.running_at)
    return checked != latest
