"""Changes of the cast: windows of an entry, its consent, its removal, and pictures from videos or that come late."""

from __future__ import annotations

from typing import Any

import discord
import pytest

from tests.bot import test_composer_pictures
from tests.bot.composing import Panel
from tests.bot.conftest import Archive, BotApp
from tests.bot.test_cast import add, cast, every, said, typed
from tests.bot.test_composer_pictures import upload
from tests.unit.kit import Now

assets, settings = test_composer_pictures.assets, test_composer_pictures.settings


@pytest.mark.slow
async def test_name_and_note_are_changed_and_nobody_is_pinged(app: BotApp) -> None:
    panel = await add(app)
    panel.answer = await panel.fill("Name and note", name="Fox", note=f"# Hi <@{app.ann.id}> @everyone")
    (entry,) = await every(app)
    assert (entry.name, entry.note) == ("Fox", f"# Hi <@{app.ann.id}> @everyone")
    assert "Write @Fox in prompts from now on, not @hero." in said(panel)
    raw = str(panel.answer.response.components)  # type: ignore[union-attr]
    assert f"Hi \\\\<\\\\@{app.ann.id}>" in raw
    assert "\\\\@everyone" in raw


@pytest.mark.slow
async def test_pictures_are_added_ordered_and_removed_in_one_window(app: BotApp) -> None:
    panel = await add(app, "hero", "red", "blue")
    (before,) = await every(app)
    panel.answer = await panel.fill("Pictures", order="2", files=upload("green", "blue"), likeness=["recorded"])
    (entry,) = await every(app)
    assert [one.name for one in entry.pictures] == ["blue.png", "green.png"]
    assert "blue.png was already there." in said(panel)
    gone = app.bot.settings.data_dir / "references" / before.pictures[0].sha256
    assert app.bot._retention._released.keys() == {gone.name}  # pyright: ignore[reportPrivateUsage]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"order": "1"}, "Choose whether the pictures show a real person"),
        ({"order": "1", "likeness": ["other"]}, "The record of @hero says who its pictures show"),
        ({"order": "7", "likeness": ["recorded"]}, "There is no picture 7"),
        ({"order": "", "files": []}, "@hero needs at least one picture"),
    ],
)
async def test_pictures_that_cannot_be_changed_so_stay(app: BotApp, fields: dict[str, Any], words: str) -> None:
    panel = await add(app)
    before = await every(app)
    panel.answer = await panel.fill("Pictures", **{"files": upload("green")} | fields)
    assert words in said(panel)
    assert await every(app) == before


@pytest.mark.slow
async def test_a_window_that_was_opened_before_somebody_else_s_change_changes_nothing(archive: Archive) -> None:
    app = archive.app
    panel = await add(app)
    late = await panel.press("Name and note")
    theirs = await typed(app, "edit", archive.mia, name="hero")
    await theirs.fill("Name and note", note="By Mia")
    panel.answer = await app.ann.submit_modal(late, {"name": "hero", "note": "By Ann"})
    assert "Someone else changed @hero in the meantime" in said(panel)
    (entry,) = await every(app)
    assert entry.note == "By Mia"

    panel.answer = await panel.fill("Change and try again")
    (entry,) = await every(app)
    assert entry.note == "By Ann"


@pytest.mark.slow
async def test_ended_consent_is_told_and_renewed(app: BotApp, monkeypatch: pytest.MonkeyPatch) -> None:
    await add(app, likeness=["real"], person="Ann Example", until="2098-05-31")
    monkeypatch.setattr(cast(app), "now", Now(4083955200.0))
    panel = await typed(app, "show", name="hero")
    assert "Ann Example's consent ended on" in said(panel)
    assert "@hero can't be used until it's renewed" in said(panel)
    assert "**Consent has ended.**" in said(await typed(app, "list"))

    panel.answer = await panel.fill("Renew", until="2100-01-01")
    assert "Ann Example, who agreed until" in said(panel)
    (entry,) = await every(app)
    assert entry.consent is not None
    assert not entry.consent.expired(4083955200.0)


@pytest.mark.slow
async def test_a_name_is_removed_with_its_pictures_once_it_is_confirmed(app: BotApp) -> None:
    await add(app)
    (entry,) = await every(app)
    asked = await typed(app, "remove", name="@HERO")
    assert "Remove @hero?" in said(asked)
    assert len(await every(app)) == 1
    asked.answer = await asked.press("Remove @hero")
    assert "@hero was removed from the cast." in said(asked)
    assert await every(app) == []
    assert entry.pictures[0].sha256 in app.bot._retention._released  # pyright: ignore[reportPrivateUsage]


@pytest.mark.slow
async def test_a_name_that_was_changed_since_the_question_is_not_removed(app: BotApp) -> None:
    panel = await add(app)
    asked = await typed(app, "remove", name="hero")
    await panel.fill("Name and note", note="new")
    answer = await asked.press("Remove @hero")
    assert "Someone else changed" in answer.response.content  # type: ignore[union-attr]
    assert len(await every(app)) == 1


@pytest.mark.slow
async def test_forgetting_says_how_many_names_go_and_removes_them(app: BotApp) -> None:
    for name in ("hero", "fox"):
        await add(app, name)
    asked = await typed_jobs(app)
    assert "Forget 2 names of the cast?" in said(asked)
    assert "The names that you added to the cast go with their pictures, for everybody." in said(asked)
    asked.answer = await asked.press("Forget my cast")
    assert "2 names of the cast were forgotten." in said(asked)
    assert await every(app) == []


async def typed_jobs(app: BotApp) -> Panel:
    return Panel(app, app.ann, await app.ann.slash(app.channel, "jobs forget"))


@pytest.mark.slow
async def test_a_frame_of_a_finished_video_becomes_a_picture(archive: Archive) -> None:
    job = await archive.keep(on_disk=True)
    await add(archive.app, files=[], links=f"{job.id}#0.5s")
    (entry,) = await every(archive.app)
    (picture,) = entry.pictures
    assert picture.name == "take 1 at 0.5 s"
    assert (picture.width, picture.height) == (64, 64)


async def test_a_second_past_the_end_is_refused_with_the_length(archive: Archive) -> None:
    job = await archive.keep(on_disk=True)
    panel = await add(archive.app, files=[], links=f"{job.id}#12s")
    assert "This video is 1 s long, so there is nothing at 12 s" in said(panel)


async def test_a_muted_person_adds_nothing(app: BotApp) -> None:
    guild = app.channel.guild
    quiet = guild.create_text_channel("quiet", overwrites={app.ann: discord.PermissionOverwrite(send_messages=False)})
    panel = await typed(app, "add", channel=quiet, name="hero")
    assert panel.answer.modal is None


@pytest.mark.slow
async def test_a_frame_is_named_by_the_link_to_the_message_of_a_video(app: BotApp) -> None:
    status = await app.video("The fox looks up")
    assert "Done" in await app.finish(status)
    video = app.channel.last_message
    await add(app, files=[], links=f"{video.jump_url}#0s {video.jump_url}")
    (entry,) = await every(app)
    assert [one.name for one in entry.pictures] == ["take 1 at 0 s", "last frame of take 1"]


async def test_a_second_of_what_is_no_video_is_refused(app: BotApp) -> None:
    message = await app.ann.send(app.channel, "hello")
    panel = await add(app, files=[], links=f"{message.jump_url}#2s")
    assert "is none of this bot's videos" in said(panel)
    assert await every(app) == []
