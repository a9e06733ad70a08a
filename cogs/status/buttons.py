"""Buttons below a status, which work after a restart too. Who may press one is checked when it is pressed."""

from __future__ import annotations

from decimal import ROUND_UP, Decimal
from typing import Any

import discord
from discord import ui

from cogs.interactions.buttons import CustomId
from dailies.formatting import cents, usd
from dailies.job import Job, State
from dailies.language import gettext
from dailies.openrouter.pricing import Quote
from dailies.reason import Reason, ReasonCode

JOB_ID = "[0-9a-z]{1,25}"
MILLION = Decimal(1_000_000)
NUMBER = "[1-9][0-9]?"
"""Number of an output of a job, from 1."""

AGAIN = CustomId("video:again:{job_id}:{most}", job_id=JOB_ID, most="[0-9]{0,15}")
"""Makes another video with a job's settings. most: millionths of a USD on its label; empty: none."""

EDIT = CustomId("edit:{job_id}", job_id=JOB_ID)
"""Opens the composer with everything of a job."""

CONTINUE = CustomId("video:continue:{job_id}:{number}", job_id=JOB_ID, number=NUMBER)
"""Offers the ways in which a video goes on."""

MORE = CustomId("video:more:{job_id}:{number}", job_id=JOB_ID, number=NUMBER)
"""Shows what else there is of a video. It stands under every video, and says which one that is."""

RUN_AGAIN = CustomId("again:{job_id}", job_id=JOB_ID)
"""Runs the settings of a job once more whose outcome is unknown."""

SILENT = CustomId("silent:{job_id}", job_id=JOB_ID)
"""Runs a job's settings once more, without sound."""

USE = CustomId("use:{job_id}", job_id=JOB_ID)
"""Takes the picture of a page."""

CANCEL = CustomId("cancel:{job_id}", job_id="[0-9a-z-]{1,25}")
"""Cancels a job that waits to be sent."""

DELIVER, ORIGINAL = "deliver", "original"
FILE = CustomId("jobs:{what}:{job_id}", what=f"{DELIVER}|{ORIGINAL}", job_id=JOB_ID)
"""Posts a job's video again, or gives its file as the model made it."""

FINAL = CustomId("video:final:{job_id}", job_id=JOB_ID)
"""Opens the composer with a video's request on the final model and resolution."""

VOTE = CustomId("compare:vote:{set_id}:{place}", set_id=JOB_ID, place="[1-4]")
"""Chooses a video of a comparison, by its place. They stand below the videos, and say which comparison that is."""

END_VOTE = CustomId("compare:end:{set_id}", set_id=JOB_ID)
"""Ends the vote, and lets the models be told."""

WINNER = CustomId("compare:winner:{set_id}", set_id=JOB_ID)
"""Opens the composer with the winner's request as a final."""

ABOUT = CustomId("compare:more:{job_id}", job_id=JOB_ID)
"""More, for one of several videos in a message."""

SHARE = CustomId("video:share:{job_id}:{number}", job_id=JOB_ID, number=NUMBER)
"""Gives a link under which anybody can watch a video."""


def video_buttons(job: Job, number: int, today: Quote | None, *, continues: bool = True) -> list[ui.Button[Any]]:
    """Return the buttons below a video. number: of the output. today: what its settings cost now; None: not known.

    continues: it is a video, which can go on.
    """
    most = most_of(today)
    found = [
        AGAIN.button(again_label(today), job_id=job.id, most="" if most is None else int(most * MILLION)),
        EDIT.button(gettext("Edit"), job_id=job.id),
        CONTINUE.button(gettext("Continue"), job_id=job.id, number=number),
        MORE.button(gettext("More"), job_id=job.id, number=number),
    ]
    return found if continues else [found[0], found[1], found[3]]


def again_label(today: Quote | None) -> str:
    """Return the label of Again, with the most that it charges, as far as a price is known."""
    most = most_of(today)
    if today is None or most is None:
        return gettext("Again")
    if today.usd is None or most > today.usd:
        return gettext("Again · up to {price}", price=cents(most))
    return gettext("Again · {price}", price=cents(most))


def most_of(quote: Quote | None) -> Decimal | None:
    """Return the most USD that a quote lets expect, to the millionth; None: not known."""
    most = None if quote is None else quote.usd if quote.at_most is None else quote.at_most
    return None if most is None else most.quantize(1 / MILLION, ROUND_UP)


def status_buttons(job: Job) -> ui.ActionRow[ui.LayoutView] | None:
    """Return the buttons that stand below a job's status; None if there are none."""
    edit = EDIT.button(gettext("Edit"), job_id=job.id) if job.ended and job.state is not State.DELIVERED else None
    if buttons := [one for one in (_new_job(job), _file(job), edit) if one]:
        return ui.ActionRow(*buttons)
    return None


def refused_for_sound(job: Job) -> Reason | None:
    """Return the advice to run a failed job without sound, if that is what its end advises."""
    advice = job.reason.values.get("advice") if job.reason else None
    fits = isinstance(advice, Reason) and advice.code is ReasonCode.ADVICE_SOUND
    return advice if fits and job.state is State.FAILED and job.request.audio else None


def _new_job(job: Job) -> ui.Button[Any] | None:
    if job.state in (State.UNKNOWN, State.UNREPORTED):
        return RUN_AGAIN.button(gettext("Run again (new charge)"), job_id=job.id)
    if job.state is State.QUEUED:
        return CANCEL.button(gettext("Cancel"), job_id=job.id)
    if advice := refused_for_sound(job):
        price = advice.values.get("usd")
        label = gettext("Run again without sound")
        if price is not None:
            label = gettext("Run again without sound · {price}", price=usd(Decimal(price)))
        return SILENT.button(label, job_id=job.id)
    pages = sum(bool(one.page) for one in job.references)
    if job.state is State.REFUSED and pages:
        label = gettext("Use this image") if pages == 1 else gettext("Use these images")
        return USE.button(label, discord.ButtonStyle.primary, job_id=job.id)
    return None


def _file(job: Job) -> ui.Button[Any] | None:
    """Return the button that posts the file of a job that could not be posted, if there is one."""
    if job.file is None or job.file_removed_at is not None or job.state is not State.UNDELIVERED:
        return None
    return FILE.button(gettext("Deliver again"), what=DELIVER, job_id=job.id)
