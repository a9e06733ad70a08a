"""Words about a video: the line in its message that says the newest, and the buttons that say another.

The buttons name the newest decision that their message showed. They are claims: who may review, and whether that is
still the newest one, is checked when one is pressed.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

import discord
from discord import ui

from cogs.interactions.buttons import CustomId, copied
from cogs.interactions.text import content, inert, relative
from cogs.interactions.windows import WindowId
from cogs.status.buttons import JOB_ID, NUMBER
from dailies.formatting import in_seconds
from dailies.job import Job
from dailies.language import gettext, pgettext
from dailies.review import Decision, Verdict
from dailies.takes import letter

_PARTS = {"job_id": JOB_ID, "number": NUMBER, "seen": r"\d{1,6}"}
SAY = CustomId("review:{verdict}:{job_id}:{number}:{seen}", verdict=f"{Verdict.APPROVED}|{Verdict.WITHDRAWN}", **_PARTS)
"""Approves a video, or takes that back."""
RETAKE = CustomId("review:retake:{job_id}:{number}:{seen}", **_PARTS)
"""Opens the window in which people say what a retake is to do."""
NOTE = WindowId("review:note:{job_id}:{number}:{seen}", **_PARTS)
"""That window, sent."""
NOTE_SHOWN = 500
REVIEW_ROW = 1
"""Row below the video's own buttons."""


@dataclass(frozen=True)
class Review:
    """Review of a video as its message shows it. buttons: they stand below it. decision: the newest; None: none."""

    buttons: bool = False
    decision: Decision | None = None


ReviewOf = Callable[[Job, int], Awaitable[Review]]
"""Returns the review of an output of a job, by its number from 1."""


async def unreviewed(_: Job, __: int) -> Review:
    """Return that nobody reviews anything."""
    return Review()


def label_of(job: Job) -> str:
    """Return the letter of a video that stands beside others in one message; empty: it is alone there."""
    return letter(job) if job.take_set and job.take_set.compared else ""


def state_line(decision: Decision, label: str = "", *, shown: int = NOTE_SHOWN) -> str:
    """Return what was said and by whom, our own markup. shown: characters of the note.

    It begins in bold with the label, or with the verdict: so `with_state` finds it, whatever the language.
    """
    word = f"{label} {_behind_letter(decision.verdict)}" if label else _verdict(decision.verdict)
    line = f"**{word}** {_by(decision)}"
    return gettext("{said}: {note}", said=line, note=inert(decision.note, shown)) if decision.note else line


def _verdict(verdict: Verdict) -> str:
    match verdict:
        case Verdict.APPROVED:
            return pgettext("verdict", "Approved")
        case Verdict.RETAKE:
            return pgettext("verdict", "Retake")
        case Verdict.WITHDRAWN:
            return pgettext("verdict", "Approval withdrawn")


def _behind_letter(verdict: Verdict) -> str:
    """Return the words for a verdict behind the letter of a video."""
    match verdict:
        case Verdict.APPROVED:
            return pgettext("verdict", "approved")
        case Verdict.RETAKE:
            return pgettext("verdict", "retake")
        case Verdict.WITHDRAWN:
            return pgettext("verdict", "approval withdrawn")


def _by(decision: Decision) -> str:
    person = f"<@{decision.by_id}>"
    if decision.at_seconds is None:
        forgotten = gettext("by someone who was forgotten")
        return forgotten if decision.by_id is None else gettext("by {person}", person=person)
    time = in_seconds(decision.at_seconds)
    if decision.by_id is None:
        return gettext("by someone who was forgotten, at {time}", time=time)
    return gettext("by {person}, at {time}", person=person, time=time)


def history_lines(history: Sequence[Decision], *, several: bool) -> list[str]:
    """Return lines with all that was said about a job's videos, with its time. several: it has more than one."""
    lines: list[str] = []
    for one in history:
        video = gettext("Video {number}", number=one.output)
        lines.append(f"{f'{video} · ' if several else ''}{state_line(one)} {relative(one.decided_at)}")
    return lines


def with_state(text: str, decision: Decision | None, label: str = "") -> str:
    """Return the content of a video's message with what was said last, in place of what it said before."""
    # No line with words that people chose begins in bold, and none of ours but these, or a letter alone.
    begins = f"**{label} " if label else "**"
    lines = [one for one in text.splitlines() if not one.startswith(begins)]
    return content("\n".join(lines), below=state_line(decision, label) if decision else "")


def review_buttons(job_id: str, number: int, decision: Decision | None) -> list[ui.Button[Any]]:
    """Return the buttons that say something about a video. decision: the newest that is shown beside them."""
    parts: dict[str, Any] = {"job_id": job_id, "number": number, "seen": decision.number if decision else 0}
    if decision and decision.verdict is Verdict.APPROVED:
        first = SAY.button(gettext("Withdraw approval"), verdict=Verdict.WITHDRAWN, **parts)
    else:
        first = SAY.button(gettext("Approve"), discord.ButtonStyle.success, verdict=Verdict.APPROVED, **parts)
    return [first, RETAKE.button(gettext("Retake"), **parts)]


def with_review(view: ui.View, job_id: str, number: int, review: Review) -> ui.View:
    """Return a video's view with the buttons of a review in a row of their own, if they belong there."""
    if review.buttons:
        for button in review_buttons(job_id, number, review.decision):
            button.row = REVIEW_ROW
            view.add_item(button)
    return view


def reviewed(text: str, view: ui.View, job: Job, number: int, review: Review) -> tuple[str, ui.View]:
    """Return the content and the buttons of a message with a video, with what was said and with what says it."""
    if job.blind:
        return text, view
    return with_state(text, review.decision, label_of(job)), with_review(view, job.id, number, review)


def reviewed_view(message: discord.Message, job_id: str, number: int, decision: Decision) -> ui.View:
    """Return the buttons of a video's message as they are, but those of its review as of the newest decision."""
    view, reviewed = ui.View(timeout=None), False
    rows = [part for part in message.components if isinstance(part, discord.ActionRow)]
    for number_of_row, row in enumerate(rows):
        for part in row.children:
            if not isinstance(part, discord.Button):
                continue
            if part.custom_id and (SAY.template.fullmatch(part.custom_id) or RETAKE.template.fullmatch(part.custom_id)):
                reviewed = True
            else:
                view.add_item(copied(part, number_of_row))
    return with_review(view, job_id, number, Review(reviewed, decision))
