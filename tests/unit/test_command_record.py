"""The health file, remembered commands, and logs without secrets."""

from __future__ import annotations

import io
import logging
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot import main
from dailies import health
from dailies.command_record import CommandRecord
from dailies.logs import SecretsOut, set_up_logging
from dailies.settings import Settings


def test_a_fresh_beat_is_healthy(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    health.beat(tmp_path / "new")
    assert health.main(tmp_path / "new") == 0
    assert capsys.readouterr().out == "connected\n"


def test_an_old_beat_is_not_healthy(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    health.beat(tmp_path)
    os.utime(tmp_path / "alive", (time.time() - 61, time.time() - 61))
    assert health.main(tmp_path) == 1
    assert "not connected" in capsys.readouterr().out


def test_no_beat_is_not_healthy(tmp_path: Path) -> None:
    assert health.main(tmp_path / "nowhere") == 1


def test_a_data_folder_that_is_a_file_is_not_healthy(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    assert health.main(tmp_path / "file") == 1


@pytest.mark.parametrize("arguments", [["--help"], ["backup", "--help"], ["check", "-h"]])
def test_who_asks_for_help_gets_the_commands_and_nothing_is_done(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 0
    assert "python bot.py backup F" in capsys.readouterr().out


def test_the_same_commands_are_known_again(tmp_path: Path) -> None:
    CommandRecord(tmp_path / "new" / "commands.json").keep("everywhere", [{"name": "video", "type": 1}])
    assert CommandRecord(tmp_path / "new" / "commands.json").is_same("everywhere", [{"type": 1, "name": "video"}])


def test_other_commands_are_not_the_same(tmp_path: Path) -> None:
    record = CommandRecord(tmp_path / "commands.json")
    record.keep("everywhere", [{"name": "video"}])
    assert not record.is_same("everywhere", [{"name": "film"}])


def test_another_scope_is_not_the_same(tmp_path: Path) -> None:
    record = CommandRecord(tmp_path / "commands.json")
    record.keep("everywhere", [])
    assert not record.is_same("guild", [])


@pytest.mark.parametrize("content", [None, b"", b"{", b"\xff\xfe", b"[]", b"7"])
def test_a_lost_or_broken_record_is_not_the_same(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "commands.json").write_bytes(content)
    assert not CommandRecord(tmp_path / "commands.json").is_same("everywhere", [])


@pytest.fixture
def logged() -> Iterator[tuple[logging.Logger, io.StringIO]]:
    """Make a logger that writes as the bot does; yields it and its text."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(SecretsOut(("t0ken", "sk-or-t0ken-long", "")))
    logger = logging.Logger("unit")
    logger.addHandler(handler)
    yield logger, stream
    handler.close()


def test_secrets_leave_a_message_and_its_arguments(logged: tuple[logging.Logger, io.StringIO]) -> None:
    logger, stream = logged
    logger.info("Bot t0ken and %s", {"Authorization": "Bearer sk-or-t0ken-long"})
    assert "t0ken" not in stream.getvalue()
    assert "-long" not in stream.getvalue()
    assert stream.getvalue().count("(secret)") == 2


def failing(message: str, cause: str = "") -> None:
    raise ValueError(message) from KeyError(cause)


def test_secrets_leave_a_traceback(logged: tuple[logging.Logger, io.StringIO]) -> None:
    logger, stream = logged
    try:
        failing("refused sk-or-t0ken-long", "t0ken")
    except ValueError:
        logger.exception("failed")
    assert "t0ken" not in stream.getvalue()
    assert "ValueError: refused (secret)" in stream.getvalue()


@pytest.mark.parametrize(
    "link",
    [
        "https://cdn.example/a.png?ex=6&hm=s1gned",
        "http://127.0.0.1:9/x?sig=s1gned",
        "URL('https://cdn.example/a?X-Amz-Signature=s1gned')",
        '"https://cdn.example/a?x=s1gned"',
        "https://discord.com/api/v10/webhooks/123/s1gned/messages/@original",
        "https://discord.com/api/v10/interactions/123/s1gned/callback",
    ],
)
def test_what_signs_a_link_leaves_it(logged: tuple[logging.Logger, io.StringIO], link: str) -> None:
    logger, stream = logged
    logger.warning("could not get %s, said once", link)
    assert "s1gned" not in stream.getvalue()
    assert "said once" in stream.getvalue()


def test_a_link_in_a_traceback_loses_its_signature(logged: tuple[logging.Logger, io.StringIO]) -> None:
    logger, stream = logged
    try:
        failing("https://cdn.example/a.png?hm=s1gned")
    except ValueError:
        logger.exception("failed")
    assert "s1gned" not in stream.getvalue()
    assert "https://cdn.example/a.png?(…)" in stream.getvalue()


def test_ordinary_text_stays(logged: tuple[logging.Logger, io.StringIO]) -> None:
    logger, stream = logged
    logger.info("job a1: is it 5 s? yes")
    assert "INFO    unit: job a1: is it 5 s? yes" in stream.getvalue()


def test_without_secrets_nothing_is_replaced() -> None:
    record = logging.LogRecord("unit", logging.INFO, "", 1, "hello", None, None)
    assert SecretsOut(()).format(record).endswith("unit: hello")


@pytest.fixture
def root_logger() -> Iterator[logging.Logger]:
    """Put the root logger back as it was."""
    root, chatter = logging.getLogger(), logging.getLogger("discord")
    handlers, level, chatter_level = root.handlers[:], root.level, chatter.level
    yield root
    root.handlers[:] = handlers
    root.setLevel(level)
    chatter.setLevel(chatter_level)


@pytest.mark.parametrize(("level", "chatter"), [("DEBUG", logging.INFO), ("ERROR", logging.ERROR)])
def test_the_log_takes_secrets_out_and_keeps_discords_chatter_down(
    root_logger: logging.Logger, capsys: pytest.CaptureFixture[str], level: str, chatter: int
) -> None:
    secrets = {"DISCORD_TOKEN": "t0ken", "OPENROUTER_API_KEY": "k3y"}
    secrets |= {"OPENROUTER_WEBHOOK_SECRET": "wh5ec", "PUBLIC_URL": "https://dailies.example"}
    set_up_logging(Settings.from_env(secrets | {"LOG_LEVEL": level}))
    logging.getLogger("anywhere").error("t0ken k3y wh5ec")
    assert capsys.readouterr().err.endswith("(secret) (secret) (secret)\n")
    assert logging.getLogger("discord").level == chatter
    assert root_logger.level == logging.getLevelNamesMapping()[level]
