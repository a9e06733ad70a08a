"""The environment becomes settings, or a list of its mistakes."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

from dailies.errors import SettingsError
from dailies.settings import VARIABLES, Settings, misspelt
from dailies.values import is_loopback

SECRETS = {"DISCORD_TOKEN": "token", "OPENROUTER_API_KEY": "key"}


def problems(**env: str) -> tuple[str, ...]:
    with pytest.raises(SettingsError) as caught:
        Settings.from_env(SECRETS | env)
    return caught.value.problems


def test_two_secrets_are_enough() -> None:
    settings = Settings.from_env(SECRETS)
    assert settings.default_model == "bytedance/seedance-2.0-fast"
    assert settings.poll_interval_seconds == 10
    assert (settings.check_hours, settings.download_hours) == (24, 24)
    assert settings.dev_guild_id is None
    assert settings.reference_trusted_origins == frozenset()


def test_every_default_is_legal() -> None:
    spelled_out = {variable.name: variable.default for variable in VARIABLES if variable.default}
    assert Settings.from_env(SECRETS | spelled_out) == Settings.from_env(SECRETS)


def test_fields_and_variables_are_the_same_list() -> None:
    assert [variable.name.lower() for variable in VARIABLES] == list(Settings.__dataclass_fields__)


def test_all_problems_are_listed_at_once() -> None:
    with pytest.raises(SettingsError) as caught:
        Settings.from_env({"CHECK_HOURS": "many", "LOG_LEVEL": "loud"})
    assert [problem.split()[0].rstrip(":") for problem in caught.value.problems] == [
        "DISCORD_TOKEN",
        "OPENROUTER_API_KEY",
        "CHECK_HOURS",
        "LOG_LEVEL",
    ]


def test_a_missing_secret_says_where_to_get_it() -> None:
    with pytest.raises(SettingsError, match="developer portal"):
        Settings.from_env({"OPENROUTER_API_KEY": "key"})


def test_white_space_around_a_value_is_cut() -> None:
    assert Settings.from_env(SECRETS | {"DISCORD_TOKEN": " token\n"}).discord_token == "token"


def test_an_empty_value_counts_as_not_set() -> None:
    assert Settings.from_env(SECRETS | {"CHECK_HOURS": "  "}).check_hours == 24


@pytest.mark.parametrize(
    ("given", "confirm"),
    [({}, Decimal("0.50")), ({"CONFIRM_ABOVE_USD": "0"}, 0), ({"CONFIRM_ABOVE_USD": ""}, None)],
    ids=["without it, half a dollar", "zero, always", "empty, never"],
)
def test_from_which_price_on_is_asked(given: dict[str, str], confirm: Decimal | None) -> None:
    assert Settings.from_env(SECRETS | given).confirm_above_usd == confirm


@pytest.mark.parametrize("given", ["Bot hush-hush", '"hush"', "'hush'"])
def test_a_wrong_secret_is_not_repeated(given: str) -> None:
    (problem,) = problems(DISCORD_TOKEN=given)
    assert "hush" not in problem
    assert "paste only the secret itself" in problem


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DEFAULT_MODEL", "seedance"),
        ("DEFAULT_MODEL", "a/"),
        ("DEFAULT_MODEL", "a / b"),
        ("DEFAULT_DURATION_SECONDS", "0"),
        ("DEFAULT_DURATION_SECONDS", "5.5"),
        ("POLL_INTERVAL_SECONDS", "9.9"),
        ("POLL_INTERVAL_SECONDS", "nan"),
        ("POLL_INTERVAL_SECONDS", "1e999999999999999999999"),
        ("KEEP_DAYS", "0"),
        ("DEV_GUILD_ID", "my server"),
        ("DEV_GUILD_ID", "123"),
        ("LOG_LEVEL", "chatty"),
        ("REFERENCE_MAX_MEGAPIXELS", "90"),
        ("REFERENCE_TRUSTED_ORIGINS", "assets.example"),
        ("REFERENCE_TRUSTED_ORIGINS", "https://ok.example,ftp://no.example"),
        ("OPENROUTER_API_BASE", "http://openrouter.ai/api/v1"),
        ("OPENROUTER_API_BASE", "https://user:word@openrouter.ai/api/v1"),
        ("OPENROUTER_API_BASE", "https://openrouter.ai/api/v1?x=1"),
        ("OPENROUTER_API_BASE", "https://openrouter.ai/api/v1#x"),
        ("OPENROUTER_API_BASE", "https://openrouter.ai:99999/api"),
        ("OPENROUTER_API_BASE", "http://localhost.evil.example/api"),
        ("DISCORD_API_BASE", "http://192.168.0.7/api"),
        ("DISCORD_API_BASE", "//discord.com/api"),
        ("WEB_PORT", "0"),
    ],
)
def test_a_wrong_value_is_named_with_its_variable(name: str, value: str) -> None:
    (problem,) = problems(**{name: value})
    assert problem.startswith(f"{name}: ")


@pytest.mark.parametrize("base", ["http://127.0.0.1:8000/v1", "http://localhost/v1", "http://[::1]:80/v1"])
def test_plain_http_is_for_this_machine(base: str) -> None:
    assert Settings.from_env(SECRETS | {"OPENROUTER_API_BASE": base}).openrouter_api_base == base


def test_a_slash_at_the_end_of_a_base_is_cut() -> None:
    env = SECRETS | {"OPENROUTER_API_BASE": "https://openrouter.ai/api/v1/"}
    assert Settings.from_env(env).openrouter_api_base == "https://openrouter.ai/api/v1"


def test_origins_are_read() -> None:
    env = SECRETS | {"REFERENCE_TRUSTED_ORIGINS": "http://10.0.0.5:9000/, https://Assets.example ,"}
    assert Settings.from_env(env).reference_trusted_origins == {"http://10.0.0.5:9000", "https://assets.example"}


@pytest.mark.parametrize("more", ["/bucket", "/?a=1", "#part"])
def test_a_part_of_an_origin_cannot_be_trusted(more: str) -> None:
    """It would look like a limit, and all of the origin would be trusted."""
    env = SECRETS | {"REFERENCE_TRUSTED_ORIGINS": f"https://assets.example, http://10.0.0.5:9000{more}"}
    with pytest.raises(SettingsError) as caught:
        Settings.from_env(env)
    assert "only whole origins can be trusted; write http://10.0.0.5:9000" in str(caught.value)


def test_a_guild_id_is_read() -> None:
    assert Settings.from_env(SECRETS | {"DEV_GUILD_ID": "123456789012345678"}).dev_guild_id == 123456789012345678


def test_an_ffmpeg_is_read() -> None:
    assert Settings.from_env(SECRETS | {"FFMPEG": "/usr/bin/ffmpeg"}).ffmpeg == "/usr/bin/ffmpeg"


def test_a_private_address_is_not_this_machine() -> None:
    assert not is_loopback(URL("http://10.0.0.1/"))


@given(st.dictionaries(st.sampled_from([variable.name for variable in VARIABLES]), st.text(max_size=60)))
def test_any_environment_gives_settings_or_a_settings_error(env: dict[str, str]) -> None:
    problems: tuple[str, ...] = ()
    try:
        Settings.from_env(SECRETS | env)
    except SettingsError as error:
        problems = error.problems
    assert {re.split(r"[: ]", problem)[0] for problem in problems} <= {variable.name for variable in VARIABLES}


HOOKS = {"PUBLIC_URL": "https://dailies.example", "OPENROUTER_WEBHOOK_SECRET": "whsec"}


def test_without_webhooks_there_is_no_address_and_no_secret() -> None:
    settings = Settings.from_env(SECRETS)
    assert (settings.public_url, settings.openrouter_webhook_secret) == (None, None)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("https://Dailies.example", "https://dailies.example"),
        ("https://dailies.example/", "https://dailies.example"),
        ("https://dailies.example:8443/bots/one/", "https://dailies.example:8443/bots/one"),
    ],
)
def test_a_public_address_is_kept_without_the_slash_at_its_end(given: str, kept: str) -> None:
    assert Settings.from_env(SECRETS | HOOKS | {"PUBLIC_URL": given}).public_url == kept


def test_webhooks_need_an_address() -> None:
    (problem,) = problems(OPENROUTER_WEBHOOK_SECRET="whsec")
    assert problem.startswith("PUBLIC_URL is missing: OPENROUTER_WEBHOOK_SECRET is set")


def test_an_address_alone_is_for_files() -> None:
    settings = Settings.from_env(SECRETS | {"PUBLIC_URL": HOOKS["PUBLIC_URL"]})
    assert (settings.public_url, settings.webhooks_url) == (HOOKS["PUBLIC_URL"], None)
    assert Settings.from_env(SECRETS | HOOKS).webhooks_url == HOOKS["PUBLIC_URL"]


@pytest.mark.parametrize(
    "address",
    [
        "http://dailies.example",
        "dailies.example",
        "https://localhost:8080",
        "https://127.0.0.1",
        "https://me:word@dailies.example",
        "https://dailies.example/?a=1",
        "https://dailies.example/#a",
    ],
)
def test_a_public_address_that_openrouter_could_not_call_is_refused(address: str) -> None:
    (problem,) = problems(**HOOKS | {"PUBLIC_URL": address})
    assert problem.startswith("PUBLIC_URL: ")


def test_a_wrong_webhook_secret_is_not_repeated() -> None:
    (problem,) = problems(**HOOKS | {"OPENROUTER_WEBHOOK_SECRET": "whsec hush-hush"})
    assert problem.startswith("OPENROUTER_WEBHOOK_SECRET: its value")
    assert "hush" not in problem


@pytest.mark.parametrize(
    ("name", "what"), [("DEV_GUILD_ID", "Server"), ("OPERATOR_CHANNEL_ID", "Channel"), ("BUDGET_ROLE_IDS", "Role")]
)
def test_a_wrong_id_says_where_the_right_one_is_found(name: str, what: str) -> None:
    (problem,) = problems(**{name: "producers"})
    assert f"right-click the {what.lower()}, Copy {what} ID" in problem


def test_a_name_that_is_nearly_a_setting_is_pointed_out() -> None:
    env = {"BUDGET_USER_DAYLY_USD": "5", "CHECK_HOURS": "6", "HOME": "/root", "PYTHONPATH": "."}
    assert misspelt(env) == [
        "Unknown setting BUDGET_USER_DAYLY_USD; did you mean BUDGET_USER_DAY_USD?",
    ]


def test_a_name_of_an_earlier_version_is_told_with_what_to_set_instead() -> None:
    assert misspelt({"POLL_LIMIT": "60", "DOWNLOAD_TRIES": "2"}) == [
        "POLL_LIMIT no longer has an effect: CHECK_HOURS says for how many hours a running job is checked.",
        "DOWNLOAD_TRIES no longer has an effect: DOWNLOAD_HOURS says for how many hours a finished video is tried for.",
    ]


def test_processes_that_share_the_servers_need_a_database_that_they_share() -> None:
    assert problems(SHARD_IDS="0", SHARD_COUNT="2")[0].startswith("DATABASE_URL has to name a PostgreSQL")
    assert problems(SHARD_IDS="0", SHARD_COUNT="2", DATABASE_URL="sqlite+aiosqlite:///a.sqlite")
    assert Settings.from_env(SECRETS | {"SHARD_IDS": "0-1", "SHARD_COUNT": "2"}).shard_ids == (0, 1)
