"""The lines of a status message about a job that is waited for."""

from __future__ import annotations

import re

from cogs.interactions.text import inert, relative
from dailies.explain import sentence, short
from dailies.formatting import span
from dailies.job import Job
from dailies.jobs.durations import Usual
from dailies.reason import ReasonCode

REASON_SHOWN = 800
NOTE_SHOWN = 110

_REMOTE = {"pending": "waiting in the model's queue", "in_progress": "the model is working"}
"""OpenRouter's words for a running job, in ours."""

_SAYS_SOMETHING = re.compile(
    r"refer|image|photo|picture|logo|brand|same|keep|match|identical|exact|preserv|consistent|shown|"
    r"like in|as in|colou?r|shape|face|style|likeness|[{<\[@]\s*(?:image\s*_?)?\d",
    re.IGNORECASE,
)

ADVICE = "Tip: say in the prompt what should stay the same as in the references: shape, colour, logo, pattern."


def waiting(job: Job, usual: Usual | None) -> str:
    """Say how a submitted job stands, by its last check."""
    word = _REMOTE.get(job.remote_status or "", f"OpenRouter says “{inert(job.remote_status or 'nothing', 40)}”")
    submitted = f"Submitted {relative(job.submitted_at or job.created_at)}; {word}."
    if usual:
        submitted += f" Such jobs usually take {span(usual.half, usual.most)}."
    if job.checked_at is None:
        return f"{submitted}\nNot checked yet."
    if job.late:
        submitted += (
            "\nIt is taking longer than usual. The bot keeps checking; the video comes by itself when it is done."
        )
    return f"{submitted}\nLast checked {relative(job.checked_at)}, check {job.polls}."


def hints(job: Job) -> list[str]:
    """Return what else to know of a submitted job: a check that failed, and advice on the prompt."""
    lines = trouble(job)
    if (job.references or job.sources) and not _SAYS_SOMETHING.search(job.request.prompt):
        lines.append(ADVICE)
    return lines


def trouble(job: Job) -> list[str]:
    """Return what failed while the job goes on, and when it is tried again."""
    if not job.trouble:
        return []
    if job.trouble.code == ReasonCode.DOWNLOAD_DELAYED:
        return [f"{inert(sentence(job.trouble), REASON_SHOWN)}. Trying again {relative(job.trouble.values['at'])}."]
    return [f"Last try: {inert(short(job.trouble), NOTE_SHOWN)}. It is tried again."]
