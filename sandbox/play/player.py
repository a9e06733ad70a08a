"""Plays a story: each step as people's clients would take it, until one cannot be taken or turns out otherwise."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from sandbox.discord import Interaction, Person, PersonError
from sandbox.discord.interactions import COMPONENT
from sandbox.play import steps, targets
from sandbox.play.checks import check
from sandbox.play.endings import NextEndings
from sandbox.play.observer import Observer, Seen, Window
from sandbox.play.pages import Pages
from sandbox.play.places import Place
from sandbox.play.story import Step, Story
from sandbox.play.targets import NotThere
from sandbox.play.texts import buttons_of, listed, menus_of
from sandbox.play.transcript import Transcript
from sandbox.stack import BotNotReadyError, Stack

GRACE_SECONDS = 4.0
"""Real seconds for which a person looks for a button once nothing is being loaded for them."""
QUIET_SECONDS, MOST_QUIET_SECONDS = 0.3, 3.0
"""Real seconds without news after which the sandbox counts as settled, and the most that this is waited for."""

T = TypeVar("T")


class StepFailedError(Exception):
    """A step that could not be taken, or whose expectation is not true; the text says what there was instead."""


class Player:
    """Takes the steps of one story in a running stack."""

    def __init__(
        self,
        story: Story,
        stack: Stack,
        *,
        observer: Observer,
        endings: NextEndings,
        pages: Pages,
        transcript: Transcript,
    ) -> None:
        self._story = story
        self._stack = stack
        self._observer = observer
        self._endings = endings
        self._pages = pages
        self._transcript = transcript
        self._last_person: str | None = None
        self._killed = False
        self._begun: list[Interaction] = []

    async def take(self, step: Step) -> None:
        """Take one step. Raises StepFailedError."""
        action = step.action
        self._transcript.step(step.number, action)
        acts: dict[type[steps.Action], Callable[[Any], Coroutine[Any, Any, None]]] = {
            steps.UseCommand: self._command,
            steps.UseApp: self._app,
            steps.Send: self._send,
            steps.Click: self._click,
            steps.Choose: self._choose,
            steps.Fill: self._fill,
            steps.Wait: self._wait,
            steps.NextAnswers: self._next_answers,
            steps.Kill: self._kill,
            steps.Start: self._start,
            steps.Expect: self._expect,
        }
        who = getattr(action, "who", None)
        self._last_person = who or self._last_person
        try:
            await acts[type(action)](action)
        except (NotThere, PersonError) as error:
            raise StepFailedError(str(error)) from None
        except BotNotReadyError as error:
            raise StepFailedError(str(error)) from None

    async def settle(self) -> None:
        """Wait until nothing new has come for a moment."""
        end = time.monotonic() + MOST_QUIET_SECONDS
        while time.monotonic() < end:
            self._observer.changed.clear()
            if not await self._news(QUIET_SECONDS):
                return

    # People

    async def _command(self, action: steps.UseCommand) -> None:
        person, world = self._person(action.who), self._stack.discord.world
        channel = self._channel(action.channel, person)
        options = targets.options_of(self._stack, action.command)
        given = {name: self._pages.linked(value) for name, value in action.options.items()}
        filled = targets.filled_options(action.command, options, given, world, self._story.folder)
        for name, value in filled.items():
            if options[name].get("autocomplete") and isinstance(value, str):
                filled[name] = await self._suggested(person, channel, action.command, filled, name)
        await self._answered(await person.command(channel, action.command, filled))

    async def _suggested(
        self, person: Person, channel: str, command: str, filled: dict[str, object], name: str
    ) -> object:
        """Return the value of the first suggestion that has the typed words in its name; else what is typed."""
        typed = str(filled[name])
        try:
            choices = await person.autocomplete(channel, command, filled, name)
        except (PersonError, TimeoutError):
            return typed  # a person then sends what they typed
        if typed in [choice["value"] for choice in choices]:
            return typed
        words = typed.casefold()
        return next((choice["value"] for choice in choices if words in str(choice["name"]).casefold()), typed)

    async def _app(self, action: steps.UseApp) -> None:
        seen = await self._look(lambda: self._at(action.on, action.who))
        channel = str(seen.data["channel_id"])
        await self._answered(await self._person(action.who).message_command(channel, action.app, seen.id))

    async def _send(self, action: steps.Send) -> None:
        person = self._person(action.who)
        uploads = [targets.upload(self._story.folder, name) for name in action.files]
        text = str(self._pages.linked(action.text))
        posted = await person.send(self._channel(action.channel, person), text, uploads)
        while posted["id"] not in self._observer.messages:
            await self._news(0.1)

    async def _click(self, action: steps.Click) -> None:
        def find() -> tuple[Seen, str]:
            seen = self._at(action.under, action.who, usable=True)
            return seen, str(targets.button(seen.data, action.label, str(action.under))["custom_id"])

        seen, custom_id = await self._look(find)
        person = self._person(action.who)
        # Nothing is awaited between them, so that all are sent before the first answer can be read.
        await self._answered(*[await person.click(seen.id, custom_id) for _ in range(action.times)])

    async def _choose(self, action: steps.Choose) -> None:
        for words, entries in action.entries.items():
            await self._choose_one(action, words, entries)

    async def _choose_one(self, action: steps.Choose, words: str, entries: list[str]) -> None:
        def find() -> tuple[Seen, str, list[str]]:
            seen = self._at(action.under, action.who, usable=True)
            menu = targets.menu(seen.data, words, str(action.under))
            return seen, menu["custom_id"], targets.entries(menu, entries, self._stack.discord.world, words)

        seen, custom_id, values = await self._look(find)
        await self._answered(await self._person(action.who).select(seen.id, custom_id, values))

    async def _fill(self, action: steps.Fill) -> None:
        window = await self._look(lambda: self._open_window(action.who))
        fields = {label: self._pages.linked(value) for label, value in action.fields.items()}
        values = targets.window_values(window.data, fields, self._stack.discord.world, self._story.folder)
        opener = self._stack.discord.interaction(window.interaction_id)
        sent = await self._person(action.who).submit_modal(opener, values)
        window.open = False
        await self._answered(sent)

    def _open_window(self, who: str) -> Window:
        window = next((one for one in reversed(self._observer.windows) if one.open and one.to == who), None)
        if window is None:
            raise NotThere(f"no window is open for {who}")
        return window

    # Time, the bot, OpenRouter

    async def _wait(self, action: steps.Wait) -> None:
        if action.place is None:
            await self._stack.clock.sleep(action.seconds)
            return
        who = action.who or (self._last_person if action.place.kind in ("panel", "last") else None)
        end = time.monotonic() + self._story.limit
        while not self._has_come(action, who):
            self._require_bot()
            if time.monotonic() >= end:
                raise StepFailedError(f"it did not come within {self._story.limit:g} s; {self._instead(action, who)}")
            await self._news(0.2)

    def _has_come(self, action: steps.Wait, who: str | None) -> bool:
        seen = self._observer.find(action.place, who) if action.place is not None else None
        return seen is not None and action.words.casefold() in seen.text.casefold()

    def _instead(self, action: steps.Wait, who: str | None) -> str:
        seen = self._observer.find(action.place, who) if action.place is not None else None
        if seen is not None:
            return f"{action.place} says:\n{seen.text}"
        shown = self._observer.visible(who)
        words = f"; the newest message says:\n{shown[-1].text}" if shown else ""
        return f"{listed(self._observer.places(who))}{words}"

    async def _next_answers(self, action: steps.NextAnswers) -> None:
        self._endings.add(action.names)

    async def _kill(self, _: steps.Kill) -> None:
        if not self._stack.bot.running:
            raise StepFailedError("the bot does not run, so it cannot be killed")
        self._killed = True
        await self._stack.bot.kill()
        # Otherwise its next start could be taken for ready before it has connected.
        while self._stack.discord.bot_online:
            await self._news(0.1)

    async def _start(self, _: steps.Start) -> None:
        if self._stack.bot.running:
            raise StepFailedError("the bot runs already, so it cannot be started")
        await self._stack.start_bot()
        self._killed = False

    async def _expect(self, action: steps.Expect) -> None:
        await self.settle()
        problem = check(action.expectation, self._stack, self._observer, action.who or self._last_person)
        if problem:
            raise StepFailedError(problem)

    # What they share

    def _person(self, name: str) -> Person:
        return self._stack.discord.person(name)

    def _channel(self, name: str | None, person: Person) -> str:
        world = self._stack.discord.world
        if name is None:
            return world.direct_channel(person.id).id
        named = {channel.name: channel.id for channel in world.channels.values() if channel.name}
        if name not in named:
            raise NotThere(f"there is no channel #{name}; {listed(list(named))}")
        return named[name]

    def _at(self, place: Place, who: str, *, usable: bool = False) -> Seen:
        """Return the message at a place; of "panel" and "last", usable: the newest with buttons or menus."""
        seen = self._observer.find(place, who)
        if usable and not place.number:
            shown = [one for one in self._observer.visible(who) if place.kind in ("last", one.name)]
            with_controls = [one for one in shown if buttons_of(one.data) or menus_of(one.data)]
            seen = with_controls[-1] if with_controls else seen
        if seen is None:
            raise NotThere(f"there is no {place} that {who} sees; {listed(self._observer.places(who))}")
        return seen

    async def _look(self, find: Callable[[], T]) -> T:
        """Return what is found, looked for anew for a moment, and for as long as something is being loaded."""
        begin = time.monotonic()
        while True:
            try:
                return find()
            except NotThere:
                patience = self._story.limit if self._loading() else GRACE_SECONDS
                if time.monotonic() - begin >= patience:
                    raise
            self._require_bot()
            await self._news(0.2)

    def _loading(self) -> bool:
        return not self._killed and any(
            one.state == "waiting" or (one.state == "deferred" and not _only_updates(one)) for one in self._begun
        )

    async def _answered(self, *begun: Interaction) -> None:
        """Wait until the bot has answered. Raises StepFailedError when it did not, unless the story killed it."""
        self._begun += begun
        end = time.monotonic() + self._story.limit
        for one in begun:
            await one.wait(self._story.limit + self._story.answer_seconds)
            while one.state == "deferred" and not _only_updates(one) and not self._killed:
                self._require_bot()
                if time.monotonic() >= end:
                    raise StepFailedError(f"the bot promised an answer and gave none for {self._story.limit:g} s")
                await self._news(0.2)
        for one in begun:
            if one.state == "failed":
                self._observer.tell(self._observer.name("user", one.user.id), str(one.error))
                if not self._killed:
                    raise StepFailedError(f"{one.error}\n{self._stack.bot.log_tail(15)}".strip())

    def _require_bot(self) -> None:
        if not self._killed and not self._stack.bot.running:
            tail = self._stack.bot.log_tail(15)
            raise StepFailedError(f"the bot ended with {self._stack.bot.returncode}; its log ends with:\n{tail}")

    async def _news(self, seconds: float) -> bool:
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
