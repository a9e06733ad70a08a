"""The line in the status of a job that waits: for its turn, for credits, or until its request is sent again."""

from __future__ import annotations

from cogs.interactions.text import inert_reason, relative
from dailies.explain import short
from dailies.formatting import ordinal
from dailies.job import Job, QueuePosition
from dailies.language import gettext

WAIT_SHOWN = 300


def queue_line(job: Job) -> str:
    """Return the words for a queued job."""
    if job.trouble:
        why = inert_reason(job.trouble, WAIT_SHOWN, short)
        if job.send_at is not None:
            return gettext("{why}. Retrying {time}. No charge yet.", why=why, time=relative(job.send_at))
        return gettext("On hold: {why}. Starts automatically. No charge yet.", why=why)
    return gettext("{place}. Starts automatically. No charge yet.", place=place_in_line(job))


def place_in_line(job: Job) -> str:
    """Return a job's place among those that wait: "Next in line, with 1 of your videos generating"."""
    position = job.queue_position
    if position is None:
        return gettext("In line")
    place = gettext("Next in line") if position.place == 1 else nth_in_line(position)
    if not position.running:
        return place
    return gettext("{place}, with {number} of your videos generating", place=place, number=position.running)


def nth_in_line(position: QueuePosition) -> str:
    """Return a place among those that wait: "3rd in line"."""
    return gettext("{place} in line", place=ordinal(position.place))
