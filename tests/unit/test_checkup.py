"""`bot.py check` names everything that works, and the remedy for everything that does not."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import discord
import pytest
from aiohttp import web

from bot import connect
from cogs.interactions.discord_errors import NEEDS, THREAD_NEEDS
from dailies.checkup import INVITE, check_folder, checkup
from dailies.errors import SettingsError
from dailies.settings import Settings
from sandbox.botprocess import ROOT
from sandbox.clock import Clock
from sandbox.openrouter import OpenRouterServer
from tests.support.servers import closed_port_origin, serving
from tests.unit.kit import KEY, answering, said

BOT = said({"id": "1", "name": "Dailies", "approximate_guild_count": 2})


@asynccontextmanager
async def openrouter(limit_usd: float | None = None) -> AsyncGenerator[OpenRouterServer]:
    server = OpenRouterServer(Clock(1000), key=KEY, limit_usd=limit_usd)
    await server.start()
    try:
        yield server
    finally:
        await server.close()


async def checked(
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    *,
    discord: web.Response = BOT,
    limit_usd: float | None = None,
    **env: str,
) -> tuple[int, dict[str, str]]:
    """Return the exit code, and the line of each check by its name."""
    async with serving(answering(discord)) as chat, openrouter(limit_usd) as api:
        given = {
            "DISCORD_TOKEN": "token",
            "OPENROUTER_API_KEY": KEY,
            "DISCORD_API_BASE": chat.base,
            "OPENROUTER_API_BASE": api.api_base,
            "DATA_DIR": str(folder / "data"),
        }
        code = await checkup(Settings.from_env(given | env), connect)
    lines = capsys.readouterr().out.splitlines()
    return code, {line[8:].split(":")[0]: line for line in lines}


async def test_all_is_well(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, lines = await checked(tmp_path, capsys)
    assert code == 0
    assert list(lines) == [
        "Discord token",
        "OpenRouter key",
        "Default model",
        "ffmpeg",
        "Confinement",
        "Data folder",
        "Database",
        "Trusted origins",
        "Reference models",
    ]
    assert all(line.startswith("ok ") for line in lines.values())
    assert lines["Discord token"].endswith("accepted, the bot is Dailies; in about 2 servers")
    assert "up to 9 references: pages of other services" in lines["Default model"]
    assert "ffmpeg version" in lines["ffmpeg"]
    assert "Copyright" not in lines["ffmpeg"]


async def failing(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], **given: object) -> str:
    code, lines = await checked(tmp_path, capsys, **given)  # type: ignore[arg-type]
    assert code == 1
    assert lines[name].startswith("FAILED ")
    return lines[name]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (said({"message": "401: Unauthorized"}, 401), "copy it again"),
        (said({}, 503), "HTTP 503"),
        (web.Response(body=b"<html>"), "did not answer as Discord does"),
        (web.Response(body=b"[]"), "did not answer as Discord does"),
    ],
    ids=["wrong", "down", "a page", "a list"],
)
async def test_a_token_that_is_not_accepted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], answer: web.Response, words: str
) -> None:
    assert words in await failing("Discord token", tmp_path, capsys, discord=answer)


async def test_a_bot_in_no_server_comes_with_the_link_that_adds_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, lines = await checked(tmp_path, capsys, discord=said({"id": "123", "name": "Dailies"}))
    link = lines["Discord token"].split()[-1]
    needs = discord.Permissions(**{flag: True for flag, _ in (*NEEDS, *THREAD_NEEDS)})
    assert link == discord.utils.oauth_url("123", permissions=needs).replace("%20", "+").replace("%2B", "+")
    assert INVITE.format("APPLICATION_ID") in (ROOT / "docs" / "quick-start.md").read_text()


async def test_a_discord_that_cannot_be_reached(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    line = await failing("Discord token", tmp_path, capsys, DISCORD_API_BASE=f"{closed_port_origin()}/api")
    assert "could not be reached" in line
    assert "network" in line


async def test_a_wrong_key(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    line = await failing("OpenRouter key", tmp_path, capsys, OPENROUTER_API_KEY="wrong")
    assert "openrouter.ai/keys" in line
    assert "wrong" not in line


async def test_a_key_that_is_used_up(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "reached its limit" in await failing("OpenRouter key", tmp_path, capsys, limit_usd=0.0)


@pytest.mark.parametrize(
    ("about", "state", "words"),
    [
        ({"is_management_key": True}, "FAILED ", "only manages other keys"),
        ({"is_free_tier": True}, "ok ", "never bought credits"),
        ({"effective_budget": {"scope": "member", "remaining_usd": 0}}, "FAILED ", "reached its limit"),
    ],
)
async def test_a_key_that_cannot_pay_for_videos(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], about: dict[str, object], state: str, words: str
) -> None:
    async with serving(answering(said({"data": {"limit_remaining": None} | about}))) as api:
        _, lines = await checked(tmp_path, capsys, OPENROUTER_API_BASE=api.base)
    assert lines["OpenRouter key"].startswith(state)
    assert words in lines["OpenRouter key"]


async def test_what_is_left_of_a_key(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, lines = await checked(tmp_path, capsys, limit_usd=12.5)
    assert "$12.50 left of its limit" in lines["OpenRouter key"]


async def test_an_openrouter_that_answers_strangely(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    async with serving(answering(said({"oops": 1}))) as strange:
        line = await failing("OpenRouter key", tmp_path, capsys, OPENROUTER_API_BASE=strange.base)
    assert "couldn't be used" in line


async def test_a_list_of_models_that_does_not_come(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    async with serving(answering(said({"oops": 1}))) as strange:
        line = await failing("Default model", tmp_path, capsys, OPENROUTER_API_BASE=strange.base)
    assert "could not be loaded" in line


async def test_an_unknown_default_model(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    line = await failing("Default model", tmp_path, capsys, DEFAULT_MODEL="bytedance/seedence-2.0")
    assert "similar: bytedance/seedance-2.0" in line


async def test_a_default_model_like_no_other(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    line = await failing("Default model", tmp_path, capsys, DEFAULT_MODEL="???/?????????????")
    assert "see openrouter.ai/models" in line


async def test_a_default_model_that_needs_a_video(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    line = await failing("Default model", tmp_path, capsys, DEFAULT_MODEL="runway/aleph-2")
    assert "runway/aleph-2 needs a video to edit; this bot sends prompts and images" in line


async def test_a_default_model_that_is_not_confirmed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, lines = await checked(tmp_path, capsys, DEFAULT_MODEL="x-ai/grok-imagine-video-1.5-lite")
    assert "references not confirmed: neither documented nor tried here" in lines["Default model"]


async def test_a_database_that_does_not_answer(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    url = "postgresql+asyncpg://user:hunter2@127.0.0.1:9/db"
    line = await failing("Database", tmp_path, capsys, DATABASE_URL=url)
    assert "look whether it runs" in line
    assert "hunter2" not in line


async def test_a_database_s_address_that_cannot_be_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "has to begin with" in await failing("Database", tmp_path, capsys, DATABASE_URL="mysql://a/b")


async def test_an_ffmpeg_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "FFMPEG" in await failing("ffmpeg", tmp_path, capsys, FFMPEG="/no/such/ffmpeg")


async def test_an_ffmpeg_that_does_not_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    broken = tmp_path / "ffmpeg"
    broken.write_text("#!/bin/sh\nexit 1\n")
    broken.chmod(0o755)
    assert "set FFMPEG to one that runs" in await failing("ffmpeg", tmp_path, capsys, FFMPEG=str(broken))


async def test_a_data_folder_that_cannot_be_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("x")
    line = await failing("Data folder", tmp_path, capsys, DATA_DIR=str(tmp_path / "file"))
    assert "cannot be written" in line


async def test_free_room_is_said_and_too_little_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, lines = await checked(tmp_path, capsys)
    assert "GB free" in lines["Data folder"]
    assert "almost full" in await failing("Data folder", tmp_path, capsys, MIN_FREE_MB="10000000")


async def test_trusted_origins_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, lines = await checked(tmp_path, capsys, REFERENCE_TRUSTED_ORIGINS="http://10.0.0.5:9000")
    assert "http://10.0.0.5:9000 may be private" in lines["Trusted origins"]


def test_a_data_folder_is_made(tmp_path: Path) -> None:
    check_folder(tmp_path / "new" / "data")
    assert list((tmp_path / "new" / "data").iterdir()) == []


def test_a_data_folder_that_is_a_file_is_a_settings_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(SettingsError, match="DATA_DIR"):
        check_folder(tmp_path / "file" / "data")
