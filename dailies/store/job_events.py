"""Changes of jobs, for the log and the metrics: each change of state once, however often a record is saved."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from dailies.job import Job, State
from dailies.log_fields import fields
from dailies.metrics.port import UNCOUNTED, Metrics

log = logging.getLogger(__name__)

_LEVELS = {
    State.UNKNOWN: logging.ERROR,
    State.UNDELIVERED: logging.ERROR,
    State.FAILED: logging.WARNING,
    State.EXPIRED: logging.WARNING,
    State.TIMED_OUT: logging.WARNING,
    State.UNREPORTED: logging.WARNING,
}
"""Levels of the lines about ends; of all others INFO."""


class JobEvents:
    """Learns of each record that was stored, and logs and counts what is new in it.

    It remembers the states of the jobs that this process carries on. A job that it does not know was left by another
    process; of that one only an end that was told is old.
    """

    def __init__(self, metrics: Metrics = UNCOUNTED) -> None:
        self._metrics = metrics
        self._states: dict[str, State] = {}

    def created(self, takes: Iterable[Job]) -> None:
        """Note jobs that were made."""
        for job in takes:
            asked = fields(
                "job_asked",
                user=job.place.requester_id,
                guild=job.place.guild_id,
                channel=job.place.channel_id,
                model=job.request.model,
                usd=None if job.most is None else float(job.most),
                pictures=sum(job.images),
                set=job.take_set and job.take_set.id,
            )
            log.info("job %s: requested", job.id, extra=asked)
            self.saved(job)

    def known(self, jobs: Iterable[Job]) -> None:
        """Note jobs as an earlier process left them."""
        for job in jobs:
            self._states.setdefault(job.id, job.state)

    def saved(self, job: Job, *, was: State | None = None) -> None:
        """Note a record that was stored. was: its state before, where that is known."""
        before = was or self._states.get(job.id)
        if job.ended and job.told:
            self._states.pop(job.id, None)
            if before is None:
                return
        else:
            self._states[job.id] = job.state
        if before is not job.state:
            self._moved(job)

    def _moved(self, job: Job) -> None:
        self._metrics.job_moved(str(job.state), job.request.model)
        match job.state:
            case State.SUBMITTED:
                sent = fields("job_submitted", openrouter_id=job.openrouter_id, seconds=_seconds(job, job.submitted_at))
                log.info("job %s: accepted by OpenRouter", job.id, extra=sent)
                if job.submitted_at is not None:
                    self._metrics.job_submitted(job.submitted_at - job.created_at)
            case State.COMPLETED if job.completed_at is not None:
                self._metrics.job_finished(job.request.model, job.completed_at - (job.submitted_at or job.created_at))
            case _ if job.ended:
                self._ended(job)
            case _:
                pass

    def _ended(self, job: Job) -> None:
        if job.state is State.DELIVERED and job.completed_at is not None and job.ended_at is not None:
            self._metrics.job_delivered(job.ended_at - job.completed_at)
        how = fields(
            "job_ended",
            state=str(job.state),
            seconds=_seconds(job, job.ended_at),
            usd=None if job.cost is None else float(job.cost),
            reason=job.reason and job.reason.codes,
            video=job.video_message_id,
        )
        log.log(_LEVELS.get(job.state, logging.INFO), "job %s: ended", job.id, extra=how)


def _seconds(job: Job, until: float | None) -> float | None:
    return None if until is None else round(until - job.created_at, 1)
