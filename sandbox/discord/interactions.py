"""Interactions: a person's action, the token with which the bot answers it, and the answers allowed.

Rules are from Discord's documentation ("Receiving and Responding to Interactions").
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Coroutine
from typing import Any, Literal

from sandbox.clock import Clock
from sandbox.discord.errors import refuse
from sandbox.discord.events import EventHub
from sandbox.discord.jsontypes import JsonObject
from sandbox.discord.limits import Limits
from sandbox.discord.model import Channel, Message, User

State = Literal["waiting", "answered", "deferred", "failed"]
COMMAND, COMPONENT, AUTOCOMPLETE, MODAL_SUBMIT = 2, 3, 4, 5
NO_ANSWER = "The application did not respond"


class Interaction:
    """A person's action and the bot's reaction to it.

    `state` is "waiting" until the bot acknowledges; "deferred" while the bot only promised an answer;
    "answered" with a message, an update or a modal; "failed" when three real seconds passed without
    an acknowledgement, with `error` as Discord shows it. `response_message` is the message shown now.
    """

    def __init__(self, kind: int, interaction_id: str, user: User, channel: Channel, data: JsonObject) -> None:
        self.id = interaction_id
        self.token = secrets.token_urlsafe(48)
        self.kind = kind
        self.user = user
        self.channel = channel
        self.data = data
        self.message: Message | None = None
        """The message whose component was used, also for the modal that followed."""
        self.created = 0.0
        """World time, in Unix seconds."""
        self.state: State = "waiting"
        self.error: str | None = None
        self.ephemeral = False
        self.modal: JsonObject | None = None
        self.choices: list[JsonObject] = []
        self.original: Message | None = None
        self.follow_ups = 0
        self.upload_bytes = 0
        """The limit the payload named, for files sent with the token."""
        self.owners: dict[str, str] = {}
        """Discord's `authorizing_integration_owners`: by which installations the app may act here."""
        self.opener: Interaction | None = None
        """The interaction that opened the modal submitted here."""
        self.render: Callable[[Message], JsonObject] = lambda message: message.data
        self._changed = asyncio.Condition()

    @property
    def response_message(self) -> JsonObject | None:
        """Discord's JSON of the response as it is now; None while there is none."""
        return self.render(self.original) if self.original is not None else None

    @property
    def user_only(self) -> bool:
        """True if only the user's own installation lets the app act here, so that Discord restricts it."""
        return "0" not in self.owners

    @property
    def acknowledged(self) -> bool:
        """True if the bot reacted at all."""
        return self.state in ("answered", "deferred")

    async def wait(self, timeout: float = 5.0) -> Interaction:
        """Wait until the bot has answered, deferred or failed; `timeout` in real seconds (TimeoutError)."""
        return await self._until(lambda: self.state != "waiting", timeout)

    async def wait_answer(self, timeout: float = 5.0) -> Interaction:
        """Wait as `wait` does, but do not accept a deferral."""
        return await self._until(lambda: self.state in ("answered", "failed"), timeout)

    async def _until(self, done: Callable[[], bool], timeout: float) -> Interaction:
        async with asyncio.timeout(timeout), self._changed:
            await self._changed.wait_for(done)
        return self

    async def announce(self) -> None:
        """Wake the waiting tasks after `state` changed."""
        async with self._changed:
            self._changed.notify_all()


class Interactions:
    """All interactions, by id and by token."""

    def __init__(self, clock: Clock, limits: Limits, hub: EventHub, render: Callable[[Message], JsonObject]) -> None:
        self._clock = clock
        self._limits = limits
        self._hub = hub
        self._render = render
        self._by_id: dict[str, Interaction] = {}
        self._by_token: dict[str, Interaction] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def begin(self, interaction: Interaction) -> None:
        """Start the clock of an interaction that is being sent to the bot."""
        interaction.created = self._clock.time()
        interaction.render = self._render
        self._by_id[interaction.id] = interaction
        self._by_token[interaction.token] = interaction
        self._emit(interaction)
        self._spawn(self._expire(interaction))

    def settle(self, interaction: Interaction, state: State) -> None:
        """Change the state of an interaction."""
        interaction.state = state
        self._emit(interaction)
        self._spawn(interaction.announce())

    def to_answer(self, interaction_id: str, token: str) -> Interaction:
        """Return the interaction that a callback answers: 10062 when it is unknown or too late, 40060 when answered."""
        interaction = self._by_id.get(interaction_id)
        if interaction is None or interaction.token != token or interaction.state == "failed":
            raise refuse(10062)
        if interaction.acknowledged:
            raise refuse(40060)
        return interaction

    def with_token(self, token: str) -> Interaction:
        """Return the interaction of a webhook token: 50027 when it has expired, 10015 before it was acknowledged."""
        interaction = self._by_token.get(token)
        if interaction is None:
            raise refuse(50027)
        if self._clock.time() - interaction.created >= self._limits.token_seconds:
            raise refuse(50027)
        if not interaction.acknowledged:
            raise refuse(10015)
        return interaction

    def get(self, interaction_id: str) -> Interaction:
        """Return an interaction by id (KeyError)."""
        return self._by_id[interaction_id]

    async def close(self) -> None:
        """End interactions that are still waiting."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _expire(self, interaction: Interaction) -> None:
        await asyncio.sleep(self._limits.acknowledge_seconds)
        if interaction.state == "waiting":
            interaction.error = NO_ANSWER
            self.settle(interaction, "failed")

    def _emit(self, interaction: Interaction) -> None:
        if interaction.kind == AUTOCOMPLETE:
            return
        event: JsonObject = {
            "type": "interaction",
            "id": interaction.id,
            "state": interaction.state,
            "user_id": interaction.user.id,
            "channel_id": interaction.channel.id,
        }
        if interaction.kind == COMMAND:
            event["command"] = interaction.data["name"]
        self._hub.emit(event | ({"error": interaction.error} if interaction.error else {}))

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
