"""Where jobs are kept."""

from __future__ import annotations

from typing import Protocol

from dailies.jobs.job import Job


class JobStore(Protocol):
    """What the life of a job needs of its store. Every call is durable when it returns."""

    async def create(self, job: Job) -> bool:
        """Keep a new job. False, and nothing kept, when there is one with the same key."""
        ...

    async def save(self, job: Job) -> None:
        """Keep what has become of a job."""
        ...

    async def get(self, job_id: str) -> Job:
        """A job by its id. Raises KeyError when there is none."""
        ...

    async def unfinished(self) -> list[Job]:
        """The jobs that have not ended."""
        ...


class MemoryStore:
    """Keeps jobs in memory: they are gone when the process ends. ended: how many ended ones stay."""

    def __init__(self, *, ended: int = 1000) -> None:
        self._jobs: dict[str, Job] = {}
        self._keys: dict[str, str] = {}
        self._most = ended

    async def create(self, job: Job) -> bool:
        """See JobStore."""
        if job.key in self._keys:
            return False
        self._keys[job.key] = job.id
        self._jobs[job.id] = job
        self._forget()
        return True

    async def save(self, job: Job) -> None:
        """See JobStore."""
        self._jobs[job.id] = job

    async def get(self, job_id: str) -> Job:
        """See JobStore."""
        return self._jobs[job_id]

    async def unfinished(self) -> list[Job]:
        """See JobStore."""
        return [job for job in self._jobs.values() if not job.ended]

    def _forget(self) -> None:
        ended = [job for job in self._jobs.values() if job.ended]
        for job in ended[: max(0, len(ended) - self._most)]:
            del self._jobs[job.id]
            del self._keys[job.key]
