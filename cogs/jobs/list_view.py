"""The list of /jobs: each job with a picture, its first words, model, age, cost, and the way to its video."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from discord import ui

from cogs.interactions.buttons import CustomId
from cogs.interactions.text import Words, fitted, inert
from cogs.jobs.views import prompt, unbilled
from cogs.status.summary import jump, named_take, video_jump
from cogs.status.view import title
from dailies.formatting import cents
from dailies.job import Job
from dailies.language import gettext
from dailies.store.library import PAGE, Cursor, Page

WORDS_MOST = 40
"""Most characters of a search: they are part of a button's id."""
TURN = CustomId(
    "jobs:{whose}:{way}:{beside}{words}",
    whose="mine|guild",
    way="older|newer",
    beside="[0-9A-Za-z_-]{1,25}",
    words=f"(?::.{{1,{WORDS_MOST}}})?",
)
"""Shows another page in the same message: the jobs older or newer than the job with the id `beside`, with these words
behind a colon.
"""
PROMPT_LISTED, MODEL_LISTED = 70, 40


@dataclass(frozen=True)
class PageRequest:
    """A page of a list. guild: of the server's jobs instead of the person's own. at: None: the first page.

    words: that their prompts hold; empty: all.
    """

    guild: bool
    at: Cursor | None = None
    words: str = ""


def list_view(
    page: Page, request: PageRequest, pictures: Collection[str] = (), unseen: Collection[str] = ()
) -> ui.LayoutView:
    """Return a page of a list with its Previous and Next buttons. pictures: ids of the jobs with a picture, whose file
    is named after the job. unseen: of those in channels that the reader does not see.
    """
    head = f"### {_heading(request)}"
    view = ui.LayoutView(timeout=None)
    if not page.jobs:
        return view.add_item(Words(f"{head}\n{_nothing(page, request)}"))
    last = page.newer + len(page.jobs)
    shown = gettext("{first} to {last} of {total}, newest first", first=page.newer + 1, last=last, total=page.total)
    view.add_item(Words(f"{head}\n{shown}"))
    for job in page.jobs:
        text = Words(_listed(job, guild=request.guild, linked=job.id not in unseen), cut=1)
        thumbnail: ui.Thumbnail[Any] = ui.Thumbnail(f"attachment://{job.id}.jpg", spoiler=job.spoiler)
        view.add_item(ui.Section(text, accessory=thumbnail) if job.id in pictures else text)
    if page.total > PAGE or page.newer:
        parts: dict[str, Any] = {"whose": "guild" if request.guild else "mine"}
        parts["words"] = f":{request.words}" if request.words else ""
        first, end = page.newer == 0, last >= page.total
        row: ui.ActionRow[ui.LayoutView] = ui.ActionRow()
        row.add_item(TURN.button(gettext("Previous"), disabled=first, way="newer", beside=page.jobs[0].id, **parts))
        row.add_item(TURN.button(gettext("Next"), disabled=end, way="older", beside=page.jobs[-1].id, **parts))
        view.add_item(row)
    return fitted(view)


def _heading(request: PageRequest) -> str:
    words = inert(request.words, WORDS_MOST)
    if request.guild:
        return gettext("This server's jobs with “{words}”", words=words) if words else gettext("This server's jobs")
    return gettext("Your jobs with “{words}”", words=words) if words else gettext("Your jobs")


def _nothing(page: Page, request: PageRequest) -> str:
    if page.total:
        return gettext("There are no more.")
    return gettext("None match.") if request.words else gettext("None yet. /video makes the first one.")


def _listed(job: Job, *, guild: bool, linked: bool) -> str:
    cost = cents(job.cost) if job.cost is not None else unbilled(job)
    by = [f"<@{job.place.requester_id}>"] if guild else []
    shot = [named_take(job)] if job.shot else []
    facts = [*shot, inert(job.request.model_name, MODEL_LISTED), cost, f"<t:{int(job.created_at)}:R>", *by]
    state = " · ".join([title(job), *(_link(job) if linked else [])])
    return f"**{prompt(job, PROMPT_LISTED)}**\n{state}\n-# {' · '.join(facts)}"


def _link(job: Job) -> list[str]:
    if url := video_jump(job):
        return [gettext("[to the video]({url})", url=url)]
    status = None if job.place.token_only else job.place.status_id
    return [gettext("[to its status]({url})", url=jump(job, status))] if status else []
