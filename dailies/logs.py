"""Logging to standard error, as text or as JSON, with the secrets removed from every line."""

from __future__ import annotations

import json
import logging
import platform
import re
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import cast

from dailies.log_fields import fields, fields_of, job_of
from dailies.settings import VARIABLES, Settings
from dailies.version import VERSION

log = logging.getLogger(__name__)

HIDDEN = "(secret)"
_WORD = r"[^\s\"=]+"


class SecretsOut(logging.Formatter):
    """Formats a record and replaces secrets, wherever they came from: message, arguments, fields or traceback."""

    def __init__(self, secrets: tuple[str, ...]) -> None:
        super().__init__("{asctime} {levelname:<7} {name}: {message}", "%Y-%m-%d %H:%M:%S", style="{")
        longest_first = sorted(filter(None, secrets), key=len, reverse=True)
        self._secrets = re.compile("|".join(re.escape(secret) for secret in longest_first) or r"(?!)")

    def format(self, record: logging.LogRecord) -> str:
        """Format the record with its fields behind the message, then replace the secrets."""
        return self.cleaned(super().format(record))

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 (logging's name)
        """Format the line that stands above a traceback."""
        return " ".join([super().formatMessage(record), *self._pairs(fields_of(record))])

    def _pairs(self, values: Mapping[str, object]) -> Iterator[str]:
        """Yield name=value, quoted where one could not tell where the value ends."""
        for name, value in values.items():
            if isinstance(value, Mapping):
                yield from self._pairs(cast("Mapping[str, object]", value))
            else:
                text = self.cleaned(str(value))  # before its quotes are escaped, which would hide secrets
                yield f"{name}={text if re.fullmatch(_WORD, text) else json.dumps(text, ensure_ascii=False)}"

    def cleaned(self, text: str) -> str:
        """Return a text without the secrets in it."""
        text = self._secrets.sub(HIDDEN, text)
        # A password in an address. One without a name before it is none that a database takes.
        text = re.sub(r"(\w://[^\s:/@]+):[^\s@/]+@", r"\1:(…)@", text)
        # A signed link opens its target to anyone who reads it; an interaction's token answers in the bot's name.
        text = re.sub(r"(https?://[^\s?'\"]+)\?[^\s'\"]+", r"\1?(…)", text)
        return re.sub(r"/(webhooks|interactions)/(\d+)/[^\s/?'\"]+", r"/\1/\2/(…)", text)


class JsonLines(SecretsOut):
    """Formats a record as one line with a JSON object."""

    def format(self, record: logging.LogRecord) -> str:
        """Format the record; a traceback is a field of the same object."""
        message = record.getMessage()
        entry: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": message,
            **({"job": about} if (about := job_of(message)) else {}),
            **fields_of(record),
        }
        if record.exc_info:
            entry["exception"] = self.formatException(record.exc_info)
        return json.dumps(self._plain(entry))

    def _plain(self, value: object) -> object:
        if isinstance(value, Mapping):
            return {str(name): self._plain(one) for name, one in cast("Mapping[str, object]", value).items()}
        # Before JSON escapes it, which would hide secrets.
        return value if isinstance(value, int | float) else self.cleaned(str(value))


def set_up_logging(settings: Settings) -> None:
    """Put one handler on the root logger; discord.py's own chatter is kept at INFO or above."""
    handler = logging.StreamHandler(sys.stderr)
    secrets = tuple(getattr(settings, one.name.lower()) or "" for one in VARIABLES if one.secret)
    handler.setFormatter((JsonLines if settings.log_format == "json" else SecretsOut)(secrets))
    logging.basicConfig(level=settings.log_level, handlers=[handler], force=True)
    logging.getLogger("alembic").setLevel(max(logging.WARNING, logging.getLogger().level))
    logging.getLogger("discord").setLevel(max(logging.INFO, logging.getLogger().level))


def log_start(settings: Settings, environment: Mapping[str, str]) -> None:
    """Log which version starts, and the settings that are not the defaults."""
    given = fields("started", version=VERSION, python=platform.python_version(), settings=_own(settings, environment))
    log.info("Dailies starts", extra=given)


def _own(settings: Settings, environment: Mapping[str, str]) -> dict[str, str]:
    """Return the settings that are not the defaults, as they were typed, by their names."""
    own: dict[str, str] = {}
    for one in VARIABLES:
        value = getattr(settings, one.name.lower())
        if not one.required and value != one.parse(one.default):
            own[one.name] = HIDDEN if one.secret else environment.get(one.name, "").strip() or one.empty or one.default
    return own
