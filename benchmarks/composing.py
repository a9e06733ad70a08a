"""People who compose their jobs in panels, and use a panel again when the bot does not answer."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any

from benchmarks.people import ANSWER_SECONDS, People, pictures_of
from benchmarks.points import CALLBACK, POINTS, Point
from sandbox.discord import Interaction, Person, PersonError
from sandbox.discord.jsontypes import JsonObject
from sandbox.play.targets import NotThere, button, entries, menu
from sandbox.play.texts import menu_name, menus_of
from sandbox.stack import Stack
from tests.e2e.scene import Scene, text_of

SHOWN_SECONDS = 4.0
"""Real seconds in which a person looks for their status before they press Generate again."""
PAUSE_SECONDS = 0.3
"""Real seconds between two tries."""
OTHER_LENGTH = 5
"""Seconds that a panel is opened with; LENGTH is chosen in it."""
LENGTH = "4 s"
COMPOSER_POINTS = (
    *POINTS,
    Point("answer to a click", "lost", "POST", CALLBACK),
    Point("answer to a click", "late", "POST", CALLBACK),
    Point("answer to a click", "handled", "POST", CALLBACK),
    Point("answer to a click", "answered", "POST", CALLBACK, spread=0.02),
)
"""Points of a run in which nearly all answers are those to clicks in panels."""


@dataclass(frozen=True)
class ComposedJob:
    """A draft that was made into a job. Its prompt is unique. status_id: the status message. references: pictures."""

    prompt: str
    status_id: str
    stack: Stack
    references: int = 0
    takes: int = 1

    @property
    def status(self) -> str:
        """Return the status's text now, as a person reads it."""
        return text_of(self._message).strip()

    @property
    def pictures(self) -> list[str]:
        """Return addresses of the pictures that the status shows now."""
        return pictures_of(self._message)

    @property
    def _message(self) -> JsonObject:
        return self.stack.discord.message_json(self.status_id)


class Composers(People):
    """Ann and Ben, who open a panel for each job, choose a length in it, and press Generate until they see a status."""

    async def _ask(self, name: str, number: int) -> None:
        person, prompt = self._stack.discord.person(name), f"A boat, composed as number {number}."
        options = {**self._options(number), "prompt": prompt, "duration": OTHER_LENGTH}
        panel = await self._opened(person, options)
        while menu_name(self._menu(panel)) != LENGTH:
            await self._tried(self._choose(person, panel))
        while (status := self._status(prompt)) is None:
            await self._tried(self._generate(person, panel))
            await self._appeared(prompt)
        await self._answered(ComposedJob(prompt, status, self._stack, int("reference" in options)))

    async def _opened(self, person: Person, options: dict[str, object]) -> str:
        """Return the id of a panel; a command that is not answered is typed again, and its draft is left behind."""
        while True:
            begun = await self._tried(person.command(Scene(self._stack).channel, "compose", options))
            shown = begun.response_message if begun is not None else None
            if shown is not None and menus_of(shown):
                return str(shown["id"])

    async def _choose(self, person: Person, panel: str) -> Interaction:
        length = self._menu(panel)
        values = entries(length, [LENGTH], self._stack.discord.world, "Length")
        return await person.select(panel, length["custom_id"], values)

    async def _generate(self, person: Person, panel: str) -> Interaction:
        found = button(self._stack.discord.message_json(panel), "Generate", "the panel")
        return await person.click(panel, found["custom_id"])

    def _menu(self, panel: str) -> JsonObject:
        return menu(self._stack.discord.message_json(panel), "Length", "the panel")

    async def _tried(self, work: Coroutine[Any, Any, Interaction]) -> Interaction | None:
        """Do something and wait for the answer; None when there was none, or nothing to press."""
        try:
            begun = await work
        except (NotThere, PersonError):
            await asyncio.sleep(PAUSE_SECONDS)
            return None
        await begun.wait(ANSWER_SECONDS)
        if begun.state == "answered":
            return begun
        await asyncio.sleep(PAUSE_SECONDS)
        return None

    async def _appeared(self, prompt: str) -> None:
        end = time.monotonic() + SHOWN_SECONDS
        while self._status(prompt) is None and time.monotonic() < end:  # noqa: ASYNC110 (messages have no event)
            await asyncio.sleep(0.05)

    def _status(self, prompt: str) -> str | None:
        """Return the id of the first message for everybody that has the prompt."""
        shown = self._stack.discord.world.messages(Scene(self._stack).channel)
        return next((one.id for one in shown if not one.visible_to and prompt in text_of(one.data)), None)
