"""Bots whose modules are loaded once for all tests of a process (tests/support/warm_server.py).

The import takes most of a bot's start, and the tests start a bot well over a hundred times. Each is a process of its
own all the same, which can be killed, traced and waited for like one that was started from the file.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Generator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from sandbox.botprocess import ROOT, BotProcess, Running
from sandbox.clock import Clock
from tests.support.databases import sqlite_file

LOOK_SECONDS = 0.01
START_SECONDS = 120.0
"""Limit of the wait for the server's word that a bot was begun."""
COMMAND_SECONDS = 60
BOT = ROOT / "bot.py"

launched_cold = BotProcess.launch
"""The start of a bot as everywhere outside the tests."""


class WarmProcess:
    """A bot that the server has forked."""

    def __init__(self, pid: int, ended: Future[int]) -> None:
        self.pid = pid
        self._ended = ended

    @property
    def returncode(self) -> int | None:
        return self._ended.result() if self._ended.done() else None

    async def wait(self) -> int:
        # Not in a thread: it could not be cancelled, and the loop would wait for it.
        while (code := self.returncode) is None:  # noqa: ASYNC110
            await asyncio.sleep(LOOK_SECONDS)
        return code


class WarmBots:
    """The server, and what it says. environment: of its interpreter."""

    def __init__(self, environment: dict[str, str]) -> None:
        command = [sys.executable, "-m", "sandbox.leash", str(os.getpid()), sys.executable]
        self._server = subprocess.Popen(
            [*command, "-m", "tests.support.warm_server"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=ROOT,
            env=environment,
        )
        self._numbers = count()
        self._begun: dict[int, Future[WarmProcess]] = {}
        self._running: dict[int, Future[int]] = {}
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    async def start(
        self, bot: BotProcess, *arguments: str, environment: Mapping[str, str] | None = None
    ) -> WarmProcess:
        """Start a bot. environment: all of it, if it is not the sandbox's."""
        number, begun = next(self._numbers), Future[WarmProcess]()
        self._begun[number] = begun
        request: dict[str, Any] = {
            "number": number,
            "script": str(bot.script),
            "arguments": arguments,
            "speed": bot.clock.speed,
            "epoch": bot.clock.epoch,
            "environment": bot.full_environment() if environment is None else dict(environment),
            "folder": str(bot.folder),
            "log": str(bot.log_path),
        }
        assert self._server.stdin
        self._server.stdin.write(json.dumps(request).encode() + b"\n")
        self._server.stdin.flush()
        return await asyncio.to_thread(begun.result, START_SECONDS)

    def close(self) -> None:
        """End the server, which ends when nobody asks any more."""
        assert self._server.stdin
        self._server.stdin.close()
        self._server.wait(30)
        self._reader.join(30)
        assert self._server.stdout
        self._server.stdout.close()

    def _read(self) -> None:
        assert self._server.stdout
        for line in self._server.stdout:
            said: dict[str, int] = json.loads(line)
            if "begun" in said:
                ended = self._running[said["pid"]] = Future[int]()
                self._begun.pop(said["begun"]).set_result(WarmProcess(said["pid"], ended))
            else:
                self._running.pop(said["ended"]).set_result(said["code"])
        for begun in self._begun.values():
            begun.set_exception(RuntimeError("the server of warm bots has ended"))


_servers: list[WarmBots] = []
"""The one of this process, once it is needed."""


def _server() -> WarmBots:
    if not _servers:
        plain = BotProcess(Clock(), script=BOT, environment={}, folder=ROOT)
        _servers.append(WarmBots(plain.full_environment()))
    return _servers[0]


async def bot_command(*arguments: str, environment: Mapping[str, str], folder: Path) -> tuple[int, str]:
    """Run `python bot.py` with these arguments in a folder; returns its exit code and everything it printed."""
    everything = {"PATH": os.environ["PATH"], **environment}
    with tempfile.TemporaryDirectory(prefix="dailies-command-") as name:
        bot = BotProcess(Clock(), script=BOT, environment={}, folder=folder)
        bot.log_path = Path(name) / "printed"
        async with asyncio.timeout(COMMAND_SECONDS):
            if sys.platform == "linux":
                process = await _server().start(bot, *arguments, environment=everything)
            else:
                with bot.log_path.open("wb") as log:
                    process = await asyncio.create_subprocess_exec(
                        *(sys.executable, str(BOT), *arguments), env=everything, cwd=folder, stdout=log, stderr=log
                    )
            code = await process.wait()
        return code, await asyncio.to_thread(bot.log_path.read_text)


@contextmanager
def starting_bots_warm() -> Generator[None]:
    """Start bots from the server, inside the block."""

    async def launch(bot: BotProcess) -> Running:
        # Coverage begins to measure with an interpreter, not with a fork.
        measured = any(name.startswith("COVERAGE_") for name in bot.environment)
        other = bot.clock.speed == 1.0 and bot.script != BOT  # a script that need not know the speed
        if other or measured or sys.platform != "linux":
            return await launched_cold(bot)
        data = Path(bot.environment["DATA_DIR"]) if "DATA_DIR" in bot.environment else None
        if data and data.is_dir() and "DATABASE_URL" not in bot.environment:
            # To make the tables takes a third of a warm start. A cold one makes them itself.
            await sqlite_file(data / "dailies.sqlite")
        return await _server().start(bot)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BotProcess, "launch", launch)
        try:
            yield
        finally:
            while _servers:
                _servers.pop().close()
