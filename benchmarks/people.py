"""People who type /video, and try again when the bot does not answer."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from sandbox.discord import Interaction, Upload
from sandbox.stack import Stack
from tests.e2e.scene import Scene, text_of
from tests.support.images import image

ANSWER_SECONDS = 8.0
WINDOWS = 2
"""Windows in which each of them types: one that waits for a bot that is down must not keep the others waiting."""
WITH_REFERENCE = 3
"""Every third job has a reference image, so that kills also meet its upload and its thumbnail."""


NAMES = ("model_a", "model_b", "model_c", "model_d")
MODELS = (
    "bytedance/seedance-2.0-fast",
    "bytedance/seedance-2.0",
    "bytedance/seedance-2.0-mini",
    "bytedance/seedance-1-5-pro",
)
"""Models that take what these people ask for as it is, so that nothing is asked about."""
COLOUR = "red"
FORMS = ("PNG", "GIF")
"""Of the references in turn: one that is sent as it is, and one that is converted."""


class AskedJob(Protocol):
    """A job, or a set of takes, that somebody asked for and saw a status of. Its prompt is unique.

    references: attached images.
    """

    @property
    def takes(self) -> int:
        """The number of takes; 1: no set."""
        ...

    @property
    def prompt(self) -> str:
        """The prompt, as it is sent."""
        ...

    @property
    def references(self) -> int:
        """The number of references."""
        ...

    @property
    def status_id(self) -> str:
        """The status message."""
        ...

    @property
    def status(self) -> str:
        """The status's text now, as a person reads it."""
        ...

    @property
    def pictures(self) -> list[str]:
        """Addresses of the pictures that the status shows now."""
        ...


@dataclass(frozen=True)
class AnsweredCommand:
    """A command that was answered with a status. Its prompt is unique. references: attached images."""

    prompt: str
    interaction: Interaction
    references: int = 0
    takes: int = 1

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
        return pictures_of(self.interaction.response_message or {})


def pictures_of(message: dict[str, Any]) -> list[str]:
    """Return addresses of the pictures in a message's galleries."""
    return list(_pictures(message.get("components") or []))


def _pictures(components: list[dict[str, Any]]) -> Iterator[str]:
    for component in components:
        items: list[dict[str, Any]] = component.get("items") or []
        yield from (item["media"]["url"] for item in items)
        yield from _pictures(component.get("components") or [])


class People:
    """Ann and Ben, who ask for that many jobs, as fast as `allowed` lets them.

    with_reference: one in so many jobs has a reference. in_sets: each job is a set of two to four takes. compared: each
    is a comparison of two to four models.
    """

    def __init__(
        self,
        stack: Stack,
        jobs: int,
        rng: random.Random,
        *,
        with_reference: int = WITH_REFERENCE,
        in_sets: bool = False,
        compared: bool = False,
    ) -> None:
        self.asked: list[AskedJob] = []
        self.unanswered: list[str] = []
        """Prompts of commands that the bot did not answer, or refused because it was stopping."""
        self._stack = stack
        self._jobs = jobs
        self._with_reference = with_reference
        self._in_sets = in_sets
        self.compared = compared
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
            takes = 2 + number % 3 if self._in_sets or self.compared else 1
            options = {**self._options(number), "prompt": prompt, "duration": 4}
            options |= dict(zip(NAMES, MODELS[:takes], strict=False)) if self.compared else {"takes": takes}
            command, channel = "compare" if self.compared else "video", Scene(self._stack).channel
            interaction = await self._stack.discord.person(name).command(channel, command, options)
            await interaction.wait(ANSWER_SECONDS)
            if interaction.state == "answered" and not interaction.ephemeral:
                await self._answered(AnsweredCommand(prompt, interaction, int("reference" in options), takes))
                return
            self.unanswered.append(prompt)
            await asyncio.sleep(0.3)

    def _options(self, number: int) -> dict[str, object]:
        """Return the options of a job besides its prompt and length."""
        options: dict[str, object] = {"resolution": "480p"}
        if number % self._with_reference == 0 and not self.compared:
            form = FORMS[number // self._with_reference % len(FORMS)]
            options["reference"] = Upload(f"boat.{form.lower()}", image(COLOUR, kind=form))
        return options

    async def _answered(self, job: AskedJob) -> None:
        self.asked.append(job)
        async with self._more:
            self._more.notify_all()
