"""A channel sees its server's language, and a person who is told something alone sees their own."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import discord
import pytest
import simcord
from simcord import interactions

from cogs.interactions.buttons import CustomId
from cogs.status.buttons import AGAIN
from cogs.status.message import job_shown
from cogs.status.review import RETAKE, SAY
from dailies.delivery.chat import Upload
from dailies.explain import sentence
from dailies.formatting import cents
from dailies.job import Job, Output, State
from dailies.language import speaking
from dailies.reason import Reason, ReasonCode
from tests.bot.conftest import Archive, BotApp
from tests.bot.languages import let_discord_speak, mark, mark_texts
from tests.bot.test_review import approved_channel, message
from tests.bot.test_screening import film, kept, until
from tests.bot.test_under_the_video import seedance

GERMAN, JAPANESE = mark("de"), mark("ja")
READY = Reason(ReasonCode.READY)


@pytest.fixture
def locales(monkeypatch: pytest.MonkeyPatch) -> dict[int, str]:
    """Return the locales of people's clients, by their ids; a test adds to them."""
    mark_texts(monkeypatch)
    found: dict[int, str] = {}
    let_discord_speak(monkeypatch, found)
    return found


@pytest.fixture
def eve(app: BotApp) -> Any:
    """Somebody who may manage the server."""
    guild = app.channel.guild
    role = guild.create_role("producer", permissions=discord.Permissions(manage_guild=True))
    return guild.add_member(app.env.create_user("eve"), roles=[role])


async def server_speaks(app: BotApp, locale: str) -> None:
    """Give the server a language in Discord."""
    guild = app.bot.get_guild(app.channel.guild.id)
    assert guild is not None
    await guild.edit(preferred_locale=discord.Locale(locale))


async def chosen(app: BotApp, language: str | None) -> None:
    """Choose a language in the server's settings."""
    store = app.bot._stores.servers  # pyright: ignore[reportPrivateUsage]
    await store.change(app.channel.guild.id, "language", language, by=1)


async def job_of(archive: Archive, result: simcord.InteractionResult) -> Job:
    assert result.response is not None
    job_id = job_shown(result.response.message)  # pyright: ignore[reportArgumentType]
    assert job_id is not None
    return await archive._store.get(job_id)  # pyright: ignore[reportPrivateUsage]


async def ended(archive: Archive, result: simcord.InteractionResult) -> Job:
    """Let time pass until the job of a status has ended, whatever language that is in."""
    for _ in range(12):
        job = await job_of(archive, result)
        if job.told:
            return job
        await asyncio.sleep(0.05)
        await archive.app.env.advance_time(10)
    raise AssertionError("it did not end")


def priced(job: Job, language: str) -> str:
    """Return what a job's price looks like in a language."""
    assert job.quote is not None
    assert job.quote.usd is not None
    with speaking(language):
        return cents(job.quote.usd)


def said_in(language: str, reason: Reason) -> str:
    with speaking(language):
        return sentence(reason)


def button(shown: Any, kind: CustomId) -> str:
    """Return the id of the button of this kind below a message, whatever its label says."""
    (found,) = [
        one.custom_id
        for row in shown.components
        for one in row.children
        if kind.template.fullmatch(one.custom_id or "")
    ]
    return found


async def refused(app: BotApp, by: Any) -> str:
    """Have something refused, and return what the person alone is told."""
    result = await by.slash(app.channel, "settings")
    assert result.ephemeral
    return app.text(result)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("servers", "persons", "public", "private"),
    [("de", "en-GB", "de", "en"), ("en-US", "de", "en", "de"), ("fr", "ja", "en", "ja"), ("es-419", "de", "es", "de")],
)
async def test_a_channel_sees_its_server_s_language_and_a_person_their_own(
    archive: Archive, locales: dict[int, str], servers: str, persons: str, public: str, private: str
) -> None:
    app = archive.app
    await server_speaks(app, servers)
    locales[app.ann.id] = persons

    status = await app.video()
    begun = app.text(status)
    job = await ended(archive, status)

    assert job.language == public
    assert priced(job, public) in begun
    assert (priced(job, "en") in begun) == (public == "en")
    last = app.channel.last_message.content
    assert said_in(public, READY) in last
    assert ("⟦" in begun + app.text(status) + last) == (public != "en")
    assert f"⟦{private}⟧" not in begun + app.text(status) + last
    assert await refused(app, app.ann) == said_in(private, Reason(ReasonCode.SETTINGS_MANAGERS_ONLY))


@pytest.mark.slow
async def test_the_server_s_own_choice_stands_above_discord_s(archive: Archive, locales: dict[int, str]) -> None:
    app = archive.app
    await server_speaks(app, "de")
    await chosen(app, "ja")
    locales[app.ann.id] = "es-419"
    assert (await ended(archive, await app.video())).language == "ja"
    assert said_in("ja", READY) in app.channel.last_message.content
    await chosen(app, "en")
    assert (await ended(archive, await app.video())).language == "en"
    assert "⟦" not in app.channel.last_message.content
    await chosen(app, None)
    assert (await ended(archive, await app.video())).language == "de"


async def test_without_discord_s_word_with_a_command_the_server_s_own_counts(
    archive: Archive, locales: dict[int, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    await server_speaks(archive.app, "de")
    made = interactions.base_payload

    def payload(*given: Any, **named: Any) -> Any:
        record, said = made(*given, **named)
        return record, {name: one for name, one in said.items() if name != "guild_locale"}

    monkeypatch.setattr(interactions, "base_payload", payload)
    assert (await job_of(archive, await archive.app.video())).language == "de"


@pytest.mark.slow
async def test_another_person_s_next_take_is_in_the_server_s_language(
    archive: Archive, locales: dict[int, str]
) -> None:
    app = archive.app
    await server_speaks(app, "de")
    await ended(archive, await app.video(duration=4, resolution="480p"))
    video = app.channel.last_message
    locales[archive.ben.id] = "ja"
    again = await archive.ben.click(video, custom_id=button(video, AGAIN))
    assert (await ended(archive, again)).language == "de"
    assert JAPANESE not in app.channel.last_message.content


@pytest.mark.slow
async def test_in_a_direct_message_it_is_the_person_s(archive: Archive, locales: dict[int, str]) -> None:
    zoe = archive.app.env.create_user("zoe")
    locales[zoe.id] = "de"
    status = await zoe.slash("video", prompt="A paper boat")
    assert priced(await job_of(archive, status), "de") in archive.app.text(status)
    assert (await ended(archive, status)).language == "de"


async def test_a_job_keeps_its_language_when_another_process_goes_on_with_it(
    archive: Archive, locales: dict[int, str]
) -> None:
    why = Reason(ReasonCode.AWAY)
    job = await archive.keep(state=State.REFUSED, told=False, reason=why, language="de", locale="ja")
    await chosen(archive.app, "es")

    assert await archive.app.bot._chat.show(await archive.job(job))  # pyright: ignore[reportPrivateUsage]

    assert said_in("de", why) in archive.app.own_status


async def test_a_status_is_in_its_own_language_whoever_s_click_edits_it(
    archive: Archive, locales: dict[int, str]
) -> None:
    why = Reason(ReasonCode.AWAY)
    job = await archive.keep(state=State.REFUSED, told=False, reason=why)
    with speaking("de"):
        assert await archive.app.bot._chat.show(job)  # pyright: ignore[reportPrivateUsage]
    assert said_in("en", why) in archive.app.own_status
    assert "⟦" not in archive.app.own_status


async def test_a_video_that_its_channel_refuses_comes_to_its_person_in_their_language(
    archive: Archive, locales: dict[int, str]
) -> None:
    job = await archive.keep(on_disk=True, state=State.UNDELIVERED, reason=READY, locale="ja", language="de")
    path = f"/channels/{archive.app.channel.id}/messages"
    archive.app.env.inject_error("POST", path, status=403, code=50013, message="Missing Permissions")

    await archive.jobs("resend", job=job.id)

    user = await archive.app.bot.fetch_user(archive.app.ann.id)
    (told,) = [message async for message in (await user.create_dm()).history()]
    assert JAPANESE in told.content
    assert GERMAN not in told.content


@pytest.mark.slow
async def test_what_is_said_about_a_video_is_told_in_the_channel_s_language(
    archive: Archive, locales: dict[int, str]
) -> None:
    app = archive.app
    locales[archive.ben.id] = "ja"
    approved = await approved_channel(app)
    job = await seedance(archive, language="de", locale="en-US")
    chat = app.bot._chat  # pyright: ignore[reportPrivateUsage]
    posted = await chat.post(job, Upload((READY,), job.id), again=False)
    output = Output(seconds=4.0, came=True, message_id=posted.message_id)
    await archive._store.save(replace(job, video_message_id=posted.message_id, outputs=(output,)))  # pyright: ignore[reportPrivateUsage]
    video = message(app, posted.message_id)
    await archive.ben.click(video, custom_id=button(video, SAY))

    shown = message(app, posted.message_id)
    assert f"<@{archive.ben.id}>" in shown.content.splitlines()[-1]
    (there,) = approved.history()
    window = await archive.ben.click(shown, custom_id=button(shown, RETAKE))
    await archive.ben.submit_modal(window, {"what": "Slower", "when": ""})
    reply = app.channel.last_message
    assert "Slower" in reply.content
    for words in (shown.content, there.content, *_labels(shown), *_labels(there), reply.content, *_labels(reply)):
        assert JAPANESE not in words


@pytest.mark.slow
async def test_a_screening_is_in_the_server_s_language_of_its_time(archive: Archive, locales: dict[int, str]) -> None:
    locales[archive.app.ann.id] = "ja"
    await kept(archive, 1)
    await kept(archive, 2, language="es")
    await chosen(archive.app, "de")
    result = await archive.app.ann.slash(archive.app.channel, "screening now")
    assert archive.said(result).startswith(JAPANESE)
    posted = await until(archive, lambda: film(archive))
    assert said_in("de", Reason(ReasonCode.MADE_WITH_AI)) in posted.content
    assert JAPANESE not in posted.content
    assert mark("es") not in posted.content


def _labels(shown: Any) -> Sequence[str]:
    return [one.label for row in shown.components for one in row.children]
