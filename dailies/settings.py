"""Every setting of the bot: its variable, its unit, its default and its check.

`VARIABLES` is the one list. The README's table and .env.example are held against it by a test.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from yarl import URL

from dailies.errors import SettingsError

DISCORD_API = "https://discord.com/api/v10"
OPENROUTER_API = "https://openrouter.ai/api/v1"


@dataclass(frozen=True)
class Settings:
    """What the environment says, checked. Field names are the variables' names in lower case."""

    discord_token: str
    openrouter_api_key: str
    default_model: str
    default_duration_seconds: int
    default_resolution: str
    default_aspect_ratio: str
    poll_interval_seconds: float
    poll_limit: int
    data_dir: Path
    keep_days: float
    dev_guild_id: int | None
    log_level: str
    ffmpeg: str | None
    catalog_refresh_seconds: float
    request_timeout_seconds: float
    submit_timeout_seconds: float
    download_timeout_seconds: float
    download_tries: int
    max_video_mb: float
    media_timeout_seconds: float
    reference_max_mb: float
    reference_timeout_seconds: float
    reference_max_megapixels: float
    reference_trusted_origins: frozenset[str]
    status_timeout_seconds: float
    delivery_tries: int
    upload_timeout_seconds: float
    shutdown_seconds: float
    discord_api_base: str
    openrouter_api_base: str

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Settings:
        """Read the settings from a mapping such as os.environ; an empty value counts as not set.

        Raises SettingsError that lists every missing or wrong variable at once.
        """
        values: dict[str, Any] = {}
        problems: list[str] = []
        for variable in VARIABLES:
            text = env.get(variable.name, "").strip()
            if not text and variable.required:
                problems.append(f"{variable.name} is missing. {variable.help}")
                continue
            try:
                values[variable.name.lower()] = variable.parse(text or variable.default)
            except ValueError as error:
                shown = "its value" if variable.secret else repr(text)
                problems.append(f"{variable.name}: {shown} {error}")
        if problems:
            raise SettingsError(problems)
        return cls(**values)


@dataclass(frozen=True)
class Variable:
    """One environment variable. `parse` gets the text and raises ValueError that ends the sentence."""

    name: str
    parse: Callable[[str], object]
    default: str
    help: str
    required: bool = False
    secret: bool = False


def _secret(text: str) -> str:
    if any(character.isspace() for character in text):
        raise ValueError("contains white space; paste only the secret itself")
    return text


def _text(text: str) -> str:
    return text


def _model(text: str) -> str:
    author, slash, name = text.partition("/")
    if not (author and slash and name) or any(character.isspace() for character in text):
        raise ValueError("is not a model id; it has the form author/model, as on openrouter.ai/models")
    return text


def _whole(least: int, most: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        try:
            number = int(text)
        except ValueError:
            number = None
        if number is None or not least <= number <= most:
            raise ValueError(f"is not a whole number from {least} to {most}")
        return number

    return parse


def _number(least: float, most: float) -> Callable[[str], float]:
    def parse(text: str) -> float:
        try:
            number = Decimal(text)
        except InvalidOperation:
            number = None
        if number is None or not number.is_finite() or not Decimal(str(least)) <= number <= Decimal(str(most)):
            raise ValueError(f"is not a number from {least:g} to {most:g}")
        return float(number)

    return parse


def _snowflake(text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and 15 <= len(text) <= 20):
        raise ValueError("is not a server id; with Discord's developer mode on, right-click the server, Copy Server ID")
    return int(text)


def _level(text: str) -> str:
    if text.upper() not in logging.getLevelNamesMapping():
        raise ValueError("is not one of DEBUG, INFO, WARNING, ERROR")
    return text.upper()


def _optional(text: str) -> str | None:
    return text or None


def _path(text: str) -> Path:
    return Path(text)


def is_loopback(url: URL) -> bool:
    """Whether a URL's host is this machine by name or by a loopback address."""
    host = url.host or ""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _base(text: str) -> str:
    url = _url(text)
    if url.scheme != "https" and not is_loopback(url):
        raise ValueError("is not https; a secret is sent there, so plain http is only for this machine")
    if url.query_string or url.fragment:
        raise ValueError("has a query or a fragment; give the API's base only")
    return text.rstrip("/")


def _url(text: str) -> URL:
    try:
        url = URL(text)
    except ValueError:
        url = URL()
    if url.scheme not in ("http", "https") or not url.host or url.user or url.password:
        raise ValueError("is not a plain http(s) address")
    return url


def _origins(text: str) -> frozenset[str]:
    return frozenset(str(_url(part.strip()).origin()) for part in text.split(",") if part.strip())


VARIABLES: tuple[Variable, ...] = (
    Variable(
        "DISCORD_TOKEN",
        _secret,
        "",
        "The bot's token, from the Bot page of the Discord developer portal.",
        True,
        True,
    ),
    Variable(
        "OPENROUTER_API_KEY",
        _secret,
        "",
        "An OpenRouter key with credits, from openrouter.ai/keys.",
        True,
        True,
    ),
    Variable(
        "DEFAULT_MODEL",
        _model,
        "bytedance/seedance-2.0-fast",
        "The model that /video uses when none is chosen.",
    ),
    Variable(
        "DEFAULT_DURATION_SECONDS",
        _whole(1, 600),
        "5",
        "Length when none is chosen; the nearest that the model offers.",
    ),
    Variable(
        "DEFAULT_RESOLUTION",
        _text,
        "720p",
        "Resolution when none is chosen; without it the model's smallest.",
    ),
    Variable("DEFAULT_ASPECT_RATIO", _text, "16:9", "Shape when none is chosen; without it the model's first."),
    Variable(
        "POLL_INTERVAL_SECONDS",
        _number(10, 3600),
        "30",
        "Seconds between two checks of a running job; 10 is the least.",
    ),
    Variable("POLL_LIMIT", _whole(1, 10000), "60", "Checks of a job before the bot gives up."),
    Variable("DATA_DIR", _path, "data", "Folder for videos, reference images and the bot's own notes."),
    Variable("KEEP_DAYS", _number(0.01, 3650), "14", "Days that videos and reference images stay in DATA_DIR."),
    Variable(
        "DEV_GUILD_ID",
        _snowflake,
        "",
        "Register the commands in this server only, at once; empty: everywhere.",
    ),
    Variable("LOG_LEVEL", _level, "INFO", "DEBUG, INFO, WARNING or ERROR."),
    Variable("FFMPEG", _optional, "", "Path of an ffmpeg; empty: the one that is installed with the bot."),
    Variable(
        "CATALOG_REFRESH_SECONDS",
        _number(60, 86400),
        "3600",
        "Seconds between two looks at OpenRouter's list of models.",
    ),
    Variable("REQUEST_TIMEOUT_SECONDS", _number(1, 600), "30", "Limit of one check or list request to OpenRouter."),
    Variable("SUBMIT_TIMEOUT_SECONDS", _number(10, 3600), "180", "Limit of the paid request, its upload included."),
    Variable("DOWNLOAD_TIMEOUT_SECONDS", _number(1, 86400), "600", "Limit of one download of a finished video."),
    Variable(
        "DOWNLOAD_TRIES",
        _whole(1, 100),
        "5",
        "Downloads of a finished video before the bot gives up; it is never generated again.",
    ),
    Variable("MAX_VIDEO_MB", _number(1, 100000), "1000", "Largest video that is downloaded, in MB."),
    Variable("MEDIA_TIMEOUT_SECONDS", _number(1, 3600), "60", "Limit of looking into a video with ffmpeg."),
    Variable("REFERENCE_MAX_MB", _number(0.1, 1000), "20", "Largest reference image, in MB."),
    Variable("REFERENCE_TIMEOUT_SECONDS", _number(1, 600), "15", "Limit of fetching one reference image."),
    # Pillow itself warns above 89 and refuses above 178.
    Variable("REFERENCE_MAX_MEGAPIXELS", _number(1, 89), "80", "Largest reference image, in millions of pixels."),
    Variable(
        "REFERENCE_TRUSTED_ORIGINS",
        _origins,
        "",
        "Origins (https://assets.example, comma-separated) that may be private or plain http; empty: none.",
    ),
    Variable("STATUS_TIMEOUT_SECONDS", _number(1, 600), "30", "Limit of one edit of the status message."),
    Variable("DELIVERY_TRIES", _whole(1, 100), "6", "Tries to post a finished video while Discord fails."),
    Variable("UPLOAD_TIMEOUT_SECONDS", _number(1, 3600), "300", "Limit of one upload to Discord."),
    Variable("SHUTDOWN_SECONDS", _number(1, 600), "20", "Limit of a clean stop after SIGTERM or Ctrl-C."),
    Variable(
        "DISCORD_API_BASE",
        _base,
        DISCORD_API,
        "Discord's API; change it for a rate-limit proxy or the sandbox.",
    ),
    Variable("OPENROUTER_API_BASE", _base, OPENROUTER_API, "OpenRouter's API; the key is sent to this origin only."),
)
