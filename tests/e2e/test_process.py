"""The bot as a process: start, check, health, stop."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from sandbox.botprocess import ROOT, BotProcess
from sandbox.stack import Stack
from tests.e2e.conftest import quick_stack
from tests.e2e.scene import Scene
from tests.e2e.test_restart import until
from tests.support.servers import read_request, talking
from tests.support.warm_bots import bot_command, launched_cold

pytestmark = pytest.mark.slow


async def command(word: str, environment: Mapping[str, str], cwd: Path) -> tuple[int, str]:
    """Run `python bot.py WORD`; returns its exit code and everything it printed."""
    return await bot_command(word, environment=environment, folder=cwd)


async def python(arguments: list[str], environment: Mapping[str, str], cwd: Path) -> tuple[int, str]:
    """Run Python; returns its exit code and everything it printed."""
    result = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, *arguments],
        env={"PATH": os.environ["PATH"], **environment},
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return result.returncode, result.stdout + result.stderr


async def test_every_missing_or_wrong_variable_is_listed_at_once(tmp_path: Path) -> None:
    code, printed = await command("run", {"POLL_INTERVAL_SECONDS": "3", "LOG_LEVEL": "LOUD"}, tmp_path)

    assert code == 2
    for name in ("DISCORD_TOKEN", "OPENROUTER_API_KEY", "POLL_INTERVAL_SECONDS", "LOG_LEVEL"):
        assert name in printed
    assert "Traceback" not in printed


async def test_settings_come_from_a_dotenv_file_and_the_environment_wins(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("DISCORD_TOKEN=a\nOPENROUTER_API_KEY=b\nCHECK_HOURS=many\nLOG_LEVEL=LOUD\n")

    code, printed = await command("run", {"LOG_LEVEL": "INFO"}, tmp_path)

    assert code == 2
    assert "CHECK_HOURS" in printed
    assert "LOG_LEVEL" not in printed
    assert "DISCORD_TOKEN" not in printed


async def test_a_dotenv_file_of_another_encoding_ends_with_a_sentence(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("DISCORD_TOKEN=a\n", encoding="utf-16")

    code, printed = await command("check", {}, tmp_path)

    assert code == 2
    assert printed.startswith(".env cannot be read; save it as UTF-8")
    assert len(printed.splitlines()) == 1


async def test_an_unknown_word_prints_the_usage(tmp_path: Path) -> None:
    code, printed = await command("dance", {}, tmp_path)

    assert code == 2
    assert "python bot.py check" in printed


async def test_check_says_what_works(tmp_path: Path) -> None:
    async with Stack(start_bot=False) as stack:
        code, printed = await command("check", stack.bot_environment(), tmp_path)

    assert code == 0, printed
    for line in ("Discord token: accepted, the bot is", "OpenRouter key: accepted", "Default model: bytedance/"):
        assert f"ok      {line}" in printed
    assert f"{stack.discord.origin} may be private" in printed


async def test_check_names_what_is_wrong(tmp_path: Path) -> None:
    async with Stack(start_bot=False) as stack:
        wrong = {"DISCORD_TOKEN": "wrong", "OPENROUTER_API_KEY": "wrong", "DEFAULT_MODEL": "bytedance/seedance-2.0-fst"}
        code, printed = await command("check", stack.bot_environment() | wrong | {"FFMPEG": "no-such"}, tmp_path)

    assert code == 1
    assert "FAILED  Discord token: not accepted" in printed
    assert "FAILED  OpenRouter key: not accepted" in printed
    assert "similar: bytedance/seedance-2.0-fast" in printed
    assert "FAILED  ffmpeg" in printed


async def test_a_wrong_token_ends_with_a_sentence(tmp_path: Path) -> None:
    async with Stack(start_bot=False) as stack:
        code, printed = await command("run", stack.bot_environment() | {"DISCORD_TOKEN": "wrong"}, tmp_path)

    assert code == 1
    assert "Discord did not accept DISCORD_TOKEN" in printed
    assert "Traceback" not in printed


async def test_a_token_that_is_reset_ends_the_bot_with_a_sentence_and_loses_no_paid_request(tmp_path: Path) -> None:
    async with quick_stack(1.0, DATA_DIR=str(tmp_path)) as stack:
        stack.openrouter.faults.answer("submit", delay=3)
        await stack.discord.person().command(Scene(stack).channel, "video", {"prompt": "a kite"})
        await until(lambda: stack.openrouter.submits)
        stack.discord.gateway.token = "another"
        stack.discord.gateway.drop()
        async with asyncio.timeout(60):
            assert await stack.bot.wait() == 1
        printed = stack.bot.log_tail(100)

    assert "Discord did not accept DISCORD_TOKEN" in printed
    assert "Traceback" not in printed
    with contextlib.closing(sqlite3.connect(tmp_path / "dailies.sqlite")) as kept:
        assert kept.execute("SELECT state FROM jobs").fetchall() == [("submitted",)]


async def test_commands_are_registered_only_when_they_changed(tmp_path: Path) -> None:
    async with Stack(data_dir=tmp_path / "data") as stack:
        await stack.bot.stop()
        await stack.start_bot()
        puts = Scene(stack).requests("PUT", "/commands")

    assert len(puts) == 1


async def test_servers_get_their_commands_when_discord_refuses_those_for_user_install(tmp_path: Path) -> None:
    async with Stack(data_dir=tmp_path / "data", start_bot=False) as stack:
        refused = {"code": 50035, "message": "Invalid Form Body"}
        stack.discord.faults.add(method="PUT", path="/commands$", status=400, body=refused, times=1)
        await stack.start_bot()
        puts = Scene(stack).requests("PUT", "/commands")

    sent: list[Any] = [one.payload for one in puts]
    assert {tuple(command["integration_types"]) for command in sent[0]} == {(0,), (0, 1)}
    assert {tuple(command["integration_types"]) for command in sent[1]} == {(0,)}


async def test_a_connected_bot_is_healthy_and_a_stopped_one_is_not(tmp_path: Path) -> None:
    data = tmp_path / "data"
    async with Stack(data_dir=data, speed=10):
        await until((data / "alive").exists)
        assert (await command("health", {"DATA_DIR": str(data)}, tmp_path))[0] == 0
    os.utime(data / "alive", (1, 1))

    # As the container's health check does.
    assert (await python(["-m", "dailies.health"], {"DATA_DIR": str(data)}, ROOT))[0] == 1


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "Ctrl-C"])
async def test_a_signal_ends_the_bot_cleanly(number: signal.Signals, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bot that was started as a person starts it."""
    monkeypatch.setattr(BotProcess, "launch", launched_cold)
    async with Stack() as stack:
        assert stack.bot.pid is not None
        os.kill(stack.bot.pid, number)
        async with asyncio.timeout(30):
            await stack.bot.wait()

        assert stack.bot.returncode == 0
        assert "Traceback" not in stack.bot.log_tail(100)


async def test_with_a_development_server_the_commands_are_registered_there_only() -> None:
    stack = Stack(start_bot=False)
    guild = stack.discord.world.guild.id
    stack.environment["DEV_GUILD_ID"] = str(guild)
    async with stack:
        await stack.start_bot()
        (put,) = [one for one in stack.discord.requests if one.method == "PUT"]

    sent: Any = put.payload
    assert put.path.endswith(f"/guilds/{guild}/commands")
    # Discord's documented fields of global commands, and only of those.
    assert {(command["contexts"], command["integration_types"]) for command in sent} == {(None, None)}


async def test_a_fast_world_does_not_take_a_busy_machine_for_a_dead_connection() -> None:
    async with Stack(speed=100) as stack:
        gateway = stack.discord.gateway
        gateway.acknowledges = False  # as on a machine that stands still; a hundred world seconds and more
        await asyncio.sleep(1.5)
        gateway.acknowledges = True
        await asyncio.sleep(0.5)
        assert (gateway.identifies, gateway.resumes) == (1, 0)


async def test_a_stop_while_discord_does_not_answer_is_clean(tmp_path: Path) -> None:
    asked = asyncio.Event()

    async def silent(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        await read_request(reader)
        asked.set()
        await asyncio.Event().wait()

    async with Stack(start_bot=False, data_dir=tmp_path / "data") as stack, talking(silent) as discord:
        stack.bot.environment["DISCORD_API_BASE"] = f"{discord.origin}/api/v10"
        await stack.bot.start()
        await asyncio.wait_for(asked.wait(), 60)
        code = await stack.bot.stop(60)

        assert code == 0
        assert "ERROR" not in stack.bot.log_tail()


async def test_a_development_server_without_the_bot_is_named(tmp_path: Path) -> None:
    async with Stack(start_bot=False) as stack:
        code, printed = await command("run", stack.bot_environment() | {"DEV_GUILD_ID": "123456789012345678"}, tmp_path)

    assert code == 1
    assert "DEV_GUILD_ID: the bot is not in the server 123456789012345678" in printed
    assert "Traceback" not in printed


async def test_commands_that_move_between_a_development_server_and_everywhere_are_there_once(tmp_path: Path) -> None:
    stack = Stack(start_bot=False, data_dir=tmp_path / "data")
    guild = stack.discord.world.guild.id
    async with stack:
        seen: list[list[str]] = []
        for setting in ("", guild, ""):
            stack.bot.environment["DEV_GUILD_ID"] = setting
            await stack.start_bot()
            answered = await stack.discord.person().command(Scene(stack).channel, "models", {})
            assert (await answered.wait(25)).acknowledged
            await stack.bot.stop()
            seen.append(sorted(one["name"] for one in stack.discord.commands.visible(guild)))
    assert seen[0] == seen[1] == seen[2]
    assert len(seen[0]) == len(set(seen[0]))
