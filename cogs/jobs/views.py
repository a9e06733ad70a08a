"""Views of /jobs: one job in words."""

from __future__ import annotations

from collections.abc import Sequence

from discord import ui

from cogs.interactions.text import Words, inert, words_view
from cogs.jobs.marks import marks_found
from cogs.status.roles import called, named
from cogs.status.summary import jump, video_jump
from cogs.status.view import settings_line, title
from dailies.explain import sentence
from dailies.formatting import usd
from dailies.job import Job, State
from dailies.jobs.order import difference
from dailies.language import gettext, gettext_noop, ngettext

PROMPT_SHOWN = 900
REASON_SHOWN = 300
REFERENCES_SHOWN = 10
BASIS_SHOWN = 160
NOTES_SHOWN = 5


_UNBILLED = {
    gettext_noop("price secret until the vote ends"): gettext_noop("Price secret until the vote ends"),
    gettext_noop("not charged yet"): gettext_noop("Not charged yet"),
    gettext_noop("may have been charged"): gettext_noop("May have been charged"),
    gettext_noop("probably not charged"): gettext_noop("Probably not charged"),
    gettext_noop("not charged"): gettext_noop("Not charged"),
    gettext_noop("cost not reported"): gettext_noop("Cost not reported"),
}
"""State of the payment while the cost is not known, or may not be told: among other words, and on its own."""


def unbilled(job: Job) -> str:
    """Describe what is known of payment while the cost is not known, or may not be told."""
    return gettext(_unbilled(job))


def _unbilled(job: Job) -> str:
    if job.blind:
        return "price secret until the vote ends"
    if not job.ended:
        return "not charged yet"
    if job.state is State.UNKNOWN:
        return "may have been charged"
    if job.state is State.UNREPORTED:
        return "probably not charged"
    # Without an id, OpenRouter did not accept the job.
    free = job.state in (State.REFUSED, State.FAILED) and job.openrouter_id is None
    return "not charged" if free else "cost not reported"


def prompt(job: Job, limit: int) -> str:
    return inert(job.request.prompt, limit) if job.forgotten_at is None else gettext("(forgotten)")


def job_view(job: Job, record: str, lineage: str = "", said: Sequence[str] = ()) -> ui.LayoutView:
    """Return one job in words. record: name of the attached file with everything that is kept. lineage: our own markup
    about what it came from. said: lines of our own markup with what people said about its videos.
    """
    names = [f"{called(n, one)}: {inert(named(one), 60)}" for n, one in enumerate(job.references[:REFERENCES_SHOWN], 1)]
    notes = [f"-# {inert(sentence(note), REASON_SHOWN)}." for note in job.request.notes[:NOTES_SHOWN]]
    view = words_view(
        Words(f"### {title(job)}\n> {prompt(job, PROMPT_SHOWN)}", cut=1),
        "\n".join([settings_line(job), *([lineage] if lineage else []), *_course(job)]),
        *([Words("\n".join(said), cut=3)] if said else []),
        *([Words("\n".join(names), cut=2)] if names else []),
        *([Words("\n".join(notes), cut=1)] if notes else []),
        "-# " + gettext("Job {job}. The file has everything that is kept.", job=job.id),
    )
    view.add_item(ui.File(f"attachment://{record}"))
    return view


def _course(job: Job) -> list[str]:
    """Say when and where it was requested, what it cost, and where the video is."""
    lines = [_requested(job), *([_at_openrouter(job)] if job.openrouter_id else []), _cost(job)]
    if job.quote:
        basis = inert(sentence(job.quote.basis), BASIS_SHOWN)
        if job.quote.usd is None:
            lines.append(gettext("Price {basis}", basis=basis))
        else:
            lines.append(gettext("Quoted {price}: {basis}", price=usd(job.quote.usd), basis=basis))
    if job.reason:
        lines.append(inert(sentence(job.reason), REASON_SHOWN))
    if url := video_jump(job):
        lines.append(gettext("[Video]({url})", url=url))
    if job.state is State.DELIVERED and (differs := difference(job)):
        lines.append(inert(sentence(differs), REASON_SHOWN))
    if job.delivery_note:
        lines.append(gettext("Delivered: {how}", how=inert(sentence(job.delivery_note), 110)))
    lines += [f"{name}: {inert(words, REASON_SHOWN)}" for name, words in marks_found(job)]
    return [*lines, *_kept(job)]


def _requested(job: Job) -> str:
    when, channel = f"<t:{int(job.created_at)}:f>", f"<#{job.place.channel_id}>"
    if not job.place.status_id or job.place.token_only:
        return gettext("Requested {when} in {channel}", when=when, channel=channel)
    url = jump(job, job.place.status_id)
    return gettext("Requested {when} in {channel}: [status]({url})", when=when, channel=channel, url=url)


def _at_openrouter(job: Job) -> str:
    name = inert(job.openrouter_id or "", 80)
    if job.remote_status is None:
        return ngettext(
            "OpenRouter id {id}; last status none, after {n} check",
            "OpenRouter id {id}; last status none, after {n} checks",
            job.polls,
            id=name,
        )
    return ngettext(
        "OpenRouter id {id}; last status {status}, after {n} check",
        "OpenRouter id {id}; last status {status}, after {n} checks",
        job.polls,
        id=name,
        status=inert(job.remote_status, 40),
    )


def _cost(job: Job) -> str:
    cost = gettext(_UNBILLED[_unbilled(job)]) if job.cost is None else gettext("Cost {amount}", amount=usd(job.cost))
    return gettext("{cost} with your own provider key", cost=cost) if job.is_byok else cost


def _kept(job: Job) -> list[str]:
    """Say what became of the video's file, if there is something to say."""
    if job.forgotten_at is not None:
        when = f"<t:{int(job.forgotten_at)}:f>"
        return [gettext("Forgotten {when}: words, references and video were removed", when=when)]
    if job.file_removed_at is not None:
        when = f"<t:{int(job.file_removed_at)}:f>"
        return [gettext("The video was removed from the bot's disk {when}", when=when)]
    if job.file:
        return [gettext("The bot still has the video: /jobs resend posts it again, /jobs original gives you the file")]
    return []
