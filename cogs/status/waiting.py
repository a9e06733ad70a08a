"""The lines of a status message about a job that is waited for."""

from __future__ import annotations

import re

from cogs.interactions.text import inert, relative
from dailies.explain import sentence, short
from dailies.formatting import span
from dailies.job import Job
from dailies.jobs.durations import Usual
from dailies.language import gettext, gettext_noop
from dailies.reason import ReasonCode

REASON_SHOWN = 800
NOTE_SHOWN = 110

WORKING = "in_progress"
"""OpenRouter's word for a job that the model works on, which the title says already."""
_REMOTE = {"pending": gettext_noop("in the model's queue")}
"""OpenRouter's words for a running job, in ours."""

_SAYS_SOMETHING = re.compile(
    r"refer|image|photo|picture|logo|brand|same|keep|match|identical|exact|preserv|consistent|shown|"
    r"like in|as in|colou?r|shape|face|style|likeness|[{<\[@]\s*(?:image\s*_?)?\d",
    re.IGNORECASE,
)

ADVICE = gettext_noop("Tip: say in the prompt what should match the references: shape, colour, logo, pattern.")


def waiting(job: Job, usual: Usual | None) -> str:
    """Say how a submitted job stands, by its last check."""
    said = job.remote_status
    parts = [gettext("Started {time}", time=relative(job.submitted_at or job.created_at))]
    if said and said != WORKING:
        quoted = gettext("OpenRouter says “{status}”", status=inert(said, 40))
        parts.append(gettext(_REMOTE[said]) if said in _REMOTE else quoted)
    if usual:
        parts.append(gettext("usually {time}", time=span(usual.half, usual.most)))
    checked = None if job.checked_at is None else gettext("checked {time}", time=relative(job.checked_at))
    parts.append(checked or gettext("not checked yet"))
    lines = [" · ".join(parts)]
    if job.late:
        lines.append(
            gettext("This is taking longer than usual. The bot keeps checking and posts the video when it's done.")
        )
    return "\n".join(lines)


def hints(job: Job) -> list[str]:
    """Return what else to know of a submitted job: a check that failed, and advice on the prompt."""
    lines = trouble(job)
    if job.images.references and not _SAYS_SOMETHING.search(job.request.prompt):
        lines.append(gettext(ADVICE))
    return lines


def trouble(job: Job) -> list[str]:
    """Return what failed while the job goes on, and when it is tried again."""
    if not job.trouble:
        return []
    if job.trouble.code == ReasonCode.DOWNLOAD_DELAYED:
        why, at = inert(sentence(job.trouble), REASON_SHOWN), relative(job.trouble.values["at"])
        return [gettext("{why}. Trying again {time}.", why=why, time=at)]
    return [gettext("Last try: {why}. Trying again.", why=inert(short(job.trouble), NOTE_SHOWN))]
