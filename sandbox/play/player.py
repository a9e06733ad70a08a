"""Plays a story: each step as people's clients would take it, until one cannot be taken or turns out otherwise."""

from __future__ import annotations

import time
from collections.abc import Callable, Coroutine
from typing import Any

from sandbox.discord import Person, PersonError
from sandbox.play import steps, targets
from sandbox.play.checks import check, there
from sandbox.play.endings import NextEndings
from sandbox.play.expectations import Actions, Count
from sandbox.play.observer import Observer, Seen, Window
from sandbox.play.pages import Pages
from sandbox.play.patience import Patience, StepFailedError
from sandbox.play.places import Place
from sandbox.play.story import Step, Story
from sandbox.play.targets import NotThere
from sandbox.play.texts import buttons_of, listed, menus_of
from sandbox.play.transcript import Transcript
from sandbox.stack import BotNotReadyError, Stack


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
        patience: Patience,
        transcript: Transcript,
    ) -> None:
        self._story = story
        self._stack = stack
        self._observer = observer
        self._endings = endings
        self._pages = pages
        self._patience = patience
        self._transcript = transcript
        self._last_person: str | None = None

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
            steps.DeleteChannel: self._delete_channel,
            steps.Kill: self._kill,
            steps.Start: self._start,
            steps.Expect: self._expect,
        }
        who = getattr(action, "who", None)
        self._last_person = who or self._last_person
        try:
            await acts[type(action)](action)
        except (NotThere, PersonError, BotNotReadyError) as error:
            raise StepFailedError(str(error)) from None

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
        self._observer.acted()
        await self._patience.answered(await person.command(channel, action.command, filled))

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
        seen = await self._patience.look(lambda: self._at(action.on, action.who))
        channel = str(seen.data["channel_id"])
        self._observer.acted()
        await self._patience.answered(await self._person(action.who).message_command(channel, action.app, seen.id))

    async def _send(self, action: steps.Send) -> None:
        person = self._person(action.who)
        uploads = [targets.upload(self._story.folder, name) for name in action.files]
        text = str(self._pages.linked(action.text))
        posted = await person.send(self._channel(action.channel, person), text, uploads)
        while posted["id"] not in self._observer.messages:
            await self._patience.news(0.1)

    async def _click(self, action: steps.Click) -> None:
        def find() -> tuple[Seen, str]:
            seen = self._at(action.under, action.who, usable=True)
            return seen, str(targets.button(seen.data, action.label, str(action.under))["custom_id"])

        seen, custom_id = await self._patience.look(find)
        person = self._person(action.who)
        self._observer.acted(action.times)
        # Nothing is awaited between them, so that all are sent before the first answer can be read.
        await self._patience.answered(*[await person.click(seen.id, custom_id) for _ in range(action.times)])

    async def _choose(self, action: steps.Choose) -> None:
        for words, entries in action.entries.items():
            await self._choose_one(action, words, entries)

    async def _choose_one(self, action: steps.Choose, words: str, entries: list[str]) -> None:
        def find() -> tuple[Seen, str, list[str]]:
            seen = self._at(action.under, action.who, usable=True)
            menu = targets.menu(seen.data, words, str(action.under))
            return seen, menu["custom_id"], targets.entries(menu, entries, self._stack.discord.world, words)

        seen, custom_id, values = await self._patience.look(find)
        self._observer.acted()
        await self._patience.answered(await self._person(action.who).select(seen.id, custom_id, values))

    async def _fill(self, action: steps.Fill) -> None:
        window = await self._patience.look(lambda: self._open_window(action.who))
        fields = {label: self._pages.linked(value) for label, value in action.fields.items()}
        values = targets.window_values(window.data, fields, self._stack.discord.world, self._story.folder)
        opener = self._stack.discord.interaction(window.interaction_id)
        sent = await self._person(action.who).submit_modal(opener, values)
        window.open = False
        await self._patience.answered(sent)

    def _open_window(self, who: str) -> Window:
        window = next((one for one in reversed(self._observer.windows) if one.open and one.to == who), None)
        if window is None:
            raise NotThere(f"no window is open for {who}")
        return window

    # Time, the bot, OpenRouter

    async def _wait(self, action: steps.Wait) -> None:
        if action.what is None:
            await self._stack.clock.sleep(action.seconds)
            return
        end = time.monotonic() + self._story.limit
        while instead := self._lacking(action.what, action):
            self._patience.require_bot()
            if time.monotonic() >= end:
                raise StepFailedError(f"it did not come within {self._story.limit:g} s; {instead}")
            await self._patience.news(0.2)

    def _lacking(self, what: Place | Count, action: steps.Wait) -> str | None:
        """Return what there is instead of what is waited for; None once it has come."""
        if isinstance(what, Count):
            number = there(what.what, self._stack, self._observer)
            return None if number >= what.number else f"there are {Count(what.what, number)}"
        who = action.who or (self._last_person if what.kind in ("panel", "last") else None)
        seen = self._observer.find(what, who)
        if seen is not None:
            return None if seen.says(action.words) else f"{what} says:\n{seen.reading}"
        shown = self._observer.visible(who)
        words = f"; the newest message says:\n{shown[-1].text}" if shown else ""
        return f"{listed(self._observer.places(who))}{words}"

    async def _next_answers(self, action: steps.NextAnswers) -> None:
        self._endings.add(action.names)

    async def _delete_channel(self, action: steps.DeleteChannel) -> None:
        self._stack.discord.world.delete_channel(self._named(action.channel))

    async def _kill(self, _: steps.Kill) -> None:
        if not self._stack.bot.running:
            raise StepFailedError("the bot does not run, so it cannot be killed")
        self._patience.killed = True
        await self._stack.bot.kill()
        # Otherwise its next start could be taken for ready before it has connected.
        while self._stack.discord.bot_online:
            await self._patience.news(0.1)

    async def _start(self, _: steps.Start) -> None:
        if self._stack.bot.running:
            raise StepFailedError("the bot runs already, so it cannot be started")
        await self._stack.start_bot()
        self._patience.killed = False

    async def _expect(self, action: steps.Expect) -> None:
        if not isinstance(action.expectation, Actions):  # what people did is known at once
            await self._patience.settle()
        problem = check(action.expectation, self._stack, self._observer, action.who or self._last_person)
        if problem:
            raise StepFailedError(problem)

    # What they share

    def _person(self, name: str) -> Person:
        return self._stack.discord.person(name)

    def _channel(self, name: str | None, person: Person) -> str:
        if name is None:
            return self._stack.discord.world.direct_channel(person.id).id
        return self._named(name)

    def _named(self, name: str) -> str:
        """Return the id of the channel with this name. Raises NotThere."""
        world = self._stack.discord.world
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
