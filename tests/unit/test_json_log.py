"""Log lines as JSON, the fields of events in both forms, and the line at the start."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from dailies.log_fields import fields
from dailies.logs import JsonLines, SecretsOut, log_start, set_up_logging
from dailies.settings import Settings
from dailies.version import VERSION

REQUIRED = {"DISCORD_TOKEN": "t0ken", "OPENROUTER_API_KEY": "k3y"}
SECRETS = ("t0ken", 'a"quoted\\one', "")


@dataclass
class Logged:
    """A logger of its own, and what it wrote."""

    logger: logging.Logger
    stream: io.StringIO

    @property
    def entry(self) -> dict[str, Any]:
        """The one line, read as JSON."""
        (line,) = self.stream.getvalue().splitlines()
        return json.loads(line)


def logging_with(formatter: logging.Formatter) -> Iterator[Logged]:
    """Yield a logger that writes as the bot writes."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter)
    logger = logging.Logger("unit")
    logger.addHandler(handler)
    yield Logged(logger, stream)
    handler.close()


@pytest.fixture
def logged() -> Iterator[Logged]:
    """A logger that writes JSON."""
    yield from logging_with(JsonLines(SECRETS))


@pytest.fixture
def text() -> Iterator[Logged]:
    """A logger that writes text."""
    yield from logging_with(SecretsOut(SECRETS))


def test_a_line_is_one_object_with_its_fields(logged: Logged) -> None:
    logged.logger.info("two\nlines", extra=fields("refused", code="busy", user=7, guild=None))

    entry = logged.entry
    assert entry.pop("time").endswith("+00:00")
    assert entry == {
        "level": "INFO",
        "logger": "unit",
        "message": "two\nlines",
        "event": "refused",
        "code": "busy",
        "user": 7,
    }


@pytest.mark.parametrize("sentence", ["job %s: requested", "webhook for job %s: it came again"])
def test_a_line_about_a_job_names_it_in_a_field(logged: Logged, sentence: str) -> None:
    logged.logger.warning(sentence, "06bqc7w1t2f9k0ab")

    assert logged.entry["job"] == "06bqc7w1t2f9k0ab"


def test_a_line_about_nothing_of_the_kind_names_no_job(logged: Logged) -> None:
    logged.logger.warning("the job market: bad")

    assert "job" not in logged.entry


def failing(message: str) -> None:
    """Fail, with a traceback."""
    raise ValueError(message)


def test_an_exception_is_inside_the_same_object_without_secrets(logged: Logged) -> None:
    try:
        failing('refused t0ken a"quoted\\one')
    except ValueError:
        logged.logger.exception("failed")

    assert logged.entry["exception"].endswith("ValueError: refused (secret) (secret)")


@pytest.mark.parametrize("secret", SECRETS[:2])
def test_secrets_leave_messages_and_fields_however_they_are_escaped(logged: Logged, text: Logged, secret: str) -> None:
    for one in (logged, text):
        one.logger.info("with %s", secret, extra=fields("started", settings={"NAME": f"is {secret} ."}))

    assert logged.entry["message"] == "with (secret)"
    assert logged.entry["settings"] == {"NAME": "is (secret) ."}
    assert text.stream.getvalue().endswith('unit: with (secret) event=started NAME="is (secret) ."\n')


def test_a_password_in_an_address_leaves_every_form(logged: Logged, text: Logged) -> None:
    for one in (logged, text):
        one.logger.info("postgresql+asyncpg://ann:pa55@db.example/dailies and https://a.example:443/x@y")

    assert "pa55" not in logged.stream.getvalue() + text.stream.getvalue()
    assert "ann:(…)@db.example/dailies and https://a.example:443/x@y" in logged.entry["message"]


def test_text_has_the_fields_behind_the_sentence(text: Logged) -> None:
    text.logger.info("job a1: ended", extra=fields("job_ended", state="failed", seconds=1.5, odd='a "b"', none=""))

    assert text.stream.getvalue().endswith(
        'unit: job a1: ended event=job_ended state=failed seconds=1.5 odd="a \\"b\\"" none=""\n'
    )


def test_half_a_character_does_not_end_the_log(logged: Logged) -> None:
    logged.logger.info("half \ud83d")

    assert logged.entry["message"] == "half \ud83d"


@pytest.fixture
def root_logger() -> Iterator[None]:
    """Put the root logger back as it was."""
    root, chatter = logging.getLogger(), logging.getLogger("discord")
    handlers, level, chatter_level = root.handlers[:], root.level, chatter.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    chatter.setLevel(chatter_level)


def started(capsys: pytest.CaptureFixture[str], **environment: str) -> dict[str, Any]:
    """Return the line at the start of a bot with this environment."""
    env = REQUIRED | {"LOG_FORMAT": "json"} | environment
    settings = Settings.from_env(env)
    set_up_logging(settings)
    log_start(settings, env)
    return json.loads(capsys.readouterr().err)


@pytest.mark.usefixtures("root_logger")
def test_the_start_names_the_version_and_the_settings_that_are_not_the_defaults(
    capsys: pytest.CaptureFixture[str],
) -> None:
    line = started(capsys, KEEP_DAYS="14.0", MIN_FREE_MB=" 9 ", CONFIRM_ABOVE_USD="", OTHER="unused")

    assert (line["event"], line["version"]) == ("started", VERSION)
    # 14.0 days are the default's 14.
    assert line["settings"] == {"LOG_FORMAT": "json", "MIN_FREE_MB": "9", "CONFIRM_ABOVE_USD": "never"}


@pytest.mark.usefixtures("root_logger")
def test_of_secrets_the_start_says_only_that_they_are_set(capsys: pytest.CaptureFixture[str]) -> None:
    given = {"OPENROUTER_WEBHOOK_SECRET": "wh5ec", "PUBLIC_URL": "https://dailies.example"}
    address = "postgresql+asyncpg://ann:pa55@db.example/dailies"
    line = started(capsys, **given, DATABASE_URL=address)

    assert line["settings"]["OPENROUTER_WEBHOOK_SECRET"] == line["settings"]["DATABASE_URL"] == "(secret)"
    for hidden in ("t0ken", "k3y", "wh5ec", "pa55", "db.example"):
        assert hidden not in json.dumps(line)


def test_an_unknown_format_is_refused_with_those_that_are_known() -> None:
    with pytest.raises(Exception, match="LOG_FORMAT: 'xml' is not one of text, json"):
        Settings.from_env(REQUIRED | {"LOG_FORMAT": "xml"})
