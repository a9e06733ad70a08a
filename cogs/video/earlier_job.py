"""Which earlier job a new one may be made of, and by whom."""

from __future__ import annotations

import asyncio

from discord import Interaction

from dailies.errors import RefusedError
from dailies.explain import NOTHING_PAID
from dailies.job import Job, State
from dailies.store.port import JobStore


async def pictured(store: JobStore, interaction: Interaction, job_id: str) -> Job:
    """A job that was refused because pages were given for images, for who asked for it. Raises RefusedError."""
    job = await _earlier(store, interaction, job_id)
    if interaction.user.id != job.place.requester_id:
        raise RefusedError(f"Only the person who asked for it can use these images. {NOTHING_PAID}")
    if job.state is not State.REFUSED or not any(one.page for one in job.references):
        raise RefusedError(f"This job has no images to use; use /video. {NOTHING_PAID}")
    return job


async def unknown(store: JobStore, interaction: Interaction, job_id: str) -> Job:
    """A job that may have been paid or not, for who asked for it and for moderators. Raises RefusedError."""
    job = await _earlier(store, interaction, job_id)
    if interaction.user.id != job.place.requester_id and not interaction.permissions.manage_messages:
        raise RefusedError(f"Only the person who asked for it, or a moderator, can run it again. {NOTHING_PAID}")
    if job.state not in (State.UNKNOWN, State.UNREPORTED):
        raise RefusedError(f"What became of this job is known by now; use /video for another. {NOTHING_PAID}")
    return job


async def _earlier(store: JobStore, interaction: Interaction, job_id: str) -> Job:
    """A job whose reference images are still there, for a new one made of it."""
    try:
        job = await store.get(job_id)
    except KeyError:
        raise RefusedError(f"This job is no longer known; use /video. {NOTHING_PAID}") from None
    if job.forgotten_at is not None:
        raise RefusedError(f"This job was forgotten; use /video. {NOTHING_PAID}")
    if not await asyncio.to_thread(lambda: all(one.path.is_file() for one in job.references)):
        raise RefusedError(f"The reference images are gone from the bot's disk; use /video. {NOTHING_PAID}")
    return job
