"""The bot, unmodified, in a process of its own."""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from sandbox.clock import Clock

ROOT = Path(__file__).resolve().parent.parent
"""The folder that holds bot.py and the sandbox package."""

# Taken from the sandbox's own environment, because programs do not run well without them. Nothing else
# is: a developer's DISCORD_TOKEN or DATABASE_URL must not reach the sandbox's bot.
_INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "TZ", "VIRTUAL_ENV", "PYTHONWARNINGS")

_alive: set[BotProcess] = set()


class Running(Protocol):
    """A process, as asyncio has it. returncode: negative for a signal; None while it runs."""

    @property
    def pid(self) -> int: ...

    @property
    def returncode(self) -> int | None: ...

    async def wait(self) -> int: ...


class BotProcess:
    """Starts, stops and restarts one bot; standard output and errors go to `log_path`.

    The bot leads its own process group, so that its children (ffmpeg) end with it. Three things end it:
    `stop` or `kill`, the interpreter's exit (atexit), and, on Linux, the death of this process (leash.py).

    script: the file to run. environment: the bot's settings, in addition to the few variables every
    program needs. folder: working directory and place of the log, so that no file of the project's
    folder is read by chance.
    """

    def __init__(self, clock: Clock, *, script: Path, environment: Mapping[str, str], folder: Path) -> None:
        self.script = script
        self.environment = dict(environment)
        self.log_path = folder / "bot.log"
        self.clock = clock
        self.folder = folder
        self._process: Running | None = None
        self._group: int | None = None

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.returncode is None

    @property
    def pid(self) -> int | None:
        """The running bot's process id, which is also its process group's."""
        return self._process.pid if self._process is not None and self.running else None

    @property
    def returncode(self) -> int | None:
        """The last bot's exit code, negative for a signal; None before the first end."""
        return self._process.returncode if self._process is not None else None

    def command(self) -> list[str]:
        """The command: `python bot.py`, or at another speed the same through sandbox.timelapse."""
        if self.clock.speed == 1.0:
            return [sys.executable, str(self.script)]
        speed, epoch = repr(self.clock.speed), repr(self.clock.epoch)
        timelapse = ["-m", "sandbox.timelapse", "--speed", speed, "--epoch", epoch]
        return [sys.executable, *timelapse, str(self.script)]

    async def start(self) -> None:
        """Start the bot; its log is appended to. Raises RuntimeError when it is already running."""
        if self.running:
            raise RuntimeError("the bot runs already")
        self._process = await self.launch()
        self._group = self._process.pid
        _alive.add(self)

    async def launch(self) -> Running:
        """Start a process with the bot that leads a session of its own."""
        with self.log_path.open("ab") as log:
            return await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "sandbox.leash",
                str(os.getpid()),
                *self.command(),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                env=self.full_environment(),
                start_new_session=True,
            )

    async def stop(self, limit: float = 15.0) -> int | None:
        """Send SIGTERM, and after `limit` real seconds SIGKILL. Returns the exit code."""
        self.signal(signal.SIGTERM)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(limit):
                await self.wait()
        return await self.kill()

    async def kill(self) -> int | None:
        """Send SIGKILL to the bot and its children, as a crash would end it. Returns the exit code."""
        # Even after the bot itself has ended: a child of its group may have outlived it.
        self.signal(signal.SIGKILL)
        self._group = None
        _alive.discard(self)
        return await self.wait()

    async def wait(self) -> int | None:
        """Wait until the bot has ended. Returns its exit code; None when it was never started."""
        return await self._process.wait() if self._process is not None else None

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the bot's process group; nothing happens when it is gone."""
        if self._group is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._group, number)

    def log_tail(self, lines: int = 40) -> str:
        """The last lines the bot wrote."""
        if not self.log_path.exists():
            return ""
        return "\n".join(self.log_path.read_text(errors="replace").splitlines()[-lines:])

    def full_environment(self) -> dict[str, str]:
        """The bot's settings and what every program needs."""
        environment = {name: os.environ[name] for name in _INHERITED if name in os.environ}
        environment["PYTHONPATH"] = str(ROOT)
        environment["PYTHONUNBUFFERED"] = "1"
        # A .env of the project is for the real bot. python-dotenv looks for it from bot.py's folder, not from
        # the working directory, so it has to be switched off by name.
        environment["PYTHON_DOTENV_DISABLED"] = "1"
        return environment | self.environment


@atexit.register
def _end_all() -> None:
    for process in list(_alive):
        process.signal(signal.SIGKILL)
