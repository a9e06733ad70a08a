"""The window in which people say what a retake is to do, and the private answers to reviews."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import discord
from discord import ui

from cogs.interactions.text import inert
from cogs.status.review import NOTE, review_buttons, state_line
from dailies.explain import sentence
from dailies.formatting import figure
from dailies.job import Job
from dailies.jobs.approved import failure
from dailies.language import gettext, gettext_noop
from dailies.reason import Reason, ReasonCode
from dailies.review import NOTE_MOST, ApprovedPost, Decision

WHAT, WHEN = "what", "when"
"""Fields of the window."""
_GONE = frozenset({ReasonCode.VIDEO_REMOVED, ReasonCode.VIDEO_FORGOTTEN, ReasonCode.NOT_HERE, ReasonCode.FILE_GONE})
NOTHING_CHARGED = gettext_noop("You weren't charged.")


def length_of(job: Job, number: int) -> float | None:
    """Return the seconds of an output; None: not known."""
    output = job.outputs[number - 1] if number <= len(job.outputs) else None
    return output.seconds if output and output.seconds is not None else job.request.duration


def note_window(job: Job, number: int, seen: str, *, note: str) -> ui.Modal:
    """Return the window. seen: number of the newest decision that was shown. note: what was written before."""
    what = ui.TextInput[Any](
        custom_id=WHAT,
        style=discord.TextStyle.paragraph,
        max_length=NOTE_MOST,
        default=note or None,
        placeholder=gettext("As in: slower, and keep the lantern lit"),
    )
    length = length_of(job, number)
    example = gettext("As in {seconds} or 0:03", seconds=figure(3.5))
    if length is not None:
        example = gettext("From 0 to {most}, as in {half}", most=figure(length), half=figure(length / 2))
    when = ui.TextInput[Any](custom_id=WHEN, required=False, max_length=10, placeholder=example)
    return NOTE.window(
        gettext("Retake"),
        ui.Label(text=gettext("What should be different"), component=what),
        ui.Label(
            text=gettext("At which second"),
            description=gettext("Leave it empty for the whole video."),
            component=when,
        ),
        job_id=job.id,
        number=number,
        seen=seen,
    )


def written(fields: Mapping[str, Any]) -> tuple[str, str]:
    """Return what was written in the window: the note, and the second as it was typed."""
    return str(fields.get(WHAT) or "").strip()[:NOTE_MOST], str(fields.get(WHEN) or "")


def meanwhile(job: Job, number: int, newest: Decision | None, note: str) -> tuple[str, ui.View]:
    """Return what somebody else said meanwhile, and the buttons with which the person can decide on that.

    note: what they wrote themselves.
    """
    said = gettext("What was said before is gone.")
    if newest:
        said = gettext("Meanwhile: {said}", said=state_line(newest))
    own = [f"> {inert(note, NOTE_MOST)}"] if note else []
    lines = [said, gettext("Your decision isn't saved. Nothing was changed, and nothing was charged."), *own]
    return "\n".join(lines), buttons_view(job, number, newest)


def buttons_view(job: Job, number: int, newest: Decision | None) -> ui.View:
    """Return the buttons of a review alone."""
    view = ui.View(timeout=None)
    for button in review_buttons(job.id, number, newest):
        view.add_item(button)
    return view


def outcome(job: Job, post: ApprovedPost | None, *, kept: bool, approved: bool) -> str:
    """Say what became of an approved video; empty: there is nothing to say. post: None: it goes nowhere.

    kept: the bot still has its file. approved: that was said now; otherwise something else.
    """
    failed = failure(post) if post else None
    if approved and (not kept or (post and post.reason and post.reason.code in _GONE)):
        return sentence(Reason(ReasonCode.APPROVED_NOT_KEPT))
    if failed:
        return sentence(failed)
    if post is None or not approved:
        return ""
    if post.message_id is None:
        return sentence(Reason(ReasonCode.APPROVED_WAITS, channel=post.channel_id))
    url = f"https://discord.com/channels/{job.place.guild_id}/{post.channel_id}/{post.message_id}"
    return sentence(Reason(ReasonCode.APPROVED_POSTED, channel=post.channel_id, url=url))
