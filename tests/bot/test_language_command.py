"""/language, and the row of /settings that is the same choice."""

from __future__ import annotations

from typing import Any

import pytest

from cogs.settings import ids
from cogs.settings.cog import LANGUAGES
from cogs.settings.handlers import DISCORDS
from dailies.language import NATIVE_NAMES
from dailies.server_settings import ServerSettings
from tests.bot.conftest import BotApp
from tests.bot.languages import let_discord_speak, mark, mark_texts
from tests.bot.test_settings_command import change, eve, press, row, settings, store_of

__all__ = ["eve"]

OWN = "What only you see is in the language of your Discord."


async def language(app: BotApp, by: Any, **options: str) -> str:
    """Type /language; return the answer."""
    result = await by.slash(app.channel, "language", **options)
    assert result.ephemeral
    return app.text(result)


async def kept(app: BotApp) -> ServerSettings:
    return await store_of(app).of(app.channel.guild.id)


async def test_it_says_what_holds_and_how_it_is_changed(app: BotApp, eve: Any) -> None:
    said = await language(app, eve)
    assert said == (
        f"New messages that everyone here sees are in English, as set in Discord. {OWN} "
        "Choose another with the option `language`."
    )
    assert await kept(app) == ServerSettings()


async def test_what_is_chosen_holds_and_is_the_row_of_the_settings(app: BotApp, eve: Any) -> None:
    assert await language(app, eve, language="de") == f"New messages that everyone here sees are in Deutsch. {OWN}"
    assert (await kept(app)).language == "de"
    value, source = row(await settings(app, eve), "Language")[:2]
    assert value == "Language** · Deutsch"
    assert source.startswith(f"-# This server · set by <@{eve.id}> <t:")

    said = await language(app, eve, language=DISCORDS)
    assert said == f"New messages that everyone here sees are in English, as set in Discord. {OWN}"
    value, source = row(await settings(app, eve), "Language")[:2]
    assert value == "Language** · as set in Discord"
    assert source.startswith(f"-# The bot's default · reset by <@{eve.id}> <t:")


async def test_its_window_has_the_languages_as_they_call_themselves(app: BotApp, eve: Any) -> None:
    panel = await settings(app, eve)
    window = await press(panel, ids.CHANGE.of(name="language"))
    (menu,) = [label["component"] for label in window.modal["components"]]
    assert {one["value"]: one["label"] for one in menu["options"]} == dict(NATIVE_NAMES)

    await change(panel, "language", chosen=["ja"])
    assert panel.text.startswith("**Saved:** Language · 日本語")
    await press(panel, ids.RESET.of(name="language"))
    assert panel.text.startswith("**Reset:** Language · as set in Discord")
    assert (await kept(app)).language is None


async def test_only_who_manages_the_server_chooses_it(app: BotApp) -> None:
    refused = "Only people with the permission Manage Server can change this server's settings. Nothing was changed."
    assert await language(app, app.ann, language="de") == refused
    assert await language(app, app.ann) == refused
    assert (await kept(app)).language is None
    answer = await app.env.create_user("dora").slash("language", language="de")
    assert "belong to a server" in app.text(answer)


async def test_the_answer_is_in_the_language_of_who_chose(
    app: BotApp, eve: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    mark_texts(monkeypatch)
    let_discord_speak(monkeypatch, {eve.id: "ja"})
    assert (await language(app, eve, language="de")).startswith(f"{mark('ja')}New messages")
    panel = await settings(app, eve)
    assert f"**{mark('ja')}Language** · Deutsch" in panel.text
    assert len(panel._parts) <= 40  # pyright: ignore[reportPrivateUsage]
    assert mark("de") not in panel.text


def test_it_can_be_every_language_and_discord_s() -> None:
    assert [(one.name, one.value) for one in LANGUAGES] == [
        *((name, code) for code, name in NATIVE_NAMES.items()),
        ("As set in Discord", DISCORDS),
    ]
