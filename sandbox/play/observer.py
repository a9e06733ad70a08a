"""Everything that anybody sees while a story is played, in the order in which it appears."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Protocol

from sandbox.discord.drafts import EPHEMERAL, LOADING
from sandbox.discord.errors import ApiError
from sandbox.discord.files import StoredFile
from sandbox.discord.jsontypes import JsonObject
from sandbox.discord.model import DIRECT_MESSAGE
from sandbox.play.places import NUMBERED, Place
from sandbox.play.texts import buttons_of, label_of, menu_name, menus_of, words_of
from sandbox.stack import Stack

PUBLIC = "channel"


@dataclass
class Seen:
    """A message as people saw it. `to` is "channel" or the only person who sees it; `at` is world seconds.

    `texts` are its words, each version once; `data` is the newest JSON of Discord.
    """

    id: str
    author: str
    to: str
    channel: str
    at: float
    data: JsonObject
    texts: list[str] = field(default_factory=list[str])
    edits: int = 0
    pinged: list[str] = field(default_factory=list[str])
    files: list[StoredFile] = field(default_factory=list[StoredFile])
    deleted: bool = False
    buttons: dict[str, JsonObject] = field(default_factory=dict[str, JsonObject])
    """Every button that it ever had, by label, as it was last."""
    name: str = ""
    """Its place in the story, such as "status 1" or "panel"; empty until it is shown."""

    @property
    def text(self) -> str:
        """Return its words as they are now."""
        return self.texts[-1] if self.texts else ""

    @property
    def reading(self) -> str:
        """Return its words as they are now, with the labels of its buttons and what its menus show."""
        labels = [label_of(button) for button in buttons_of(self.data)]
        return "\n".join([self.text, *labels, *(menu_name(menu) for menu in menus_of(self.data))])

    def says(self, words: str) -> bool:
        """Return whether the words can be read in it now, case ignored."""
        return words.casefold() in self.reading.casefold()

    @property
    def private(self) -> bool:
        """Return whether only one person sees it."""
        return self.to != PUBLIC

    def visible_to(self, person: str | None) -> bool:
        """Return whether a person sees it; None: anybody."""
        return not self.deleted and (person is None or self.to in (PUBLIC, person))


@dataclass
class Window:
    """A window that the bot opened for a person. `open` until it is sent."""

    to: str
    at: float
    interaction_id: str
    data: JsonObject
    open: bool = True


class Listener(Protocol):
    """Hears of what appears, for a transcript."""

    def message(self, seen: Seen, *, new: bool) -> None:
        """Hear of a message that appeared, or of its new words."""
        ...

    def window(self, window: Window) -> None:
        """Hear of a window that was opened."""
        ...


class Observer:
    """Follows the events of the sandbox's Discord. `changed` is set with each of them."""

    def __init__(self, stack: Stack, listener: Listener) -> None:
        self.messages: dict[str, Seen] = {}
        self.windows: list[Window] = []
        self.changed = asyncio.Event()
        self._stack = stack
        self._listener = listener
        self._start = stack.clock.time()
        self._places: dict[Place, Seen] = {}
        self._counts: dict[str, int] = {}
        self._actions = 0
        self._events = stack.discord.subscribe()

    def begin(self) -> None:
        """Let the story begin now."""
        self._start = self._stack.clock.time()

    def now(self) -> float:
        """Return world seconds since the story began."""
        return self._stack.clock.time() - self._start

    async def run(self) -> None:
        """Follow the events until the sandbox ends."""
        async for event in self._events:
            self._read(event)
            self.changed.set()

    def find(self, place: Place, person: str | None) -> Seen | None:
        """Return the message at a place, if the person sees it; of "panel" and "last" the newest one."""
        if place.number:
            seen = self._places.get(place)
            return seen if seen is not None and seen.visible_to(person) else None
        found = [one for one in self.visible(person) if place.kind in ("last", one.name)]
        return found[-1] if found else None

    def visible(self, person: str | None) -> list[Seen]:
        """Return the bot's messages that a person sees now, oldest first; those that only load are left out."""
        bot = self._stack.discord.world.bot.username
        shown = [one for one in self.messages.values() if one.author == bot and one.visible_to(person)]
        return sorted((one for one in shown if not _empty(one)), key=lambda one: int(one.id))

    def videos(self) -> list[Seen]:
        """Return the messages with a video, in the order in which they appeared."""
        return [seen for place, seen in self._places.items() if place.kind == "video"]

    def places(self, person: str | None) -> list[str]:
        """Return the names of the places that a person sees."""
        named = [str(place) for place, seen in self._places.items() if seen.visible_to(person)]
        return named + ["panel"] * (self.find(Place("panel"), person) is not None)

    def acted(self, times: int = 1) -> None:
        """Count what a person did: a command, a click or a choice."""
        self._actions += times

    def actions_since(self) -> int:
        """Return how many actions there were since this was asked last."""
        counted, self._actions = self._actions, 0
        return counted

    def tell(self, person: str, text: str) -> None:
        """Note what Discord itself shows to a person."""
        key = f"discord-{len(self.messages)}"
        seen = Seen(key, "Discord", person, "", self.now(), {}, [text])
        self.messages[key] = seen
        self._listener.message(seen, new=True)

    def name(self, kind: str, identity: str) -> str:
        """Return the name that is shown for the id of a user or a channel."""
        world = self._stack.discord.world
        if kind == "user" and identity in world.users:
            user = world.users[identity]
            return user.global_name or user.username
        channel = world.channels.get(identity) if kind == "channel" else None
        return (channel.name if channel is not None else None) or identity

    def _read(self, event: JsonObject) -> None:
        if event["type"] in ("message_create", "message_update"):
            self._message(event["message"], event)
        elif event["type"] == "message_delete" and event["id"] in self.messages:
            self.messages[event["id"]].deleted = True
        elif event["type"] == "modal":
            window = Window(self.name("user", event["user_id"]), self.now(), event["interaction_id"], event["modal"])
            for earlier in self.windows:
                earlier.open = earlier.open and earlier.to != window.to  # Discord's client shows one at a time
            self.windows.append(window)
            self._listener.window(window)

    def _message(self, data: JsonObject, event: JsonObject) -> None:
        seen = self.messages.get(data["id"])
        if seen is None:
            to, channel = self._audience(data)
            author = self.name("user", data["author"]["id"])
            seen = self.messages[data["id"]] = Seen(data["id"], author, to, channel, self.now(), data)
            seen.pinged = [self.name("user", user) for user in event["pinged"]["users"]]
        seen.data = data
        seen.edits = self._edits(seen)
        seen.buttons |= {label_of(button): button for button in buttons_of(data)}
        text = words_of(data, now=self._stack.clock.time(), name=self.name)
        if text and text not in seen.texts[-1:]:
            seen.texts.append(text)
        if not _empty(seen):
            new = self._number(seen)
            self._listener.message(seen, new=new)

    def _edits(self, seen: Seen) -> int:
        try:
            stored = self._stack.discord.world.message(seen.id)
        except ApiError:
            return seen.edits  # deleted since
        seen.files = list(stored.files.values())
        return stored.edits

    def _number(self, seen: Seen) -> bool:
        """Give a message its place in the story; True when it is shown for the first time."""
        kind = self._kind(seen)
        if seen.name.startswith(kind):
            return False
        new = not seen.name
        seen.name = kind
        if kind in NUMBERED:
            self._counts[kind] = self._counts.get(kind, 0) + 1
            place = Place(kind, self._counts[kind])
            self._places[place], seen.name = seen, str(place)
        return new

    def _kind(self, seen: Seen) -> str:
        if seen.author != self._stack.discord.world.bot.username:
            return "message"
        if seen.data.get("flags", 0) & EPHEMERAL:
            return "panel"
        if any((file.content_type or "").startswith("video/") for file in seen.files):
            return "video"
        if seen.data.get("components"):
            return "status"
        return "panel" if seen.private else "note"

    def _audience(self, data: JsonObject) -> tuple[str, str]:
        channel = self._stack.discord.world.channels[data["channel_id"]]
        direct = channel.type == DIRECT_MESSAGE
        where = "direct messages" if direct else channel.name or ""
        if data.get("flags", 0) & EPHEMERAL:
            return self.name("user", data["visible_to"]), where
        return (self.name("user", channel.recipients[0].id) if direct else PUBLIC), where


def _empty(seen: Seen) -> bool:
    loading = bool(seen.data.get("flags", 0) & LOADING)
    return loading or not (seen.texts or seen.files or buttons_of(seen.data) or menus_of(seen.data))
