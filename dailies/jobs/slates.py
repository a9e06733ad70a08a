"""Words about a take: on its slate in a screening, and in a timeline."""

from __future__ import annotations

from dailies.formatting import cents, in_seconds
from dailies.job import Job
from dailies.language import ENGLISH, gettext, speaking
from dailies.media.slate import Slate
from dailies.takes import letter

WORDS_SHOWN = 40
"""Characters of a prompt where a take has no shot."""


def take_name(job: Job, output: int = 1) -> str:
    """Return the name of a take in people's own words, so to be escaped where they are shown: "12A · take 3", or the
    first words of its prompt where it has no shot.
    """
    words = " ".join(job.request.prompt.split())
    shown = words if len(words) <= WORDS_SHOWN else f"{words[: WORDS_SHOWN - 1].rstrip()}…"
    parts = [job.shot.name if job.shot else shown or job.id, gettext("take {number}", number=job.number)]
    return " · ".join([*parts, *([gettext("video {number}", number=output)] if output > 1 else [])])


def slate(job: Job, output: int) -> Slate:
    """Return the slate of a take, in English. While people vote on it, it names no model and no cost, which would tell
    it.
    """
    # A machine may have no font for another language, and then its characters are left out.
    with speaking(ENGLISH):
        return _slate(job, output)


def _slate(job: Job, output: int) -> Slate:
    seconds = seconds_of(job, output)
    length = None if seconds is None else in_seconds(seconds)
    if job.blind:
        return Slate(take_name(job, output), tuple(filter(None, (f"Model {letter(job)}", length))))
    cost = None if job.cost is None else cents(job.cost)
    size = " · ".join(filter(None, (length, job.request.resolution)))
    return Slate(take_name(job, output), tuple(filter(None, (job.request.model_name, size, cost))))


def seconds_of(job: Job, output: int) -> float | None:
    """Return the length of a job's video; None: not known."""
    known = job.outputs[output - 1].seconds if 0 < output <= len(job.outputs) else None
    return known if known is not None else job.request.duration
