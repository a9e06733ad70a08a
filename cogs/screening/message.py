"""The messages with screenings and cuts: their words, their file names, and what stands below them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from discord import SelectOption, ui

from cogs.delivery.ai_label import ai_line
from cogs.interactions.text import content, inert, plain, shorten
from cogs.screening import ids
from dailies.explain import sentence, short
from dailies.formatting import cents, in_seconds, joined, spell
from dailies.job import Job
from dailies.jobs.screening_chat import ReelPost
from dailies.jobs.slates import seconds_of, take_name
from dailies.language import gettext, gettext_noop, ngettext
from dailies.media import timeline
from dailies.money.worth import Worth, each_second
from dailies.reason import Reason, ReasonCode
from dailies.references.reference import SPOILER_NAME
from dailies.screening import Entry, Kind, Screening
from dailies.takes import letter

TIMELINE = gettext_noop("The .otio file opens in editing programs, which look for these originals:")
NAME_SHOWN = 80
MODEL_SHOWN = 40
LABEL = 100
_REASON_SHOWN = 200

OriginalName = Callable[[Job, int], str]
"""Returns the name under which people get a video as the model made it."""


def post_text(post: ReelPost, original: OriginalName, *, ai_label: bool) -> str:
    """Return the content of a message with a film. original: names the files as the models made them. ai_label: it says
    that AI made the film.
    """
    cut = post.screening.kind is Kind.CUT
    lines = [_head(post), *_left_out(post), *(_missing(post) if cut else [])]
    lines += [sentence(one) for one in post.upload.words]
    if post.upload.file is None and not post.upload.words:
        lines.append(sentence(Reason(ReasonCode.SCREENING_UNREADABLE)))
    lines += worth_lines(post.own, post.month)
    lines += [label] if (label := ai_line(ai_label)) and _shown(post) else []
    if cut:
        made_of = gettext(TIMELINE) if timeline.AVAILABLE else gettext("Made of these originals:")
        lines.append(f"-# {made_of}")
    lines += [_take_line(post, one, original) for one in _shown(post)]
    return content("\n".join(lines))


def worth_lines(own: Worth | None, month: Worth | None) -> list[str]:
    """Return what takes came to, a line each. own: these takes. month: all of the channel in the last thirty days."""
    lines: list[str] = []
    if own:
        time = spell(60 * own.minutes)
        lines.append(gettext("These takes: {price} and {time} of generating.", price=cents(own.usd), time=time))
    return [*lines, *(_month_lines(month) if month else [])]


def _month_lines(month: Worth) -> list[str]:
    each = each_second(month)
    if each is None:
        return [gettext("Last 30 days in this channel: {price}, nothing approved yet.", price=cents(month.usd))]
    worth = gettext(
        "Last 30 days in this channel: {price} per approved second ({time} approved).",
        price=each,
        time=in_seconds(month.approved),
    )
    if not month.wasted:
        return [worth]
    wasted = ngettext(
        "{price} went into {n} take that nobody approved.",
        "{price} went into {n} takes that nobody approved.",
        month.wasted,
        price=cents(month.wasted_usd),
    )
    return [worth, wasted]


def file_name(post: ReelPost) -> str:
    """Return the name under which a film is posted, as in screening-2026-12-01-part-2.mp4."""
    mark = SPOILER_NAME if post.spoiler else ""
    part = f"-part-{post.number}" if post.screening.reels > 1 else ""
    return f"{mark}{post.screening.kind}-{_day(post.screening)}{part}.mp4"


def timeline_name(screening: Screening) -> str:
    """Return the name of a cut's OpenTimelineIO file, by which its message is found again."""
    return f"cut-{_day(screening)}-{screening.id}.otio"


def post_view(post: ReelPost) -> ui.View | None:
    """Return what stands below a reel: a menu of its takes, and the button with the retakes. Nothing below a cut."""
    if post.screening.kind is Kind.CUT:
        return None
    view = ui.View(timeout=None)
    screening_id, reel = post.screening.id, post.number
    options = take_options((post.jobs.get(one.job_id), one) for one in _shown(post))
    if options:
        menu = ids.TAKE.select(options, screening_id=screening_id, reel=reel)
        menu.placeholder = gettext("Review a take")
        view.add_item(menu)
    return view.add_item(ids.RETAKES.button(gettext("Retakes and their prices"), screening_id=screening_id, reel=reel))


def take_options(takes: Iterable[tuple[Job | None, Entry]]) -> list[SelectOption]:
    """Return an entry of a menu for each take whose job is known, at most as many as a menu takes."""
    found = [
        SelectOption(
            label=shorten(plain(take_name(job, one.output)), LABEL),
            value=f"{one.job_id}:{one.output}",
            description=shorten(plain(details(job, one.output)), LABEL) or None,
        )
        for job, one in takes
        if job is not None
    ]
    return found[:25]


def details(job: Job, output: int) -> str:
    """Return model, length and cost of a take, to be escaped; while people vote on it, only what is no clue."""
    seconds = seconds_of(job, output)
    length = None if seconds is None else in_seconds(seconds)
    if job.blind:
        return " · ".join(filter(None, (gettext("Model {letter}", letter=letter(job)), length)))
    cost = None if job.cost is None else cents(job.cost)
    return " · ".join(filter(None, (job.request.model_name, length, cost)))


def _head(post: ReelPost) -> str:
    screening = post.screening
    part = gettext("part {number} of {n}", number=post.number, n=screening.reels) if screening.reels > 1 else None
    takes = ngettext("{n} take", "{n} takes", len(_shown(post)))
    who = gettext("requested by {person}", person=f"<@{screening.asked_by}>") if screening.asked_by else None
    title = gettext("Daily screening") if screening.slot else gettext("Screening")
    title = gettext("Cut") if screening.kind is Kind.CUT else title
    return " · ".join(filter(None, (f"**{title}**", takes, part, who)))


def _left_out(post: ReelPost) -> list[str]:
    found = [one for one in post.screening.reel(post.number) if one.left_out is not None]
    return [
        gettext("Left out: {take} ({why}).", take=_name(post, one), why=inert(_why(one), _REASON_SHOWN))
        for one in found
    ]


def _missing(post: ReelPost) -> list[str]:
    if not post.missing:
        return []
    shots = joined([inert(name, NAME_SHOWN) for name in post.missing])
    return [gettext("No approved take yet: {shots}.", shots=shots)]


def _why(entry: Entry) -> str:
    return short(entry.left_out).rstrip(".") if entry.left_out else ""


def _take_line(post: ReelPost, entry: Entry, original: OriginalName) -> str:
    job = post.jobs.get(entry.job_id)
    at = "" if entry.start is None else f"`{int(entry.start) // 60}:{int(entry.start) % 60:02}` "
    if job is None:
        return f"-# {at}{entry.job_id}"
    said = inert(details(job, entry.output), MODEL_SHOWN * 2)
    if post.screening.kind is Kind.CUT:
        said = inert(original(job, entry.output), NAME_SHOWN)
    return f"-# {at}{_name(post, entry)} · {said}"


def _name(post: ReelPost, entry: Entry) -> str:
    job = post.jobs.get(entry.job_id)
    return inert(take_name(job, entry.output) if job else entry.job_id, NAME_SHOWN)


def _shown(post: ReelPost) -> list[Entry]:
    return [one for one in post.screening.reel(post.number) if one.left_out is None]


def _day(screening: Screening) -> str:
    return screening.slot[:10] if screening.slot else f"{datetime.fromtimestamp(screening.created_at, UTC):%Y-%m-%d}"
