"""Events of Discord's that lack what discord.py needs, through its real parsers."""

from __future__ import annotations

import asyncio
import copy
import logging
import random
import time
from collections.abc import AsyncGenerator, Callable
from typing import Any

import aiohttp
import discord
import pytest
import pytest_asyncio
from discord import app_commands
from discord.ext import commands
from discord.gateway import DiscordWebSocket
from discord.http import HTTPClient, Route

from cogs.gateway_events import GuardedEvents
from dailies.errors import RefusedError
from dailies.explain import explain
from dailies.language import speaking
from dailies.reason import ReasonCode

SECONDS = 10.0
JSON = dict[str, Any]
USER = {"id": "3", "username": "ada", "discriminator": "0", "avatar": None, "global_name": "Ada"}
MEMBER: JSON = {
    "user": USER,
    "roles": [],
    "joined_at": "2026-01-01T00:00:00+00:00",
    "flags": 0,
    "permissions": "8",
}
CHANNEL: JSON = {
    "id": "2",
    "type": 0,
    "name": "shots",
    "position": 0,
    "permission_overwrites": [],
    "guild_id": "1",
}
ROLE = {"id": "1", "name": "@everyone", "color": 0, "position": 0, "permissions": "8", "hoist": False}
GUILD: JSON = {
    "id": "1",
    "name": "Studio",
    "roles": [ROLE],
    "channels": [CHANNEL],
    "members": [MEMBER],
    "threads": [],
    "emojis": [],
    "features": [],
    "member_count": 1,
    "owner_id": "3",
}
MESSAGE: JSON = {
    "id": "5",
    "channel_id": "2",
    "guild_id": "1",
    "author": USER,
    "member": MEMBER,
    "content": "hello",
    "timestamp": "2026-01-01T00:00:00+00:00",
    "attachments": [],
    "embeds": [],
    "mentions": [],
    "type": 0,
}
ASKED: JSON = {
    "id": "6",
    "application_id": "9",
    "token": "private-token",
    "version": 1,
    "guild_id": "1",
    "channel_id": "2",
    "channel": CHANNEL,
    "member": MEMBER,
    "attachment_size_limit": 1,
    "entitlements": [],
    "authorizing_integration_owners": {"0": "1"},
}
OPTIONS = [{"type": 3, "name": "prompt", "value": "a boat", "focused": True}]
COMMAND = {"id": "8", "name": "video", "type": 1, "options": OPTIONS}
BUTTON = {"custom_id": "again", "component_type": 2}
MODAL = {"custom_id": "form", "components": [{"type": 1, "components": [{"type": 4, "custom_id": "x", "value": "y"}]}]}
EVENTS: list[tuple[str, dict[str, Any]]] = [
    ("GUILD_CREATE", GUILD),
    ("GUILD_UPDATE", GUILD),
    ("GUILD_DELETE", {"id": "1", "unavailable": True}),
    ("GUILD_ROLE_CREATE", {"guild_id": "1", "role": ROLE}),
    ("CHANNEL_CREATE", CHANNEL),
    ("CHANNEL_UPDATE", CHANNEL),
    ("CHANNEL_DELETE", CHANNEL),
    ("MESSAGE_CREATE", MESSAGE),
    ("MESSAGE_UPDATE", MESSAGE),
    ("MESSAGE_DELETE", {"id": "5", "channel_id": "2", "guild_id": "1"}),
    ("INTERACTION_CREATE", ASKED | {"type": 2, "data": COMMAND}),
    ("INTERACTION_CREATE", ASKED | {"type": 3, "data": BUTTON, "message": MESSAGE}),
    ("INTERACTION_CREATE", ASKED | {"type": 4, "data": COMMAND}),
    ("INTERACTION_CREATE", ASKED | {"type": 5, "data": MODAL}),
    ("READY", {"user": USER, "application": {"id": "9", "flags": 0}, "guilds": [GUILD], "shard": [0, 1]}),
    ("RESUMED", {"__shard_id__": 0}),
]


class Client(commands.AutoShardedBot):
    """discord.py's client with guarded parsers, not connected. sent: bodies of the answers that it would send."""

    def __init__(self) -> None:
        super().__init__("!", intents=discord.Intents(guilds=True), shard_count=1, shard_ids=[0])
        self.sent: list[tuple[str, Any]] = []
        self.http.request = self._send  # type: ignore[method-assign]
        self.guard = GuardedEvents(self.http)
        self.parsers: dict[str, Callable[[Any], None]] = self.guard.guarded(self._connection.parsers)

    async def set_up(self) -> None:
        """Bind it to the running loop, as a login does."""
        await self._async_setup_hook()

    async def _send(self, route: Route, **given: Any) -> None:
        self.sent.append((route.path, given.get("json")))


@pytest_asyncio.fixture
async def client() -> AsyncGenerator[Client]:
    made = Client()
    await made.set_up()
    made.tree.add_command(app_commands.Command(name="video", description="Test", callback=_nothing))
    yield made
    await asyncio.sleep(0)
    others = asyncio.all_tasks() - {asyncio.current_task()}  # type: ignore[arg-type]
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


async def _nothing(interaction: discord.Interaction) -> None:
    """Answer nothing."""


def changed(event: Any, rng: random.Random) -> Any:
    """Leave out a field, or make it null or of another type, at any depth."""
    keys: list[Any] = list(event) if type(event) in (dict,) else list(range(len(event)))
    key = rng.choice(keys)
    made: Any = copy.copy(event)
    inner = event[key]
    if type(inner) in (dict, list) and inner and rng.random() < 0.6:
        made[key] = changed(inner, rng)
    elif rng.random() < 0.4:
        del made[key]
    else:
        made[key] = rng.choice([None, "x", -1, 2**70, [], {}, True, [None], {"id": None}])
    return made


@pytest.mark.slow
async def test_no_event_raises_whatever_it_lacks(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.ERROR)
    rng = random.Random(34)
    ends = time.monotonic() + SECONDS
    for number in range(3000):
        kind, event = EVENTS[number % len(EVENTS)]
        client.parsers[kind](copy.deepcopy(changed(event, rng)))
        if number % 100 == 0:
            await asyncio.sleep(0)
        if time.monotonic() > ends:
            break
    client.parsers["GUILD_CREATE"](copy.deepcopy(GUILD))
    assert client.get_guild(1) is not None
    assert "was skipped" in caplog.text


@pytest.mark.parametrize("data", [None, [], "text", 5, {}])
@pytest.mark.parametrize("kind", ["GUILD_CREATE", "INTERACTION_CREATE", "MESSAGE_CREATE", "CHANNEL_UPDATE", "READY"])
async def test_an_event_that_is_no_object_is_skipped(client: Client, kind: str, data: Any) -> None:
    client.parsers[kind](data)


async def test_a_broken_server_among_those_at_the_start_is_left_out(client: Client) -> None:
    ready = {"user": USER, "application": {"id": "9", "flags": 0}, "shard": [0, 1]}
    client.parsers["READY"](ready | {"guilds": [None, {"unavailable": True}, copy.deepcopy(GUILD), {"id": "x"}]})
    assert [guild.id for guild in client.guilds] == [1]


@pytest.mark.parametrize(
    "frame",
    [
        '{"op": 0, "t": "READY", "s": 1, "d": {}}',
        '{"op": 0, "t": "READY", "s": 1}',
        '{"op": 10, "d": {}}',
        "[]",
        "no JSON",
    ],
)
async def test_a_frame_that_cannot_be_read_ends_the_connection_alone(frame: str) -> None:
    GuardedEvents(HTTPClient(asyncio.get_running_loop())).guarded({})
    socket: Any = object()
    gateway: Any = DiscordWebSocket(socket, loop=asyncio.get_running_loop())
    gateway.shard_id = 0
    with pytest.raises(aiohttp.ClientError):
        await gateway.received_message(frame)


async def test_the_log_names_the_kind_and_not_the_content(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    client.parsers["CHANNEL_CREATE"](CHANNEL | {"id": "a secret"})
    client.parsers["GUILD_CREATE"]({"id": "a secret"})
    assert "GUILD_CREATE" in caplog.text
    assert "a secret" not in caplog.text


async def test_a_person_whose_command_cannot_be_read_is_told(client: Client) -> None:
    asked: JSON = {"id": "6", "token": "t0k-en", "type": 2, "data": {}}
    client.parsers["INTERACTION_CREATE"](asked)
    await asyncio.sleep(0.01)
    ((path, answer),) = client.sent
    assert path.endswith("/callback")
    assert answer["data"]["flags"] == 64
    assert answer["data"]["content"]


async def test_that_answer_is_in_the_person_s_language(client: Client) -> None:
    asked: JSON = {"id": "6", "token": "t0k-en", "type": 2, "data": {}, "locale": "de"}
    client.parsers["INTERACTION_CREATE"](asked)
    await asyncio.sleep(0.01)
    with speaking("de"):
        german = explain(RefusedError(ReasonCode.BUG))
    assert client.sent[0][1]["data"]["content"] == german != explain(RefusedError(ReasonCode.BUG))


async def test_without_an_address_nobody_is_told(client: Client) -> None:
    client.parsers["INTERACTION_CREATE"]({"id": "6", "type": 2})
    client.parsers["INTERACTION_CREATE"]({"token": "t", "type": 2})
    await asyncio.sleep(0.01)
    assert client.sent == []
