"""The status message: a pure function from a job to a Components V2 layout.

Words carry the meaning; the colour only repeats it, because screen readers read words.
"""

from __future__ import annotations

import discord
from discord import ui

from cogs.interactions.text import NEVER, Words, fitted, inert, inert_reason, relative
from cogs.status.buttons import rows
from cogs.status.gallery import gallery, pictured
from cogs.status.queue_line import queue_line
from cogs.status.waiting import NOTE_SHOWN, REASON_SHOWN, hints, trouble, waiting
from dailies.catalog.options import OPTIONS, Option
from dailies.explain import sentence, sentences
from dailies.formatting import plural, spell, usd
from dailies.job import Job, State
from dailies.jobs.durations import Usual
from dailies.jobs.order import difference
from dailies.reason import ReasonCode

PROMPT_SHOWN = 300
HINT_SHOWN = 200
PICTURE_NOTE_SHOWN = 200
PICTURES_NOTED = 5
BASIS_SHOWN = 160
DIFFERENCE_SHOWN = 300
TOKEN_SECONDS = 15 * 60
"""Lifetime of a command's token."""

_GREY, _BLUE, _GREEN, _RED, _AMBER = 0x80848E, 0x5865F2, 0x23A55A, 0xDA373C, 0xF0B232

_TITLES: dict[State, tuple[str, int]] = {
    State.CHECKING: ("Checking the request", _GREY),
    State.QUEUED: ("Waiting in line", _GREY),
    State.RESERVED: ("Sending the request", _BLUE),
    State.SUBMITTING: ("Sending the request", _BLUE),
    State.SUBMITTED: ("Making the video", _BLUE),
    State.COMPLETED: ("Finished, downloading the video", _BLUE),
    State.DELIVERING: ("Finished, posting the video", _BLUE),
    State.DELIVERED: ("Done", _GREEN),
    State.REFUSED: ("Not started", _RED),
    State.FAILED: ("Failed", _RED),
    State.CANCELLED: ("Cancelled", _RED),
    State.EXPIRED: ("Expired", _RED),
    State.TIMED_OUT: ("No longer checked", _AMBER),
    State.UNKNOWN: ("Sent, but not confirmed", _AMBER),
    State.UNREPORTED: ("Most likely not taken", _AMBER),
    State.UNDELIVERED: ("Finished, but not delivered", _AMBER),
}

_ENDED_THERE = frozenset({State.FAILED, State.CANCELLED, State.EXPIRED})
"""Ends that OpenRouter reports without a video."""

_HINTED = frozenset({State.CHECKING, State.QUEUED, State.RESERVED, State.SUBMITTING, State.SUBMITTED})
"""States in which a hint about the model's rules is of use."""

_PERHAPS_PAID = frozenset({State.UNKNOWN, State.TIMED_OUT})
"""Ends after which a bill may or may not come."""


def title(job: Job) -> str:
    """Return a job's state in a few words."""
    return _title(job)[0]


def _title(job: Job) -> tuple[str, int]:
    if job.state is State.DELIVERED and job.delivery_note and job.delivery_note.code is ReasonCode.NOT_A_VIDEO:
        return "Finished, but not a video", _AMBER
    return _TITLES[job.state]


def identity(job: Job) -> str:
    """Return the words in every status that identify its job."""
    return f"Job {job.id}"


def status_view(job: Job, thumbnails: list[str], usual: Usual | None = None) -> ui.LayoutView:
    """Build the layout for a job. thumbnails: one address for each reference, https or attachment://.

    usual: the usual duration of such jobs, if known.
    """
    words, colour = _title(job)
    if job.send_at is not None and job.state is State.QUEUED:
        words = "Waiting to be sent again"
    container: ui.Container[ui.LayoutView] = ui.Container(accent_colour=discord.Colour(colour))
    container.add_item(Words(f"### {words}\n> {inert(job.request.prompt, PROMPT_SHOWN)}", cut=1))
    if thumbnails and pictured(job):  # Discord refuses a gallery without pictures
        container.add_item(gallery(job, thumbnails))
    container.add_item(Words(settings_line(job), cut=3))
    progress = Words(_progress(job, usual), cut=NEVER if job.state is State.DELIVERED else 4)
    for text in (
        progress,
        Words(_hint(job), cut=2),
        Words(_price(job)),
        Words(_until(job)),
        Words(_notes(job), cut=2),
        Words(_footer(job)),
    ):
        if text.content:
            container.add_item(text)
    for row in rows(job):
        container.add_item(row)
    view = ui.LayoutView(timeout=None)
    view.add_item(container)
    return fitted(view)


def settings_line(job: Job) -> str:
    """Return requester, model and settings."""
    return f"asked by <@{job.place.requester_id}> · {choices_line(job)}"


def choices_line(job: Job) -> str:
    """Return the model and its settings."""
    request = job.request
    own = {"duration": "the model's own length", "resolution": "" if request.aspect_ratio else "the model's own size"}
    parts = [inert(request.model_name, 80)]
    for name, option in OPTIONS.items():
        value = getattr(request, name)
        parts.append(own.get(name, "") if value is None else inert(_setting(option, value), 20))
    references = len(job.references) or len(job.sources)
    if references:
        parts.append(plural(references, "{n} reference", "{n} references"))
    return " · ".join(part for part in parts if part)


def _setting(option: Option, value: object) -> str:
    """A setting without its label beside it."""
    label = option.label.lower()
    if isinstance(value, bool):
        return f"{'with' if value else 'without'} {label}"
    return f"{'' if option.bare else f'{label} '}{value}{option.unit}"


def _progress(job: Job, usual: Usual | None) -> str:
    match job.state:
        case State.CHECKING:
            number = len(job.sources)
            looking = plural(number, "Looking at {n} reference image. ", "Looking at {n} reference images. ")
            return f"{looking if number else ''}Nothing is paid yet."
        case State.QUEUED:
            return queue_line(job)
        case State.RESERVED | State.SUBMITTING:
            return "Waiting for OpenRouter to take it."
        case State.SUBMITTED:
            return "\n".join([*_doing(job), waiting(job, usual), *hints(job)])
        case State.COMPLETED | State.DELIVERING:
            submitted = f"Submitted {relative(job.submitted_at or job.created_at)}."
            return "\n".join([submitted, *_doing(job), *trouble(job)])
        case State.DELIVERED:
            return _receipt(job)
        case _:
            return inert_reason(job.reason, REASON_SHOWN) if job.reason else ""


def _doing(job: Job) -> list[str]:
    return [f"{inert(sentence(job.activity), NOTE_SHOWN)}."] if job.activity else []


def _hint(job: Job) -> str:
    hints = [note for note in job.request.notes if note.code is ReasonCode.REFUSES_PEOPLE]
    return f"{inert(sentence(hints[0]), HINT_SHOWN)}." if hints and job.state in _HINTED else ""


def _price(job: Job) -> str:
    """Return the expected cost until there is a bill, or the possible cost if none may come."""
    quote = job.quote
    if quote is None or job.cost is not None or (job.ended and job.state not in _PERHAPS_PAID):
        return ""
    basis = inert(sentence(quote.basis), BASIS_SHOWN)
    if quote.usd is None:
        return f"Price {basis}."
    about = "If it was paid: about" if job.state in _PERHAPS_PAID else "About"
    return f"{about} {usd(quote.usd)}: {basis}."


def _until(job: Job) -> str:
    """Say how long this message stays true where the bot is not a member, and where the video is after that."""
    if not job.place.token_only or job.ended:
        return ""
    ends = int(job.created_at + TOKEN_SECONDS)
    return (
        f"The bot is not a member here, so it can write here for 15 minutes only, until <t:{ends}:t>. A video that "
        "takes longer comes as a direct message, if you take those from the bot; /jobs again shows it here at any time."
    )


def _receipt(job: Job) -> str:
    took = spell((job.ended_at or 0) - (job.submitted_at or job.created_at))
    if job.cost is None:
        cost = "OpenRouter named no cost"
    else:
        cost = f"cost {usd(job.cost)}" + (" with your own provider key" if job.is_byok else "")
    if job.quote:
        cost += ", no price was known before" if job.quote.usd is None else f", quoted {usd(job.quote.usd)}"
    lines = [f"Took {took} · {cost}"]
    if differs := difference(job):
        lines.append(inert(sentence(differs), DIFFERENCE_SHOWN))
    lines += [inert(sentence(one.problem), REASON_SHOWN) for one in job.outputs if one.problem]
    if job.delivery_note:
        lines.append(f"Delivered: {inert(sentence(job.delivery_note), NOTE_SHOWN)}")
    if job.video_channel_id is not None:
        # Names the place, because this receipt may be a direct message itself.
        place = f"<#{job.place.channel_id}>"
        lines.append(f"The video was sent as a direct message, because it could not be posted in {place}.")
    return "\n".join(lines)


def _notes(job: Job) -> str:
    notes = [note for note in job.request.notes if note.code is not ReasonCode.REFUSES_PEOPLE]
    lines = [f"-# {inert(sentence(note), NOTE_SHOWN)}." for note in notes[:5]]
    return "\n".join(lines + _picture_notes(job))


def _footer(job: Job) -> str:
    last = f"-# {identity(job)}"
    if job.openrouter_id and job.reason:
        # People who look the job up at OpenRouter need OpenRouter's id of it.
        last += f" · at OpenRouter {inert(job.openrouter_id, 80)}"
        if job.cost is not None:
            last += f" · cost {usd(job.cost)}"
        elif job.state in _ENDED_THERE:
            last += ", which named no cost"
    return last


def _picture_notes(job: Job) -> list[str]:
    """List the changes made to references before sending: "photo.heic: converted to JPEG, turned upright"."""
    noted = [one for one in job.references if one.notes]
    shown = noted[: PICTURES_NOTED if len(noted) > PICTURES_NOTED + 1 else None]
    lines = [f"-# {inert(one.name, 40)}: {inert(sentences(one.notes, ', '), PICTURE_NOTE_SHOWN)}" for one in shown]
    left = len(noted) - len(shown)
    return [*lines, f"-# … and so for {left} more; /jobs show names them"] if left else lines
