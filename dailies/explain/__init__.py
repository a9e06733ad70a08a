"""The one place where an error becomes a sentence for the person who asked.

Each says what happened, whether anything can have been paid where that is in doubt, and what to do next. The text
may hold words of others (OpenRouter's, a file's name): who shows it makes them inert.

    failures.py    errors: what was refused, what failed
    course.py      how a job stands, and why it ended
    kept.py        answers about kept jobs
    phrases.py     what several of them share
"""

from dailies.explain.failures import (
    explain,
    no_room,
    short,
)
from dailies.explain.job_ends import (
    dearer,
    gave_up,
    job_ended,
    left_unanswered,
    left_unsent,
    never_reported,
    no_credits,
    not_downloaded,
    not_readable,
    pages_given,
    queued_too_long,
    restored,
    settled,
    stranded,
)
from dailies.explain.jobs_command import (
    looks_again,
    no_original,
    no_such_job,
    no_video,
    not_given,
    not_here,
    not_posted_again,
    not_yours,
    still_running,
)
from dailies.explain.phrases import (
    AWAY,
    NOTHING_PAID,
    POSTED_AGAIN,
    READY,
    REJECTED,
)

__all__ = [
    "AWAY",
    "NOTHING_PAID",
    "POSTED_AGAIN",
    "READY",
    "REJECTED",
    "dearer",
    "explain",
    "gave_up",
    "job_ended",
    "left_unanswered",
    "left_unsent",
    "looks_again",
    "never_reported",
    "no_credits",
    "no_original",
    "no_room",
    "no_such_job",
    "no_video",
    "not_downloaded",
    "not_given",
    "not_here",
    "not_posted_again",
    "not_readable",
    "not_yours",
    "pages_given",
    "queued_too_long",
    "restored",
    "settled",
    "short",
    "still_running",
    "stranded",
]
