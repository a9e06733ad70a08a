"""One command from beginning to end: typed as Ann in #dailies, followed, and its video saved."""

from __future__ import annotations

import asyncio
import ipaddress
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
from yarl import URL

from sandbox.discord import EventStream, Interaction, PersonError, Upload
from sandbox.measure import measure
from sandbox.plain import plain_text
from sandbox.stack import Stack
from sandbox.view import View

CHANNEL = "dailies"
FILES = ("reference", "reference2", "reference3", "reference4")
"""The command's attachment options, in order."""

UNPAID = "You weren't charged."
"""Part of the final text of every job that ends before its request is sent."""
_EPHEMERAL = 1 << 6
_FINAL = {400, 401, 402, 403, 404, 413}
"""Answers to a submit that make another attempt pointless; after others a bot may try again."""


class OnceError(Exception):
    """No video was posted, or it could not be saved; the text says why, as the person would read it."""


class UsageError(ValueError):
    """The command line asks for something that cannot be typed into Discord."""


@dataclass
class Outcome:
    """The outcome observed. `edits` counts edits of the status message; texts are flattened to plain text."""

    status_texts: list[str] = field(default_factory=list[str])
    edits: int = 0
    posted_message: dict[str, Any] | None = None
    file: Path | None = None
    came: dict[str, Any] | None = None
    """Figures of the file that OpenRouter sent, as `measure` names them."""
    posted: dict[str, Any] | None = None
    """The same of the file that was posted."""
    error: str | None = None
    seconds: float = 0.0

    def to_json(self, stack: Stack) -> dict[str, Any]:
        submits = stack.openrouter.submits
        return {
            "status_texts": self.status_texts,
            "edits": self.edits,
            "polls": stack.openrouter.polls,
            "submits": len(submits),
            "request": submits[0]["body"] if submits else None,
            "file": str(self.file) if self.file is not None else None,
            "posted_message": self.posted_message,
            "came": self.came,
            "posted": self.posted,
            "error": self.error,
            "seconds": round(self.seconds, 3),
        }


def read_references(references: Sequence[str]) -> tuple[dict[str, Upload], list[str]]:
    """Read files as the command's attachment options, and links. Raises UsageError."""
    links = [text for text in references if text.startswith(("http://", "https://"))]
    for link in links:
        if not _is_loopback(URL(link).host or ""):
            raise UsageError(
                f"{link} is not on this machine. The sandbox fetches nothing from outside: "
                "save the picture and give its path."
            )
    paths = [Path(text) for text in references if text not in links]
    if len(paths) > len(FILES):
        raise UsageError(f"/video takes at most {len(FILES)} files; {len(paths)} were given")
    uploads: dict[str, Upload] = {}
    for option, path in zip(FILES, paths, strict=False):
        try:
            uploads[option] = Upload(path.name, path.read_bytes())
        except OSError as error:
            raise UsageError(f"{path} cannot be read: {error.strerror}") from None
    return uploads, links


def origins(links: Sequence[str]) -> list[str]:
    """Return the origins of links, each once."""
    return list(dict.fromkeys(str(URL(link).origin()) for link in links))


async def run_once(
    stack: Stack, options: Mapping[str, object | Upload], view: View, *, out: Path, timeout: float
) -> Outcome:
    """Type /video as Ann, follow the status message, and save the posted video to `out`.

    options: the command's, by name. timeout: real seconds for all of it. Never raises OnceError: `error` says
    that nothing was posted, and why.
    """
    watch = _Watch(stack, view)
    start = time.monotonic()
    events = stack.discord.subscribe()
    try:
        async with asyncio.timeout(timeout):
            message = await watch.follow(events, options)
            watch.outcome.posted_message = message
            watch.outcome.file = await _save(message, out)
            watch.outcome.posted = await asyncio.to_thread(measure, out)
            if path := next((job.path for job in stack.openrouter.jobs.values()), None):
                watch.outcome.came = await asyncio.to_thread(measure, path)
    except OnceError as error:
        watch.outcome.error = str(error)
    except TimeoutError:
        last = watch.outcome.status_texts[-1:] or ["nothing"]
        watch.outcome.error = f"None came within {timeout:g} s; the bot's last words were:\n{last[0]}"
    finally:
        events.close()
    watch.outcome.seconds = time.monotonic() - start
    return watch.outcome


class _Watch:
    """Reads the events of one command."""

    def __init__(self, stack: Stack, view: View) -> None:
        self.outcome = Outcome()
        self._stack = stack
        self._view = view
        self._status_id: str | None = None
        self._changed = 0.0  # real time of the last change of the status

    async def follow(self, events: EventStream, options: Mapping[str, object | Upload]) -> dict[str, Any]:
        """Return the posted message with the video. Raises OnceError."""
        world = self._stack.discord.world
        channel_id = world.channel_named(CHANNEL).id
        person = self._stack.discord.person()
        try:
            interaction = await person.command(channel_id, "video", options)
        except PersonError as error:
            raise OnceError(f"Discord refuses the command: {error}") from None
        self._view.say(f"Ann uses /video in #{CHANNEL}", self._stack.clock.time())
        while True:
            event = await self._next(events)
            posted = event and self._read(event, interaction, channel_id)
            if posted:
                await self._last_words(events, interaction, channel_id)
                return posted
            self._give_up_when_over(interaction)

    async def _next(self, events: EventStream) -> dict[str, Any] | None:
        """Return the next event; None when none comes soon, because the other servers have to be checked then."""
        try:
            # Not wait_for: in Python 3.11 it can swallow a cancellation that comes together with an event.
            async with asyncio.timeout(0.2):
                return await anext(events)
        except TimeoutError:
            return None

    def _read(self, event: dict[str, Any], interaction: Interaction, channel_id: str) -> dict[str, Any] | None:
        """Return the message with the video, when the event brings it."""
        if event["type"] not in ("message_create", "message_update"):
            return None
        message: dict[str, Any] = event["message"]
        world = self._stack.discord.world
        if message["channel_id"] != channel_id or message["author"]["id"] != world.bot.id:
            return None
        answer = interaction.response_message
        is_answer = answer is not None and answer["id"] == message["id"]
        text = plain_text(message, now=self._stack.clock.time(), name=self._name)
        if is_answer and message.get("flags", 0) & _EPHEMERAL:
            if interaction.state == "answered":
                raise OnceError(f"The bot refused: {text}")
            return None
        if is_answer or message["id"] == self._status_id:
            self._status_id = message["id"]
            self._status(text, edited=event["type"] == "message_update")
            return None
        if message.get("attachments"):
            self._view.say(f"The bot posts: {text}", self._stack.clock.time())
            return message
        return None

    def _status(self, text: str, *, edited: bool) -> None:
        self.outcome.edits += edited
        self._changed = time.monotonic()
        if text not in self.outcome.status_texts[-1:]:
            self.outcome.status_texts.append(text)
            self._view.status(text, self._stack.clock.time())

    async def _last_words(self, events: EventStream, interaction: Interaction, channel_id: str) -> None:
        """The status is edited once more after the video was posted; wait for that, but not for long."""
        edits = self.outcome.edits
        try:
            async with asyncio.timeout(3):
                while self.outcome.edits == edits:
                    event = await anext(events)
                    self._read(event, interaction, channel_id)
        except TimeoutError:
            return  # a bot that says no more is not at fault

    def _give_up_when_over(self, interaction: Interaction) -> None:
        if interaction.state == "failed":
            raise OnceError(f"{interaction.error}\n{self._stack.bot.log_tail(15)}")
        if not self._stack.bot.running:
            raise OnceError(f"The bot ended with {self._stack.bot.returncode}:\n{self._stack.bot.log_tail(15)}")
        patience = self._patience()
        if patience is not None and time.monotonic() - self._changed > patience:
            raise OnceError("\n".join(self.outcome.status_texts[-1:]) or "The bot said nothing.")

    def _patience(self) -> float | None:
        """Real seconds of silence that end the wait; None while the bot or OpenRouter is still at work."""
        openrouter = self._stack.openrouter
        jobs = list(openrouter.jobs.values())
        if not openrouter.submits:
            # Judged as a person reads it: such a job says that it ended unsent, and its duration cannot be known.
            is_over = any(UNPAID in text for text in self.outcome.status_texts[-1:])
            return 1 + 5 / self._stack.clock.speed if is_over else None
        if jobs:
            if any(job.status == "completed" or not job.told for job in jobs):
                return None
            return 1 + 5 / self._stack.clock.speed
        final = openrouter.submits[-1]["status"] in _FINAL
        return 1 + (5 if final else 180) / self._stack.clock.speed

    def _name(self, kind: str, identity: str) -> str:
        world = self._stack.discord.world
        if kind == "user" and identity in world.users:
            user = world.users[identity]
            return user.global_name or user.username
        channel = world.channels.get(identity) if kind == "channel" else None
        return (channel.name if channel is not None else None) or identity


async def _save(message: dict[str, Any], out: Path) -> Path:
    """Download the video as Discord's client would, and move it into place. Raises OnceError."""
    url = message["attachments"][0]["url"]
    part = out.with_name(f"{out.name}.part")
    try:
        async with aiohttp.ClientSession() as session, session.get(url) as response:
            response.raise_for_status()
            data = await response.read()
        await asyncio.to_thread(_write, part, out, data)
    except (aiohttp.ClientError, OSError) as error:
        problem = getattr(error, "strerror", None) or error
        raise OnceError(f"The video was posted, but could not be saved to {out}: {problem}.") from None
    return out


def _write(part: Path, out: Path, data: bytes) -> None:
    out.parent.mkdir(parents=True, exist_ok=True)
    part.write_bytes(data)
    part.replace(out)


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
