"""Commands made of earlier jobs: which job, by whom, and with what."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

from discord import Interaction

from cogs.interactions.buttons import CustomId
from cogs.status.view import AGAIN, USE
from cogs.video.command import VideoCommand
from dailies.errors import RefusedError
from dailies.job import Job, State
from dailies.reason import ReasonCode
from dailies.store.port import JobStore

Remake = Callable[[JobStore, Interaction, str], Awaitable[VideoCommand]]
"""Makes a command of the job with this id. Raises RefusedError."""


async def use_pictures(store: JobStore, interaction: Interaction, job_id: str) -> VideoCommand:
    """A job that was refused because of pages, with their pictures in their place, for who asked for it."""
    job = await _earlier(store, job_id)
    if interaction.user.id != job.place.requester_id:
        raise RefusedError(ReasonCode.ONLY_REQUESTER_USES)
    if job.state is not State.REFUSED or not any(one.page for one in job.references):
        raise RefusedError(ReasonCode.NO_IMAGES_TO_USE)
    return _command(job, USE, ReasonCode.IMAGES_USED)


async def run_again(store: JobStore, interaction: Interaction, job_id: str) -> VideoCommand:
    """A job that may have been paid or not, once more on purpose, for who asked for it and for moderators."""
    job = await _earlier(store, job_id)
    if interaction.user.id != job.place.requester_id and not interaction.permissions.manage_messages:
        raise RefusedError(ReasonCode.ONLY_REQUESTER_RUNS)
    if job.state not in (State.UNKNOWN, State.UNREPORTED):
        raise RefusedError(ReasonCode.OUTCOME_KNOWN)
    return _command(job, AGAIN, ReasonCode.RUN_AGAIN_ALREADY)


async def _earlier(store: JobStore, job_id: str) -> Job:
    """A job whose reference images are still there, for a new one made of it."""
    try:
        job = await store.get(job_id)
    except KeyError:
        raise RefusedError(ReasonCode.JOB_UNKNOWN) from None
    if job.forgotten_at is not None:
        raise RefusedError(ReasonCode.JOB_FORGOTTEN)
    if not await asyncio.to_thread(lambda: all(one.path.is_file() for one in job.references)):
        raise RefusedError(ReasonCode.IMAGES_GONE)
    return job


def _command(job: Job, button: CustomId, made_before: ReasonCode) -> VideoCommand:
    """The same once more. The button has one key for the job: whoever presses it how often, it makes one job."""
    return VideoCommand(
        job.request.options,
        sources=job.sources,
        references=tuple(replace(one, page=None) for one in job.references),
        key=button.of(job_id=job.id),
        made_before=made_before,
    )
