"""The contact sheet of a set of takes, made as soon as all of them have ended."""

from __future__ import annotations

import logging

from dailies.errors import MediaError
from dailies.job import Job
from dailies.jobs.context import JobContext
from dailies.media.contact_sheet import contact_sheet
from dailies.takes import delivered, sheet_of

log = logging.getLogger(__name__)


async def make_sheet(job: Job, context: JobContext) -> None:
    """Make the contact sheet of an ended job's set, if it is the last one and there are videos to compare.

    The job has to be stored as ended: then the last of the takes finds that all are. A sheet that cannot be made is
    left out.
    """
    if job.take_set is None:
        return
    takes = await context.store.takes(job.take_set.id)
    target = sheet_of(takes)
    if target is None:
        return
    videos = {one.number: one.file for one in delivered(takes) if one.file}
    try:
        await contact_sheet(context.ffmpeg, videos, target, seconds=context.limits.media_seconds)
    except (MediaError, OSError) as error:
        log.warning("job %s: no contact sheet: %s", job.take_set.id, error)
