"""Creating a job from a checked request and recording it, however slow the database is."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import TypeAlias

from discord import Interaction

from cogs.interactions.permissions import token_only
from cogs.video.command import VideoCommand
from dailies.catalog.options import VideoRequest
from dailies.database import BROKEN, is_away
from dailies.errors import OverBudget, RefusedError
from dailies.ids import new_id
from dailies.job import Job, Place, State
from dailies.lineage import as_composed
from dailies.money.budget import BudgetAccounts
from dailies.openrouter.pricing import Quote
from dailies.reason import Reason, ReasonCode
from dailies.store.port import JobStore

log = logging.getLogger(__name__)

Recording: TypeAlias = "asyncio.Task[tuple[Job, ...] | None]"
RECORD_SECONDS = 30.0
"""Limit of the wait for a job's record. Its status may stand there long before, and costs nothing meanwhile."""


def new_job(interaction: Interaction, command: VideoCommand, request: VideoRequest, quote: Quote | None) -> Job:
    """Return a job that only knows its request, place and requester."""
    now = time.time()
    away = token_only(interaction)
    job_id = new_id(now)
    return Job(
        id=job_id,
        key=command.key,
        place=Place(
            # A server without the bot is not recorded: it would bring budgets of its own.
            guild_id=None if away else interaction.guild_id,
            channel_id=interaction.channel_id or 0,
            requester_id=interaction.user.id,
            token_only=away,
        ),
        request=request,
        sources=command.sources or (),
        created_at=now,
        locale=str(interaction.locale),
        upload_limit=interaction.filesize_limit,
        quote=quote,
        age_restricted=command.age_restricted,
        origin=as_composed(command.origin, continues=request.continues, roles=command.roles),
        shot=command.shot,
        root_id=None if command.origin else job_id,
    )


def placed_as(answered: Job, takes: Sequence[Job]) -> tuple[Job, ...]:
    """Return takes as recorded, with the status message of their first one, and refused if that is.

    answered: the first one, as the answer to the command returned it.
    """
    names = ("state", "reason", "ended_at", "told")
    refused = {name: getattr(answered, name) for name in names}
    changes = refused if answered.ended else {}
    return tuple(
        replace(job, place=answered.place, key=job.id if answered.ended else job.key, **changes)  # pyright: ignore[reportArgumentType]
        for job in takes
    )


class JobCreator:
    """Creates jobs, and withdraws those that were recorded too late. seconds: limit of the wait for the record."""

    def __init__(self, store: JobStore, *, seconds: float = RECORD_SECONDS) -> None:
        self._store = store
        self._seconds = seconds
        self._late: set[asyncio.Task[None]] = set()

    async def begin(self, takes: Sequence[Job], accounts: BudgetAccounts, seconds: float) -> Recording:
        """Begin to record a job, or the takes of a set, and return that work, done or not, after so many seconds."""
        recording = asyncio.create_task(self._store.create_set(takes, accounts))
        await asyncio.wait([recording], timeout=seconds)
        return recording

    async def finish(self, recording: Recording, takes: Sequence[Job]) -> tuple[Job, ...] | None:
        """Wait until the jobs are recorded; return them as they are in the record, with their places in their
        lineages. None when one with their key exists.

        Raises OverBudget, and RefusedError when the database does not record them in time.
        """
        try:
            # Not cancelled on timeout: that would leave SQLite's only connection inside its transaction.
            async with asyncio.timeout(self._seconds):
                return await asyncio.shield(recording)
        except BROKEN as error:
            if not is_away(error):
                raise
            log.warning("job %s: the database did not take it in time; it is not made", takes[0].id)
            taking_back = asyncio.create_task(self._take_back(recording, takes))
            self._late.add(taking_back)
            taking_back.add_done_callback(self._late.discard)
            raise RefusedError(ReasonCode.AWAY) from error

    async def _take_back(self, recording: Recording, takes: Sequence[Job]) -> None:
        made: tuple[Job, ...] | None = None
        with suppress(OverBudget, *BROKEN):  # then nothing was recorded
            made = await recording
        if made is None:
            return
        for job in takes:
            now = time.time()
            back = replace(
                job, state=State.REFUSED, key=job.id, reason=Reason(ReasonCode.AWAY), told=True, ended_at=now
            )
            await self._store.save(back)
