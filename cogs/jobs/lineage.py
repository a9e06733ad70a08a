"""The line of /jobs show about what a job came from, for one reader."""

from __future__ import annotations

from discord import Interaction

from cogs.interactions.permissions import sees
from cogs.status.lineage import came_from
from cogs.status.summary import named_take
from dailies.job import Job
from dailies.language import gettext, ngettext
from dailies.store.library import Library
from dailies.takes import letter


async def lineage_line(library: Library, interaction: Interaction, job: Job) -> str:
    """Return what a job was requested with, and what it came from, linked where the reader sees that; empty: neither.

    The line with its settings names the take of a shot already.
    """
    parts: list[str] = []
    if job.take_set and job.take_set.compared:
        of = gettext("video {letter} of a comparison of {n} models", letter=letter(job), n=job.take_set.size)
        parts.append(of)
    elif job.take_set and job.take_set.size > 1:
        parts.append(gettext("{take}, one of {n} requested together", take=named_take(job), n=job.take_set.size))
    elif job.origin or (job.take > 1 and not job.shot):
        parts.append(named_take(job))
    if job.origin:
        earlier = await library.find(job.origin.job_id)
        parts.append(came_from(job.origin, earlier, linked=earlier is not None and _visible(interaction, earlier)))
        if job.origin.hops:
            parts.append(ngettext("{n} last frame in a row", "{n} last frames in a row", job.origin.hops))
    line = " · ".join(parts)
    return line[:1].upper() + line[1:]


def _visible(interaction: Interaction, job: Job) -> bool:
    place = job.place
    if place.requester_id == interaction.user.id or sees(interaction, place):
        return True
    return place.guild_id is None and place.channel_id == interaction.channel_id
