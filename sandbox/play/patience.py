"""Waits in a story: for answers that the bot owes, for news, and for what a person looks for."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import TypeVar

from sandbox.discord import Interaction
from sandbox.discord.interactions import COMPONENT
from sandbox.play.observer import Observer
from sandbox.play.story import Story
from sandbox.play.targets import NotThere
from sandbox.stack import Stack

GRACE_SECONDS = 4.0
"""Real seconds for which a person looks for a button once nothing is being loaded for them."""
QUIET_SECONDS, MOST_QUIET_SECONDS = 0.3, 3.0
"""Real seconds without news after which the sandbox counts as settled, and the most that this is waited for."""

T = TypeVar("T")


class StepFailedError(Exception):
    """A step that could not be taken, or whose expectation is not true; the text says what there was instead."""


class Patience:
    """Every wait of one story, each with a limit. `killed`: the story ended the bot, which then owes no answer."""

    def __init__(self, story: Story, stack: Stack, observer: Observer) -> None:
        self.killed = False
        self._story = story
        self._stack = stack
        self._observer = observer
        self._begun: list[Interaction] = []

    async def settle(self) -> None:
        """Wait until nothing new has come for a moment."""
        end = time.monotonic() + MOST_QUIET_SECONDS
        while time.monotonic() < end:
            self._observer.changed.clear()
            if not await self.news(QUIET_SECONDS):
                return

    async def look(self, find: Callable[[], T]) -> T:
        """Return what is found, looked for anew for a moment, and for as long as something is being loaded."""
        begin = time.monotonic()
        while True:
            try:
                return find()
            except NotThere:
                patience = self._story.limit if self._loading() else GRACE_SECONDS
                if time.monotonic() - begin >= patience:
                    raise
            self.require_bot()
            await self.news(0.2)

    def _loading(self) -> bool:
        return not self.killed and any(
            one.state == "waiting" or (one.state == "deferred" and not _only_updates(one)) for one in self._begun
        )

    async def answered(self, *begun: Interaction) -> None:
        """Wait until the bot has answered. Raises StepFailedError when it did not, unless the story killed it."""
        self._begun += begun
        edits = [one.message.edits if one.message is not None else 0 for one in begun]
        for one, before in zip(begun, edits, strict=True):
            await one.wait(self._story.limit + self._story.answer_seconds)
            await self._kept_promise(one, before)
        for one in begun:
            if one.state == "failed":
                self._observer.tell(self._observer.name("user", one.user.id), str(one.error))
                if not self.killed:
                    raise StepFailedError(f"{one.error}\n{self._stack.bot.log_tail(15)}".strip())

    async def _kept_promise(self, one: Interaction, edits: int) -> None:
        """Wait for the answer that a deferral promised; a change of the message used may also never come.

        edits: how often that message had been edited before.
        """
        limit = GRACE_SECONDS if _only_updates(one) else self._story.limit
        end = time.monotonic() + limit
        while one.state == "deferred" and not self.killed:
            if _only_updates(one) and (one.follow_ups or (one.message is not None and one.message.edits > edits)):
                return
            self.require_bot()
            if time.monotonic() >= end:
                if _only_updates(one):
                    return
                raise StepFailedError(f"the bot promised an answer and gave none for {limit:g} s")
            await self.news(0.2)

    def require_bot(self) -> None:
        if not self.killed and not self._stack.bot.running:
            tail = self._stack.bot.log_tail(15)
            raise StepFailedError(f"the bot ended with {self._stack.bot.returncode}; its log ends with:\n{tail}")

    async def news(self, seconds: float) -> bool:
        """Wait for the next event, at most so many real seconds; False when none came."""
        try:
            async with asyncio.timeout(seconds):
                await self._observer.changed.wait()
        except TimeoutError:
            return False
        self._observer.changed.clear()
        return True


def _only_updates(interaction: Interaction) -> bool:
    """Return whether a bot that deferred promised no message, but at most a change of the one that was used."""
    used = interaction.message is not None and interaction.original is interaction.message
    return used and (interaction.kind == COMPONENT or interaction.opener is not None)
