"""The line in the status of a job that waits: for its turn, for credits, or until its request is sent again."""

from __future__ import annotations

from cogs.interactions.text import inert_reason, relative
from dailies.explain import short
from dailies.formatting import ordinal, plural
from dailies.job import Job

WAIT_SHOWN = 300


def queue_line(job: Job) -> str:
    """Return the words for a queued job."""
    if job.trouble:
        why = inert_reason(job.trouble, WAIT_SHOWN, short)
        if job.send_at is not None:
            return f"{why}; sending again {relative(job.send_at)}. Nothing is paid yet."
        return f"It waits: {why}. It goes on by itself. Nothing is paid yet."
    place = f"{ordinal(job.queue_position.place)} in line" if job.queue_position else "In line"
    running = (
        plural(job.queue_position.running, "{n} of your jobs runs", "{n} of your jobs run")
        if job.queue_position
        else ""
    )
    return f"{place}{f'; {running}' if running else ''}. It starts by itself. Nothing is paid yet."
