"""Logs without secrets."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator

import pytest

from dailies.logs import SecretsOut, set_up_logging
from dailies.settings import Settings


@pytest.fixture
def logged() -> Iterator[tuple[logging.Logger, io.StringIO]]:
    """A logger of its own that writes as the bot writes, and what it wrote."""
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
    """The root logger, put back as it was."""
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
