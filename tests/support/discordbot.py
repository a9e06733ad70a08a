"""A small bot of real discord.py, connected to the Discord stand-in in the test's own event loop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import discord
import pytest
import yarl
from discord import app_commands
from discord.gateway import DiscordWebSocket
from discord.http import Route

from sandbox.clock import Clock
from sandbox.discord import DiscordServer, Limits

TOKEN = "test-token"


class Bot(discord.Client):
    """Syncs its command tree to all guilds, and remembers gateway events by name."""

    def __init__(self, intents: discord.Intents | None = None, *, heartbeat_timeout: float = 60.0) -> None:
        super().__init__(
            intents=intents or discord.Intents(guilds=True),
            allowed_mentions=discord.AllowedMentions.none(),
            enable_debug_events=True,
            guild_ready_timeout=0.05,
            heartbeat_timeout=heartbeat_timeout,
        )
        self.tree = app_commands.CommandTree(self)
        self.seen: list[str] = []
        self.failures: list[BaseException] = []
        self.tree.on_error = self._failed

    async def setup_hook(self) -> None:
        await self.tree.sync()

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Skip the five seconds before a second session: a test has one bot."""

    async def on_socket_event_type(self, name: str) -> None:
        self.seen.append(name)

    async def _failed(self, _interaction: discord.Interaction, error: app_commands.AppCommandError) -> None:
        self.failures.append(error)


@dataclass(frozen=True)
class JumpingClock(Clock):
    """A clock that a test sets forward, so that only expired things have expired, however slow the machine is."""

    jumps: list[float] = field(default_factory=list[float])

    def time(self) -> float:
        return super().time() + sum(self.jumps)


def jump(server: DiscordServer, seconds: float) -> None:
    """Set the world's time forward."""
    assert isinstance(server.clock, JumpingClock)
    server.clock.jumps.append(seconds)


@asynccontextmanager
async def serving(*, speed: float = 1.0, limits: Limits | None = None) -> AsyncGenerator[DiscordServer]:
    """Run the stand-in, with discord.py pointed at it."""
    server = DiscordServer(JumpingClock(speed), token=TOKEN, limits=limits)
    await server.start()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Route, "BASE", server.api_base)
        gateway = yarl.URL(server.origin.replace("http", "ws", 1) + "/gateway/")
        patch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", gateway)
        try:
            yield server
        finally:
            await server.close()


@asynccontextmanager
async def connected(
    prepare: Callable[[Bot], None] = lambda _bot: None,
    *,
    speed: float = 1.0,
    limits: Limits | None = None,
    intents: discord.Intents | None = None,
    heartbeat_timeout: float = 60.0,
) -> AsyncGenerator[tuple[DiscordServer, Bot]]:
    """Run the stand-in and a bot that is ready. `prepare` adds commands to the bot before it starts."""
    async with serving(speed=speed, limits=limits) as server:
        bot = Bot(intents, heartbeat_timeout=heartbeat_timeout)
        prepare(bot)
        running = asyncio.create_task(bot.start(TOKEN))
        waiting = asyncio.create_task(server.wait_for_bot())
        try:
            await asyncio.wait({running, waiting}, return_when=asyncio.FIRST_COMPLETED)
            if running.done():
                waiting.cancel()
                await running
            await waiting
            await asyncio.wait_for(bot.wait_until_ready(), 30)
            yield server, bot
        finally:
            await bot.close()
            await asyncio.gather(running, return_exceptions=True)


async def until(condition: Callable[[], object], timeout: float = 30.0) -> None:
    """Wait until a condition holds; real seconds (TimeoutError)."""
    async with asyncio.timeout(timeout):
        while not condition():  # noqa: ASYNC110 (the conditions are anything a test can see)
            await asyncio.sleep(0.005)
