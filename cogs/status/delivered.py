"""The status of a delivered job: two lines that lead to the video, so that a job takes one screen."""

from __future__ import annotations

from cogs.interactions.text import Words, inert
from cogs.status.summary import sent_directly, summary, take, video_jump
from dailies.explain import sentence
from dailies.job import Job
from dailies.language import gettext, ngettext

PROBLEM_SHOWN = 800


def delivered(job: Job, title: str, identity: str) -> list[Words]:
    """Return the texts of the status. title: of its state. identity: the words that name its job."""
    who = gettext("requested by {person}", person=f"<@{job.place.requester_id}>")
    last = " · ".join(filter(None, (identity, _link(job), who, take(job), summary(job))))
    texts = Words(f"### {title}"), Words(_problems(job), cut=1), Words(f"-# {last}")
    return [text for text in texts if text.content]


def _link(job: Job) -> str | None:
    url = None if sent_directly(job) else video_jump(job)
    if url is None:
        return None
    posted = sum(one.message_id is not None for one in job.outputs)
    words = ngettext("to the first of {n} video", "to the first of {n} videos", posted)
    return f"[{gettext('to the video') if posted < 2 else words}]({url})"


def _problems(job: Job) -> str:
    """Say what the video's own message does not say here: what is missing, and that it is elsewhere."""
    lines = [inert(sentence(one.problem), PROBLEM_SHOWN) for one in job.outputs if one.problem]
    if sent_directly(job):
        # Names the place, because this may be a direct message itself.
        place = f"<#{job.place.channel_id}>"
        said = gettext("The video was sent as a direct message, because it couldn't be posted in {place}.", place=place)
        lines.append(said)
    return "\n".join(lines)
