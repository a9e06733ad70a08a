"""Buttons below a status, which work after a restart too. Who may press one is checked when it is pressed."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import discord
from discord import ui

from cogs.interactions.buttons import CustomId
from dailies.formatting import usd
from dailies.job import Job, State
from dailies.reason import Reason, ReasonCode

JOB_ID = "[0-9a-z]{1,25}"
AGAIN = CustomId("again:{job_id}", job_id=JOB_ID)
"""Runs a job's settings once more."""

SILENT = CustomId("silent:{job_id}", job_id=JOB_ID)
"""Runs a job's settings once more, without sound."""

USE = CustomId("use:{job_id}", job_id=JOB_ID)
"""Takes the picture of a page."""

CANCEL = CustomId("cancel:{job_id}", job_id="[0-9a-z-]{1,25}")
"""Cancels a job that waits to be sent."""

DELIVER, ORIGINAL = "deliver", "original"
FILE = CustomId("jobs:{what}:{job_id}", what=f"{DELIVER}|{ORIGINAL}", job_id=JOB_ID)
"""Posts a job's video again, or gives its file as the model made it."""


def rows(job: Job) -> list[ui.ActionRow[ui.LayoutView]]:
    """Return the rows of buttons that stand below a job's status."""
    found: list[ui.ActionRow[ui.LayoutView]] = []
    for button in (_new_job(job), _file(job)):
        if button:
            row: ui.ActionRow[ui.LayoutView] = ui.ActionRow()
            found.append(row.add_item(button))
    return found


def refused_for_sound(job: Job) -> Reason | None:
    """Return the advice to run a failed job without sound, if that is what its end advises."""
    advice = job.reason.values.get("advice") if job.reason else None
    fits = isinstance(advice, Reason) and advice.code is ReasonCode.ADVICE_SOUND
    return advice if fits and job.state is State.FAILED and job.request.audio else None


def _new_job(job: Job) -> ui.Button[Any] | None:
    if job.state in (State.UNKNOWN, State.UNREPORTED):
        return AGAIN.button("Run it again (a new job, paid anew)", job_id=job.id)
    if job.state is State.QUEUED:
        return CANCEL.button("Cancel", job_id=job.id)
    if advice := refused_for_sound(job):
        price = advice.values.get("usd")
        label = "Run again without sound" + (f" · {usd(Decimal(price))}" if price is not None else "")
        return SILENT.button(label, job_id=job.id)
    pages = sum(bool(one.page) for one in job.references)
    if job.state is State.REFUSED and pages:
        label = "Use this image" if pages == 1 else "Use these images"
        return USE.button(label, discord.ButtonStyle.primary, job_id=job.id)
    return None


def _file(job: Job) -> ui.Button[Any] | None:
    """Return the button for the file of an ended job, if there is one."""
    if job.file is None or job.file_removed_at is not None:
        return None
    if job.state is State.UNDELIVERED:
        return FILE.button("Deliver again", what=DELIVER, job_id=job.id)
    if job.state is State.DELIVERED and job.delivery_note:
        return FILE.button("Original file", what=ORIGINAL, job_id=job.id)
    return None
