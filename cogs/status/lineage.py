"""Origin of a job, in words."""

from __future__ import annotations

from cogs.status.summary import jump, named_take, video_jump
from dailies.job import How, Job, Origin
from dailies.takes import letter

_FROM = {
    How.AGAIN: "again, after {take}",
    How.EDIT: "from {take}",
    How.NEXT_SHOT: "next shot after {take}",
    How.LAST_FRAME: "from the last frame of {take}",
    How.CONTINUATION: "continues {take}",
    How.FINAL: "final of {take}",
}


def came_from(origin: Origin, earlier: Job | None, *, linked: bool = False) -> str:
    """Say how a job came from an earlier one, as in "from the last frame of take 2".

    earlier: that job; None: it is not known. One that was forgotten is not named. linked: the reader may see where it
    is.
    """
    if earlier is None or earlier.forgotten_at is not None:
        return _FROM[origin.how].format(take="an earlier take")
    compared = earlier.take_set is not None and earlier.take_set.compared
    take = f"video {letter(earlier)}" if compared else named_take(earlier)
    url = _url(earlier) if linked else None
    return _FROM[origin.how].format(take=f"[{take}]({url})" if url else take)


def _url(job: Job) -> str | None:
    """Return the URL of a job's video, or of its status."""
    status = job.place.status_id
    return video_jump(job) or (jump(job, status) if status and not job.place.token_only else None)
