"""Everything that is kept of a job, as an answer for one person: in words, and as a file."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import discord
from discord import Interaction, ui

from cogs.interactions.text import NOBODY
from cogs.jobs.export import record
from cogs.jobs.lineage import lineage_line
from cogs.jobs.views import job_view
from cogs.status.blind import blinded
from cogs.status.review import history_lines
from dailies.job import Job
from dailies.store.library import Library
from dailies.store.reviews import ReviewStore

SAID_SHOWN = 5
"""Newest words on a job's videos that are shown; the file has all."""
ROW = 5
"""Maximum buttons of a row."""


async def tell(
    interaction: Interaction,
    library: Library,
    reviews: ReviewStore,
    job: Job,
    rows: Sequence[Sequence[ui.Button[Any]]] = (),
) -> None:
    """Answer with all that is kept of a job. rows: of buttons below it."""
    job, name = blinded(job), f"{job.id}.txt"
    history = await reviews.history(job.id)
    said = history_lines(history[-SAID_SHOWN:], several=len(job.outputs) > 1)
    view = job_view(job, name, await lineage_line(library, interaction, job), said)
    for buttons in rows:
        for first in range(0, len(buttons), ROW):
            view.add_item(ui.ActionRow(*buttons[first : first + ROW]))
    text = record(job, history, own=job.place.requester_id == interaction.user.id)
    await interaction.response.send_message(
        view=view, file=discord.File(io.BytesIO(text.encode()), name), ephemeral=True, allowed_mentions=NOBODY
    )
