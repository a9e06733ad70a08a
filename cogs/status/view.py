"""The status message: a pure function from a job to a Components V2 layout.

Words carry the meaning; the colour only repeats it, because screen readers read words.
"""

from __future__ import annotations

from collections.abc import Sequence

import discord
from discord import ui

from cogs.interactions.text import Words, fitted, inert, inert_reason, relative
from cogs.status.blind import blinded
from cogs.status.buttons import status_buttons
from cogs.status.delivered import delivered
from cogs.status.gallery import gallery, pictured
from cogs.status.queue_line import queue_line
from cogs.status.roles import ROLE_NAMES, reference_words
from cogs.status.summary import named_take, requested_by
from cogs.status.waiting import NOTE_SHOWN, REASON_SHOWN, hints, trouble, waiting
from dailies.catalog.facts import option_words
from dailies.catalog.options import OPTIONS, Option
from dailies.explain import sentence
from dailies.formatting import cents, in_seconds, inside, joined, usd
from dailies.job import UNSENT, Job, State
from dailies.jobs.durations import Usual
from dailies.language import gettext, gettext_noop, ngettext
from dailies.reason import ReasonCode
from dailies.references.roles import FRAMES

PROMPT_SHOWN = 300
HINT_SHOWN = 200
PROVIDER_OPTION_SHOWN = 60
PICTURE_NOTE_SHOWN = 200
PICTURES_NOTED = 5
BASIS_SHOWN = 160
TOKEN_SECONDS = 15 * 60
"""Lifetime of a command's token."""

GREY, BLUE, GREEN, RED, AMBER = 0x80848E, 0x5865F2, 0x23A55A, 0xDA373C, 0xF0B232

_TITLES: dict[State, tuple[str, int]] = {
    State.CHECKING: (gettext_noop("Checking the request"), GREY),
    State.QUEUED: (gettext_noop("Waiting in line"), GREY),
    State.RESERVED: (gettext_noop("Sending the request"), BLUE),
    State.SUBMITTING: (gettext_noop("Sending the request"), BLUE),
    State.SUBMITTED: (gettext_noop("Generating"), BLUE),
    State.COMPLETED: (gettext_noop("Finished, downloading the video"), BLUE),
    State.DELIVERING: (gettext_noop("Finished, posting the video"), BLUE),
    State.DELIVERED: (gettext_noop("Done"), GREEN),
    State.REFUSED: (gettext_noop("Not started"), RED),
    State.FAILED: (gettext_noop("Failed"), RED),
    State.CANCELLED: (gettext_noop("Cancelled"), RED),
    State.EXPIRED: (gettext_noop("Expired"), RED),
    State.TIMED_OUT: (gettext_noop("Stopped checking"), AMBER),
    State.UNKNOWN: (gettext_noop("Sent, but not confirmed"), AMBER),
    State.UNREPORTED: (gettext_noop("Probably not accepted"), AMBER),
    State.UNDELIVERED: (gettext_noop("Finished, but not delivered"), AMBER),
}

_ENDED_THERE = frozenset({State.FAILED, State.CANCELLED, State.EXPIRED})
"""Ends that OpenRouter reports without a video."""

_HINTED = frozenset({State.CHECKING, State.QUEUED, State.RESERVED, State.SUBMITTING, State.SUBMITTED})
"""States in which a hint about the model's rules is of use."""

_PERHAPS_PAID = frozenset({State.UNKNOWN, State.TIMED_OUT})
"""Ends after which a bill may or may not come."""


def title(job: Job) -> str:
    """Return a job's state in a few words."""
    return titled(job)[0]


def titled(job: Job) -> tuple[str, int]:
    """Return a job's state in a few words, and its colour."""
    if job.state is State.DELIVERED and job.delivery_note and job.delivery_note.code is ReasonCode.NOT_A_VIDEO:
        return gettext("Finished, but not a video"), AMBER
    words, colour = _TITLES[job.state]
    return gettext(words), colour


def identity(job: Job) -> str:
    """Return the words in every status that identify its job."""
    return f"Job {job.id}"


def status_view(job: Job, thumbnails: list[str], usual: Usual | None = None) -> ui.LayoutView:
    """Build the layout for a job. thumbnails: one address for each reference, https or attachment://.

    usual: the usual duration of such jobs, if known.
    """
    job = blinded(job)
    words, colour = titled(job)
    if job.send_at is not None and job.state is State.QUEUED:
        words = gettext("Waiting to retry")
    container: ui.Container[ui.LayoutView] = ui.Container(accent_colour=discord.Colour(colour))
    view = ui.LayoutView(timeout=None)
    view.add_item(container)
    if job.state is State.DELIVERED:
        for text in delivered(job, words, identity(job)):
            container.add_item(text)
        return fitted(view)
    container.add_item(Words(f"### {words}\n> {inert(job.request.prompt, PROMPT_SHOWN)}", cut=1))
    if thumbnails and pictured(job):  # Discord refuses a gallery without pictures
        container.add_item(gallery(job, thumbnails))
    container.add_item(Words(settings_line(job), cut=3))
    for text in (
        Words(_progress(job, usual), cut=4),
        Words(_hint(job), cut=2),
        Words(_price(job)),
        Words(_until(job)),
        Words(_notes(job), cut=2),
        Words(_footer(job)),
    ):
        if text.content:
            container.add_item(text)
    if row := status_buttons(job):
        container.add_item(row)
    return fitted(view)


def settings_line(job: Job) -> str:
    """Return requester, model and settings."""
    shot = [named_take(job)] if job.shot else []
    return " · ".join([requested_by(job), *shot, choices_line(job)])


def choices_line(job: Job) -> str:
    """Return the model and its settings."""
    request = job.request
    size = "" if request.aspect_ratio else gettext("the model's own size")
    own = {"duration": gettext("the model's own length"), "resolution": size}
    parts = [inert(request.model_name, 80)]
    for name, option in OPTIONS.items():
        value = getattr(request, name)
        parts.append(own.get(name, "") if value is None else inert(_setting(name, option, value), 20))
    for name, value in request.provider_options.items():
        label, words = option_words(name, value)
        parts.append(inert(f"{inside(label)}: {words}", PROVIDER_OPTION_SHOWN))
    parts += reference_words(job.references or job.sources)
    parts += [gettext(ROLE_NAMES[one.role]) for one in job.references or job.sources if one.role in FRAMES]
    return " · ".join(part for part in parts if part)


def _setting(name: str, option: Option, value: object) -> str:
    """A setting without its label beside it."""
    match name, value:
        case "duration", int():
            return in_seconds(value)
        case "audio", _:
            return gettext("with sound") if value else gettext("without sound")
        case "seed", _:
            return gettext("seed {value}", value=value)
        case _:
            # An option that has no words of its own here yet.
            return f"{'' if option.bare else f'{inside(gettext(option.label))} '}{value}{option.unit}"


def _progress(job: Job, usual: Usual | None) -> str:
    match job.state:
        case State.CHECKING:
            number = len(job.sources)
            looking = ngettext("Looking at {n} image.", "Looking at {n} images.", number)
            return " ".join([*([looking] if number else []), gettext("No charge yet.")])
        case State.QUEUED:
            return queue_line(job)
        case State.RESERVED | State.SUBMITTING:
            return gettext("Waiting for OpenRouter to accept it.")
        case State.SUBMITTED:
            return "\n".join([*_doing(job), waiting(job, usual), *hints(job)])
        case State.COMPLETED | State.DELIVERING:
            submitted = gettext("Started {time}", time=relative(job.submitted_at or job.created_at))
            return "\n".join([submitted, *_doing(job), *trouble(job)])
        case _:
            return inert_reason(job.reason, REASON_SHOWN) if job.reason else ""


def _doing(job: Job) -> list[str]:
    return [_ended(inert(sentence(job.activity), NOTE_SHOWN))] if job.activity else []


def _hint(job: Job) -> str:
    hints = [note for note in job.request.notes if note.code is ReasonCode.REFUSES_PEOPLE]
    return _ended(inert(sentence(hints[0]), HINT_SHOWN)) if hints and job.state in _HINTED else ""


def _ended(said: str) -> str:
    """Return a sentence with its full stop."""
    return gettext("{sentence}.", sentence=said)


def _price(job: Job) -> str:
    """Return the expected cost until there is a bill, or the possible cost if none may come."""
    quote = job.quote
    if quote is None or job.cost is not None or (job.ended and job.state not in _PERHAPS_PAID):
        return ""
    if quote.usd is None:
        return gettext("Price {basis}.", basis=inert(sentence(quote.basis), BASIS_SHOWN))
    if job.state in _PERHAPS_PAID:
        return gettext("If it was charged: about {price}", price=cents(quote.usd))
    return gettext("About {price}", price=cents(quote.usd))


def unpaid(takes: Sequence[Job]) -> str:
    """Say that jobs cost nothing yet; empty: they may."""
    return gettext("No charge yet.") if all(one.state in UNSENT for one in takes) else ""


def _until(job: Job) -> str:
    """Say how long this message stays true where the bot is not a member, and where the video is after that."""
    if not job.place.token_only or job.ended:
        return ""
    return gettext(
        "The bot isn't a member here, so Discord lets it post for only 15 minutes, until {time}. A video that takes "
        "longer comes as a direct message if you allow those; /jobs resend shows it here anytime.",
        time=f"<t:{int(job.created_at + TOKEN_SECONDS)}:t>",
    )


def _notes(job: Job) -> str:
    notes = [note for note in job.request.notes if note.code is not ReasonCode.REFUSES_PEOPLE]
    lines = [f"-# {_ended(inert(sentence(note), NOTE_SHOWN))}" for note in notes[:5]]
    return "\n".join(lines + _picture_notes(job))


def _footer(job: Job) -> str:
    last = f"-# {identity(job)}"
    if job.openrouter_id and job.reason:
        # People who look the job up at OpenRouter need OpenRouter's id of it.
        last += f" · {gettext('OpenRouter id {id}', id=inert(job.openrouter_id, 80))}"
        if job.cost is not None:
            last += f" · {gettext('charged {price}', price=usd(job.cost))}"
        elif job.state in _ENDED_THERE:
            last += f" · {gettext('no charge reported')}"
    return last


def _picture_notes(job: Job) -> list[str]:
    """List the changes made to references before sending: "photo.heic: converted to JPEG, turned upright"."""
    noted = [one for one in job.references if one.notes]
    shown = noted[: PICTURES_NOTED if len(noted) > PICTURES_NOTED + 1 else None]
    lines = [
        f"-# {inert(one.name, 40)}: {inert(joined([sentence(note) for note in one.notes]), PICTURE_NOTE_SHOWN)}"
        for one in shown
    ]
    left = len(noted) - len(shown)
    more = ngettext("… and {n} more, listed in /jobs show", "… and {n} more, listed in /jobs show", left)
    return [*lines, f"-# {more}"] if left else lines


def asides(job: Job) -> tuple[Words, ...]:
    """Return what is to know besides the progress of a job, or of the set that it is a take of; some may be empty."""
    return Words(_hint(job), cut=2), Words(_until(job)), Words(_notes(job), cut=2)
