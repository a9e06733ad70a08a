"""The whole sandbox: both stand-ins and the bot, started together and ended together."""

from __future__ import annotations

import asyncio
import shutil
import socket
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

from sandbox.botprocess import ROOT, BotProcess
from sandbox.clock import Clock
from sandbox.discord import DiscordServer, Limits
from sandbox.openrouter import OpenRouterServer

TOKEN = "sandbox.discord.token"  # noqa: S105  # opens nothing but the stand-in
KEY = "sk-or-v1-sandbox"
WEBHOOK_SECRET = "sandbox-webhook-secret"  # noqa: S105  # likewise
LIMITS_SECONDS = {
    "REQUEST_TIMEOUT_SECONDS": 30,
    "SUBMIT_TIMEOUT_SECONDS": 180,
    "DOWNLOAD_TIMEOUT_SECONDS": 600,
    "MEDIA_TIMEOUT_SECONDS": 60,
    "TRANSCODE_TIMEOUT_SECONDS": 900,
    "REFERENCE_TIMEOUT_SECONDS": 15,
    "REFERENCE_DECODE_SECONDS": 30,
    "GATEWAY_TIMEOUT_SECONDS": 60,
    "STATUS_TIMEOUT_SECONDS": 30,
    "UPLOAD_TIMEOUT_SECONDS": 300,
    "SHUTDOWN_SECONDS": 20,
    "METRICS_READ_SECONDS": 5,
}
"""The bot's time limits for machines and networks, in real seconds: its defaults. It gets them in its own seconds."""
MOST_SECONDS = 86_400
"""The largest value that the bot accepts for these limits."""
CHECK_HOURS, MOST_HOURS = 24, 720
"""Hours that the bot checks a job for: its default, and the most that it accepts. The stand-in draws its videos in real
seconds, so a faster world needs more of them."""
PUBLIC_URL = "https://bot.sandbox"
"""The bot's address for OpenRouter's webhooks. OpenRouter takes https only; the stand-in knows the way from there."""


class BotNotReadyError(RuntimeError):
    """The bot did not start; the text ends with its log's tail."""


class Stack:
    """`async with Stack() as stack`: Discord, OpenRouter and the bot, ready for a person's command.

    speed: world seconds in a real second, for all three.
    environment: settings of the bot that add to or override the sandbox's own.
    data_dir: the bot's DATA_DIR, kept afterwards; by default a folder that is deleted at the end.
    bot_script: what is run as the bot.
    start_bot: False leaves starting the bot to the caller (`await stack.start_bot()`).
    ready_seconds: real seconds the bot has to connect and register its commands.
    trusted_origins: more loopback origins that references may be fetched from.
    webhooks: whether the bot is told of ended jobs, on a loopback port of its own, instead of only polling.
    limits: Discord's figures. openrouter: the OpenRouter stand-in, when it needs figures of its own; it has
    to share `clock`, which is then given too.
    """

    def __init__(
        self,
        *,
        speed: float = 1.0,
        environment: Mapping[str, str] | None = None,
        data_dir: Path | None = None,
        bot_script: Path = ROOT / "bot.py",
        start_bot: bool = True,
        ready_seconds: float = 60.0,
        trusted_origins: Sequence[str] = (),
        webhooks: bool = False,
        limits: Limits | None = None,
        clock: Clock | None = None,
        openrouter: OpenRouterServer | None = None,
    ) -> None:
        self.clock = clock or Clock(speed)
        self.discord = DiscordServer(self.clock, token=TOKEN, limits=limits or Limits())
        self.openrouter = openrouter or OpenRouterServer(self.clock, key=KEY)
        self.trusted_origins = list(trusted_origins)
        self.environment = dict(environment or {})
        self._data_dir = data_dir
        self._bot_script = bot_script
        self._start_bot = start_bot
        self._ready_seconds = ready_seconds
        self._webhooks: dict[str, str] = self._open_webhooks() if webhooks else {}
        self._bot: BotProcess | None = None
        self._folder: Path | None = None

    @property
    def folder(self) -> Path:
        """The stack's temporary folder, deleted with it; only while the stack runs."""
        if self._folder is None:
            raise RuntimeError("the stack is not running")
        return self._folder

    @property
    def bot(self) -> BotProcess:
        """The bot; only while the stack runs."""
        if self._bot is None:
            raise RuntimeError("the stack is not running")
        return self._bot

    async def __aenter__(self) -> Self:
        self._folder = Path(tempfile.mkdtemp(prefix="dailies-sandbox-"))
        try:
            await self.discord.start()
            await self.openrouter.start()
            self._bot = BotProcess(
                self.clock, script=self._bot_script, environment=self.bot_environment(), folder=self._folder
            )
            if self._start_bot:
                await self.start_bot()
        except BaseException:
            # Whatever went wrong, including a cancellation: nothing started may stay behind.
            await self._close()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._close()

    async def start_bot(self) -> None:
        """Start the bot (again) and wait until it can be used. Raises BotNotReadyError."""
        await self.bot.start()
        ready = asyncio.ensure_future(self.discord.wait_for_bot(self._ready_seconds))
        ended = asyncio.ensure_future(self.bot.wait())
        try:
            await asyncio.wait({ready, ended}, return_when=asyncio.FIRST_COMPLETED)
            if ready.done():
                await ready
                return
            problem = f"the bot ended with exit code {self.bot.returncode} before it was ready"
        except TimeoutError:
            problem = f"the bot was not ready after {self._ready_seconds:g} seconds"
        finally:
            ready.cancel()
            ended.cancel()
            await asyncio.gather(ready, ended, return_exceptions=True)
        tail = self.bot.log_tail()
        raise BotNotReadyError(f"{problem}; its log ends with:\n{tail or '(nothing)'}")

    def bot_environment(self) -> dict[str, str]:
        """Every setting that the sandbox gives the bot; addresses are known once the stand-ins have started."""
        data_dir = self._data_dir or self.folder / "data"
        data_dir.mkdir(parents=True, exist_ok=True)
        return {
            "DISCORD_TOKEN": self.discord.token,
            "OPENROUTER_API_KEY": self.openrouter.key,
            "DISCORD_API_BASE": self.discord.api_base,
            "OPENROUTER_API_BASE": self.openrouter.api_base,
            "DATA_DIR": str(data_dir),
            "REFERENCE_TRUSTED_ORIGINS": ",".join([self.discord.origin, *self.trusted_origins]),
            "LOG_LEVEL": "INFO",
            # The bot's clock runs faster, but machines do not: the three seconds to answer a command stay real ones.
            "LOOK_SECONDS": str(self.clock.speed),
            "CHECK_HOURS": f"{min(MOST_HOURS, CHECK_HOURS * max(1.0, self.clock.speed)):g}",
            **{name: f"{min(MOST_SECONDS, limit * self.clock.speed):g}" for name, limit in LIMITS_SECONDS.items()},
            **self._webhooks,
            **self.environment,
        }

    def _open_webhooks(self) -> dict[str, str]:
        """Let OpenRouter's stand-in find the bot; returns the settings by which the bot expects it."""
        port = _free_port()
        self.openrouter.webhooks.secret = WEBHOOK_SECRET
        self.openrouter.webhooks.routes[PUBLIC_URL] = f"http://127.0.0.1:{port}"
        return {
            "PUBLIC_URL": PUBLIC_URL,
            "OPENROUTER_WEBHOOK_SECRET": WEBHOOK_SECRET,
            "WEB_HOST": "127.0.0.1",
            "WEB_PORT": str(port),
        }

    async def _close(self) -> None:
        if self._bot is not None:
            await self._bot.stop()
        await self.openrouter.close()
        await self.discord.close()
        if self._folder is not None:
            await asyncio.to_thread(shutil.rmtree, self._folder, ignore_errors=True)
        self._bot = self._folder = None


def _free_port() -> int:
    """A loopback port that nobody uses. It is the same after each restart of the bot."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
