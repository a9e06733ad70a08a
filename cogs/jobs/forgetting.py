"""/jobs forget: the question before anything is removed, and the answer."""

from __future__ import annotations

import discord
from discord import ui

from cogs.interactions.buttons import CustomId
from cogs.interactions.text import words_view
from dailies.formatting import listed
from dailies.language import gettext, gettext_noop, ngettext
from dailies.retention import Held

FORGET = CustomId("jobs:forget:{answer}", answer="yes|no")
_REMOVED = gettext_noop(
    "This removes your prompts, references and videos from the bot's records and disk, in all servers. "
    "Kept: who asked, when, where, the model and its settings, OpenRouter's id, and what it cost. "
    "Messages in Discord, and what OpenRouter has, stay."
)
_CAST = gettext_noop("The names that you added to the cast go with their pictures, for everybody.")
_VOTES = gettext_noop("Your votes on comparisons of models go, too. The results of votes that have ended stay.")
_REVIEWS = gettext_noop(
    "Your notes on videos go, too. That a video was approved, or a retake asked for, stays without your name."
)


def forget_view(jobs: int, left: int, held: Held) -> ui.LayoutView:
    """Return the question. jobs: those that would be forgotten. left: jobs still running. held: what goes with them."""
    running = ngettext(
        "{n} job that is still running, or just ended, stays as it is.",
        "{n} jobs that are still running, or just ended, stay as they are.",
        left,
    )
    running = running if left else ""
    if not jobs and held == Held():
        return words_view(" ".join(filter(None, [gettext("There's nothing to forget."), running])))
    words = [
        gettext(_REMOVED) if jobs or held.drafts else "",
        gettext(_CAST) if held.cast else "",
        gettext(_VOTES) if held.votes else "",
        gettext(_REVIEWS) if held.reviews else "",
        _stay(held),
        running,
    ]
    question = gettext("Forget {things}?", things=_counted(jobs, held))
    lines = [f"### {question}", " ".join(filter(None, words)), gettext("This can't be undone.")]
    view = words_view("\n".join(lines))
    row: ui.ActionRow[ui.LayoutView] = ui.ActionRow()
    row.add_item(FORGET.button(_label(jobs, held), discord.ButtonStyle.danger, answer="yes"))
    row.add_item(FORGET.button(gettext("Keep them"), answer="no"))
    return view.add_item(row)


def _label(jobs: int, held: Held) -> str:
    """Return the label of the button that forgets, which names the first kind that there is."""
    labels = (
        (jobs, gettext("Forget my jobs")),
        (held.drafts, gettext("Forget my drafts")),
        (held.cast, gettext("Forget my cast")),
        (held.votes, gettext("Forget my votes")),
        (held.reviews, gettext("Forget my notes")),
    )
    return next((label for number, label in labels if number), gettext("Forget my name"))


def forgotten(jobs: int, left: int, held: Held) -> str:
    """Report what was forgotten. jobs: their number. left: jobs still running. held: what went with them."""
    number = jobs + held.drafts + held.cast + held.votes + held.reviews
    costs = ""
    if _named(held) and not number:
        done = gettext("Your name was removed from {things}.", things=_named(held))
    else:
        done = ngettext("{things} was forgotten.", "{things} were forgotten.", number, things=_counted(jobs, held))
        costs = gettext("What they cost is kept.") if jobs else ""
    running = ngettext(
        "{n} job that is still running stays; use /jobs forget again later.",
        "{n} jobs that are still running stay; use /jobs forget again later.",
        left,
    )
    return " ".join(filter(None, [done, costs, running if left else ""]))


def _counted(jobs: int, held: Held) -> str:
    """Return the words for these numbers: "3 jobs and 1 draft"; where there is nothing else, of what names somebody."""
    things = [
        (jobs, ngettext("{n} job", "{n} jobs", jobs)),
        (held.drafts, ngettext("{n} draft", "{n} drafts", held.drafts)),
        (held.cast, ngettext("{n} name of the cast", "{n} names of the cast", held.cast)),
        (held.votes, ngettext("{n} vote", "{n} votes", held.votes)),
        (held.reviews, ngettext("{n} word on a video", "{n} words on videos", held.reviews)),
    ]
    words = [said for number, said in things if number]
    if _named(held) and not words:
        return gettext("your name on {things}", things=_named(held))
    return listed(words or [ngettext("{n} job", "{n} jobs", 0)])


def _named(held: Held) -> str:
    """Return the words for what names a person and stays: "2 server settings and 1 shot"; empty: nothing does."""
    things = (
        (held.settings, ngettext("{n} server setting", "{n} server settings", held.settings)),
        (held.shots, ngettext("{n} shot", "{n} shots", held.shots)),
        (held.screenings, ngettext("{n} screening", "{n} screenings", held.screenings)),
    )
    return listed([said for number, said in things if number])


def _stay(held: Held) -> str:
    number = held.settings + held.shots + held.screenings
    if not number:
        return ""
    return ngettext(
        "{things} stays, without your name.", "{things} stay, without your name.", number, things=_named(held)
    )
