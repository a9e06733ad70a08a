"""/jobs resend and /jobs forget in Discord."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import discord
import pytest

from cogs.status.message import StatusMessage
from dailies.catalog.options import Options
from dailies.draft import new_draft
from dailies.job import State
from tests.bot.conftest import START, Archive
from tests.support.reasons import worded


async def test_again_posts_a_new_message_with_the_video(archive: Archive) -> None:
    job = await archive.keep(on_disk=True)
    result = await archive.jobs("resend", job=job.id.upper())

    last = archive.app.channel.last_message
    assert last.attachments[0].filename == "paper-boat-0-take-1.mp4"
    assert last.content.startswith(f"<@{archive.app.ann.id}>, here's your video again\n> A paper boat 0\n")
    assert f"Posted again: https://discord.com/channels/{job.place.guild_id}/" in archive.said(result)
    assert (await archive.job(job)).video_message_id == last.id


async def test_again_delivers_what_could_not_be_delivered(archive: Archive) -> None:
    job = await archive.keep(on_disk=True, state=State.UNDELIVERED, reason=worded("Discord did not take it."))
    await archive.jobs("resend", archive.mia, job=job.id)

    now = await archive.job(job)
    assert (now.state, now.reason) == (State.DELIVERED, None)


@pytest.mark.parametrize(
    ("changes", "answer"),
    [
        ({"state": State.SUBMITTED, "told": False}, "This job is still running"),
        ({"file_removed_at": START}, "The bot keeps videos only for a while, and has removed this one"),
        ({"forgotten_at": START, "file_removed_at": START}, "This job was forgotten"),
        ({"file": None, "state": State.UNDELIVERED}, "The video was never downloaded"),
        ({"file": None, "state": State.FAILED}, "This job ended without a video"),
        ({"file": Path("gone.mp4")}, "This bot doesn't have the video's file."),
    ],
)
async def test_again_says_why_there_is_nothing_to_post(archive: Archive, changes: dict[str, Any], answer: str) -> None:
    job = await archive.keep(on_disk=True, **changes)
    before = archive.app.channel.last_message

    assert answer in archive.said(await archive.jobs("resend", job=job.id))
    assert archive.app.channel.last_message == before


async def test_again_keeps_a_video_that_is_too_large(archive: Archive) -> None:
    job = await archive.keep(on_disk=True, state=State.UNDELIVERED, reason=worded("no"))
    path = f"/channels/{archive.app.channel.id}/messages"
    archive.app.env.inject_error("POST", path, status=413, code=40005, message="Request entity too large")

    text = archive.said(await archive.jobs("resend", job=job.id))

    assert "more than Discord allows in its channel" in text
    assert job.file is not None
    assert job.file.is_file()
    assert (await archive.job(job)).state is State.UNDELIVERED


async def test_again_looks_once_more_for_a_video_that_was_never_downloaded(archive: Archive) -> None:
    job = await archive.keep(state=State.UNDELIVERED, reason=worded("no"), openrouter_id="gen-vid-1")

    text = archive.said(await archive.jobs("resend", job=job.id))

    assert "Checking with OpenRouter again" in text
    # It is known to be finished: nothing is waited for, only fetched.
    assert (await archive.job(job)).state is State.COMPLETED


async def test_again_looks_once_more_for_a_job_that_was_no_longer_checked(archive: Archive) -> None:
    job = await archive.keep(state=State.TIMED_OUT, reason=worded("no"), openrouter_id="gen-vid-1")

    text = archive.said(await archive.jobs("resend", job=job.id))

    assert "Checking with OpenRouter again" in text
    assert (await archive.job(job)).state is State.SUBMITTED


@pytest.mark.slow
async def test_who_manages_the_server_may_post_again_too(archive: Archive) -> None:
    guild = archive.app.channel.guild
    role = guild.create_role("manager", permissions=discord.Permissions(manage_guild=True))
    max_ = guild.add_member(archive.app.env.create_user("max"), roles=[role])
    job = await archive.keep(on_disk=True)

    assert "Posted again" in archive.said(await archive.jobs("resend", max_, job=job.id))
    assert "A paper boat" in archive.said(await archive.jobs("list", max_, guild=True))


@pytest.mark.slow
async def test_again_writes_to_who_asked_when_the_channel_refuses(archive: Archive) -> None:
    job = await archive.keep(on_disk=True, state=State.UNDELIVERED, reason=worded("no"))
    path = f"/channels/{archive.app.channel.id}/messages"
    archive.app.env.inject_error("POST", path, status=403, code=50013, message="Missing Permissions")

    text = archive.said(await archive.jobs("resend", job=job.id))

    assert "Its channel refused the video, so it went to its requester as a direct message." in text
    now = await archive.job(job)
    assert now.state is State.DELIVERED
    assert now.video_channel_id not in (None, job.place.channel_id)


async def test_the_original_is_given_to_the_person_alone(archive: Archive) -> None:
    job = await archive.keep(on_disk=True, delivery_note=worded("31 MB → 9.6 MB"))
    result = await archive.jobs("original", job=job.id)

    assert "The file as the model made it" in archive.said(result)
    assert result.response is not None
    assert [file.filename for file in result.response.attachments] == ["paper-boat-0-take-1.mp4"]


async def test_the_original_of_somebody_else_is_not_given(archive: Archive) -> None:
    job = await archive.keep(archive.ben, on_disk=True)
    assert "There's no job" in archive.said(await archive.jobs("original", job=job.id))


@pytest.mark.parametrize(
    ("status", "code", "answer"),
    [
        (413, 40005, "more than Discord allows here"),
        (403, 50013, "The video couldn't be given to you here: the bot is missing a permission there"),
    ],
)
async def test_an_original_that_discord_does_not_take_says_why(
    archive: Archive, status: int, code: int, answer: str
) -> None:
    job = await archive.keep(on_disk=True)
    archive.app.env.inject_error("PATCH", "/webhooks/*", status=status, code=code, message="no")

    assert answer in archive.said(await archive.jobs("original", job=job.id))


async def test_a_button_below_somebody_else_s_status_says_who_may_press_it(archive: Archive) -> None:
    job = await archive.keep(archive.ben, on_disk=True, state=State.UNDELIVERED, reason=worded("no"))
    # simcord's message ids use a time of their own.
    asked = replace(job, created_at=discord.utils.snowflake_time(archive.app.channel.id).timestamp())
    await StatusMessage().replace(archive.app.bot, [asked], None)
    status = archive.app.channel.last_message

    result = await archive.app.ann.click(status, label="Deliver again")

    assert "Only the person who requested this video" in archive.said(result)
    assert archive.app.channel.last_message == status


async def test_forget_asks_first_and_removes_nothing_by_itself(archive: Archive) -> None:
    job = await archive.keep(on_disk=True)
    text = archive.said(await archive.jobs("forget"))

    assert "### Forget 1 job?" in text
    assert "This can't be undone." in text
    assert await archive.job(job) == job


@pytest.mark.slow
async def test_forget_removes_words_and_video_once_it_is_confirmed(archive: Archive) -> None:
    job, other = await archive.keep(on_disk=True), await archive.keep(archive.ben, 1, on_disk=True)
    result = await archive.jobs("forget")
    await archive.press(result, "Forget my jobs")

    assert "1 job was forgotten. What they cost is kept." in archive.said(result)
    now = await archive.job(job)
    assert now.request.prompt == ""
    assert now.forgotten_at is not None
    assert job.file is not None
    assert not job.file.exists()
    assert await archive.job(other) == other
    assert other.file is not None
    assert other.file.exists()


@pytest.mark.slow
async def test_a_forgotten_job_says_so(archive: Archive) -> None:
    job = await archive.keep(on_disk=True)
    await archive.press(await archive.jobs("forget"), "Forget my jobs")

    assert "Forgotten <t:" in archive.said(await archive.jobs("show", job=job.id))
    assert "(forgotten)" in archive.said(await archive.jobs("list"))
    choices = await archive.app.ann.autocomplete(archive.app.channel, "jobs show", "job", "")
    assert choices[0]["name"].startswith("(forgotten) · A: B · ")


async def test_forget_counts_and_removes_drafts_too(archive: Archive) -> None:
    ann, drafts = archive.app.ann.id, archive.app.bot._retention._drafts  # pyright: ignore[reportPrivateUsage]
    await drafts.create(new_draft(ann, None, 1, Options("A draft"), now=time.time()))

    result = await archive.jobs("forget")
    assert "Forget 1 draft?" in archive.said(result)
    await archive.press(result, "Forget my drafts")

    assert "1 draft was forgotten." in archive.said(result)
    assert await drafts.count(ann) == 0


async def test_forget_can_be_declined(archive: Archive) -> None:
    job = await archive.keep(on_disk=True)
    result = await archive.jobs("forget")
    await archive.press(result, "Keep them")

    assert "Nothing was removed." in archive.said(result)
    assert await archive.job(job) == job


@pytest.mark.slow
async def test_forget_says_which_jobs_it_leaves(archive: Archive) -> None:
    await archive.keep()
    running = await archive.keep(number=1, state=State.SUBMITTED, told=False)
    result = await archive.jobs("forget")
    assert "1 job that is still run" in archive.said(result)
    await archive.press(result, "Forget my jobs")

    assert "1 job that is still running stays; use /jobs forget again later." in archive.said(result)
    assert await archive.job(running) == running
