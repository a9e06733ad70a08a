"""Logging to standard error, with the secrets removed from every line."""

from __future__ import annotations

import logging
import re
import sys

from dailies.settings import Settings


class SecretsOut(logging.Formatter):
    """Formats a record and replaces secrets, wherever they came from: message, arguments or traceback."""

    def __init__(self, secrets: tuple[str, ...]) -> None:
        super().__init__("{asctime} {levelname:<7} {name}: {message}", "%Y-%m-%d %H:%M:%S", style="{")
        longest_first = sorted(filter(None, secrets), key=len, reverse=True)
        self._secrets = re.compile("|".join(re.escape(secret) for secret in longest_first) or r"(?!)")

    def format(self, record: logging.LogRecord) -> str:
        """Format the record, then replace the secrets."""
        text = self._secrets.sub("(secret)", super().format(record))
        # A signed link opens its target to anyone who reads it; an interaction's token answers in the bot's name.
        text = re.sub(r"(https?://[^\s?'\"]+)\?[^\s'\"]+", r"\1?(…)", text)
        return re.sub(r"/(webhooks|interactions)/(\d+)/[^\s/?'\"]+", r"/\1/\2/(…)", text)


def set_up_logging(settings: Settings) -> None:
    """Put one handler on the root logger; discord.py's own chatter is kept at INFO or above."""
    handler = logging.StreamHandler(sys.stderr)
    secrets = (settings.discord_token, settings.openrouter_api_key, settings.openrouter_webhook_secret or "")
    handler.setFormatter(SecretsOut(secrets))
    logging.basicConfig(level=settings.log_level, handlers=[handler], force=True)
    logging.getLogger("alembic").setLevel(max(logging.WARNING, logging.getLogger().level))
    logging.getLogger("discord").setLevel(max(logging.INFO, logging.getLogger().level))
