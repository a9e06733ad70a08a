"""/about in Discord, and the version that it names."""

from __future__ import annotations

from typing import Any

import discord
import pytest

from bot import main
from cogs.about import about_view
from dailies.version import VERSION
from tests.bot.conftest import BotApp

OWNER: dict[str, Any] = {"id": "77", "username": "ops", "discriminator": "0", "avatar": None}


def application(**given: Any) -> discord.AppInfo:
    """Return an application as Discord describes it."""
    plain = {"id": "1", "name": "Dailies", "description": "", "icon": None, "bot_public": True, "verify_key": "0"}
    payload: Any = {**plain, "bot_require_code_grant": False, "owner": OWNER, **given}
    state = discord.Client(intents=discord.Intents.none())._connection  # pyright: ignore[reportPrivateUsage]
    return discord.AppInfo(state, payload)


def words(*given: Any) -> str:
    """Return the text of the view."""
    return "\n".join(one.content for one in about_view(*given).children if isinstance(one, discord.ui.TextDisplay))


async def test_the_person_alone_reads_version_default_model_and_whom_to_ask(app: BotApp) -> None:
    result = await app.ann.slash(app.channel, "about")

    text = app.text(result)
    assert result.ephemeral
    assert text.startswith(f"\n### Dailies {VERSION}\n")
    assert "Seedance 2.0 Fast unless you choose another." in text
    assert "Files leave this bot's disk after 14 days;" in text
    owner = app.bot.application
    assert owner is not None
    assert f"Ask <@{owner.owner.id}>, who runs this bot." in text


@pytest.mark.settings(DEFAULT_MODEL="gone/model")
async def test_a_default_that_is_gone_is_named_by_its_replacement(app: BotApp) -> None:
    text = app.text(await app.ann.slash(app.channel, "about"))

    assert "gone/model" not in text
    assert "Grok Imagine" in text


def test_without_a_list_of_models_the_rest_is_said() -> None:
    text = words(application(), None, 1)

    assert "**Models** `/models` compares them with their prices." in text
    assert "after a day;" in text


def test_a_team_s_owner_is_whom_to_ask() -> None:
    member: dict[str, Any] = {
        "user": {**OWNER, "id": "88"},
        "membership_state": 2,
        "permissions": [],
        "role": "admin",
        "team_id": "5",
    }
    team: dict[str, Any] = {"id": "5", "name": "Ops", "icon": None, "owner_user_id": "88", "members": [member]}

    assert "Ask <@88>" in words(application(team=team), None, 14)


def test_the_operator_s_pages_are_linked_where_they_are_plain_https() -> None:
    pages = {"privacy_policy_url": "https://a.example/privacy", "terms_of_service_url": "https://a.example/) [x](y"}

    text = words(application(**pages), None, 14)

    assert "[Privacy policy](<https://a.example/privacy>)" in text
    assert "Terms" not in text


def test_before_the_login_the_server_s_people_are_whom_to_ask() -> None:
    assert "Ask the people who manage this server." in words(None, None, 0.5)


def test_bot_py_prints_the_version_without_any_setting(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DISCORD_TOKEN", raising=False)

    assert main(["version"]) == 0
    assert capsys.readouterr().out == f"{VERSION}\n"
