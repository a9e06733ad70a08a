"""Approve and Retake: who may, what the video's message says, and what two people at once are told."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import discord
import pytest
import simcord

from cogs.delivery.message import message_buttons, message_text
from cogs.status.review import RETAKE, SAY, Review, reviewed
from dailies.job import Job, Output
from dailies.review import Decision, Verdict
from tests.bot.composing import Panel
from tests.bot.conftest import Archive, BotApp
from tests.bot.test_rights import Servers, servers
from tests.bot.test_under_the_video import READY, delivered, labels, press, seedance

__all__ = ["servers"]

OWN = ["Again", "Edit", "Continue", "More"]


async def shown(archive: Archive, *, buttons: bool = True, **changes: Any) -> tuple[Job, int]:
    """Keep a job whose video is in the channel; return it with the id of its message."""
    app = archive.app
    job = await seedance(archive, **changes)
    chat = app.bot._chat  # pyright: ignore[reportPrivateUsage]
    text, view = message_text(job, READY, ai_label=True), message_buttons(job, READY, chat.price)
    text, view = reviewed(text, view, job, 1, Review(buttons))
    channel = app.bot.get_partial_messageable(app.channel.id, guild_id=app.channel.guild.id)
    message = await channel.send(text, view=view)
    output = Output(seconds=4.0, came=True, message_id=message.id)
    job = replace(job, video_message_id=message.id, outputs=(output,))
    await archive._store.save(job)  # pyright: ignore[reportPrivateUsage]
    return job, message.id


def message(app: BotApp, message_id: int, channel: Any = None) -> Any:
    """Return a message as it is now."""
    return next(one for one in (channel or app.channel).history() if one.id == message_id)


def last_line(app: BotApp, message_id: int) -> str:
    return message(app, message_id).content.splitlines()[-1]


def told(app: BotApp, result: simcord.InteractionResult) -> list[str]:
    """Return what the person alone was told, escapes taken out."""
    return [(one.content or "").replace("\\", "") for one in result.followups if one.flags.ephemeral]


async def approved_channel(app: BotApp, **made: Any) -> Any:
    """Set a channel for approved videos."""
    channel = app.channel.guild.create_text_channel("approved", **made)
    await servers_of(app).change(app.channel.guild.id, "approved_channel", channel.id, 1)
    return channel


def servers_of(app: BotApp) -> Any:
    return app.bot.setting_handlers._store  # pyright: ignore[reportPrivateUsage]


def reviews_of(app: BotApp) -> Any:
    return app.bot.reviewing.reviews.store  # pyright: ignore[reportPrivateUsage]


async def retake(
    by: Any, message: Any, what: str = "Slower", when: str = "", label: str = "Retake"
) -> simcord.InteractionResult:
    """Press Retake, and send its window."""
    window = await press(by, message, label)
    assert window.modal is not None
    return await by.submit_modal(window, {"what": what, "when": when})


@pytest.mark.slow
async def test_they_stand_below_the_videos_of_a_channel_in_which_people_review(app: BotApp) -> None:
    assert labels(await delivered(app)) == ["Again · $0.45", *OWN[1:]]
    await approved_channel(app)
    video: Any = await delivered(app)
    assert [[one.label.split(" ·")[0] for one in row.children] for row in video.components] == [
        OWN,
        ["Approve", "Retake"],
    ]


@pytest.mark.slow
async def test_an_approval_is_said_in_the_video_s_message_and_can_be_taken_back(archive: Archive) -> None:
    app = archive.app
    _, video = await shown(archive)
    before = message(app, video).content
    await press(archive.ben, message(app, video), "Approve")
    assert message(app, video).content == f"{before}\n**Approved** by <@{archive.ben.id}>"
    assert [one.split(" ·")[0] for one in labels(message(app, video))] == [*OWN, "Withdraw approval", "Retake"]

    await press(app.ann, message(app, video), "Withdraw approval")
    assert message(app, video).content == f"{before}\n**Approval withdrawn** by <@{app.ann.id}>"
    assert labels(message(app, video))[-2:] == ["Approve", "Retake"]
    assert app.openrouter.submits == []


@pytest.mark.slow
async def test_an_approved_video_goes_to_its_channel_with_how_it_was_made(archive: Archive) -> None:
    app = archive.app
    channel = await approved_channel(app)
    job, video = await shown(archive)
    result = await press(archive.ben, message(app, video), "Approve")
    (posted,) = channel.history()
    assert [file.filename for file in posted.attachments] == [
        "paper-boat-77-take-1.mp4",
        f"{job.id}-1-provenance.json",
    ]
    assert posted.content.startswith("> A paper boat 77\n")
    assert posted.content.endswith(f"\n**Approved** by <@{archive.ben.id}>")
    assert labels(posted) == ["More"]
    (said,) = told(app, result)
    assert f"/{channel.id}/{posted.id} You weren't charged." in said

    await retake(app.ann, message(app, video), "Slower, please")
    (posted,) = channel.history()
    assert posted.content.endswith(f"\n**Retake** by <@{app.ann.id}>: Slower, please")


async def test_the_reply_names_who_asks_for_a_retake_of_their_own_video_once(archive: Archive) -> None:
    app = archive.app
    _, video = await shown(archive)
    await retake(app.ann, message(app, video), "Slower")
    assert app.channel.last_message.content == f"**Retake** by <@{app.ann.id}>: Slower"


@pytest.mark.slow
async def test_a_retake_is_a_reply_to_who_asked_and_opens_the_composer_with_its_note(archive: Archive) -> None:
    app = archive.app
    job, video = await shown(archive)
    await retake(archive.ben, message(app, video), "Slower, @everyone", "1.5")
    line = f"**Retake** by <@{archive.ben.id}>, at 1.5 s: Slower, \\@everyone"
    assert last_line(app, video) == line
    reply = app.channel.last_message
    assert reply.content == f"<@{app.ann.id}> · {line}"
    assert reply.reference.message_id == video
    panel = Panel(app, app.ann, await press(app.ann, reply, "Open in composer"))
    assert f"Retake** by <@{archive.ben.id}>, at 1.5 s: Slower, @everyone" in panel.text
    assert "> A paper boat 77" in panel.text
    (kept,) = await reviews_of(app).history(job.id)
    assert (kept.reply_id, kept.told_at is not None) == (reply.id, True)


async def test_a_second_that_the_video_does_not_have_is_refused_and_the_note_is_not_typed_again(
    archive: Archive,
) -> None:
    app = archive.app
    job, video = await shown(archive)
    refused = await retake(archive.ben, message(app, video), "Slower", "9")
    (said,) = told(app, refused)
    assert "from 0 to 4" in said
    assert await reviews_of(app).history(job.id) == []
    again = await press(archive.ben, refused.followups[-1].message, "Change it")
    assert again.modal is not None
    assert again.modal["components"][0]["component"]["value"] == "Slower"
    await archive.ben.submit_modal(again, {"what": "Slower", "when": "0:03"})
    assert last_line(app, video).endswith("at 3 s: Slower")


@pytest.mark.slow
async def test_of_two_at_once_the_second_is_told_and_can_decide_on_that(archive: Archive) -> None:
    app = archive.app
    job, video = await shown(archive)
    stale = message(app, video)
    window = await press(archive.mia, stale, "Retake")
    await press(archive.ben, stale, "Approve")
    second = await archive.mia.submit_modal(window, {"what": "The hands", "when": ""})

    (said,) = told(app, second)
    assert said.startswith(f"Meanwhile: **Approved** by <@{archive.ben.id}>\nYour decision isn't saved.")
    assert said.endswith("> The hands")
    assert last_line(app, video) == f"**Approved** by <@{archive.ben.id}>"
    await retake(archive.mia, second.followups[-1].message, "The hands")
    assert last_line(app, video) == f"**Retake** by <@{archive.mia.id}>: The hands"
    assert [one.verdict for one in await reviews_of(app).history(job.id)] == [Verdict.APPROVED, Verdict.RETAKE]


async def test_an_older_button_asks_anew_before_its_window_opens(archive: Archive) -> None:
    app = archive.app
    job, video = await shown(archive)
    await press(archive.ben, message(app, video), "Approve")
    view = discord.ui.View(timeout=None).add_item(RETAKE.button("Old", job_id=job.id, number=1, seen=0))
    await app.bot.get_partial_messageable(app.channel.id).send("old", view=view)
    result = await press(archive.mia, app.channel.last_message, "Old")
    assert result.modal is None
    assert "Meanwhile: **Approved**" in app.text(result)


@pytest.mark.slow
async def test_under_more_they_act_on_the_video_s_own_message(archive: Archive) -> None:
    app = archive.app
    job, video = await shown(archive, buttons=False)
    more = Panel(app, archive.ben, await press(archive.ben, message(app, video), "More"))
    result = await more.press("Approve")
    assert last_line(app, video) == f"**Approved** by <@{archive.ben.id}>"
    assert labels(message(app, video))[-1] == "More"
    assert told(app, result) == [f"**Approved** by <@{archive.ben.id}>\nYou weren't charged."]
    show = await archive.jobs("show", job=job.id)
    assert f"**Approved** by <@{archive.ben.id}> <t:" in archive.said(show)


async def test_where_the_message_is_gone_a_reply_says_it(archive: Archive) -> None:
    app = archive.app
    _, video = await shown(archive, buttons=False)
    more = Panel(app, archive.ben, await press(archive.ben, message(app, video), "More"))
    await app.bot.get_partial_messageable(app.channel.id).get_partial_message(video).delete()
    await more.press("Approve")
    assert app.channel.last_message.content == f"**Approved** by <@{archive.ben.id}>"


@pytest.mark.parametrize(("status", "code"), [(429, 30046), (403, 50001), (403, 50013)])
async def test_where_discord_refuses_the_edit_a_reply_says_it(archive: Archive, status: int, code: int) -> None:
    """An old message that was edited too often, one out of sight, and one that may not be written to."""
    app = archive.app
    _, video = await shown(archive, buttons=False)
    more = Panel(app, archive.ben, await press(archive.ben, message(app, video), "More"))
    app.env.inject_error("PATCH", "/channels/*/messages/*", status=status, code=code, message="no")
    await more.press("Approve")
    assert app.channel.last_message.content == f"**Approved** by <@{archive.ben.id}>"
    assert app.channel.last_message.reference.message_id == video


async def test_only_a_role_that_was_set_reviews_and_who_manages_the_server(archive: Archive) -> None:
    app, guild = archive.app, archive.app.channel.guild
    role, manager = (
        guild.create_role("review"),
        guild.create_role("m", permissions=discord.Permissions(manage_guild=True)),
    )
    zoe = guild.add_member(app.env.create_user("zoe"), roles=[role])
    eve = guild.add_member(app.env.create_user("eve"), roles=[manager])
    await servers_of(app).change(guild.id, "review_roles", frozenset({role.id}), eve.id)
    _, video = await shown(archive)

    refused = await press(archive.ben, message(app, video), "Approve")
    assert "Only people with the role for it" in told(app, refused)[0]
    assert "Only people with the role for it" in app.text(await press(archive.ben, message(app, video), "Retake"))
    await press(zoe, message(app, video), "Approve")
    assert last_line(app, video) == f"**Approved** by <@{zoe.id}>"
    await press(eve, message(app, video), "Withdraw approval")
    assert last_line(app, video) == f"**Approval withdrawn** by <@{eve.id}>"


@pytest.mark.settings(REVIEW_ROLE_IDS="145000000000000000")
async def test_the_operator_s_role_holds_where_a_server_set_none(archive: Archive) -> None:
    _, video = await shown(archive)
    refused = await press(archive.ben, message(archive.app, video), "Approve")
    assert "Only people with the role for it" in told(archive.app, refused)[0]


async def test_a_button_of_another_server_s_video_says_nothing(servers: Servers) -> None:
    app = servers.archive.app
    job = await servers.video()
    view = discord.ui.View(timeout=None)
    for verdict in ("approved", "withdrawn"):
        view.add_item(SAY.button(verdict, verdict=verdict, job_id=job.id, number=1, seen=0))
    await app.bot.get_partial_messageable(servers.channel.id).send("forged", view=view)
    result = await press(servers.there, servers.channel.last_message, "approved")
    assert "of another server or channel" in told(app, result)[0]
    assert await reviews_of(app).history(job.id) == []


async def test_the_approval_of_a_video_that_is_no_longer_kept_counts_and_says_so(archive: Archive) -> None:
    app = archive.app
    channel = await approved_channel(app)
    job, video = await shown(archive, file_removed_at=1.0)
    result = await press(archive.ben, message(app, video), "Approve")
    assert "no longer keeps this video" in told(app, result)[0]
    assert channel.history() == []
    assert (await reviews_of(app).history(job.id))[0].verdict is Verdict.APPROVED


async def test_a_channel_that_was_deleted_is_told_to_who_approves(archive: Archive) -> None:
    app = archive.app
    channel = await approved_channel(app)
    await app.bot.get_channel(channel.id).delete()  # type: ignore[union-attr]  # pyright: ignore
    _, video = await shown(archive)
    result = await press(archive.ben, message(app, video), "Approve")
    assert f"couldn't be posted in <#{channel.id}>: the channel is gone." in told(app, result)[0]
    assert last_line(app, video) == f"**Approved** by <@{archive.ben.id}>"


@pytest.mark.slow
async def test_notes_go_with_who_is_forgotten(archive: Archive) -> None:
    app = archive.app
    job, video = await shown(archive)
    await retake(archive.ben, message(app, video), "Slower")
    question = await archive.jobs("forget", archive.ben)
    assert "### Forget 1 word on a video?" in archive.said(question)
    await archive.ben.click(question.response.message, label="Forget my notes")  # pyright: ignore[reportOptionalMemberAccess]
    (kept,) = await reviews_of(app).history(job.id)
    assert isinstance(kept, Decision)
    assert (kept.by_id, kept.note) == (None, None)
    show = await archive.jobs("show", job=job.id)
    assert "**Retake** by someone who was forgotten" in archive.said(show)


async def test_who_manages_the_server_chooses_the_channel_for_approved_videos_and_stops_that(archive: Archive) -> None:
    app, guild = archive.app, archive.app.channel.guild
    manager = guild.create_role("manager", permissions=discord.Permissions(manage_guild=True))
    eve = guild.add_member(app.env.create_user("eve"), roles=[manager])
    channel = guild.create_text_channel("approved")

    refused = await archive.ben.slash(app.channel, "shots approved", channel=channel)
    assert "Only people with the permission Manage Server" in app.text(refused)
    chosen = await eve.slash(app.channel, "shots approved", channel=channel)
    assert f"are posted in <#{channel.id}>" in app.text(chosen)
    seen = Panel(app, eve, await eve.slash(app.channel, "shots approved"))
    assert f"are posted in <#{channel.id}>" in seen.text
    await seen.press("Stop")
    assert "stay where they are from now on" in seen.text
    assert (await servers_of(app).of(guild.id)).approved_channel is None


async def test_what_not_everybody_sees_is_not_shown_to_everybody(archive: Archive) -> None:
    app, guild = archive.app, archive.app.channel.guild
    channel = await approved_channel(app)
    seen = discord.PermissionOverwrite(view_channel=True, send_messages=True)
    nobody = discord.PermissionOverwrite(view_channel=False)
    closed = guild.create_text_channel(
        "closed", overwrites={guild.default_role: nobody, app.bot.user: seen, archive.ben: seen}
    )
    job, _ = await shown(archive)
    moved = replace(job, id="0000000000000001", key="moved", place=replace(job.place, channel_id=closed.id))
    assert await archive._store.create(moved)  # pyright: ignore[reportPrivateUsage]
    view = discord.ui.View(timeout=None).add_item(
        SAY.button("Yes", verdict="approved", job_id=moved.id, number=1, seen=0)
    )
    await app.bot.get_partial_messageable(closed.id).send("claim", view=view)
    result = await press(archive.ben, closed.last_message, "Yes")
    assert "a channel that not everyone can see, and everyone can see this one" in told(app, result)[0]
    assert channel.history() == []
