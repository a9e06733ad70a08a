"""Origin of a job, in words."""

from __future__ import annotations

from cogs.status.summary import jump, named_take, video_jump
from dailies.job import How, Job, Origin
from dailies.language import gettext, gettext_noop
from dailies.takes import letter

_FROM = {
    How.AGAIN: gettext_noop("again, after {take}"),
    How.EDIT: gettext_noop("from {take}"),
    How.NEXT_SHOT: gettext_noop("next shot after {take}"),
    How.LAST_FRAME: gettext_noop("from the last frame of {take}"),
    How.CONTINUATION: gettext_noop("continues {take}"),
    How.FINAL: gettext_noop("final of {take}"),
}
_FROM_EARLIER = {
    How.AGAIN: gettext_noop("again, after an earlier take"),
    How.EDIT: gettext_noop("from an earlier take"),
    How.NEXT_SHOT: gettext_noop("next shot after an earlier take"),
    How.LAST_FRAME: gettext_noop("from the last frame of an earlier take"),
    How.CONTINUATION: gettext_noop("continues an earlier take"),
    How.FINAL: gettext_noop("final of an earlier take"),
}


def came_from(origin: Origin, earlier: Job | None, *, linked: bool = False) -> str:
    """Say how a job came from an earlier one, as in "from the last frame of take 2".

    earlier: that job; None: it is not known. One that was forgotten is not named. linked: the reader may see where it
    is.
    """
    if earlier is None or earlier.forgotten_at is not None:
        return gettext(_FROM_EARLIER[origin.how])
    compared = earlier.take_set is not None and earlier.take_set.compared
    take = gettext("video {letter}", letter=letter(earlier)) if compared else named_take(earlier)
    url = _url(earlier) if linked else None
    return gettext(_FROM[origin.how], take=f"[{take}]({url})" if url else take)


def _url(job: Job) -> str | None:
    """Return the URL of a job's video, or of its status."""
    status = job.place.status_id
    return video_jump(job) or (jump(job, status) if status and not job.place.token_only else None)
