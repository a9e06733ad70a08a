"""Views of /jobs: one job in words."""

from __future__ import annotations

from collections.abc import Sequence

from discord import ui

from cogs.interactions.text import Words, inert, words_view
from cogs.jobs.marks import marks_found
from cogs.status.blind import HIDDEN_UNTIL
from cogs.status.roles import called, named
from cogs.status.summary import jump, video_jump
from cogs.status.view import settings_line, title
from dailies.explain import sentence
from dailies.formatting import plural, usd
from dailies.job import Job, State
from dailies.jobs.order import difference

PROMPT_SHOWN = 900
REASON_SHOWN = 300
REFERENCES_SHOWN = 10
BASIS_SHOWN = 160
NOTES_SHOWN = 5


def unbilled(job: Job) -> str:
    """Describe what is known of payment while the cost is not known, or may not be told."""
    if job.blind:
        return f"price {HIDDEN_UNTIL}"
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
    return inert(job.request.prompt, limit) if job.forgotten_at is None else "(forgotten)"


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
        f"-# Job {job.id}. The file has everything that is kept.",
    )
    view.add_item(ui.File(f"attachment://{record}"))
    return view


def _course(job: Job) -> list[str]:
    """Say when and where it was requested, what it cost, and where the video is."""
    lines = [f"Requested <t:{int(job.created_at)}:f> in <#{job.place.channel_id}>"]
    if job.place.status_id and not job.place.token_only:
        lines[0] += f": [status]({jump(job, job.place.status_id)})"
    if job.openrouter_id:
        checks = plural(job.polls, "{n} check", "{n} checks")
        said = f"last status {inert(job.remote_status or 'none', 40)}, after {checks}"
        lines.append(f"OpenRouter id {inert(job.openrouter_id, 80)}; {said}")
    cost = f"Cost {usd(job.cost)}" if job.cost is not None else unbilled(job).capitalize()
    lines.append(cost + (" with your own provider key" if job.is_byok else ""))
    if job.quote:
        basis = inert(sentence(job.quote.basis), BASIS_SHOWN)
        lines.append(f"Price {basis}" if job.quote.usd is None else f"Quoted {usd(job.quote.usd)}: {basis}")
    if job.reason:
        lines.append(inert(sentence(job.reason), REASON_SHOWN))
    if url := video_jump(job):
        lines.append(f"[Video]({url})")
    if job.state is State.DELIVERED and (differs := difference(job)):
        lines.append(inert(sentence(differs), REASON_SHOWN))
    if job.delivery_note:
        lines.append(f"Delivered: {inert(sentence(job.delivery_note), 110)}")
    lines += [f"{name}: {inert(words, REASON_SHOWN)}" for name, words in marks_found(job)]
    if job.forgotten_at is not None:
        lines.append(f"Forgotten <t:{int(job.forgotten_at)}:f>: words, references and video were removed")
    elif job.file_removed_at is not None:
        lines.append(f"The video was removed from the bot's disk <t:{int(job.file_removed_at)}:f>")
    elif job.file:
        lines.append("The bot still has the video: /jobs resend posts it again, /jobs original gives you the file")
    return lines
