"""The messages with the videos of a comparison: their words and buttons, while people vote and when that is over."""

from __future__ import annotations

from collections.abc import Sequence

import discord
from discord import ui

from cogs.delivery.ai_label import ai_line
from cogs.interactions.text import content, inert, relative
from cogs.status.buttons import ABOUT, END_VOTE, MORE, VOTE, WINNER
from cogs.status.summary import shot, summary
from dailies.comparison import chosen, is_blind
from dailies.explain import sentence
from dailies.job import Job
from dailies.language import gettext, ngettext
from dailies.reason import Reason, ReasonCode
from dailies.takes import letter

PROMPT_SHOWN = 120


def common_text(takes: Sequence[Job], ends: float, *, ai_label: bool) -> str:
    """Return the content of the message with several videos. ends: Unix seconds: the latest end of the vote. ai_label:
    it says that AI made them.
    """
    job = takes[0]
    if not is_blind(takes):
        return result_text(takes, takes, ai_label=ai_label)
    head = addressed(job, sentence(Reason(ReasonCode.COMPARE_READY)))
    head = " · ".join(filter(None, (head, shot(job))))
    rules = gettext(
        "Vote for the one you like best. Votes are secret, and the models stay hidden until the vote ends, {time}.",
        time=relative(ends),
    )
    return content("\n".join(filter(None, (head, _prompt(job), rules, ai_line(ai_label)))))


def common_buttons(takes: Sequence[Job], shown: Sequence[Job]) -> ui.View:
    """Return the buttons below several videos. takes: of the whole comparison. shown: those in the message."""
    view = ui.View(timeout=None)
    set_id = _set_id(takes[0])
    if is_blind(takes):
        for job in shown:
            view.add_item(vote_button(job))
        view.add_item(END_VOTE.button(gettext("End the vote"), set_id=set_id))
        return view
    if chosen(takes):
        view.add_item(WINNER.button(gettext("Use the winner"), discord.ButtonStyle.primary, set_id=set_id))
    for job in shown:
        view.add_item(ABOUT.button(gettext("More of {letter}", letter=letter(job)), job_id=job.id))
    return view


def own_blind_buttons(job: Job, number: int) -> ui.View:
    """Return the buttons below a video of a comparison that has a message of its own, while people vote."""
    view = ui.View(timeout=None)
    view.add_item(vote_button(job, gettext("Vote for {letter}", letter=letter(job))))
    view.add_item(END_VOTE.button(gettext("End the vote"), set_id=_set_id(job)))
    return view.add_item(MORE.button(gettext("More"), job_id=job.id, number=number))


def vote_button(job: Job, label: str = "") -> ui.Button[ui.View]:
    """Return the button that chooses a video. label: in place of its letter."""
    assert job.take_set
    primary = discord.ButtonStyle.primary
    return VOTE.button(label or letter(job), primary, set_id=job.take_set.id, place=job.take_set.place)


def own_blind_text(job: Job) -> str:
    """Return the lines about a video in a message of its own, while people vote, below its prompt."""
    return gettext(
        "Video {letter} of a comparison. Vote for the one you like best. Votes are secret, and the models stay hidden "
        "until the vote ends.",
        letter=letter(job),
    )


def result_text(takes: Sequence[Job], shown: Sequence[Job], *, ai_label: bool) -> str:
    """Return the content of the message with several videos once the vote has ended: names, votes, prices. ai_label: as
    of `common_text`.
    """
    head = addressed(takes[0], outcome(takes))
    lines = [" · ".join(filter(None, (head, shot(takes[0])))), _prompt(takes[0])]
    first = chosen(takes)
    for job in shown:
        name = f"**{letter(job)}**" + (f" · **{gettext('winner')}**" if job is first else "")
        lines.append(" · ".join(filter(None, (name, votes_of(job), summary(job), _lacking(job)))))
    return content("\n".join(filter(None, (*lines, ai_line(ai_label)))))


def outcome(takes: Sequence[Job]) -> str:
    """Say how a vote ended, after the mention of who asked for it."""
    first = chosen(takes)
    votes = sum(one.take_set.votes or 0 for one in takes if one.take_set)
    if first and first.take_set:
        won = first.take_set.votes or 0
        return ngettext(
            "the vote has ended: {letter} wins with {won} of {n} vote",
            "the vote has ended: {letter} wins with {won} of {n} votes",
            votes,
            letter=letter(first),
            won=won,
        )
    return gettext("the vote has ended in a tie") if votes else gettext("the vote has ended, and nobody voted")


def _lacking(job: Job) -> str | None:
    """Say which marks of the original a posted video has not: until then, they would have told its model."""
    loss = job.marks[1].loss if 1 in job.marks else None
    return sentence(Reason(ReasonCode.MARKS_LACKING, marks=loss.values["marks"])) if loss else None


def votes_of(job: Job) -> str:
    """Say how many votes a video got."""
    return ngettext("{n} vote", "{n} votes", job.take_set.votes or 0 if job.take_set else 0)


def addressed(job: Job, said: str) -> str:
    """Return what is said to who asked for a video."""
    return gettext("{person}, {said}", person=f"<@{job.place.requester_id}>", said=said)


def _prompt(job: Job) -> str:
    return f"> {inert(job.request.prompt, PROMPT_SHOWN)}"


def _set_id(job: Job) -> str:
    assert job.take_set
    return job.take_set.id
