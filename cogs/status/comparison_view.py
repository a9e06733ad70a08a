"""The status of a comparison of models: one message, with a row for each video by its letter. No model is named before
the vote has ended.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import discord
from discord import ui

from cogs.interactions.text import Words, fitted, inert, inert_reason, relative
from cogs.status import view as single
from cogs.status.buttons import CANCEL, EDIT, FILE, WINNER, status_buttons
from cogs.status.gallery import gallery
from cogs.status.queue_line import nth_in_line
from cogs.status.set_view import BUTTONS, ROW_SHOWN, identity, representative
from cogs.status.summary import requested_by, sent_directly, shot, video_jump
from dailies.comparison import chosen, is_blind
from dailies.explain import sentence
from dailies.formatting import cents
from dailies.job import UNSENT, Job, State
from dailies.language import gettext, ngettext
from dailies.reason import Reason, ReasonCode
from dailies.takes import letter

_ENDED_WITHOUT = frozenset({State.REFUSED, State.FAILED, State.CANCELLED, State.EXPIRED})
"""Ends that cost nothing unless OpenRouter names a cost."""


def comparison_view(takes: Sequence[Job], pictures: list[str]) -> ui.LayoutView:
    """Build the layout for a comparison. pictures: addresses of its references' thumbnails."""
    job = representative(takes)
    words, colour = _title(takes)
    container: ui.Container[ui.LayoutView] = ui.Container(accent_colour=discord.Colour(colour))
    container.add_item(Words(f"### {words}\n> {inert(job.request.prompt, single.PROMPT_SHOWN)}", cut=1))
    if pictures:
        container.add_item(gallery(job, pictures))
    container.add_item(Words(" · ".join(filter(None, (requested_by(job), shot(job))))))
    # Where none was started, there is nothing to vote on, and so no secret.
    blind = is_blind(takes) and not all(one.state is State.REFUSED for one in takes)
    container.add_item(Words("\n".join(_row(one, takes, blind=blind) for one in takes), cut=4))
    others = "".join(f" · {one.id}" for one in takes[1:])
    for text in (_said(takes), _price(takes), f"-# {identity(takes[0])}{others}"):
        if text:
            container.add_item(Words(text))
    if buttons := _buttons(takes)[:BUTTONS]:
        container.add_item(ui.ActionRow(*buttons))
    view = ui.LayoutView(timeout=None)
    return fitted(view.add_item(container))


def _title(takes: Sequence[Job]) -> tuple[str, int]:
    done, number = sum(one.state is State.DELIVERED for one in takes), len(takes)
    if all(one.state is State.REFUSED for one in takes):
        return single.titled(takes[0])
    if not is_blind(takes):
        first = chosen(takes)
        ended = gettext("Vote ended") if done > 1 else gettext("Comparison ended")
        said = gettext("Vote ended: {letter} wins", letter=letter(first)) if first else ended
        return said, single.GREEN if done else single.AMBER
    if all(one.ended for one in takes):
        every = gettext("Both videos are ready") if number == 2 else gettext("All {n} videos are ready", n=number)
        said = gettext("{done} of {n} videos are ready", done=done, n=number) if done < number else every
        return said, single.GREEN if done > 1 else single.AMBER
    if done:
        return gettext("Comparing {n} models, {done} done", n=number, done=done), single.BLUE
    return gettext("Comparing {n} models", n=number), single.BLUE


def _said(takes: Sequence[Job]) -> str:
    """Say what happens next, or how the vote ended."""
    done = sum(one.state is State.DELIVERED for one in takes)
    if not is_blind(takes):
        votes = sum(one.take_set.votes or 0 for one in takes if one.take_set)
        if done < 2:
            return gettext("Fewer than two videos came, so there was no vote.")
        if not votes:
            return gettext("Nobody voted.")
        if chosen(takes):
            return ngettext("{n} person voted.", "{n} people voted.", votes)
        return ngettext("{n} person voted. It's a tie.", "{n} people voted. It's a tie.", votes)
    if all(one.state in UNSENT for one in takes):
        return gettext("Each letter is a different model. Which is which stays secret until the vote ends.")
    if done > 1:
        return gettext("Vote below the videos. Which is which stays secret until the vote ends.")
    return gettext("Voting starts when the videos are here. The models stay secret until it ends.")


def _row(job: Job, takes: Sequence[Job], *, blind: bool) -> str:
    """Say how a video stands: **B** · Done · to the video; after the vote with its model, votes and price."""
    parts = [f"**{letter(job)}**"]
    if not blind:
        parts.append(inert(job.request.model_name, 60))
    if not blind and job.take_set and job.state is State.DELIVERED:
        parts.append(ngettext("{n} vote", "{n} votes", job.take_set.votes or 0))
    else:
        parts.append(_title_of(job, takes))
    return " · ".join([*parts, *_details(job, blind=blind)])


def _title_of(job: Job, takes: Sequence[Job]) -> str:
    """Return a video's state in a few words. A finished one waits for the others, so that all come side by side."""
    others = any(not one.ended and one.state is not State.DELIVERING for one in takes)
    waits = job.state is State.DELIVERING and others
    return gettext("Finished, waiting for the others") if waits else single.title(job)


def _details(job: Job, *, blind: bool) -> list[str]:
    match job.state:
        case State.QUEUED:
            return [nth_in_line(job.queue_position)] if job.queue_position else []
        case State.SUBMITTED:
            return [gettext("started {time}", time=relative(job.submitted_at or job.created_at))]
        case State.DELIVERED:
            url = None if sent_directly(job) else video_jump(job)
            direct = [gettext("sent as a direct message")] if sent_directly(job) else []
            link = [f"[{gettext('to the video')}]({url})"] if url else []
            return [*([] if blind else _cost(job)), *direct, *link]
        case _ if job.ended:
            money = _paid(job) if blind else _cost(job)
            reason = Reason(ReasonCode.BLIND_END) if blind else job.reason
            return [*money, *([inert_reason(reason, ROW_SHOWN)] if reason and job.reason else [])]
        case _:
            return [inert(sentence(job.activity), ROW_SHOWN)] if job.activity else []


def _cost(job: Job) -> list[str]:
    if job.cost is None:
        return [gettext("cost not reported")] if job.state is State.DELIVERED else []
    return [cents(job.cost)]


def _paid(job: Job) -> list[str]:
    """Say whether a video that dropped out cost something; how much would tell its model."""
    if job.cost:
        return [gettext("charged")]
    return [gettext("not charged") if job.state in _ENDED_WITHOUT else gettext("may have been charged")]


def _price(takes: Sequence[Job]) -> str:
    """Return the sum: what is expected until all have ended, then what it was."""
    if all(one.ended for one in takes):
        known = [one.cost for one in takes if one.cost is not None]
        return gettext("{price} in all.", price=cents(sum(known, Decimal(0)))) if known else ""
    unpaid = single.unpaid(takes)
    prices = [one.quote.usd for one in takes if one.quote and one.quote.usd is not None]
    if len(prices) < len(takes):
        return " ".join(filter(None, (gettext("The price isn't known."), unpaid)))
    price = cents(sum(prices, Decimal(0)))
    return " ".join(filter(None, (gettext("About {price} for {n} videos.", price=price, n=len(takes)), unpaid)))


def _buttons(takes: Sequence[Job]) -> list[ui.Button[ui.LayoutView]]:
    """Return Cancel while a video waits; in the end what each can do, as far as that tells no model."""
    if any(one.state is State.QUEUED for one in takes):
        return [CANCEL.button(gettext("Cancel"), job_id=takes[0].id)]
    if not all(one.ended for one in takes):
        return []
    found: list[ui.Button[ui.LayoutView]] = []
    if chosen(takes) and not is_blind(takes):
        found.append(WINNER.button(gettext("Use the winner"), discord.ButtonStyle.primary, set_id=takes[0].id))
    for one in takes:
        row = None if one.blind else status_buttons(one)
        for button in row.children if row else ():
            if isinstance(button, ui.Button) and not EDIT.template.fullmatch(button.custom_id or ""):
                button.label = f"{letter(one)}: {button.label}"
                found.append(button)
        if one.blind and one.state is State.UNDELIVERED and one.file and one.file_removed_at is None:
            found.append(FILE.button(f"{letter(one)}: {gettext('Deliver again')}", what="deliver", job_id=one.id))
    if is_blind(takes) or not any(one.state is State.DELIVERED for one in takes):
        found = [*found[: BUTTONS - 1], EDIT.button(gettext("Edit"), job_id=takes[0].id)]
    return found
