"""The settings of a run, declared once and read from the environment or .env.

A new one is a field of `Settings` with its meaning below it; the page of settings is made of these, and a test compares
.env.example with them.
"""

from __future__ import annotations

import ast
import functools
import inspect
import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import tzinfo
from decimal import Decimal
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar

from dailies import values
from dailies.catalog import facts
from dailies.catalog.facts import FactsFile
from dailies.errors import SettingsError
from dailies.setting_pairs import shard_problems, webhook_problems
from dailies.values import LogFormat, Transport

DISCORD_API = "https://discord.com/api/v10"
OPENROUTER_API = "https://openrouter.ai/api/v1"

T = TypeVar("T")
_SECONDS = values.number(1, 86_400)


@dataclass(frozen=True)
class Variable:
    """One environment variable. parse: raises ValueError whose text ends the sentence "<variable>: <text> …".

    empty: text that an empty value stands for; None: the default.
    """

    name: str
    parse: Callable[[str], object]
    default: str
    required: bool
    secret: bool
    empty: str | None


def setting(
    parse: Callable[[str], T], default: str, *, required: bool = False, secret: bool = False, empty: str | None = None
) -> T:
    """Declare a field of Settings, of the type that `parse` returns. The other parameters are those of Variable."""
    given = {"parse": parse, "default": default, "required": required, "secret": secret, "empty": empty}
    return field(metadata=given)


@dataclass(frozen=True)
class Settings:
    """The checked environment. Field names are the variables' names in lower case."""

    discord_token: str = setting(values.secret, "", required=True, secret=True)
    """The bot's token, from the Bot page of the Discord developer portal."""
    openrouter_api_key: str = setting(values.secret, "", required=True, secret=True)
    """An OpenRouter key with credits, from openrouter.ai/keys."""
    default_model: str = setting(values.model, "bytedance/seedance-2.0-fast")
    """Model of /video when nobody chooses one."""
    default_duration_seconds: int = setting(values.whole(1, 600), "5")
    """Length in seconds when nobody chooses one, or the nearest that the model offers."""
    default_resolution: str = setting(str, "720p")
    """Resolution when nobody chooses one; if the model lacks it, its smallest."""
    default_aspect_ratio: str = setting(str, "16:9")
    """Shape when nobody chooses one; if the model lacks it, its first."""
    final_model: str | None = setting(values.optional(values.model), "")
    """The model of Final; empty: the draft's own, or the winner of a comparison."""
    final_resolution: str | None = setting(values.optional(str), "")
    """The resolution of Final, as in 1080p; the nearest that the model offers; empty: the draft's own."""
    vote_hours: float = setting(values.number(0.01, 720), "24")
    """Hours that people can vote on a comparison of models, unless whoever asked for it ends the vote before."""
    compare_wait_minutes: float = setting(values.number(0, 1440), "15")
    """Minutes that the finished videos of a comparison wait for the slowest one, so that all come in one message."""
    confirm_above_usd: Decimal | None = setting(values.usd_or_never, "0.50", empty="never")
    """Prices above this, and unknown ones, need an OK first; 0: every price does; empty or never: none does."""
    budget_user_day_usd: Decimal | None = setting(values.optional(values.usd), "")
    """Budget per person and day in each server; /budget can only lower it; empty: no limit."""
    budget_user_month_usd: Decimal | None = setting(values.optional(values.usd), "")
    """Budget per person and month in each server; /budget can only lower it; empty: no limit."""
    budget_guild_day_usd: Decimal | None = setting(values.optional(values.usd), "")
    """Budget per server and day; /budget can only lower it; empty: no limit."""
    budget_guild_month_usd: Decimal | None = setting(values.optional(values.usd), "")
    """Budget per server and month; /budget can only lower it; empty: no limit."""
    budget_unknown_usd: Decimal = setting(values.usd, "5")
    """Amount held in the budgets for a job whose price has no known limit."""
    budget_timezone: tzinfo = setting(values.zone, "UTC")
    """Time zone in which days and months begin, such as Europe/Berlin."""
    budget_role_ids: frozenset[int] = setting(values.snowflakes("role"), "")
    """Roles that may use /budget too, separated by commas; empty: only people with Manage Server."""
    jobs_per_user: int | None = setting(values.optional(values.whole(1, 1000)), "")
    """Jobs that one person may have running in a server; more wait; /budget can only lower it; empty: no limit."""
    jobs_per_guild: int | None = setting(values.optional(values.whole(1, 100_000)), "")
    """Jobs that one server may have running; more wait; /budget can only lower it; empty: no limit."""
    review_role_ids: frozenset[int] = setting(values.snowflakes("role"), "")
    """Roles that may approve videos and ask for retakes, separated by commas; empty: everyone there."""
    repeats_per_hour: int = setting(values.whole(0, 100_000), "20")
    """Times per hour that one person may have a video posted again or its file sent; 0: no limit."""
    operator_channel_id: int | None = setting(values.optional(values.snowflake("channel")), "")
    """Channel where the bot reports low credits and changed models to its operators; empty: only the log."""
    low_credits_usd: Decimal = setting(values.usd, "5")
    """Credits on the key below which the operators get a warning, once."""
    poll_interval_seconds: float = setting(values.number(10, 3600), "10")
    """Seconds between two checks of a running job, at least 10; up to 30 when more than 200 jobs run."""
    check_hours: float = setting(values.number(0.01, 720), "24")
    """Hours for which a running job is checked, less and less often after the first half hour."""
    data_dir: Path = setting(Path, "data")
    """Folder for videos, reference images and the bot's own notes."""
    database_url: str | None = setting(values.optional(str), "", secret=True)
    """PostgreSQL, as in postgresql+asyncpg://user:password@host/name; empty: SQLite in DATA_DIR."""
    keep_days: float = setting(values.number(0.01, 3650), "14")
    """Days that videos and reference images stay in DATA_DIR."""
    keep_approved_days: float = setting(values.number(0.01, 3650), "180")
    """Days that approved videos stay in DATA_DIR; never fewer than KEEP_DAYS."""
    cast_most: int = setting(values.whole(0, 10_000), "200")
    """Named references that a server with its channels may have; their pictures stay as long as they do."""
    min_free_mb: float = setting(values.number(0, 10_000_000), "500")
    """Free space in MB that DATA_DIR needs; with less, new requests are refused before anything is paid."""
    ai_label: bool = setting(values.switch, "on")
    """on: the message with a video says that it was made with AI; off: only its file does."""
    dev_guild_id: int | None = setting(values.optional(values.snowflake("server")), "")
    """Register the commands only in this server, where they appear at once; empty: everywhere."""
    shard_ids: tuple[int, ...] | None = setting(values.shard_ids, "")
    """Shards of this process, as in 0-3,7; needs SHARD_COUNT too."""
    shard_count: int | None = setting(values.optional(values.whole(1, 100_000)), "")
    """Number of shards in all; empty: one process serves all servers."""
    log_level: str = setting(values.level, "INFO")
    """DEBUG, INFO, WARNING or ERROR."""
    log_format: LogFormat = setting(values.log_format, "text")
    """Form of log lines: `text`, or `json` for one JSON object a line."""
    ffmpeg: str | None = setting(values.optional(str), "")
    """Path of an ffmpeg; empty: the one that comes with the bot."""
    catalog_refresh_seconds: float = setting(values.number(60, 86400), "3600")
    """Seconds between two readings of OpenRouter's list of models."""
    request_timeout_seconds: float = setting(_SECONDS, "30")
    """Time limit of one check or list request to OpenRouter."""
    submit_timeout_seconds: float = setting(values.number(10, 86400), "180")
    """Time limit of the paid request, including its upload."""
    busy_seconds: float = setting(values.number(0, 86_400), "900")
    """Longest time for which a request is sent again while OpenRouter is busy; 0: never."""
    download_timeout_seconds: float = setting(_SECONDS, "600")
    """Time limit of one download of a finished video."""
    download_hours: float = setting(values.number(0.01, 720), "24")
    """Hours for which the download of a finished video is tried; the video is never generated again."""
    max_video_mb: float = setting(values.number(1, 100_000), "1000")
    """Largest video that is downloaded, in MB."""
    media_timeout_seconds: float = setting(_SECONDS, "60")
    """Time limit of inspecting a video with ffmpeg."""
    transcode_jobs: int = setting(values.whole(1, 64), "1")
    """Videos that are converted or made smaller at the same time."""
    transcode_timeout_seconds: float = setting(_SECONDS, "900")
    """Time limit of converting one video, and of making it small enough for Discord."""
    decode_memory_mb: float = setting(values.number(512, 1_000_000), "4096")
    """Memory in MB for all images and videos being decoded at the same time; more of them wait."""
    reference_max_mb: float = setting(values.number(0.1, 1000), "20")
    """Largest reference image, in MB."""
    reference_timeout_seconds: float = setting(_SECONDS, "15")
    """Time limit of fetching one reference image."""
    # The sandbox speeds up the bot's clock, and gives it more of these seconds for the same real time.
    look_seconds: float = setting(values.number(0.1, 1000), "1.5")
    """Seconds that a command may look at images and messages before it answers; Discord allows 3 in all."""
    # Pillow itself warns above 89 and refuses above 178.
    reference_max_megapixels: float = setting(values.number(1, 89), "80")
    """Largest reference image, in millions of pixels."""
    reference_ports: frozenset[int] = setting(values.ports, "443")
    """Ports that links may name, separated by commas; trusted origins may use others."""
    reference_max_side: int = setting(values.whole(512, 16000), "6000")
    """Longest side of an image that is sent, in pixels; larger ones are scaled down."""
    reference_decode_seconds: float = setting(_SECONDS, "30")
    """Time limit of opening and converting one image."""
    reference_transport: Transport = setting(values.transport, "auto")
    """Form in which images are sent: `auto`, `url` (only as links) or `inline` (only as bytes)."""
    request_max_mb: float = setting(values.number(1, 1000), "50")
    """Largest request to OpenRouter in MB, images included; above it, they are scaled down together."""
    reference_trusted_origins: frozenset[str] = setting(values.origins, "")
    """Origins such as https://assets.example, separated by commas, that may be private or plain http."""
    reference_models: FactsFile = setting(facts.read, "")
    """TOML file that corrects what the bot knows about models and references; empty: none."""
    gateway_timeout_seconds: float = setting(_SECONDS, "60")
    """Silence of Discord's gateway after which the bot reconnects; a sign of life is due every 41 seconds."""
    status_timeout_seconds: float = setting(_SECONDS, "30")
    """Time limit of one edit of the status message."""
    delivery_tries: int = setting(values.whole(1, 100), "6")
    """Tries in a row to post a finished video while Discord fails; later ones follow until KEEP_DAYS."""
    upload_timeout_seconds: float = setting(_SECONDS, "300")
    """Time limit of one upload to Discord."""
    shutdown_seconds: float = setting(_SECONDS, "20")
    """Time limit of a clean stop after SIGTERM or Ctrl-C."""
    public_url: str | None = setting(values.optional(values.public_url), "")
    """Public https address of the bot's web server, for large videos and webhooks; empty: no web server."""
    openrouter_webhook_secret: str | None = setting(values.optional(values.secret), "", secret=True)
    """Signing secret for webhooks, from your OpenRouter workspace; needs PUBLIC_URL; empty: the bot only polls."""
    report_wait_seconds: float = setting(values.number(60, 604_800), "21600")
    """With webhooks: seconds without a report after which an unanswered request counts as never taken."""
    web_host: str = setting(str, "0.0.0.0")  # noqa: S104
    """Address that the web server listens on."""
    web_port: int = setting(values.whole(1, 65535), "8080")
    """Port of the web server; plain http."""
    web_connections: int = setting(values.whole(16, 10_000), "256")
    """Simultaneous connections to the web server; at most 16 of them from one address."""
    trusted_proxies: tuple[values.Network, ...] = setting(values.networks, "127.0.0.1,::1", empty="")
    """Addresses and networks of your reverse proxies, separated by commas; they may use all connections."""
    metrics_port: int | None = setting(values.optional(values.whole(1, 65535)), "")
    """Port that serves metrics for Prometheus at /metrics; plain http, for everyone who can reach it; empty: none."""
    metrics_host: str = setting(str, "127.0.0.1")
    """Address that the metrics are served on."""
    metrics_read_seconds: float = setting(_SECONDS, "5")
    """Time limit of reading metrics from the database; a scrape that takes longer goes without them."""
    discord_api_base: str = setting(values.base, DISCORD_API)
    """Discord's API; change it for a rate-limit proxy or the sandbox."""
    openrouter_api_base: str = setting(values.base, OPENROUTER_API)
    """OpenRouter's API; the key is sent to this origin only."""

    @property
    def webhooks_url(self) -> str | None:
        """Base address of webhooks; None without a secret to check them with."""
        return self.public_url if self.openrouter_webhook_secret else None

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Settings:
        """Read the settings from a mapping such as os.environ. An empty value counts as not set, unless its variable
        gives it a meaning. Raises SettingsError that lists every missing or wrong variable at once.
        """
        settings: dict[str, Any] = {}
        problems: list[str] = webhook_problems(env)
        for variable in VARIABLES:
            text = env.get(variable.name, "").strip()
            if not text and variable.required:
                problems.append(f"{variable.name} is missing. {meanings()[variable.name]}")
                continue
            without = variable.default if variable.name not in env or variable.empty is None else variable.empty
            try:
                settings[variable.name.lower()] = variable.parse(text or without)
            except ValueError as error:
                shown = "its value" if variable.secret else repr(text)
                problems.append(f"{variable.name}: {shown} {error}")
        problems += shard_problems(settings)
        if problems:
            raise SettingsError(problems)
        return cls(**settings)


VARIABLES = tuple(Variable(one.name.upper(), **one.metadata) for one in fields(Settings))
"""Every setting, in the order of the documents."""


@functools.cache
def meanings() -> dict[str, str]:
    """Return each variable's meaning: the text below its field, which is in this module's source alone."""
    found: dict[str, str] = {}
    for declared in ast.parse(inspect.getsource(Settings)).body:
        for pair in itertools.pairwise(getattr(declared, "body", [])):
            match pair:
                case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                    found[name.upper()] = text
                case _:
                    pass
    return found


REPLACED = {
    "POLL_LIMIT": "CHECK_HOURS says for how many hours a running job is checked.",
    "DOWNLOAD_TRIES": "DOWNLOAD_HOURS says for how many hours a finished video is tried for.",
}
"""Names of earlier versions, and what to set instead."""


def misspelt(env: Mapping[str, str]) -> list[str]:
    """Return a sentence for each name of an earlier version, and for each that is nearly a setting's: a budget with a
    misspelt name would not apply.
    """
    names = [variable.name for variable in VARIABLES]
    meant = {name: get_close_matches(name, names, 1, 0.8) for name in sorted(set(env) - set(names) - set(REPLACED))}
    return [
        *(f"{name} no longer has an effect: {instead}" for name, instead in REPLACED.items() if name in env),
        *(f"Unknown setting {name}; did you mean {near[0]}?" for name, near in meant.items() if near),
    ]
