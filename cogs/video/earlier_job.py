"""New commands from earlier jobs, and the checks of who may submit them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

from discord import Interaction

from cogs.interactions.buttons import CustomId
from cogs.interactions.permissions import may_handle
from cogs.interactions.rights import check_origin
from cogs.status.buttons import AGAIN, SILENT, USE, refused_for_sound
from cogs.video.command import VideoCommand
from dailies.errors import RefusedError
from dailies.job import Job, State
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
    return _command(job, USE, ReasonCode.IMAGES_USED)


async def run_again(store: JobStore, interaction: Interaction, job_id: str) -> VideoCommand:
    """Repeat, on purpose, a job that may have been paid. Only for its requester and for moderators."""
    job = await _earlier(store, interaction, job_id)
    if not may_handle(interaction, job.place):
        raise RefusedError(ReasonCode.ONLY_REQUESTER_RUNS)
    if job.state not in (State.UNKNOWN, State.UNREPORTED):
        raise RefusedError(ReasonCode.OUTCOME_KNOWN)
    return _command(job, AGAIN, ReasonCode.RUN_AGAIN_ALREADY)


async def run_silent(store: JobStore, interaction: Interaction, job_id: str) -> VideoCommand:
    """Repeat a job whose sound was refused, without sound. For everybody in its channel: whoever presses pays."""
    job = await _earlier(store, interaction, job_id)
    if interaction.user.id != job.place.requester_id and interaction.channel_id != job.place.channel_id:
        raise RefusedError(ReasonCode.ONLY_HERE)
    if not refused_for_sound(job):
        raise RefusedError(ReasonCode.SOUND_NOT_REFUSED)
    command = _command(job, SILENT, ReasonCode.RUN_AGAIN_ALREADY)
    return replace(command, options=replace(command.options, audio=False))


async def _earlier(store: JobStore, interaction: Interaction, job_id: str) -> Job:
    """Return an earlier job of this place whose reference images still exist. Raises RefusedError."""
    try:
        job = await store.get(job_id)
    except KeyError:
        raise RefusedError(ReasonCode.JOB_UNKNOWN) from None
    check_origin(interaction, job.place)
    if job.forgotten_at is not None:
        raise RefusedError(ReasonCode.JOB_FORGOTTEN)
    if not await asyncio.to_thread(lambda: all(one.path.is_file() for one in job.references)):
        raise RefusedError(ReasonCode.IMAGES_GONE)
    return job


def _command(job: Job, button: CustomId, made_before: ReasonCode) -> VideoCommand:
    """Return the job's command again. The button has one key for each job, so repeated presses make one job."""
    return VideoCommand(
        job.request.options,
        sources=job.sources,
        references=tuple(replace(one, page=None) for one in job.references),
        key=button.of(job_id=job.id),
        made_before=made_before,
        age_restricted=job.age_restricted,
    )
