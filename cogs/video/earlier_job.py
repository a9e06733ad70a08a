"""New commands from earlier jobs, and the checks of who may submit them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

from discord import Interaction

from cogs.interactions.buttons import CustomId
from cogs.interactions.permissions import age_restricted, may_handle
from cogs.interactions.rights import check_origin, check_person, check_shown
from cogs.status.buttons import RUN_AGAIN, SILENT, refused_for_sound
from cogs.video.command import VideoCommand, command_after
from dailies.errors import RefusedError
from dailies.job import How, Job, State
from dailies.reason import ReasonCode
from dailies.store.port import JobStore

Remake = Callable[[JobStore, Interaction, str], Awaitable[VideoCommand]]
"""Makes a command from the job with this id. Raises RefusedError."""


async def use_pictures(store: JobStore, interaction: Interaction, job_id: str) -> VideoCommand:
    """Repeat a job refused because of web pages, with the pages' pictures in their place. Only for its requester."""
    job = await _earlier(store, interaction, job_id)
    if interaction.user.id != job.place.requester_id:
        raise RefusedError(ReasonCode.ONLY_REQUESTER_USES)
    if job.state is not State.REFUSED or not any(one.page for one in job.references):
        raise RefusedError(ReasonCode.NO_IMAGES_TO_USE)
    return _command(job)


async def run_again(store: JobStore, interaction: Interaction, job_id: str) -> VideoCommand:
    """Repeat, on purpose, a job that may have been paid. Only for its requester and for moderators."""
    job = await _earlier(store, interaction, job_id)
    if not may_handle(interaction, job.place):
        raise RefusedError(ReasonCode.ONLY_REQUESTER_RUNS)
    if job.state not in (State.UNKNOWN, State.UNREPORTED):
        raise RefusedError(ReasonCode.OUTCOME_KNOWN)
    return _once(job, RUN_AGAIN)


async def run_silent(store: JobStore, interaction: Interaction, job_id: str) -> VideoCommand:
    """Repeat a job whose sound was refused, without sound. For everybody in its channel: whoever presses pays."""
    job = await _earlier(store, interaction, job_id)
    if interaction.user.id != job.place.requester_id and interaction.channel_id != job.place.channel_id:
        raise RefusedError(ReasonCode.ONLY_HERE)
    if not refused_for_sound(job):
        raise RefusedError(ReasonCode.SOUND_NOT_REFUSED)
    command = _once(job, SILENT)
    return replace(command, options=replace(command.options, audio=False))


async def shown_job(store: JobStore, interaction: Interaction, job_id: str, seconds: float) -> Job:
    """Return a job whose video or status the person sees here. seconds: limit of the wait for the database.

    Raises RefusedError, also when that has passed.
    """
    looking = asyncio.create_task(store.get(job_id))
    # Not cancelled when it is late: that would hold up everything else at SQLite's only connection.
    if not (await asyncio.wait([looking], timeout=seconds))[0]:
        looking.add_done_callback(lambda late: late.cancelled() or late.exception())
        raise RefusedError(ReasonCode.AWAY)
    try:
        job = looking.result()
    except KeyError:
        raise RefusedError(ReasonCode.JOB_UNKNOWN) from None
    check_shown(interaction, job.place)
    check_person(interaction)
    if job.forgotten_at is not None:
        raise RefusedError(ReasonCode.JOB_FORGOTTEN)
    if job.age_restricted and not age_restricted(interaction.channel):
        raise RefusedError(ReasonCode.STAYS_AGE_RESTRICTED)
    return job


def check_named(job: Job) -> None:
    """Check that a job's model may be told. Raises RefusedError while people vote on it."""
    if job.blind:
        raise RefusedError(ReasonCode.STILL_BLIND)


async def _earlier(store: JobStore, interaction: Interaction, job_id: str) -> Job:
    """Return an earlier job of this place whose reference images still exist. Raises RefusedError."""
    try:
        job = await store.get(job_id)
    except KeyError:
        raise RefusedError(ReasonCode.JOB_UNKNOWN) from None
    check_origin(interaction, job.place)
    if job.forgotten_at is not None:
        raise RefusedError(ReasonCode.JOB_FORGOTTEN)
    check_named(job)
    if not await asyncio.to_thread(lambda: all(one.path.is_file() for one in job.references)):
        raise RefusedError(ReasonCode.IMAGES_GONE)
    return job


def _command(job: Job) -> VideoCommand:
    """Return the job's command again."""
    return replace(
        command_after(job, How.AGAIN),
        sources=job.sources,
        references=tuple(replace(one, page=None) for one in job.references),
        # A set of takes that was refused is made again as a whole; of others, one take.
        takes=job.take_set.size if job.take_set and not job.take_set.compared and job.state is State.REFUSED else 1,
    )


def _once(job: Job, button: CustomId) -> VideoCommand:
    """Return it with the button's key, one for each job, so that repeated presses make one job."""
    return replace(_command(job), key=button.of(job_id=job.id), made_before=ReasonCode.RUN_AGAIN_ALREADY)
