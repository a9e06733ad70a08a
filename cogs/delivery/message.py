"""The message with a video: what a colleague who scrolls by needs to know of it, and the buttons below it."""

from __future__ import annotations

from collections.abc import Callable

from discord import ui

from cogs.delivery.ai_label import ai_line
from cogs.delivery.compared import addressed, own_blind_buttons, own_blind_text, votes_of
from cogs.interactions.text import content, inert
from cogs.status.buttons import video_buttons
from cogs.status.summary import shot, summary, take
from dailies.delivery.chat import Upload
from dailies.explain import sentences
from dailies.job import Job
from dailies.language import gettext
from dailies.media.container import MP4
from dailies.openrouter.pricing import Quote
from dailies.takes import letter

PROMPT_SHOWN = 120

PriceOf = Callable[[Job], Quote | None]
"""Returns what a job's settings cost today; None: not known."""


def message_text(job: Job, upload: Upload, *, ai_label: bool) -> str:
    """Return the content of a message with a video, addressed to who asked for it. ai_label: it says that AI made the
    video.
    """
    first, more = sentences(upload.words[:1]), upload.words[1:]
    head = " · ".join(filter(None, (addressed(job, first), take(job))))
    prompt = f"> {inert(job.request.prompt, PROMPT_SHOWN)}"
    label = ai_line(ai_label)
    if job.blind:
        first = " · ".join(filter(None, (addressed(job, first), shot(job))))
        return content("\n".join(filter(None, (first, prompt, own_blind_text(job), sentences(more), label))))
    if job.take_set and job.take_set.compared:
        which = gettext("{letter} of a comparison", letter=f"**{letter(job)}**")
        prompt += f"\n{which} · {votes_of(job)}"
    return content("\n".join(filter(None, (head, prompt, summary(job, upload.number), sentences(more), label))))


def message_buttons(job: Job, upload: Upload, price: PriceOf) -> ui.View:
    """Return the buttons below a video. They also say which video it is, when the message is looked for later."""
    if job.blind:
        return own_blind_buttons(job, upload.number)
    view = ui.View(timeout=None)
    is_video = upload.extension == MP4
    for button in video_buttons(job, upload.number, price(job), continues=is_video):
        view.add_item(button)
    return view
