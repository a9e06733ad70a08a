"""/jobs forget: the question before anything is removed, and the answer."""

from __future__ import annotations

import discord
from discord import ui

from cogs.interactions.buttons import CustomId
from cogs.interactions.text import words_view
from dailies.explain.sentences import listed
from dailies.formatting import plural
from dailies.retention import Held

FORGET = CustomId("jobs:forget:{answer}", answer="yes|no")
_REMOVED = (
    "This removes your prompts, references and videos from the bot's records and disk, in all servers. "
    "Kept: who asked, when, where, the model and its settings, OpenRouter's id, and what it cost. "
    "Messages in Discord, and what OpenRouter has, stay."
)
_CAST = "The names that you added to the cast go with their pictures, for everybody."
_VOTES = "Your votes on comparisons of models go, too. The results of votes that have ended stay."
_REVIEWS = "Your notes on videos go, too. That a video was approved, or a retake asked for, stays without your name."


def forget_view(jobs: int, left: int, held: Held) -> ui.LayoutView:
    """Return the question. jobs: those that would be forgotten. left: jobs still running. held: what goes with them."""
    stays = plural(
        left,
        "{n} job that is still running, or just ended, stays as it is",
        "{n} jobs that are still running, or just ended, stay as they are",
    )
    running = f" {stays}." if left else ""
    if not jobs and held == Held():
        return words_view(f"There's nothing to forget.{running}")
    words = [
        _REMOVED if jobs or held.drafts else "",
        _CAST if held.cast else "",
        _VOTES if held.votes else "",
        _REVIEWS if held.reviews else "",
        _stay(held),
        running.strip(),
    ]
    lines = [f"### Forget {_counted(jobs, held)}?", " ".join(filter(None, words)), "This can't be undone."]
    view = words_view("\n".join(lines))
    row: ui.ActionRow[ui.LayoutView] = ui.ActionRow()
    kinds = ((jobs, "jobs"), (held.drafts, "drafts"), (held.cast, "cast"), (held.votes, "votes"))
    kinds = (*kinds, (held.reviews, "notes"))
    label = f"Forget my {next((kind for number, kind in kinds if number), 'name')}"
    row.add_item(FORGET.button(label, discord.ButtonStyle.danger, answer="yes"))
    row.add_item(FORGET.button("Keep them", answer="no"))
    return view.add_item(row)


def forgotten(jobs: int, left: int, held: Held) -> str:
    """Report what was forgotten. jobs: their number. left: jobs still running. held: what went with them."""
    stays = plural(left, "{n} job that is still running stays", "{n} jobs that are still running stay")
    running = f" {stays}; use /jobs forget again later." if left else ""
    costs = " What they cost is kept." if jobs else ""
    number = jobs + held.drafts + held.cast + held.votes + held.reviews
    if _named(held) and not number:
        return f"Your name was removed from {_named(held)}.{running}"
    was = "was" if number == 1 else "were"
    return f"{_counted(jobs, held)} {was} forgotten.{costs}{running}"


def _counted(jobs: int, held: Held) -> str:
    """Return the words for these numbers: "3 jobs and 1 draft"; where there is nothing else, of what names somebody."""
    named = [
        (jobs, "{n} job", "{n} jobs"),
        (held.drafts, "{n} draft", "{n} drafts"),
        (held.cast, "{n} name of the cast", "{n} names of the cast"),
        (held.votes, "{n} vote", "{n} votes"),
        (held.reviews, "{n} word on a video", "{n} words on videos"),
    ]
    words = [plural(number, one, many) for number, one, many in named if number]
    if _named(held) and not words:
        return f"your name on {_named(held)}"
    return listed(tuple(words or ["0 jobs"]))


def _named(held: Held) -> str:
    """Return the words for what names a person and stays: "2 server settings and 1 shot"; empty: nothing does."""
    named = (
        (held.settings, "{n} server setting", "{n} server settings"),
        (held.shots, "{n} shot", "{n} shots"),
        (held.screenings, "{n} screening", "{n} screenings"),
    )
    words = tuple(plural(number, one, more) for number, one, more in named if number)
    return listed(words) if words else ""


def _stay(held: Held) -> str:
    stays = "stays" if held.settings + held.shots + held.screenings == 1 else "stay"
    return f"{_named(held)} {stays}, without your name." if _named(held) else ""
