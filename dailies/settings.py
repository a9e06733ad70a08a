"""The settings of a run, read from the environment and checked. dailies/variables.py has the list of variables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import tzinfo
from decimal import Decimal
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from dailies.catalog.facts import FactsFile
from dailies.errors import SettingsError
from dailies.values import Transport
from dailies.variables import VARIABLES, Variable


@dataclass(frozen=True)
class Settings:
    """What the environment says, checked. Field names are the variables' names in lower case."""

    discord_token: str
    openrouter_api_key: str
    default_model: str
    default_duration_seconds: int
    default_resolution: str
    default_aspect_ratio: str
    confirm_above_usd: Decimal | None
    budget_user_day_usd: Decimal | None
    budget_user_month_usd: Decimal | None
    budget_guild_day_usd: Decimal | None
    budget_guild_month_usd: Decimal | None
    budget_unknown_usd: Decimal
    budget_timezone: tzinfo
    budget_role_ids: frozenset[int]
    jobs_per_user: int | None
    jobs_per_guild: int | None
    operator_channel_id: int | None
    low_credits_usd: Decimal
    poll_interval_seconds: float
    poll_limit: int
    data_dir: Path
    database_url: str | None
    keep_days: float
    min_free_mb: float
    dev_guild_id: int | None
    shard_ids: tuple[int, ...] | None
    shard_count: int | None
    log_level: str
    ffmpeg: str | None
    catalog_refresh_seconds: float
    request_timeout_seconds: float
    submit_timeout_seconds: float
    download_timeout_seconds: float
    download_tries: int
    max_video_mb: float
    media_timeout_seconds: float
    transcode_jobs: int
    transcode_timeout_seconds: float
    reference_max_mb: float
    reference_timeout_seconds: float
    look_seconds: float
    reference_max_megapixels: float
    reference_ports: frozenset[int]
    reference_max_side: int
    reference_decode_seconds: float
    reference_transport: Transport
    request_max_mb: float
    reference_trusted_origins: frozenset[str]
    reference_models: FactsFile
    gateway_timeout_seconds: float
    status_timeout_seconds: float
    delivery_tries: int
    upload_timeout_seconds: float
    shutdown_seconds: float
    public_url: str | None
    openrouter_webhook_secret: str | None
    report_wait_seconds: float
    web_host: str
    web_port: int
    discord_api_base: str
    openrouter_api_base: str

    @property
    def webhooks_url(self) -> str | None:
        """Where webhooks come to; None without a secret to check them with."""
        return self.public_url if self.openrouter_webhook_secret else None

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Settings:
        """Read the settings from a mapping such as os.environ; an empty value counts as not set,
        unless its variable says what it stands for.

        Raises SettingsError that lists every missing or wrong variable at once.
        """
        settings: dict[str, Any] = {}
        problems: list[str] = _webhook_problems(env)
        for variable in VARIABLES:
            text = env.get(variable.name, "").strip()
            if not text and variable.required:
                problems.append(f"{variable.name} is missing. {variable.help}")
                continue
            try:
                settings[variable.name.lower()] = variable.parse(text or _without(variable, env))
            except ValueError as error:
                shown = "its value" if variable.secret else repr(text)
                problems.append(f"{variable.name}: {shown} {error}")
        problems += _shard_problems(settings)
        if problems:
            raise SettingsError(problems)
        return cls(**settings)


def misspelt(env: Mapping[str, str]) -> list[str]:
    """A sentence for each name that no setting has, but nearly: a budget with a slip in its name is no budget."""
    names = [variable.name for variable in VARIABLES]
    meant = {name: get_close_matches(name, names, 1, 0.8) for name in sorted(set(env) - set(names))}
    return [f"{name} is no setting of this bot; did you mean {near[0]}?" for name, near in meant.items() if near]


def _without(variable: Variable, env: Mapping[str, str]) -> str:
    return variable.default if variable.empty is None or variable.name not in env else variable.empty


def _shard_problems(settings: Mapping[str, Any]) -> list[str]:
    """Shards without a count, or beyond it, would leave servers without a process, or with two."""
    ids, count = settings.get("shard_ids"), settings.get("shard_count")
    if (ids is None) != (count is None):
        return ["SHARD_IDS and SHARD_COUNT need each other; leave both empty when one process serves all servers."]
    if ids and count and ids[-1] >= count:
        return [f"SHARD_IDS: {ids[-1]} is not below SHARD_COUNT, which is {count}; shards count from 0."]
    return []


def _webhook_problems(env: Mapping[str, str]) -> list[str]:
    """A secret for webhooks that can never come is a mistake. An address alone is none: files are served there."""
    if env.get("OPENROUTER_WEBHOOK_SECRET", "").strip() and not env.get("PUBLIC_URL", "").strip():
        return ["PUBLIC_URL is missing: OPENROUTER_WEBHOOK_SECRET is set, and webhooks need both."]
    return []
