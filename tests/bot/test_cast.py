"""/cast: names with their pictures, added, listed, shown, changed and removed; who may, and what is said."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import discord
import pytest

from cogs.cast import ids
from dailies.cast.entry import CastEntry, CastPlace
from dailies.references.reference import thumbnail_of
from dailies.store.cast import CastStore
from tests.bot import test_composer_pictures
from tests.bot.composing import Panel
from tests.bot.conftest import Archive, BotApp
from tests.bot.test_composer_pictures import shown, upload
from tests.support.servers import Served

assets, settings = test_composer_pictures.assets, test_composer_pictures.settings

NOBODY: dict[str, Any] = {"likeness": ["nobody"]}


def cast(app: BotApp) -> CastStore:
    return app.bot._stores.cast  # pyright: ignore[reportPrivateUsage]


async def every(app: BotApp, *, age_restricted: bool = False) -> list[CastEntry]:
    return await cast(app).visible(CastPlace(app.channel.guild.id, (app.channel.id,), age_restricted))


async def typed(app: BotApp, word: str, by: Any = None, channel: Any = None, **options: object) -> Panel:
    """Type /cast WORD."""
    by = by or app.ann
    result = await by.slash(channel or app.channel, f"cast {word}", **options)
    return Panel(app, by, result)


async def add(
    app: BotApp, name: str = "hero", *files: str, by: Any = None, where: str | None = None, **fields: Any
) -> Panel:
    """Type /cast add, and fill in its window."""
    by = by or app.ann
    options = {} if where is None else {"where": where}
    window = await by.slash(app.channel, "cast add", name=name, **options)
    assert window.modal is not None, window.response
    given = {"files": upload(*(files or ("red",))), **NOBODY} | fields
    return Panel(app, by, await by.submit_modal(window, given))


def said(panel: Panel) -> str:
    """Return the words of an answer, also of a plain one, escapes taken out."""
    response = panel.answer.response
    assert response is not None
    assert response.ephemeral
    return f"{response.content or ''}\n{panel.text}".replace("\\", "")


def files(app: BotApp, entry: CastEntry) -> list[Path]:
    folder = app.bot.settings.data_dir / "references"
    return [path for one in entry.pictures for path in (folder / one.sha256, thumbnail_of(folder / one.sha256))]


@pytest.mark.slow
async def test_a_note_is_kept_with_a_new_name_also_when_its_window_is_sent_twice(app: BotApp) -> None:
    window = await app.ann.slash(app.channel, "cast add", name="hero", note="The red coat")
    refused = Panel(app, app.ann, await app.ann.submit_modal(window, {"files": [], **NOBODY}))
    window = await refused.press("Change and try again")
    await app.ann.submit_modal(window, {"files": upload("red"), **NOBODY})

    [entry] = await every(app)
    assert entry.note == "The red coat"


@pytest.mark.slow
async def test_a_name_is_added_with_its_pictures_and_shown_to_its_person_alone(app: BotApp, assets: Served) -> None:
    panel = await add(app, "@Hero", "red", "blue", links=f"{assets.origin}/green.png")

    (entry,) = await every(app)
    host = assets.origin.partition("//")[2].partition(":")[0]
    assert (entry.name, entry.added_by, entry.guild_id) == ("Hero", app.ann.id, app.channel.guild.id)
    assert (entry.channel_id, entry.consent, entry.age_restricted) == (None, None, False)
    assert [one.name for one in entry.pictures] == ["red.png", "blue.png", f"{host}/green.png"]
    assert all(await asyncio.gather(*(asyncio.to_thread(path.is_file) for path in files(app, entry))))
    assert "Added. Write @Hero in a prompt" in said(panel)
    assert "3 pictures · whole server · not used yet" in said(panel)
    assert shown(panel)[0] == "Picture 1 of @Hero: red.png"
    assert set(panel.buttons) == {"Likeness", "Pictures", "Name and note", "Remove"}


@pytest.mark.slow
async def test_a_real_person_is_named_and_the_record_shows_who_said_so(app: BotApp) -> None:
    panel = await add(app, likeness=["real"], person="Ann Example", until="2099-05-31")

    (entry,) = await every(app)
    assert entry.consent is not None
    assert (entry.consent.person, entry.consent.given_by) == ("Ann Example", app.ann.id)
    assert entry.consent.until == 4083955200  # the first second of 1 June
    assert f"Real person, agreed until <t:{4083955200 - 1}:D>" in said(await typed(app, "list"))
    assert f"Ann Example, who agreed until <t:{4083955200 - 1}:D>\n-# Recorded by <@{app.ann.id}>" in said(panel)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"likeness": ["real"]}, "Name the person the pictures show"),
        ({"likeness": ["real"], "person": "Ann", "until": "soon"}, "“soon” isn't a date the bot can read"),
        ({"likeness": ["real"], "person": "Ann", "until": "2001-01-31"}, "2001-01-31 is in the past"),
        ({"person": "Ann"}, "You named a person, but chose that the pictures don't show a real one"),
        ({"files": []}, "@hero needs at least one picture"),
        ({"files": upload("gone")}, "gone.png was answered with HTTP 404"),
        ({"links": "no link"}, "isn't a link"),
        ({"links": "0123456789abcdef#2s"}, "There's no job 0123456789abcdef, or you don't have access"),
    ],
)
async def test_what_is_wrong_is_said_and_nothing_is_saved(app: BotApp, fields: dict[str, Any], words: str) -> None:
    panel = await add(app, **fields)
    assert words in said(panel)
    assert await every(app) == []


@pytest.mark.slow
async def test_what_was_given_before_is_not_given_again(app: BotApp) -> None:
    panel = await add(app, "hero", "red", "blue", likeness=["real"], person="Ann Example", until="soon")
    panel.answer = await panel.fill("Change and try again", until="2099-05-31")

    (entry,) = await every(app)
    assert [one.name for one in entry.pictures] == ["red.png", "blue.png"]
    assert entry.consent is not None
    assert entry.consent.person == "Ann Example"
    assert "Added." in said(panel)


@pytest.mark.slow
async def test_a_picture_that_cannot_be_used_is_left_out_of_the_next_try(app: BotApp) -> None:
    panel = await add(app, "hero", "red", "gone")
    panel.answer = await panel.fill("Change and try again")
    (entry,) = await every(app)
    assert [one.name for one in entry.pictures] == ["red.png"]


async def forged(app: BotApp, button: discord.ui.Button[Any]) -> discord.Message:
    """Post a message that everybody sees, with a button whose id was taken from a private one."""
    channel = app.bot.get_channel(app.channel.id)
    assert isinstance(channel, discord.TextChannel)
    view = discord.ui.LayoutView(timeout=None)
    return await channel.send(view=view.add_item(discord.ui.ActionRow(button)))


async def test_what_was_typed_is_there_for_who_typed_it_alone(archive: Archive) -> None:
    app = archive.app
    panel = await add(app, files=[])
    (custom_id,) = [one["custom_id"] for one in panel._parts if one["type"] == 2]  # pyright: ignore[reportPrivateUsage]
    message = await forged(app, ids.AGAIN.button("Again", key=custom_id.rpartition(":")[2]))
    answer = await archive.ben.click(message, label="Again")
    assert answer.modal is None
    assert "has expired" in answer.response.content
    assert (await app.ann.click(message, label="Again")).modal is not None


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("everyone", "Discord pings people with it"),
        ("Image1", "models call their references that"),
        ("my hero!", "How about @my-hero?"),
        ("<@123>", "names start with a letter"),
    ],
)
async def test_a_name_that_cannot_be_one_is_refused_before_the_window(app: BotApp, name: str, words: str) -> None:
    panel = await typed(app, "add", name=name)
    assert panel.answer.modal is None
    assert words in said(panel)


@pytest.mark.slow
async def test_a_name_that_is_taken_is_refused_before_the_window_and_free_elsewhere(app: BotApp) -> None:
    await add(app)
    assert "This server already has an @hero" in said(await typed(app, "add", name="HERO"))
    panel = await add(app, "HERO", "blue", where="c")
    assert f"<#{app.channel.id}> only" in said(panel)
    (entry,) = await every(app)
    assert entry.name == "HERO"


@pytest.mark.slow
async def test_more_than_four_pictures_are_refused(app: BotApp, assets: Served) -> None:
    links = f"{assets.origin}/black.png"
    panel = await add(app, "hero", "red", "blue", "green", "white", links=links)
    assert "That would be 5 pictures. A name holds 4 at most" in said(panel)


@pytest.mark.slow
async def test_the_list_shows_names_of_this_channel_with_a_picture_each(app: BotApp) -> None:
    assert "Nobody is in the cast here yet" in said(await typed(app, "list"))
    for number in range(10):
        await add(app, f"name{chr(97 + number)}")
    first = await typed(app, "list")
    assert "10 names" in said(first)
    assert "@nameh" in said(first)
    assert "@namei" not in said(first)
    assert f"1 picture · whole server · not used yet · added by <@{app.ann.id}>" in said(first)
    first.answer = await first.press("Next")
    assert "@namej" in said(first)


@pytest.mark.slow
async def test_a_name_of_another_channel_is_not_seen_here(app: BotApp) -> None:
    await add(app, "secret", where="c")
    other = app.channel.guild.create_text_channel("other")
    assert "Nobody is in the cast here yet" in said(await typed(app, "list", channel=other))
    assert "There's no @secret here" in said(await typed(app, "show", channel=other, name="secret"))
    assert await app.ann.autocomplete(other, "cast show", "name", "sec") == []
    (option,) = await app.ann.autocomplete(app.channel, "cast show", "name", "@SEC")
    assert (option["name"], option["value"]) == ("@secret", "secret")


@pytest.mark.slow
async def test_in_a_hidden_channel_a_name_holds_in_that_channel_if_nobody_says_otherwise(app: BotApp) -> None:
    guild, bot = app.channel.guild, app.bot
    seen, unseen = discord.PermissionOverwrite(view_channel=True), discord.PermissionOverwrite(view_channel=False)
    board = guild.create_text_channel("board", overwrites={guild.default_role: unseen, bot.user: seen, app.ann: seen})
    window = await app.ann.slash(board, "cast add", name="hero")
    await app.ann.submit_modal(window, {"files": upload("red"), **NOBODY})
    assert await every(app) == []
    (entry,) = await cast(app).visible(CastPlace(guild.id, (board.id,)))
    assert entry.channel_id == board.id


@pytest.mark.slow
async def test_an_unknown_name_that_is_close_to_one_is_named(app: BotApp) -> None:
    await add(app, "Captain")
    assert "There's no @captian here. Did you mean @Captain?" in said(await typed(app, "show", name="@captian"))


@pytest.mark.slow
async def test_everybody_may_look_and_who_added_it_or_moderates_may_change_it(archive: Archive) -> None:
    app = archive.app
    await add(app)
    assert (await typed(app, "show", archive.ben, name="hero")).buttons == {}
    for word in ("edit", "remove"):
        assert "Only the person who added @hero" in said(await typed(app, word, archive.ben, name="hero"))
    assert "Remove" in (await typed(app, "edit", archive.mia, name="hero")).buttons


@pytest.mark.slow
async def test_whoever_may_not_change_a_name_changes_nothing_with_its_buttons(archive: Archive) -> None:
    app = archive.app
    await add(app)
    (entry,) = await every(app)
    for button in (
        ids.OPEN.button("Press", what=ids.CONSENT, **ids.of(entry)),
        ids.REMOVE.button("Press", answer="ask", **ids.of(entry)),
        ids.REMOVE.button("Press", answer="yes", **ids.of(entry)),
    ):
        answer = await archive.ben.click(await forged(app, button), label="Press")
        assert answer.modal is None
        assert "Only the person who added @hero" in answer.response.content.replace("\\", "")
    assert await every(app) == [entry]


@pytest.mark.slow
async def test_a_button_does_nothing_in_a_place_where_the_name_does_not_hold(app: BotApp) -> None:
    await add(app, where="c")
    (entry,) = await every(app)
    other = app.channel.guild.create_text_channel("other")
    there = app.bot.get_channel(other.id)
    assert isinstance(there, discord.TextChannel)
    view = discord.ui.LayoutView(timeout=None)
    button = ids.REMOVE.button("Press", answer="yes", **ids.of(entry))
    message = await there.send(view=view.add_item(discord.ui.ActionRow(button)))
    answer = await app.ann.click(message, label="Press")
    assert "This name was removed from the cast" in answer.response.content
    assert await every(app) == [entry]
