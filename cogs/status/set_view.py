"""The status of a set of takes: one message, with a row for each of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import discord
from discord import ui

from cogs.interactions.text import Words, fitted, inert, inert_reason, relative
from cogs.status import view as single
from cogs.status.buttons import CANCEL, EDIT, status_buttons
from cogs.status.gallery import gallery
from cogs.status.queue_line import nth_in_line
from cogs.status.summary import sent_directly, video_jump
from dailies.explain import sentence, short
from dailies.formatting import cents, listed, span
from dailies.job import Job, State
from dailies.jobs.durations import Usual
from dailies.language import gettext
from dailies.takes import delivered, sheet_of

ROW_SHOWN = 300
BUTTONS = 5
"""Maximum buttons of a row."""


def identity(job: Job) -> str:
    """Return the words in the status of a job, or of the set that it is a take of, that identify it."""
    return f"Job {job.take_set.id if job.take_set else job.id}"


def representative(takes: Sequence[Job]) -> Job:
    """Return the take whose state says most about what a set is doing: one that goes on, or else the first."""
    return next((job for job in takes if not job.ended), takes[0])


def set_view(takes: Sequence[Job], pictures: list[str], usual: Usual | None = None) -> ui.LayoutView:
    """Build the layout for a set. pictures: addresses of its references' thumbnails, or in the end of its contact
    sheet. usual: the usual duration of such jobs, if known.
    """
    job = representative(takes)
    words, colour = _title(takes)
    container: ui.Container[ui.LayoutView] = ui.Container(accent_colour=discord.Colour(colour))
    container.add_item(Words(f"### {words}\n> {inert(job.request.prompt, single.PROMPT_SHOWN)}", cut=1))
    if pictures:
        container.add_item(_pictures(takes, pictures))
    shot = job.shot and replace(job.shot, number=None)
    settings = replace(job, request=replace(job.request, seed=None), shot=shot)  # each take has its own
    container.add_item(Words(single.settings_line(settings), cut=3))
    container.add_item(Words("\n".join(map(_row, takes)), cut=4))
    for text in (Words(_usual(takes, usual)), Words(_price(takes)), *single.asides(job), Words(_footer(takes))):
        if text.content:
            container.add_item(text)
    if buttons := _buttons(takes)[:BUTTONS]:
        container.add_item(ui.ActionRow(*buttons))
    view = ui.LayoutView(timeout=None)
    view.add_item(container)
    return fitted(view)


def sheet_text(takes: Sequence[Job]) -> str:
    """Return what a screen reader says of the contact sheet."""
    numbers = listed([str(job.number) for job in delivered(takes)])
    return gettext("Contact sheet: a frame of takes {numbers}", numbers=numbers)


def _title(takes: Sequence[Job]) -> tuple[str, int]:
    done = sum(job.state is State.DELIVERED for job in takes)
    states = {job.state for job in takes}
    if len(states) == 1:
        words, colour = single.titled(takes[0])
        return (gettext("Generating {n} takes", n=len(takes)) if states == {State.SUBMITTED} else words), colour
    if all(job.ended for job in takes):
        said = gettext("{done} of {n} takes done", done=done, n=len(takes))
        return said if done else gettext("None of the takes came through"), single.AMBER
    if done:
        return gettext("Generating {n} takes, {done} done", n=len(takes), done=done), single.BLUE
    return gettext("Generating {n} takes", n=len(takes)), single.BLUE


def _row(job: Job) -> str:
    """Say how a take stands: **2** · Done · $0.15 · seed 7 · to the video."""
    parts = [f"**{job.number}**", single.title(job), *_details(job)]
    if job.request.seed is not None:
        parts.append(gettext("seed {value}", value=job.request.seed))
    return " · ".join(parts)


def _details(job: Job) -> list[str]:
    match job.state:
        case State.QUEUED:
            if job.trouble:
                return [inert_reason(job.trouble, ROW_SHOWN, short)]
            return [nth_in_line(job.queue_position)] if job.queue_position else []
        case State.SUBMITTED:
            late = [gettext("taking longer than usual")] if job.late else []
            started = gettext("started {time}", time=relative(job.submitted_at or job.created_at))
            return [started, *late, *_trouble(job)]
        case State.COMPLETED | State.DELIVERING:
            return [inert(sentence(job.activity), ROW_SHOWN)] if job.activity else _trouble(job)
        case State.DELIVERED:
            return [*_cost(job), *_link(job)]
        case _:
            why = [inert_reason(job.reason, ROW_SHOWN)] if job.reason else []
            return [*_cost(job), *why]


def _trouble(job: Job) -> list[str]:
    return [inert_reason(job.trouble, ROW_SHOWN, short)] if job.trouble else []


def _cost(job: Job) -> list[str]:
    if job.cost is None:
        return [gettext("cost not reported")] if job.state is State.DELIVERED else []
    return [cents(job.cost)]


def _link(job: Job) -> list[str]:
    if sent_directly(job):
        return [gettext("sent as a direct message")]
    url = video_jump(job)
    return [f"[{gettext('to the video')}]({url})"] if url else []


def _usual(takes: Sequence[Job], usual: Usual | None) -> str:
    if usual is None or not any(job.state is State.SUBMITTED for job in takes):
        return ""
    return gettext("Such videos usually take {time}.", time=span(usual.half, usual.most))


def _price(takes: Sequence[Job]) -> str:
    """Return the sum: what is expected until all have ended, then what it was."""
    if all(job.ended for job in takes):
        known = [job.cost for job in takes if job.cost is not None]
        return gettext("{price} in all.", price=cents(sum(known, Decimal(0)))) if known else ""
    each = takes[0].quote and takes[0].quote.usd
    said = gettext("The price isn't known.")
    if each is not None:
        price, each_price = cents(len(takes) * each), cents(each)
        said = gettext("About {price}: {n} × {each}.", price=price, n=len(takes), each=each_price)
    return " ".join(filter(None, (said, single.unpaid(takes))))


def _footer(takes: Sequence[Job]) -> str:
    others = "".join(f" · {job.id}" for job in takes[1:])
    return f"-# {identity(takes[0])}{others}"


def _pictures(takes: Sequence[Job], pictures: list[str]) -> ui.MediaGallery[ui.LayoutView]:
    if sheet_of(takes) is None:
        return gallery(representative(takes), pictures)
    spoiler = any(job.spoiler for job in takes)
    return ui.MediaGallery(discord.MediaGalleryItem(pictures[0], description=sheet_text(takes), spoiler=spoiler))


def _buttons(takes: Sequence[Job]) -> list[ui.Button[Any]]:
    """Return Cancel while a take waits; later each ended take's own cure, and Edit if no video came.

    Of a set that was refused as a whole, the first take's buttons serve for all.
    """
    if any(job.state is State.QUEUED for job in takes):
        return [CANCEL.button(gettext("Cancel"), job_id=takes[0].id)]
    if all(job.state is State.REFUSED for job in takes):
        return _own(takes[0])
    found: list[ui.Button[Any]] = []
    for job in takes:
        for button in _own(job) if job.ended else ():
            if not EDIT.template.fullmatch(button.custom_id or ""):
                button.label = gettext("Take {number}: {button}", number=job.number, button=button.label)
                found.append(button)
    came = any(job.state is State.DELIVERED for job in takes)
    if came or not all(job.ended for job in takes):
        return found
    return [*found[: BUTTONS - 1], EDIT.button(gettext("Edit"), job_id=takes[0].id)]


def _own(job: Job) -> list[ui.Button[Any]]:
    row = status_buttons(job)
    return [one for one in row.children if isinstance(one, ui.Button)] if row else []
