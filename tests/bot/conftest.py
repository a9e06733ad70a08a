"""The real bot in process: simcord stands in for Discord, OpenRouter's stand-in listens on loopback."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import discord
import imageio_ffmpeg
import pytest
import pytest_asyncio
import simcord
from simcord._settlement import _next_virtual_timer  # pyright: ignore[reportPrivateUsage]

from bot import Dailies, opened
from dailies.catalog.options import VideoRequest
from dailies.ids import new_id
from dailies.job import Job, Place, State
from dailies.settings import Settings
from dailies.store.port import JobStore
from sandbox.clock import Clock
from sandbox.openrouter import OpenRouterServer
from tests.support.databases import sqlite_file

KEY = "sk-or-test"


ROUNDS, ROUND_SECONDS = 60, 1.0


class PatientEnv(simcord.Env):
    """Waits for the bot's work in rounds of a real second, up to a minute.

    simcord gives up after the first. It takes sleeps that end after the round for virtual time, and waits for the
    others in real time: in longer rounds, tests wait for the bot's background work, which looks again and again.
    """

    def __init__(self, bot: Dailies, **options: Any) -> None:
        super().__init__(bot, settle_timeout=ROUND_SECONDS, **options)

    async def _settle_internal(self, **options: Any) -> None:
        if options.get("_deadline") is not None:  # within a round of _advance_to
            await super()._settle_internal(**options)
        else:
            await _in_rounds(partial(super()._settle_internal, **options))

    async def _advance_to(self, target: float, deadline: float) -> None:
        advance, loop = super()._advance_to, asyncio.get_running_loop()
        began, virtual = loop.time(), self._virtual_time

        def move_on() -> None:
            # A job's run that waits for its status to be told waits for a timer of the edits. simcord knows nothing of
            # that: it waits for the run before it lets the time pass in which the timer fires.
            timer = _next_virtual_timer(self._settlement_state())
            # In as many real seconds it would fire without simcord, too.
            if timer is not None and timer <= max(target, virtual + loop.time() - began):
                self._move_clock(timer)

        await _in_rounds(lambda: advance(target, loop.time() + ROUND_SECONDS), move_on)


async def _in_rounds(wait: Callable[[], Awaitable[None]], between: Callable[[], None] = lambda: None) -> None:
    for left in reversed(range(ROUNDS)):
        try:
            await wait()
            break
        except TimeoutError as error:
            if not left or "did not settle" not in str(error):
                raise
            between()


@pytest.fixture(autouse=True)
def a_busy_machine_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """simcord's own fixture makes its environments of this class."""
    monkeypatch.setattr("simcord.pytest_plugin.Env", PatientEnv)


@dataclass
class BotApp:
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
            if not any(f"### {word}" in text for word in ("Generating", "Sending", "Checking", "Waiting")):
                return text
            # The stand-in's work takes real time, the bot's waiting only virtual time.
            await asyncio.sleep(0.05)
            await self.env.advance_time(10)
        return self.text(result)

    async def finish_own(self) -> str:
        """Let time pass until the newest status that stands by itself says that its job ended; returns its text."""
        for _ in range(12):
            text = self.own_status
            if not any(f"### {word}" in text for word in ("Generating", "Sending", "Checking", "Waiting")):
                return text
            await asyncio.sleep(0.05)
            await self.env.advance_time(10)
        return self.own_status

    @property
    def own_status(self) -> str:
        """The text of the newest status in the channel that answers nothing, escapes taken out; empty without one."""
        for message in reversed(self.channel.history()):
            containers = [one for one in message.components if isinstance(one, discord.Container)]
            if containers and message.interaction_metadata is None:
                parts = [part for one in containers for part in one.children]
                shown = [part.content for part in parts if isinstance(part, discord.TextDisplay)]
                return "\n".join(shown).replace("\\", "")
        return ""

    def text(self, result: simcord.InteractionResult) -> str:
        """Return the text of a command's answer now, escapes taken out."""
        assert result.response is not None
        shown = [result.response.content or ""]
        for part in result.response.components:
            shown += [one.get("content", "") for one in (part, *part.get("components", []))]
        return "\n".join(shown).replace("\\", "").rstrip()


@pytest.fixture
def settings(tmp_path: Path, request: pytest.FixtureRequest) -> dict[str, str]:
    """The bot's environment; a test adds to it with @pytest.mark.settings(CHECK_HOURS="1")."""
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
    """Make a real MP4 of one second."""
    target = tmp_path_factory.mktemp("clip") / "clip.mp4"
    pattern = ["-f", "lavfi", "-i", "testsrc=duration=1:size=64x64", "-pix_fmt", "yuv420p"]
    pattern += ["-movflags", "+faststart"]
    subprocess.run([imageio_ffmpeg.get_ffmpeg_exe(), "-loglevel", "error", *pattern, str(target)], check=True)
    return target


@pytest_asyncio.fixture
async def openrouter(clip: Path) -> AsyncGenerator[OpenRouterServer]:
    """Run OpenRouter's stand-in, a hundred times as fast as the real one."""
    server = OpenRouterServer(Clock(100), key=KEY, queue_seconds=1, work_seconds=1, video=clip)
    await server.start()
    yield server
    await server.close()


@pytest_asyncio.fixture
async def simcord_bot(settings: dict[str, str], openrouter: OpenRouterServer) -> AsyncGenerator[Dailies]:
    """Build the bot with everything it uses; simcord connects it. Sleeps of over a second are virtual there."""
    checked = Settings.from_env({"OPENROUTER_API_BASE": openrouter.api_base, **settings})
    if not checked.database_url:
        await sqlite_file(checked.data_dir / "dailies.sqlite")
    async with opened(checked) as bot:
        yield bot


@pytest.fixture
def app(simcord_env: simcord.Env, simcord_bot: Dailies, openrouter: OpenRouterServer) -> BotApp:
    """Connect the bot, with its commands registered and the list of models loaded."""
    guild = simcord_env.create_guild()
    channel = guild.create_text_channel("dailies")
    return BotApp(simcord_env, simcord_bot, openrouter, channel, guild.add_member(simcord_env.create_user("ann")))


START = 1_790_000_000.0


@dataclass
class Archive:
    """A app whose bot has kept jobs of Ann, Ben and Mia, who moderates."""

    app: BotApp
    ben: Any
    mia: Any
    clip: Path

    async def keep(self, by: Any = None, number: int = 0, *, on_disk: bool = False, **changes: Any) -> Job:
        """Add a delivered job of Ann's, unless changed; with its video on the disk if wanted."""
        created = START + number
        job = Job(
            id=new_id(created),
            key=f"key-{created}-{by and by.id}",
            place=Place(self.app.channel.guild.id, self.app.channel.id, (by or self.app.ann).id, None),
            request=VideoRequest(f"A paper boat {number}", "a/b", "A: B", duration=5),
            sources=(),
            created_at=created,
            state=State.DELIVERED,
            told=True,
        )
        if on_disk:
            path = self.data / "videos" / f"{job.id}.mp4"
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(self.clip.read_bytes())
            job = replace(job, file=path)
        job = replace(job, **changes)
        assert await self._store.create(job)
        return job

    @property
    def _store(self) -> JobStore:
        return self.app.bot.intake._store  # pyright: ignore[reportPrivateUsage]

    @property
    def data(self) -> Path:
        """Return DATA_DIR."""
        return self.app.bot.settings.data_dir

    async def job(self, job: Job) -> Job:
        """Return the job as it is stored now."""
        return await self._store.get(job.id)

    async def jobs(self, word: str, by: Any = None, **options: object) -> simcord.InteractionResult:
        """Type /jobs WORD."""
        return await (by or self.app.ann).slash(self.app.channel, f"jobs {word}", **options)

    def said(self, result: simcord.InteractionResult) -> str:
        """Return the words of an answer, escapes taken out."""
        assert result.response is not None
        assert result.ephemeral
        parts = [one for part in result.response.components for one in (part, *part.get("components", []))]
        shown = [result.response.content, *(part.get("content", "") for part in parts)]
        return "\n".join(shown).replace("\\", "")

    async def press(self, result: simcord.InteractionResult, label: str) -> simcord.InteractionResult:
        """Press a button of an answer, as Ann."""
        assert result.response is not None
        return await self.app.ann.click(result.response.message, label=label)


@pytest.fixture
def archive(app: BotApp, clip: Path) -> Archive:
    """Set up people: Ann asks; Ben is another member; Mia may manage messages."""
    guild = app.channel.guild
    role = guild.create_role("moderator", permissions=discord.Permissions(manage_messages=True))
    ben = guild.add_member(app.env.create_user("ben"))
    mia = guild.add_member(app.env.create_user("mia"), roles=[role])
    return Archive(app, ben, mia, clip)
