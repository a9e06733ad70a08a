"""Views of /jobs: lists with buttons, one job, and the question before forgetting."""

from __future__ import annotations

from dataclasses import dataclass

import discord
from discord import ui

from cogs.interactions.buttons import CustomId
from cogs.interactions.text import Words, inert, words_view
from cogs.status.view import settings_line, title
from dailies.explain import sentence
from dailies.formatting import plural, usd
from dailies.job import Job, State
from dailies.jobs.order import difference
from dailies.store.library import PAGE, Cursor, Page

TURN = CustomId("jobs:{whose}:{way}:{beside}", whose="mine|guild", way="older|newer", beside="[0-9A-Za-z_-]{1,25}")
"""Shows another page in the same message: the jobs older or newer than the job with the id `beside`."""
FORGET = CustomId("jobs:forget:{answer}", answer="yes|no")
PROMPT_LISTED = 70
PROMPT_SHOWN = 900
REASON_SHOWN = 300
REFERENCES_SHOWN = 10


@dataclass(frozen=True)
class PageRequest:
    """A page of a list. guild: of the server's jobs instead of the person's own. at: None: the first page."""

    guild: bool
    at: Cursor | None = None


def list_view(page: Page, request: PageRequest) -> ui.LayoutView:
    """Return a page of a list with its Previous and Next buttons."""
    whose = "This server's jobs" if request.guild else "Your jobs"
    if not page.jobs:
        nothing = "There are no more." if page.total else "There are none yet; /video makes the first one."
        return words_view(f"### {whose}\n{nothing}")
    last = page.newer + len(page.jobs)
    head = f"### {whose}\n{page.newer + 1} to {last} of {page.total}, newest first"
    view = words_view("\n".join([head, *(_listed(job, guild=request.guild) for job in page.jobs)]))
    if page.total > PAGE or page.newer:
        list_of = "guild" if request.guild else "mine"
        first, end = page.newer == 0, last >= page.total
        row: ui.ActionRow[ui.LayoutView] = ui.ActionRow()
        row.add_item(TURN.button("Previous", disabled=first, whose=list_of, way="newer", beside=page.jobs[0].id))
        row.add_item(TURN.button("Next", disabled=end, whose=list_of, way="older", beside=page.jobs[-1].id))
        view.add_item(row)
    return view


def _listed(job: Job, *, guild: bool) -> str:
    cost = usd(job.cost) if job.cost is not None else _unbilled(job)
    by = f" · <@{job.place.requester_id}>" if guild else ""
    parts = [f"**{title(job)}**", inert(job.request.model_name, 40), f"<t:{int(job.created_at)}:f>", cost]
    return f"{' · '.join(parts)}{by}\n-# {job.id} · {_prompt(job, PROMPT_LISTED)}"


def _unbilled(job: Job) -> str:
    """Describe what is known of payment while the cost is not known."""
    if not job.ended:
        return "not billed yet"
    if job.state is State.UNKNOWN:
        return "may have been paid"
    if job.state is State.UNREPORTED:
        return "most likely not paid"
    # Without an id, OpenRouter did not accept the job.
    free = job.state in (State.REFUSED, State.FAILED) and job.openrouter_id is None
    return "nothing was paid" if free else "no cost was named"


def _prompt(job: Job, limit: int) -> str:
    return inert(job.request.prompt, limit) if job.forgotten_at is None else "(forgotten)"


def job_view(job: Job, record: str) -> ui.LayoutView:
    """Return one job in words. record: name of the attached file with everything that is kept."""
    names = [f"Reference {n}: {inert(one.name, 60)}" for n, one in enumerate(job.references[:REFERENCES_SHOWN], 1)]
    view = words_view(
        Words(f"### {title(job)}\n> {_prompt(job, PROMPT_SHOWN)}", cut=1),
        "\n".join([settings_line(job), *_course(job)]),
        *([Words("\n".join(names), cut=2)] if names else []),
        f"-# Job {job.id}. All that is kept of it is in the file.",
    )
    view.add_item(ui.File(f"attachment://{record}"))
    return view


def _course(job: Job) -> list[str]:
    """Say when and where it was requested, what it cost, and where the video is."""
    lines = [f"Asked <t:{int(job.created_at)}:f> in <#{job.place.channel_id}>"]
    if job.place.status_id and not job.place.token_only:
        lines[0] += f": [status]({jump(job, job.place.status_id)})"
    if job.openrouter_id:
        checks = plural(job.polls, "{n} check", "{n} checks")
        said = f"it last said {inert(job.remote_status or 'nothing', 40)}, after {checks}"
        lines.append(f"At OpenRouter {inert(job.openrouter_id, 80)}; {said}")
    cost = f"Cost {usd(job.cost)}" if job.cost is not None else _unbilled(job).capitalize()
    lines.append(cost + (" with your own provider key" if job.is_byok else ""))
    if job.reason:
        lines.append(inert(sentence(job.reason), REASON_SHOWN))
    if job.video_message_id and (job.video_channel_id or not job.place.token_only):
        lines.append(f"[Video]({_video(job, job.video_message_id)})")
    if job.state is State.DELIVERED and (differs := difference(job)):
        lines.append(inert(sentence(differs), REASON_SHOWN))
    if job.delivery_note:
        lines.append(f"Delivered: {inert(sentence(job.delivery_note), 110)}")
    if job.forgotten_at is not None:
        lines.append(f"Forgotten <t:{int(job.forgotten_at)}:f>: words, references and video were removed")
    elif job.file_removed_at is not None:
        lines.append(f"The video was removed from the bot's disk <t:{int(job.file_removed_at)}:f>")
    elif job.file:
        lines.append(
            "The video is on the bot's disk: /jobs again posts it once more, /jobs original gives you the file"
        )
    return lines


def jump(job: Job, message_id: int) -> str:
    """Return the URL of a message in the channel of the job."""
    return f"https://discord.com/channels/{job.place.guild_id or '@me'}/{job.place.channel_id}/{message_id}"


def _video(job: Job, message_id: int) -> str:
    if job.video_channel_id is None:
        return jump(job, message_id)
    return f"https://discord.com/channels/@me/{job.video_channel_id}/{message_id}"


def forget_view(free: int, left: int) -> ui.LayoutView:
    """Return the question before anything is removed. free: jobs that would be forgotten. left: jobs still running."""
    stays = plural(
        left,
        "{n} job that still runs, or whose end was not told yet, stays as it is",
        "{n} jobs that still run, or whose end was not told yet, stay as they are",
    )
    running = f" {stays}." if left else ""
    if not free:
        return words_view(f"There is nothing to forget.{running}")
    view = words_view(
        f"{plural(free, '### Forget {n} job?', '### Forget {n} jobs?')}\n"
        "Removed from the bot's records and disk: your prompts, your references and your videos, in all servers. "
        "Kept: who asked, when, where, the model and its settings, OpenRouter's id, and what it cost. "
        f"Messages in Discord, and what OpenRouter has, stay.{running}\n"
        "This cannot be undone."
    )
    row: ui.ActionRow[ui.LayoutView] = ui.ActionRow()
    row.add_item(FORGET.button("Forget my jobs", discord.ButtonStyle.danger, answer="yes"))
    row.add_item(FORGET.button("Keep them", answer="no"))
    return view.add_item(row)


def forgotten(number: int, left: int) -> str:
    """Report what was forgotten. number: jobs. left: jobs still running."""
    stays = plural(left, "{n} job that still runs stays", "{n} jobs that still run stay")
    running = f" {stays}; use /jobs forget again later." if left else ""
    done = plural(number, "{n} job was forgotten.", "{n} jobs were forgotten.")
    return f"{done} What they cost is kept.{running}"
