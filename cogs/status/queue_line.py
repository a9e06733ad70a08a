"""The line in the status of a job that waits: for its turn, for credits, or until its request is sent again."""

from __future__ import annotations

from cogs.interactions.text import inert_reason, relative
from dailies.explain import short
from dailies.formatting import ordinal
from dailies.job import Job

WAIT_SHOWN = 300


def queue_line(job: Job) -> str:
    """Return the words for a queued job."""
    if job.trouble:
        why = inert_reason(job.trouble, WAIT_SHOWN, short)
        if job.send_at is not None:
            return f"{why}. Retrying {relative(job.send_at)}. No charge yet."
        return f"On hold: {why}. Starts automatically. No charge yet."
    return f"{place_in_line(job)}. Starts automatically. No charge yet."


def place_in_line(job: Job) -> str:
    """Return a job's place among those that wait: "Next in line, with 1 of your videos generating"."""
    position = job.queue_position
    if position is None:
        return "In line"
    place = "Next in line" if position.place == 1 else f"{ordinal(position.place)} in line"
    videos = f"with {position.running} of your videos generating"
    return f"{place}, {videos}" if position.running else place
