"""@name in a prompt brings the pictures of the cast along, wherever it is typed, and the status says so."""

from __future__ import annotations

import asyncio
import hashlib
import time
from typing import Any

import pytest
import pytest_asyncio
import simcord

from dailies.cast.entry import CastEntry, CastPicture, Consent
from dailies.ids import new_id
from dailies.references.reference import Source
from dailies.store.cast import CastStore
from tests.bot import test_references
from tests.bot.composing import Panel, compose
from tests.bot.conftest import BotApp
from tests.bot.test_under_the_video import labels
from tests.support.images import image
from tests.support.servers import Served

assets, settings = test_references.assets, test_references.settings

SEEDANCE, VEO = "bytedance/seedance-2.0-fast", "google/veo-3.1"


class Team:
    """The cast of the channel's server."""

    def __init__(self, app: BotApp) -> None:
        self._app = app
        self.store: CastStore = app.bot._cast._records  # type: ignore[assignment]  # pyright: ignore

    async def add(self, name: str, *colours: str, **changes: Any) -> CastEntry:
        """Add an entry with a picture of each colour."""
        pictures = tuple([await self._picture(colour) for colour in colours])
        now = time.time()
        entry = CastEntry(
            new_id(now), self._app.channel.guild.id, None, name, pictures, self._app.ann.id, now, now, **changes
        )
        await self.store.create(entry)
        return entry

    async def _picture(self, colour: str) -> CastPicture:
        data = image(colour)
        sha256 = hashlib.sha256(data).hexdigest()
        path = self._app.bot.settings.data_dir / "references" / sha256
        path.parent.mkdir(parents=True, exist_ok=True)
        await asyncio.to_thread(path.write_bytes, data)
        collector = self._app.bot._collector  # pyright: ignore[reportPrivateUsage]
        await collector.one(Source("", f"{colour}.png", attached=False, kept=path))
        return CastPicture(sha256, f"{colour}.png", width=400, height=300)


@pytest_asyncio.fixture
async def team(app: BotApp) -> Team:
    return Team(app)


def paid(app: BotApp) -> dict[str, Any]:
    """Return the body of the only paid request."""
    (submit,) = app.openrouter.submits
    body: dict[str, Any] = submit["body"]
    return body


def said(app: BotApp, result: simcord.InteractionResult) -> str:
    return app.text(result)


@pytest.mark.slow
async def test_a_name_in_the_prompt_is_sent_as_the_models_own_words(app: BotApp, team: Team) -> None:
    await team.add("Hero", "red", "blue")
    status = await app.video("@hero walks through fog", model=SEEDANCE)
    await app.finish(status)
    assert paid(app)["prompt"] == "@Image1 and @Image2 walks through fog"
    assert len(paid(app)["input_references"]) == 2


@pytest.mark.slow
async def test_the_status_names_the_cast_with_its_pictures(app: BotApp, team: Team) -> None:
    await team.add("Hero", "red", "blue")
    status = await app.video("@hero walks", model=SEEDANCE)
    assert "@Hero (2 pictures)" in app.text(status)


@pytest.mark.slow
async def test_a_picture_of_two_names_is_named_after_both(app: BotApp, team: Team) -> None:
    await team.add("hero", "red")
    await team.add("crowd", "red", "blue")
    status = await app.video("@hero in a @crowd", model=SEEDANCE)
    assert "@hero (1 picture) · @crowd (2 pictures)" in app.text(status)
    panel = await compose(app, prompt="@hero in a @crowd")
    assert "1: @hero, @crowd · 2: @crowd" in panel.text


@pytest.mark.slow
async def test_a_comparison_is_shown_as_it_was_typed_since_each_model_has_its_own_words(
    app: BotApp, team: Team
) -> None:
    await team.add("hero", "red")
    panel = await compose(app, prompt="@hero walks")
    assert "> @Image1 walks" in panel.text
    panel = Panel(app, app.ann, await panel.fill("Compare models", compare=[SEEDANCE, VEO]))
    assert "> @hero walks" in panel.text


@pytest.mark.slow
async def test_a_chosen_name_brings_its_pictures_without_a_mention(app: BotApp, team: Team) -> None:
    await team.add("hero", "red")
    await team.add("villain", "blue")
    status = await app.video("They meet", model=SEEDANCE, cast="@villain hero")
    await app.finish(status)
    assert paid(app)["prompt"] == "They meet"
    assert len(paid(app)["input_references"]) == 2


@pytest.mark.slow
async def test_a_chosen_name_that_there_is_not_is_refused_and_the_work_is_kept(app: BotApp, team: Team) -> None:
    await team.add("hero", "red")
    refused = await app.video("They meet", model=SEEDANCE, cast="@stranger")
    assert "@stranger isn't in the cast" in said(app, refused)
    assert "You weren't charged" in said(app, refused)
    assert app.openrouter.submits == []


@pytest.mark.slow
async def test_a_slip_is_asked_about_and_mended_with_a_button(app: BotApp, team: Team) -> None:
    await team.add("hero", "red")
    refused = await app.video("@her0 walks", model=SEEDANCE)
    assert said(app, refused).startswith("@her0 isn't in the cast. Did you mean @hero? To send it as text")
    assert refused.response is not None
    panel = Panel(app, app.ann, await app.ann.click(refused.response.message, label="Use @hero"))
    assert "@Image1 walks" in panel.text
    await panel.press(panel.generate)
    await app.finish_own()
    assert paid(app)["prompt"] == "@Image1 walks"


@pytest.mark.slow
async def test_a_slip_can_be_kept_as_text(app: BotApp, team: Team) -> None:
    await team.add("hero", "red")
    refused = await app.video("@her0 walks", model=SEEDANCE)
    assert refused.response is not None
    panel = Panel(app, app.ann, await app.ann.click(refused.response.message, label="Keep it as text"))
    await panel.press(panel.generate)
    await app.finish_own()
    assert paid(app)["prompt"] == "@her0 walks"
    assert "input_references" not in paid(app)


@pytest.mark.slow
async def test_a_name_that_is_close_to_none_is_said_to_be_text(app: BotApp, team: Team) -> None:
    await team.add("hero", "red")
    status = await app.video("@nasa footage of a launch", model=SEEDANCE)
    assert "@nasa isn't in the cast, so it's sent as text" in app.text(status)


@pytest.mark.slow
async def test_a_picture_that_is_given_as_well_is_sent_once(app: BotApp, team: Team, assets: Served) -> None:
    await team.add("hero", "red", "blue")
    status = await app.video("@hero walks", model=SEEDANCE, links=f"{assets.origin}/red.png")
    await app.finish(status)
    assert len(paid(app)["input_references"]) == 2
    assert paid(app)["prompt"] == "@Image1 and @Image2 walks"


@pytest.mark.slow
async def test_an_expired_consent_is_refused_with_the_way_to_renew(app: BotApp, team: Team) -> None:
    until = int(time.time()) - 60
    await team.add("ann", "red", consent=Consent("Ann Lee", until, app.ann.id, until - 3600))
    refused = await app.video("@ann walks", model=VEO)
    assert f"Ann Lee's consent ended on <t:{until - 1}:D>" in said(app, refused)
    assert "/cast edit" in said(app, refused)
    assert app.openrouter.submits == []


@pytest.mark.slow
async def test_a_real_face_for_a_model_that_refuses_them_is_told_before_paying(app: BotApp, team: Team) -> None:
    await team.add("ann", "red", consent=Consent("Ann Lee", None, app.ann.id, time.time()))
    result = await app.video("@ann walks", model=SEEDANCE)
    text = said(app, result)
    assert text.lstrip().startswith(
        "It uses a real person's likeness, which may be refused, so it needs your OK first. No charge yet."
    )
    assert "refuses photos of real people, such as @ann" in text
    assert text.count("refuses photos of real people") == 1
    assert result.ephemeral
    assert app.openrouter.submits == []

    panel = Panel(app, app.ann, result)
    await panel.press(panel.generate)
    await app.finish_own()
    assert paid(app)["prompt"] == "@Image1 walks"


@pytest.mark.slow
async def test_the_composer_brings_the_pictures_of_a_typed_name_and_drops_them_with_it(app: BotApp, team: Team) -> None:
    await team.add("hero", "red", "blue")
    await team.add("villain", "green")
    panel = await compose(app, prompt="@hero walks", model=SEEDANCE)
    assert "1: @hero · 2: @hero" in panel.text
    changed = Panel(app, app.ann, await panel.fill("Prompt", prompt="@villain walks"))
    assert "1: @villain" in changed.text
    assert "@hero" not in changed.text


@pytest.mark.slow
async def test_the_cast_is_picked_in_the_composer(app: BotApp, team: Team) -> None:
    hero, villain = await team.add("hero", "red"), await team.add("villain", "blue")
    panel = await compose(app, prompt="@hero walks", model=SEEDANCE)
    picked = Panel(app, app.ann, await panel.fill("Cast", cast=[villain.id]))
    assert "1: @hero · 2: @villain" in picked.text
    assert "Still in, because your prompt mentions them: @hero." in picked.text
    fewer = Panel(app, app.ann, await picked.fill("Cast", cast=[hero.id]))
    assert "@villain" not in fewer.text


async def test_a_cast_without_entries_says_how_to_begin(app: BotApp, team: Team) -> None:
    panel = await compose(app, prompt="a fox", model=SEEDANCE)
    empty = Panel(app, app.ann, await panel.press("Cast"))
    assert "/cast add" in empty.text


@pytest.mark.slow
async def test_names_are_suggested_for_the_last_word(app: BotApp, team: Team) -> None:
    await team.add("hero", "red")
    await team.add("hero/winter", "blue")
    await team.add("villain", "green")
    choices = await app.ann.autocomplete(app.channel, "video", "cast", "@villain he", prompt="x")
    assert [one["value"] for one in choices] == ["@villain @hero", "@villain @hero/winter"]


@pytest.mark.slow
async def test_what_left_the_cast_cannot_be_used_again(app: BotApp, team: Team) -> None:
    entry = await team.add("hero", "red")
    panel = await compose(app, prompt="@hero walks", model=SEEDANCE)
    await team.store.remove(entry.id, entry.revision)
    refused = Panel(app, app.ann, await panel.press(panel.generate))
    assert "@hero is no longer in the cast" in refused.text
    assert app.openrouter.submits == []


@pytest.mark.slow
async def test_a_name_beside_a_first_frame_is_a_word_and_the_panel_says_so(
    app: BotApp, team: Team, assets: Served
) -> None:
    await team.add("Hero", "red")
    panel = await compose(app, prompt="It begins", model=SEEDANCE, duration=4)
    panel = Panel(app, app.ann, await panel.fill("Pictures", links=f"{assets.origin}/blue.png", use=["start"]))
    panel = Panel(app, app.ann, await panel.fill("Prompt", prompt="@hero turns"))
    assert "@hero is sent as a word, without pictures" in panel.text
    await panel.press(panel.generate)
    await app.finish_own()
    assert paid(app)["prompt"] == "hero turns"


@pytest.mark.slow
async def test_a_chosen_name_beside_a_first_frame_is_refused_and_nothing_is_paid(app: BotApp, team: Team) -> None:
    await team.add("Hero", "red")
    frame = ("red-wide.png", image("red", size=(640, 360)))
    answer = await app.video("A fox turns", model=SEEDANCE, cast="@hero", first_frame=frame)
    assert answer.response is not None
    assert "Fix: keep the frames" in labels(answer.response.message)
    assert app.openrouter.submits == []
