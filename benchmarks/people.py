"""People who type /video, and try again when the bot does not answer."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sandbox.discord import Interaction, Upload
from sandbox.stack import Stack
from tests.e2e.scene import Scene, text_of
from tests.support.images import image

ANSWER_SECONDS = 8.0
WINDOWS = 2
"""Windows in which each of them types: one that waits for a bot that is down must not keep the others waiting."""
WITH_REFERENCE = 3
"""Every third job has a reference image, so that kills also meet its upload and its thumbnail."""


COLOUR = "red"
FORMS = ("PNG", "GIF")
"""Of the references in turn: one that is sent as it is, and one that is converted."""


@dataclass(frozen=True)
class AnsweredCommand:
    """A command that was answered with a status. Its prompt is unique. references: attached images."""

    prompt: str
    interaction: Interaction
    references: int = 0

    @property
    def status_id(self) -> str:
        """The status message."""
        message = self.interaction.response_message
        if message is None:
            raise RuntimeError("a command that was answered has no message")
        return str(message["id"])

    @property
    def status(self) -> str:
        """Return the status's text now, as a person reads it."""
        return text_of(self.interaction.response_message or {}).strip()

    @property
    def pictures(self) -> list[str]:
        """Return addresses of the pictures that the status shows now."""
        return list(_pictures((self.interaction.response_message or {}).get("components") or []))


def _pictures(components: list[dict[str, Any]]) -> Iterator[str]:
    for component in components:
        items: list[dict[str, Any]] = component.get("items") or []
        yield from (item["media"]["url"] for item in items)
        yield from _pictures(component.get("components") or [])


class People:
    """Ann and Ben, who ask for that many jobs, as fast as `allowed` lets them.

    with_reference: one in so many jobs has a reference.
    """

    def __init__(self, stack: Stack, jobs: int, rng: random.Random, *, with_reference: int = WITH_REFERENCE) -> None:
        self.asked: list[AnsweredCommand] = []
        self.unanswered: list[str] = []
        """Prompts of commands that the bot did not answer, or refused because it was stopping."""
        self._stack = stack
        self._jobs = jobs
        self._with_reference = with_reference
        self._rng = rng
        self._numbers = itertools.count()
        self._allowed = 0
        self._more = asyncio.Condition()

    async def allow(self, jobs: int) -> None:
        """Let them ask for this many jobs in all."""
        async with self._more:
            self._allowed = max(self._allowed, jobs)
            self._more.notify_all()

    async def caught_up(self, jobs: int, seconds: float) -> None:
        """Wait, at most so many real seconds, until so many commands were answered."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds), self._more:
                await self._more.wait_for(lambda: len(self.asked) >= jobs)

    async def work(self) -> None:
        """Wait until all jobs were asked for and answered."""
        await asyncio.gather(*(self._ask_on(name) for name in ("Ann", "Ben") for _ in range(WINDOWS)))

    async def _ask_on(self, name: str) -> None:
        while (number := next(self._numbers)) < self._jobs:
            async with self._more:
                await self._more.wait_for(lambda: number < self._allowed)
            await asyncio.sleep(self._rng.uniform(0, 0.6))
            await self._ask(name, number)

    async def _ask(self, name: str, number: int) -> None:
        for attempt in itertools.count(1):
            # Unlike any other prompt, so that paid requests can be told apart even for a command that failed.
            prompt = f"A boat, take {number} try {attempt}."
            options: dict[str, object] = {"prompt": prompt, "resolution": "480p", "duration": 4}
            if number % self._with_reference == 0:
                form = FORMS[number // self._with_reference % len(FORMS)]
                options["reference"] = Upload(f"boat.{form.lower()}", image(COLOUR, kind=form))
            interaction = await self._stack.discord.person(name).command(Scene(self._stack).channel, "video", options)
            await interaction.wait(ANSWER_SECONDS)
            if interaction.state == "answered" and not interaction.ephemeral:
                self.asked.append(AnsweredCommand(prompt, interaction, int("reference" in options)))
                async with self._more:
                    self._more.notify_all()
                return
            self.unanswered.append(prompt)
            await asyncio.sleep(0.3)
