"""A person, a channel, the bot in its own process: `Scene.ask` types /video and watches until it has ended."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import aiohttp

from sandbox.discord import Interaction, Upload
from sandbox.discord.records import RecordedRequest
from sandbox.stack import Stack

EPHEMERAL = 64
ENDINGS = (
    "Done",
    "Not started",
    "Failed",
    "Cancelled",
    "Expired",
    "Stopped checking",
    "Sent, but not confirmed",
    "Probably not accepted",
    "Finished, but not delivered",
    "Finished, but not a video",
)


def texts(part: Any) -> Iterator[str]:
    """Yield every text display of a message's components, in order."""
    if isinstance(part, dict):
        component = cast("dict[str, Any]", part)
        if component.get("type") == 10:
            yield component["content"]
        for value in component.values():
            yield from texts(value)
    elif isinstance(part, list):
        for value in cast("list[Any]", part):
            yield from texts(value)


def text_of(message: Mapping[str, Any]) -> str:
    """Return a message as a person reads it, escapes taken out."""
    whole = "\n".join([message.get("content") or "", *texts(message.get("components") or [])])
    return whole.replace("\\", "")


def parts_of(message: Mapping[str, Any], kind: int) -> list[dict[str, Any]]:
    """Return the components of this type directly in a message or a component."""
    parts: list[dict[str, Any]] = message.get("components") or []
    return [part for part in parts if part["type"] == kind]


def generates(message: Mapping[str, Any]) -> list[str]:
    """Return the custom ids of the buttons that make a panel's draft into a job."""
    rows = [row for one in (message, *parts_of(message, 17)) for row in parts_of(one, 1)]
    buttons = [button for row in rows for button in parts_of(row, 2)]
    return [one["custom_id"] for one in buttons if one["label"].startswith("Generate") and not one.get("disabled")]


def shown(message: Mapping[str, Any]) -> tuple[str, int] | None:
    """Return the job's id and the output's number of a message with a video, as its buttons name them."""
    ids = [str(button.get("custom_id")) for row in parts_of(message, 1) for button in parts_of(row, 2)]
    found = next((one.split(":") for one in ids if one.startswith("video:more:")), None)
    return (found[2], int(found[3])) if found else None


@dataclass
class Story:
    """A person's view after one command, and the requests that it caused."""

    interaction_id: str
    earlier: frozenset[str] = frozenset()
    """Ids of the messages that were there before: a job that has ended may still edit its own."""
    refusal: str | None = None
    statuses: list[str] = field(default_factory=list[str])
    status: dict[str, Any] = field(default_factory=dict[str, Any])
    video: dict[str, Any] | None = None
    thumbnails: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    """Items of the newest gallery that the status showed."""
    submits: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])

    @property
    def end(self) -> str:
        """The last text of the status, or the refusal."""
        return self.refusal or self.statuses[-1]

    @property
    def body(self) -> dict[str, Any]:
        """The body of the one paid request."""
        assert len(self.submits) == 1
        return self.submits[0]["body"]

    @property
    def reference_urls(self) -> list[str]:
        """References in the request, in order."""
        return [entry["image_url"]["url"] for entry in self.body["input_references"]]


class Scene:
    """Drives a running Stack as the person Ann."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        channels: Any = stack.discord.snapshot()["channels"]
        self.channel: str = next(channel["id"] for channel in channels if channel["name"] == "dailies")

    async def ask(self, prompt: str = "A paper boat sails", *, seconds: float = 90, **options: Any) -> Story:
        """Type /video and wait, at most so many real seconds, until it was refused or ended."""
        events = self.stack.discord.subscribe()
        before = len(self.stack.openrouter.submits)
        quick = {"resolution": "480p", "duration": 4} if "model" not in options else {}
        given: dict[str, Any] = {"prompt": prompt, **quick, **options}
        earlier = frozenset(self.stack.discord.world.channels[self.channel].messages)
        interaction = await self.stack.discord.person().command(self.channel, "video", given)
        story = Story(interaction.id, earlier)
        try:
            async with asyncio.timeout(seconds):
                async for event in events:
                    if self._follow(story, event):
                        break
        except TimeoutError:
            tail = self.stack.bot.log_tail()
            raise AssertionError(f"not ended after {seconds} s: {story.statuses[-1:]}\n{tail}") from None
        finally:
            events.close()
        story.submits = self.stack.openrouter.submits[before:]
        return story

    async def generate(self, opened: Interaction) -> None:
        """Press Generate in the panel that answers an interaction of Ann's."""
        await opened.wait(25)
        assert opened.response_message is not None
        panel_id = opened.response_message["id"]
        for _ in range(600):
            if found := generates(self.stack.discord.message_json(panel_id)):
                break
            await asyncio.sleep(0.05)
        else:
            raise AssertionError(f"no draft that can be made: {text_of(self.stack.discord.message_json(panel_id))}")
        await self.stack.discord.person().click(panel_id, found[0])

    def _follow(self, story: Story, event: Mapping[str, Any]) -> bool:
        """Note an event; True when nothing more will come."""
        if event["type"] == "interaction" and event["id"] == story.interaction_id and event["state"] == "failed":
            raise AssertionError("the application did not respond")
        if event["type"] not in ("message_create", "message_update"):
            return False
        message: dict[str, Any] = dict(event["message"])
        if message["id"] in story.earlier:
            return False
        if message.get("flags", 0) & EPHEMERAL:
            story.refusal = text_of(message).strip()
            return True
        if message.get("attachments"):
            story.video = message
        containers = parts_of(message, 17)
        if not containers:
            return False
        story.status = message
        galleries = [gallery for one in containers for gallery in parts_of(one, 12)]
        story.thumbnails = [item for one in galleries for item in one["items"]] or story.thumbnails
        story.statuses.append(text_of(message).strip())
        return any(story.statuses[-1].startswith(f"### {ending}\n") for ending in ENDINGS)

    async def download(self, attachment: Mapping[str, Any]) -> bytes:
        """Return a posted file, as a person's client gets it."""
        async with aiohttp.ClientSession() as session, session.get(attachment["url"]) as response:
            assert response.status == 200
            return await response.read()

    def requests(self, method: str, path: str) -> list[RecordedRequest]:
        """Return the bot's requests to Discord so far whose path ends like this."""
        return [one for one in self.stack.discord.requests if one.method == method and one.path.endswith(path)]


def attached(*files: bytes | Upload) -> dict[str, Any]:
    """Return options for attachments in order; bytes get a PNG's name."""
    uploads = [one if isinstance(one, Upload) else Upload(f"image{n}.png", one) for n, one in enumerate(files, start=1)]
    return {f"reference{n}" if n > 1 else "reference": upload for n, upload in enumerate(uploads, start=1)}
