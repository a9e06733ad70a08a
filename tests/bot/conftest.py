"""The real bot in process: simcord stands in for Discord, OpenRouter's stand-in listens on loopback."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import imageio_ffmpeg
import pytest
import pytest_asyncio
import simcord

from bot import Dailies, opened
from dailies.settings import Settings
from sandbox.clock import Clock
from sandbox.openrouter import OpenRouterServer

KEY = "sk-or-test"


@dataclass
class Room:
    """A channel with a person in it. `video` types the command; `wait` lets virtual seconds pass."""

    env: simcord.Env
    bot: Dailies
    openrouter: OpenRouterServer
    channel: Any
    ann: Any

    async def video(self, prompt: str = "A paper boat", **options: object) -> simcord.InteractionResult:
        """Type /video as Ann."""
        return await self.ann.slash(self.channel, "video", prompt=prompt, **options)

    async def finish(self, result: simcord.InteractionResult, *, checks: int = 12) -> str:
        """Let time pass until the status says that the job ended; returns its text."""
        for _ in range(checks):
            text = self.text(result)
            if "### Making" not in text and "### Sending" not in text and "### Checking" not in text:
                return text
            # The stand-in's work takes real time, the bot's waiting only virtual time.
            await asyncio.sleep(0.05)
            await self.env.advance_time(10)
        return self.text(result)

    def text(self, result: simcord.InteractionResult) -> str:
        """What the answer to a command says now, escapes taken out."""
        assert result.response is not None
        shown = [result.response.content or ""]
        for container in result.response.components:
            shown += [part.get("content", "") for part in container.get("components", [])]
        return "\n".join(shown).replace("\\", "")


@pytest.fixture
def settings(tmp_path: Path, request: pytest.FixtureRequest) -> dict[str, str]:
    """The bot's environment; a test adds to it with @pytest.mark.settings(POLL_LIMIT="3")."""
    marker = request.node.get_closest_marker("settings")
    return {
        "DISCORD_TOKEN": "token",
        "OPENROUTER_API_KEY": KEY,
        "DATA_DIR": str(tmp_path / "data"),
        "POLL_INTERVAL_SECONDS": "10",
        "SHARD_IDS": "0",  # simcord does not say how many shards it wants
        "SHARD_COUNT": "1",
        **(marker.kwargs if marker else {}),
    }


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A real MP4 of one second."""
    target = tmp_path_factory.mktemp("clip") / "clip.mp4"
    pattern = ["-f", "lavfi", "-i", "testsrc=duration=1:size=64x64", "-pix_fmt", "yuv420p"]
    subprocess.run([imageio_ffmpeg.get_ffmpeg_exe(), "-loglevel", "error", *pattern, str(target)], check=True)
    return target


@pytest_asyncio.fixture
async def openrouter(clip: Path) -> AsyncGenerator[OpenRouterServer]:
    """OpenRouter's stand-in, a hundred times as fast as the real one."""
    server = OpenRouterServer(Clock(100), key=KEY, queue_seconds=1, work_seconds=1, video=clip)
    await server.start()
    yield server
    await server.close()


@pytest_asyncio.fixture
async def simcord_bot(settings: dict[str, str], openrouter: OpenRouterServer) -> AsyncGenerator[Dailies]:
    """The bot with everything it uses; simcord connects it. Sleeps of over five seconds are virtual there."""
    checked = Settings.from_env({"OPENROUTER_API_BASE": openrouter.api_base, **settings})
    async with opened(checked) as bot:
        yield bot


@pytest.fixture
def room(simcord_env: simcord.Env, simcord_bot: Dailies, openrouter: OpenRouterServer) -> Room:
    """The bot, connected, with its commands registered and the list of models loaded."""
    guild = simcord_env.create_guild()
    channel = guild.create_text_channel("dailies")
    return Room(simcord_env, simcord_bot, openrouter, channel, guild.add_member(simcord_env.create_user("ann")))
