"""The record of a comparison: one request, each of its videos by another model, and the vote on them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dailies.job import Job


@dataclass(frozen=True, slots=True)
class Comparison:
    """A comparison as it is stored. Times are Unix seconds.

    set_id: of its set of jobs. together: its videos go into one message; None: not decided yet. members: ids of the
    jobs whose videos were there when that was decided. message_id: of that message; None: not posted, or each video
    has its own. channel_id: where that message is; None: in the jobs' own channel. opened_at: when the vote began;
    None: it has not. winner_id: the job with the most votes; None: none, or a tie. told: the messages show how it
    ended.
    """

    set_id: str
    guild_id: int | None
    asker_id: int
    together: bool | None = None
    members: tuple[str, ...] = ()
    message_id: int | None = None
    channel_id: int | None = None
    opened_at: float | None = None
    ended_at: float | None = None
    winner_id: str | None = None
    told: bool = False

    def shows(self, job: Job) -> bool:
        """Tell if a job's video is one of those in the common message."""
        return self.together is True and job.id in self.members


def winner(votes: Mapping[str, int]) -> str | None:
    """Return the id with the most votes; None: there are none, or several have as many."""
    most = max(votes.values(), default=0)
    first = [job_id for job_id, count in votes.items() if count == most]
    return first[0] if most and len(first) == 1 else None


def is_blind(takes: Sequence[Job]) -> bool:
    """Tell if the models of a comparison's jobs are secret. What one of them knows of the vote holds for all: a run may
    have read its own record before.
    """
    return all(job.blind for job in takes)


def chosen(takes: Sequence[Job]) -> Job | None:
    """Return the job that won the vote on a comparison; None: it goes on, nobody voted, or it is a tie."""
    first = winner({job.id: job.take_set.votes or 0 for job in takes if job.take_set})
    return next((job for job in takes if job.id == first), None)
