"""`python -m sandbox play`: a story on the unmodified bot, from its file to what came of it."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TextIO

from sandbox.clock import Clock
from sandbox.discord import Limits
from sandbox.discord.jsontypes import JsonObject
from sandbox.discord.world import World
from sandbox.play.checks import charges
from sandbox.play.endings import NextEndings
from sandbox.play.expectations import Count
from sandbox.play.observer import Observer
from sandbox.play.pages import Pages
from sandbox.play.patience import Patience, StepFailedError
from sandbox.play.player import Player
from sandbox.play.report import Failure, report, save_videos
from sandbox.play.story import PersonOfStory, Story, read_story
from sandbox.play.targets import SAMPLES
from sandbox.play.transcript import Transcript
from sandbox.stack import BotNotReadyError, Stack


@dataclass(frozen=True)
class Played:
    """The outcome of a story: the object for programs and the last words for people."""

    data: JsonObject
    summary: str

    @property
    def ok(self) -> bool:
        """Return whether every step could be taken and every expectation was true."""
        return bool(self.data["ok"])


async def play(path: Path, *, out: Path | None, as_json: bool, stdout: TextIO, stderr: TextIO) -> int:
    """Play a story and write what came of it; returns the exit code. Raises StoryError before anything is started.

    out: the folder for its videos; by default `play/NAME` in the working directory. as_json: one object on `stdout`,
    and the transcript on `stderr`.
    """
    story = await asyncio.to_thread(read_story, path)
    transcript = Transcript(stderr if as_json else stdout)
    played = await play_story(story, transcript, out=out or Path("play") / path.stem)
    transcript.say(played.summary)
    if as_json:
        stdout.write(json.dumps(played.data, ensure_ascii=False) + "\n")
    return 0 if played.ok else 1


async def play_story(story: Story, transcript: Transcript, *, out: Path) -> Played:
    """Play a story in a sandbox of its own, and save its videos in `out`. Raises OSError when that fails."""
    clock = Clock(story.clock)
    limits = Limits(acknowledge_seconds=story.answer_seconds)
    stack = Stack(clock=clock, environment=story.settings, limits=limits, start_bot=False)
    for person in story.people:
        _introduce(stack.discord.world, person)
    endings = NextEndings(stack, transcript.submit)
    endings.install()
    begin = time.monotonic()
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
            failure = await _start_bot(stack)
            observer.begin()
            failure = failure or await _take_steps(story, player)
            await patience.settle()
        finally:
            watching.cancel()
            [ended] = await asyncio.gather(watching, return_exceptions=True)
        if isinstance(ended, Exception):
            raise ended
        videos = await asyncio.to_thread(save_videos, observer, out)
        data = report(story, stack, observer, failure, videos, time.monotonic() - begin)
        return Played(data, _summary(stack, observer, failure, videos, data["seconds"]))


def _trusting(stack: Stack, pages: Pages) -> Stack:
    """Return the stack, whose bot may fetch the story's own files by their links."""
    stack.trusted_origins.append(pages.origin)
    return stack


async def _start_bot(stack: Stack) -> Failure | None:
    try:
        await stack.start_bot()
    except BotNotReadyError as error:
        return Failure(None, str(error))
    return None


async def _take_steps(story: Story, player: Player) -> Failure | None:
    for step in story.steps:
        try:
            await player.take(step)
        except StepFailedError as error:
            return Failure(step, str(error))
    return None


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


def _summary(stack: Stack, observer: Observer, failure: Failure | None, videos: list[Path], seconds: float) -> str:
    charged = sum(charges(stack), Decimal(0)).normalize()
    numbers = [Count("video", len(observer.videos())), Count("submit", len(stack.openrouter.submits))]
    facts = f"{numbers[0]}, {numbers[1]}, {charged:f} USD charged, {seconds:.1f} s."
    where = "".join(f"\n{path}" for path in videos)
    return f"\n{failure or 'Every step went as written.'}\n{facts}{where}"
