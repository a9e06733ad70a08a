"""The stage of a story: a sandbox with its people and the unmodified bot, in which step after step is taken."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from sandbox.clock import Clock
from sandbox.discord import Limits
from sandbox.discord.world import World
from sandbox.play.endings import NextEndings
from sandbox.play.observer import Observer
from sandbox.play.pages import Pages
from sandbox.play.patience import Patience, StepFailedError
from sandbox.play.player import Player
from sandbox.play.report import Failure
from sandbox.play.story import PersonOfStory, Step, Story
from sandbox.play.targets import SAMPLES
from sandbox.play.transcript import Transcript
from sandbox.stack import BotNotReadyError, Stack


@dataclass(frozen=True)
class Stage:
    """A sandbox that runs, and who looks at it."""

    stack: Stack
    observer: Observer
    player: Player
    patience: Patience

    async def start_bot(self) -> Failure | None:
        """Start the bot, and let the story's time begin; returns why it did not start."""
        try:
            await self.stack.start_bot()
        except BotNotReadyError as error:
            return Failure(None, str(error))
        finally:
            self.observer.begin()
        return None

    async def take(self, steps: Sequence[Step]) -> Failure | None:
        """Take steps in order, until one cannot be taken or is not true; returns that."""
        for step in steps:
            try:
                await self.player.take(step)
            except StepFailedError as error:
                return Failure(step, str(error))
        return None


@asynccontextmanager
async def staged(story: Story, transcript: Transcript) -> AsyncGenerator[Stage]:
    """Set the stage of a story, with a bot that is not started yet; everything ends with it."""
    clock = Clock(story.clock) if story.begins is None else Clock.showing(story.begins, story.clock)
    limits = Limits(acknowledge_seconds=story.answer_seconds)
    stack = Stack(clock=clock, environment=story.settings, limits=limits, start_bot=False)
    stack.discord.world.guild.locale = story.locale
    for person in story.people:
        _introduce(stack.discord.world, person)
    for forum in story.forums:
        channel = stack.discord.world.add_forum(forum.name, forum.tags)
        stack.discord.world.deny(channel.id, forum.denied)
    endings = NextEndings(stack, transcript.submit)
    endings.install()
    async with Pages(story.folder, SAMPLES) as pages, _trusting(stack, pages):
        observer = Observer(stack, transcript)
        transcript.clock = observer.now
        transcript.say(f"{story.title}\n")
        watching = asyncio.create_task(observer.run())
        try:
            patience = Patience(story, stack, observer)
            player = Player(
                story, stack, observer=observer, endings=endings, pages=pages, patience=patience, transcript=transcript
            )
            yield Stage(stack, observer, player, patience)
        finally:
            watching.cancel()
            [ended] = await asyncio.gather(watching, return_exceptions=True)
        if isinstance(ended, Exception):
            raise ended


def _trusting(stack: Stack, pages: Pages) -> Stack:
    """Return the stack, whose bot may fetch the story's own files by their links."""
    stack.trusted_origins.append(pages.origin)
    return stack


def _introduce(world: World, person: PersonOfStory) -> None:
    """Make a person a member of the server, with the story's language, permissions and roles."""
    known = {user.global_name for user in world.users.values()}
    user = world.user_named(person.name) if person.name in known else world.add_user(person.name)
    user.locale = person.locale
    member = world.guild.members[user.id]
    if person.permissions:
        member.roles.append(world.add_role(f"{person.name}'s permissions", person.permissions).id)
    for name in person.roles:
        role = next((one for one in world.guild.roles.values() if one.name == name), None) or world.add_role(name)
        member.roles.append(role.id)
