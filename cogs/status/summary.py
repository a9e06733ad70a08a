"""A finished video in one line: what it is, its number among the takes, and where it is."""

from __future__ import annotations

from cogs.interactions.text import inert
from dailies.formatting import cents, in_seconds, spell
from dailies.job import Job
from dailies.language import gettext
from dailies.shot import SHOT_NAME_MOST

MODEL_SHOWN = 80
SIZE_SHOWN = 20


def summary(job: Job, number: int = 1) -> str:
    """Return model, length, size, time and cost of a job's video. number: of the output, from 1."""
    request = job.request
    output = job.outputs[number - 1] if number <= len(job.outputs) else None
    seconds = request.duration if request.duration is not None else output and output.seconds
    size = f"{output.width} × {output.height}" if output and output.width else None
    if request.resolution:
        size = inert(request.resolution, SIZE_SHOWN)
    length = None if seconds is None else in_seconds(seconds)
    return " · ".join(filter(None, (inert(request.model_name, MODEL_SHOWN), length, size, _took(job), _cost(job))))


def _took(job: Job) -> str | None:
    """Say how long OpenRouter took; what the download and the post took is no property of the video."""
    ended = job.completed_at or job.ended_at
    return None if ended is None else spell(ended - (job.submitted_at or job.created_at))


def _cost(job: Job) -> str:
    if job.cost is None:
        return gettext("cost not reported")
    said, quoted = cents(job.cost), job.quote and job.quote.usd
    if quoted is not None and cents(quoted) != said:
        said = gettext("{cost} (quoted {quoted})", cost=said, quoted=cents(quoted))
    return gettext("{cost}, billed to your own provider key", cost=said) if job.is_byok else said


def requested_by(job: Job) -> str:
    """Return whose job it is, as a line begins."""
    return gettext("Requested by {person}", person=f"<@{job.place.requester_id}>")


def take(job: Job) -> str | None:
    """Return the name of a take, if there is more than one as far as it knows, or a shot; None: the only one."""
    several = job.shot is not None or job.take > 1 or (job.take_set is not None and job.take_set.size > 1)
    return named_take(job) if several else None


def named_take(job: Job) -> str:
    """Return the name of a take: "12A · take 3" within its shot, or else by its lineage: "take 2"."""
    if job.shot is not None and job.shot.number is None:
        return shot(job)  # not recorded yet, or it stands for a whole set
    return " · ".join(filter(None, (shot(job), gettext("take {number}", number=job.number))))


def shot(job: Job) -> str:
    """Return the name of a job's shot; empty: it is a take of none."""
    return inert(job.shot.name, SHOT_NAME_MOST) if job.shot else ""


def sent_directly(job: Job) -> bool:
    """Tell if a job's video came as a direct message: neither in its own channel, nor in the post of its shot."""
    return job.video_channel_id not in (None, job.post_id)


def jump(job: Job, message_id: int, channel_id: int | None = None) -> str:
    """Return the URL of a message in the channel of the job, or in another one of its server."""
    return (
        f"https://discord.com/channels/{job.place.guild_id or '@me'}/{channel_id or job.place.channel_id}/{message_id}"
    )


def video_jump(job: Job) -> str | None:
    """Return the URL of the message with a job's video; None if there is none, or its server is not known."""
    if job.video_message_id is None or (job.place.token_only and job.video_channel_id is None):
        return None
    if sent_directly(job):
        return f"https://discord.com/channels/@me/{job.video_channel_id}/{job.video_message_id}"
    return jump(job, job.video_message_id, job.video_channel_id)
