"""compose.yaml: bots start from its environment blocks, on this machine and without Docker."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from dotenv import dotenv_values
from sqlalchemy.engine import make_url

from dailies.errors import SettingsError
from dailies.settings import VARIABLES, Settings
from sandbox.botprocess import ROOT, BotProcess
from sandbox.stack import Stack
from tests.e2e.conftest import quick_stack
from tests.e2e.test_restart import asked, status, until, videos
from tests.support.databases import postgresql

pytestmark = pytest.mark.slow

SECRETS = {"DISCORD_TOKEN": "token", "OPENROUTER_API_KEY": "key"}
OF_COMPOSE = {"COMPOSE_PROFILES", "POSTGRES_PASSWORD", "DAILIES_IMAGE"}
"""Variables in .env that are not the bot's."""


class NoTwins(yaml.SafeLoader):
    """Refuses a key that is given twice, as Compose does."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [key.value for key, _ in node.value if key.value != "<<"]
        assert sorted(keys) == sorted(set(keys)), f"twice, near line {node.start_mark.line}"
        return super().construct_mapping(node, deep)


COMPOSE: dict[str, Any] = yaml.load((ROOT / "compose.yaml").read_text(), NoTwins)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
BOTS = {name: service for name, service in SERVICES.items() if "build" in service}


def env_of_the_profile() -> dict[str, str]:
    """Return the lines that docs/growing.md wants in .env for the profile."""
    (block,) = re.findall(r"```sh\n(COMPOSE_PROFILES=.*?)```", (ROOT / "docs" / "growing.md").read_text(), re.DOTALL)
    return {name: value or "" for name, value in dotenv_values(stream=io.StringIO(block)).items()}


def environment(service: Mapping[str, Any], env: Mapping[str, str]) -> dict[str, str]:
    """Return what a container gets: .env, and over it its block."""
    return {**env, **service["environment"]}


def running(env: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """Return the bots that `docker compose up` starts."""
    profiles = set(env.get("COMPOSE_PROFILES", "").split(","))
    return {name: one for name, one in BOTS.items() if not one.get("profiles") or profiles & set(one["profiles"])}


@pytest.mark.parametrize("env", [{}, env_of_the_profile()], ids=["default", "postgres"])
def test_every_variable_is_a_setting_with_a_value_that_it_takes(env: dict[str, str]) -> None:
    for service in running(env).values():
        given = environment(service, env)
        assert set(given) - {one.name for one in VARIABLES} <= OF_COMPOSE
        Settings.from_env(SECRETS | given)


def test_without_a_profile_one_process_has_all_servers_and_sqlite() -> None:
    (service,) = running({}).values()

    settings = Settings.from_env(SECRETS | environment(service, {}))
    assert (settings.shard_ids, settings.shard_count, settings.database_url) == (None, None, None)


def test_with_the_profile_each_shard_has_one_process_and_each_process_its_folder() -> None:
    env = env_of_the_profile()
    found = [Settings.from_env(SECRETS | environment(one, env)) for one in running(env).values()]

    assert len(found) == 2
    assert sorted(shard for one in found for shard in one.shard_ids or ()) == list(range(int(env["SHARD_COUNT"])))
    volumes = [volume.partition(":")[0] for one in running(env).values() for volume in one["volumes"]]
    assert len(set(volumes)) == 2
    assert {*volumes} <= set(COMPOSE["volumes"])


@pytest.mark.parametrize("forgotten", ["DATABASE_URL", "SHARD_COUNT", "SHARD_COUNT SHARD_IDS DATABASE_URL"])
def test_a_second_process_does_not_start_with_some_of_the_profile_s_lines_missing(forgotten: str) -> None:
    env = {name: value for name, value in env_of_the_profile().items() if name not in forgotten.split()}

    with pytest.raises(SettingsError, match=r"DATABASE_URL|SHARD_COUNT"):
        Settings.from_env(SECRETS | environment(running(env)["dailies-1"], env))


def test_the_bots_find_the_database_that_the_profile_starts() -> None:
    env = env_of_the_profile()
    server = SERVICES["postgres"]["environment"]
    url = make_url(env["DATABASE_URL"])

    assert (url.host, url.username, url.database) == ("postgres", server["POSTGRES_USER"], server["POSTGRES_DB"])
    assert server["POSTGRES_PASSWORD"] == "${POSTGRES_PASSWORD:-}"
    assert url.password == env["POSTGRES_PASSWORD"]


def test_the_token_and_the_key_do_not_reach_the_database_s_container() -> None:
    assert "env_file" not in SERVICES["postgres"]


async def started(stack: Stack, name: str, given: Mapping[str, str], folder: Path) -> BotProcess:
    """Start one service's bot: its environment, with /data and the platforms on this machine."""
    own = folder / name
    own.mkdir()
    here = {"DATA_DIR": str(own / given["DATA_DIR"].lstrip("/"))}
    variables = {**stack.bot_environment(), **given, **here}
    bot = BotProcess(stack.clock, script=ROOT / "bot.py", environment=variables, folder=own)
    await bot.start()
    return bot


async def run_a_job(env: Mapping[str, str], folder: Path) -> list[str]:
    """Start every bot of these lines of .env and let one make a video; return their logs."""
    stack = quick_stack()
    stack._start_bot = False  # pyright: ignore[reportPrivateUsage]
    async with stack:
        bots = [await started(stack, name, environment(one, env), folder) for name, one in running(env).items()]
        try:
            await until(lambda: all("ready as" in bot.log_tail(100) for bot in bots))
            interaction = await asked(stack)
            await until(lambda: status(stack, interaction).startswith("### Done"))
            assert len(videos(stack)) == len(stack.openrouter.submits) == 1
        finally:
            codes = [await bot.stop() for bot in bots]
        assert codes == [0] * len(bots)
        return [bot.log_path.read_text() for bot in bots]


async def test_the_default_process_makes_a_video_with_sqlite(tmp_path: Path) -> None:
    (log,) = await run_a_job({}, tmp_path)

    assert "event=job_submitted" in log
    assert (tmp_path / "dailies" / "data" / "dailies.sqlite").exists()


async def test_of_the_profile_s_processes_the_server_s_own_makes_a_video_with_postgresql(tmp_path: Path) -> None:
    with postgresql() as url:
        logs = await run_a_job(env_of_the_profile() | {"DATABASE_URL": url}, tmp_path)

    assert sorted("event=job_submitted" in log for log in logs) == [False, True]
    assert not any((tmp_path / name / "data" / "dailies.sqlite").exists() for name in ("dailies", "dailies-1"))
