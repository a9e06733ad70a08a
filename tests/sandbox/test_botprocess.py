"""The bot's process: its environment, its log, and that it never outlives the sandbox."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from sandbox.botprocess import ROOT, BotProcess
from sandbox.clock import Clock
from sandbox.stack import BotNotReadyError, Stack
from tests.sandbox.openrouter_kit import eventually

WAITS = "import signal, time\nprint('up', flush=True)\ntime.sleep(60)\n"
STUBBORN = "import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + WAITS
WITH_CHILD = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
print(child.pid, flush=True)
time.sleep(60)
"""


@contextlib.asynccontextmanager
async def started(folder: Path, source: str, *, speed: float = 1.0) -> AsyncGenerator[BotProcess]:
    script = folder / "script.py"
    await asyncio.to_thread(script.write_text, source)
    bot = BotProcess(Clock(speed), script=script, environment={"DATA_DIR": "/nowhere"}, folder=folder)
    await bot.start()
    try:
        yield bot
    finally:
        await bot.kill()


async def logged(bot: BotProcess) -> str:
    """Return its log, once there is something in it."""
    await eventually(bot.log_tail)
    return bot.log_tail()


def is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


async def test_only_what_was_given_reaches_the_bot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", "a real one")
    monkeypatch.setenv("DATABASE_URL", "postgres://a real one")
    source = "import json, os\nprint(json.dumps([dict(os.environ), os.getcwd()]))"
    async with started(tmp_path, source) as bot:
        assert await bot.wait() == 0
        environment, folder = json.loads(bot.log_tail())
    assert environment["DATA_DIR"] == "/nowhere"
    assert not {"DISCORD_TOKEN", "DATABASE_URL"} & set(environment)
    assert folder == str(tmp_path)


async def test_stop_asks_and_the_bot_s_exit_code_is_kept(tmp_path: Path) -> None:
    source = "import signal, sys\nsignal.signal(signal.SIGTERM, lambda *_: sys.exit(5))\n" + WAITS
    async with started(tmp_path, source) as bot:
        assert await logged(bot) == "up"
        assert await bot.stop() == 5
        assert not bot.running


async def test_stop_ends_a_bot_that_does_not_listen(tmp_path: Path) -> None:
    async with started(tmp_path, STUBBORN) as bot:
        await logged(bot)
        assert await bot.stop(limit=0.2) == -signal.SIGKILL


async def test_kill_ends_the_bot_s_children_too(tmp_path: Path) -> None:
    async with started(tmp_path, WITH_CHILD) as bot:
        child = int(await logged(bot))
        assert is_alive(child)
        await bot.kill()
        await eventually(lambda: not is_alive(child))


async def test_a_bot_can_be_started_again_and_its_log_goes_on(tmp_path: Path) -> None:
    async with started(tmp_path, "print('up')") as bot:
        await bot.wait()
        await bot.start()
        await bot.wait()
        assert bot.log_tail() == "up\nup"


async def test_at_another_speed_the_same_script_runs_in_faster_time(tmp_path: Path) -> None:
    source = "import asyncio\nasyncio.run(asyncio.sleep(100))\nprint(__name__)"
    async with started(tmp_path, source, speed=500) as bot:
        async with asyncio.timeout(30):
            assert await bot.wait() == 0
        assert bot.log_tail() == "__main__"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process of its parent's death")
def test_the_bot_ends_when_the_sandbox_is_killed(tmp_path: Path) -> None:
    (tmp_path / "bot.py").write_text(WAITS)
    source = f"""
    import asyncio
    from pathlib import Path
    from sandbox.botprocess import BotProcess
    from sandbox.clock import Clock
    async def main():
        folder = Path({str(tmp_path)!r})
        bot = BotProcess(Clock(), script=folder / "bot.py", environment={{}}, folder=folder)
        await bot.start()
        while "up" not in bot.log_tail():
            await asyncio.sleep(0.02)
        print(bot.pid, flush=True)
        await bot.wait()
    asyncio.run(main())
    """
    command = [sys.executable, "-c", textwrap.dedent(source)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        bot = int(parent.stdout.readline())
        assert is_alive(bot)
        os.kill(parent.pid, signal.SIGKILL)
    end = time.monotonic() + 5
    while is_alive(bot) and time.monotonic() < end:
        time.sleep(0.02)
    assert not is_alive(bot)


async def test_a_bot_that_ends_at_once_is_reported_with_its_log(tmp_path: Path) -> None:
    script = tmp_path / "bot.py"
    await asyncio.to_thread(script.write_text, "raise SystemExit('DISCORD_TOKEN is not one')")
    with pytest.raises(BotNotReadyError, match="exit code 1 before it was ready; its log ends with:\nDISCORD_TOKEN"):
        async with Stack(bot_script=script):
            pass


async def test_a_bot_that_never_connects_is_reported(tmp_path: Path) -> None:
    script = tmp_path / "bot.py"
    await asyncio.to_thread(script.write_text, WAITS)
    with pytest.raises(BotNotReadyError, match=r"not ready after 0.3 seconds"):
        async with Stack(bot_script=script, ready_seconds=0.3):
            pass


async def test_a_killed_bot_comes_back_with_the_same_data(tmp_path: Path) -> None:
    async with Stack(speed=20, data_dir=tmp_path / "data") as stack:
        first = stack.bot.pid
        await stack.bot.kill()
        await stack.start_bot()
        assert stack.bot.running
        assert stack.bot.pid != first
        folder = stack.folder
    assert not await asyncio.to_thread(folder.exists)
    assert await asyncio.to_thread((tmp_path / "data").exists)
