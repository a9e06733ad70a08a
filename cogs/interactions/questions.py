"""Questions between a command and its job: ephemeral messages with buttons.

Questions are kept in memory only: after a restart their buttons answer that the question is too old.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial

import discord
from discord import Interaction, ui

from cogs.interactions.buttons import CustomId
from cogs.interactions.discord_errors import BROKEN
from cogs.interactions.text import NOBODY, Words, words_view
from dailies.formatting import spell
from dailies.language import gettext, gettext_noop

log = logging.getLogger(__name__)

ANSWER = CustomId("question:{key}:{number}", key=r"\d+", number=r"\d")
ANSWER_SECONDS = 600.0
"""Time to answer a question. Its message can be edited for fifteen minutes, so its expiry can still be shown."""
TOO_OLD = gettext_noop("This question has expired, so nothing was started. You weren't charged. Run the command again.")
ELSEWHERE = gettext_noop("This question belongs to another channel, so nothing was started. You weren't charged.")
ANSWERED = gettext_noop("You've already answered this. Only the first answer counts.")


@dataclass(frozen=True)
class Choice:
    """A button. act: called with the click, which it has to answer; None: nothing is started."""

    label: str
    act: Callable[[Interaction], Awaitable[None]] | None


@dataclass(frozen=True)
class Question:
    """text: our own markup; user text in it must be inert. choices: one to five.

    starts: a yes starts something that costs; without it, it changes something.
    """

    text: str
    choices: tuple[Choice, ...]
    starts: bool = True

    @property
    def dropped(self) -> str:
        """The meaning of a no."""
        if self.starts:
            return gettext("Nothing was started. You weren't charged.")
        return gettext("Nothing was changed.")

    def expired(self, seconds: float) -> str:
        """Return what no answer within so many seconds means."""
        if self.starts:
            return gettext("No answer within {time}, so nothing was started. You weren't charged.", time=spell(seconds))
        return gettext("No answer within {time}, so nothing was changed.", time=spell(seconds))


@dataclass
class _Open:
    interaction: Interaction
    question: Question
    answered: bool = False


class Questions:
    """Asks questions, and takes one answer each, from the person asked. seconds: after these, no answer means no."""

    def __init__(self, *, seconds: float = ANSWER_SECONDS) -> None:
        self._seconds = seconds
        self._open: dict[str, _Open] = {}
        self._timers: set[asyncio.Task[None]] = set()

    async def ask(self, interaction: Interaction, question: Question) -> None:
        """Answer a command, or a click, with a question."""
        key = str(interaction.id)
        self._open[key] = _Open(interaction, question)
        timer = asyncio.create_task(self._expire(key), name=f"question {key}")
        self._timers.add(timer)
        timer.add_done_callback(self._timers.discard)
        await interaction.response.send_message(view=_view(key, question), ephemeral=True, allowed_mentions=NOBODY)

    @ANSWER.handles
    async def answer(self, click: Interaction, key: str, number: str) -> None:
        """Act on the choice, once."""
        asked = self._open.get(key)
        if asked is None or asked.interaction.user.id != click.user.id:
            await _say(
                click, gettext(TOO_OLD) if asked is None else gettext("Only the person who was asked can answer.")
            )
            return
        if asked.interaction.channel_id != click.channel_id:
            await _say(click, gettext(ELSEWHERE))
            return
        if asked.answered:
            await _say(click, gettext(ANSWERED))
            return
        asked.answered = True
        choice = asked.question.choices[int(number)]
        try:
            await (choice.act or partial(_drop, question=asked.question))(click)
        finally:
            # If Discord did not accept the answer, nobody saw it: the button stays, and a job it made ends unsent.
            asked.answered = click.response.is_done()
        # A click may have turned the question into something else.
        beside = click.response.type is discord.InteractionResponseType.channel_message
        if asked.answered and choice.act and beside:
            await _change(
                asked, Words(asked.question.text, cut=1), "-# " + gettext("Your answer: {answer}", answer=choice.label)
            )

    def close(self) -> None:
        """Stop waiting for answers."""
        for timer in self._timers:
            timer.cancel()

    async def _expire(self, key: str) -> None:
        await asyncio.sleep(self._seconds)
        asked = self._open.pop(key)
        if not asked.answered:
            await _change(asked, asked.question.expired(self._seconds))


def _view(key: str, question: Question) -> ui.LayoutView:
    view = words_view(question.text)
    row: ui.ActionRow[ui.LayoutView] = ui.ActionRow()
    for number, choice in enumerate(question.choices):
        style = discord.ButtonStyle.secondary if number else discord.ButtonStyle.primary
        row.add_item(ANSWER.button(choice.label, style, key=key, number=number))
    return view.add_item(row)


async def _drop(click: Interaction, *, question: Question) -> None:
    await click.response.edit_message(view=words_view(question.dropped))


async def _say(click: Interaction, text: str) -> None:
    await click.response.send_message(text, ephemeral=True, allowed_mentions=NOBODY)


async def _change(asked: _Open, *texts: str | Words) -> None:
    """Replace the question and its buttons with texts. The answer counts even if this fails."""
    try:
        await asked.interaction.edit_original_response(view=words_view(*texts), allowed_mentions=NOBODY)
    except (*BROKEN, discord.HTTPException) as error:
        log.warning("a question's message could not be changed: %s", type(error).__name__)
