"""The buttons under every video: for everybody who sees it, and whoever presses them pays."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import discord
import pytest
import simcord

from cogs.delivery.message import message_buttons
from dailies.delivery.chat import Upload
from dailies.job import How, Job, Place
from dailies.reason import Reason, ReasonCode
from tests.bot.composing import Panel
from tests.bot.conftest import Archive, BotApp
from tests.bot.test_rights import Servers, closed, said, servers
from tests.bot.test_run_again import listed
from tests.support.discordbot import until
from tests.unit.kit import a_reference

__all__ = ["servers"]

READY = Upload((Reason(ReasonCode.READY),), "n")


async def delivered(app: BotApp, prompt: str = "A paper boat", **options: object) -> discord.Message:
    """Have a video made, and return its message."""
    await app.finish(await app.video(prompt, **options))
    return app.channel.last_message


def labels(message: Any) -> list[str]:
    return [one.label for row in message.components for one in row.children]


async def press(by: Any, message: Any, label: str) -> simcord.InteractionResult:
    """Press the button whose label begins so."""
    rows = [one for row in message.components for one in row.children]
    (custom_id,) = [one.custom_id for one in rows if one.label.startswith(label)]
    return await by.click(message, custom_id=custom_id)


def bodies(app: BotApp) -> list[dict[str, Any]]:
    return [dict(one["body"]) for one in app.openrouter.submits]


async def newest(archive: Archive) -> Job:
    """Return the job of the last paid request."""
    store = archive._store  # pyright: ignore[reportPrivateUsage]
    return await store.get(archive.app.openrouter.submits[-1]["body"]["session_id"])


@pytest.mark.slow
async def test_the_message_says_what_it_is_and_its_status_leads_to_it(app: BotApp) -> None:
    status = await app.video("The fox carries the lantern", duration=4)
    text = await app.finish(status)

    video = app.channel.last_message
    first, quote, details, *_ = video.content.splitlines()
    assert first == f"<@{app.ann.id}>, your video is ready"
    assert quote == "> The fox carries the lantern"
    assert details.startswith("ByteDance: Seedance 2.0 Fast · 4 s · 720p · ")
    assert video.attachments[0].filename == "fox-carries-the-lantern-take-1.mp4"
    assert video.attachments[0].description == "Video: The fox carries the lantern"
    assert labels(video) == ["Again · $0.36", "Edit", "Continue", "More"]
    assert len(text.strip().splitlines()) == 2
    assert f"https://discord.com/channels/{app.channel.guild.id}/{app.channel.id}/{video.id}" in text


@pytest.mark.slow
async def test_again_makes_the_same_with_another_seed_in_one_press_and_is_take_two(archive: Archive) -> None:
    app = archive.app
    video = await delivered(app, duration=4, resolution="480p", seed=5)
    status = await press(archive.ben, video, "Again")

    assert not status.ephemeral
    assert (await app.finish(status)).lstrip().startswith("### Done")
    first, second = bodies(app)
    assert first.pop("seed") == 5
    assert second.pop("seed") != 5
    assert {first.pop("session_id"), first.pop("user")}.isdisjoint({second.pop("session_id"), second.pop("user")})
    assert first == second
    job = await newest(archive)
    assert job.place.requester_id == archive.ben.id
    assert job.origin is not None
    assert (job.origin.how, job.take) == (How.AGAIN, 2)
    last = app.channel.last_message
    assert last.content.startswith(f"<@{archive.ben.id}>, your video is ready · take 2\n")
    assert last.attachments[0].filename == "paper-boat-take-2.mp4"


@pytest.mark.slow
async def test_a_model_without_seeds_is_sent_none(archive: Archive) -> None:
    await listed(archive.app, lambda model: replace(model, seed=False))
    video = await delivered(archive.app)
    await archive.app.finish(await press(archive.ben, video, "Again"))
    assert [body.get("seed") for body in bodies(archive.app)] == [None, None]


@pytest.mark.slow
async def test_a_second_press_within_ten_seconds_asks_and_charges_nothing(app: BotApp) -> None:
    video = await delivered(app)
    status = await press(app.ann, video, "Again")
    panel = Panel(app, app.ann, await press(app.ann, video, "Again"))

    assert panel.answer.ephemeral
    assert "You pressed Again a moment ago." in panel.text.replace("*", "")
    await app.finish(status)
    assert len(app.openrouter.submits) == 2
    await app.finish(await panel.press("Generate"))
    assert len(app.openrouter.submits) == 3


@pytest.mark.slow
async def test_a_second_press_asks_in_another_process_too(archive: Archive) -> None:
    app = archive.app
    video = await delivered(app)
    status = await press(app.ann, video, "Again")
    app.bot.next_take._pressed.clear()  # pyright: ignore[reportPrivateUsage] (the memory of this process)
    panel = Panel(app, app.ann, await press(app.ann, video, "Again"))

    assert "You pressed Again a moment ago." in panel.text.replace("*", "")
    await app.finish(status)
    assert len(app.openrouter.submits) == 2


@pytest.mark.slow
async def test_two_presses_that_know_nothing_of_each_other_make_one_job(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = archive.app
    video = await delivered(app)
    take = app.bot.next_take

    async def nothing(_: str, __: int) -> None:
        """Say that there is none: the other press is not recorded yet."""

    monkeypatch.setattr(take, "_newest_again", nothing)
    status = await press(app.ann, video, "Again")
    take._pressed.clear()  # pyright: ignore[reportPrivateUsage]
    refused = await press(app.ann, video, "Again")

    assert "your first press counted. You weren't charged again." in said(refused)
    await app.finish(status)
    assert len(app.openrouter.submits) == 2


@pytest.mark.slow
async def test_after_ten_seconds_it_is_made_once_more(app: BotApp) -> None:
    video = await delivered(app)
    await app.finish(await press(app.ann, video, "Again"))
    take = app.bot.next_take
    now = take._now  # pyright: ignore[reportPrivateUsage]
    take._now = lambda: now() + 11  # pyright: ignore[reportPrivateUsage]
    await app.finish(await press(app.ann, video, "Again"))
    assert len(app.openrouter.submits) == 3


@pytest.mark.slow
async def test_two_people_press_at_once_and_each_pays(archive: Archive) -> None:
    video = await delivered(archive.app)
    first = await press(archive.app.ann, video, "Again")
    second = await press(archive.ben, video, "Again")
    for status in (first, second):
        assert (await archive.app.finish(status)).lstrip().startswith("### Done")
    assert len(archive.app.openrouter.submits) == 3


def dearer(app: BotApp) -> Any:
    """Raise the price of everything."""
    raised = {"duration_seconds": "1"}
    return listed(app, lambda model: replace(model, pricing_skus=raised))


@pytest.mark.slow
async def test_a_higher_price_asks_and_charges_nothing(app: BotApp) -> None:
    video = await delivered(app, duration=4)
    await dearer(app)
    panel = Panel(app, app.ann, await press(app.ann, video, "Again"))

    assert panel.answer.ephemeral
    assert "The price is now $4.00; the button said $0.36." in panel.text
    assert len(app.openrouter.submits) == 1


@pytest.mark.slow
@pytest.mark.settings(CONFIRM_ABOVE_USD="0.05")
async def test_the_price_on_the_label_is_the_question_and_the_press_its_answer(archive: Archive) -> None:
    app = archive.app
    video = await posted(archive, await seedance(archive))
    assert labels(video)[0].startswith("Again · $")
    await app.finish(await press(archive.ben, video, "Again"))
    assert len(app.openrouter.submits) == 1


MODEL = "bytedance/seedance-2.0-fast"


async def posted(archive: Archive, job: Job, channel: Any = None) -> discord.Message:
    """Post the message with a kept job's video."""
    app = archive.app
    channel = channel or app.channel
    known = app.bot.get_partial_messageable(channel.id)
    price = app.bot._chat.price  # pyright: ignore[reportPrivateUsage]
    return await known.send("a video", view=message_buttons(job, READY, price))


async def seedance(archive: Archive, **changes: Any) -> Job:
    """Keep a delivered job of a model that is in the list."""
    request = replace(
        (await archive.keep(number=77)).request, model=MODEL, duration=4, resolution="720p", aspect_ratio="16:9"
    )
    return await archive.keep(on_disk=True, request=request, **changes)


@pytest.mark.slow
async def test_edit_opens_everything_of_a_video_for_anybody(archive: Archive) -> None:
    app = archive.app
    video = await delivered(app, "A lighthouse in fog", duration=4, resolution="480p")
    panel = Panel(app, archive.ben, await press(archive.ben, video, "Edit"))

    assert panel.answer.ephemeral
    assert "> A lighthouse in fog" in panel.text
    await panel.fill("Prompt", prompt="A lighthouse at night", more="")
    await panel.press("Generate")
    await until(lambda: len(bodies(app)) == 2)
    first, second = bodies(app)
    assert second["prompt"] == "A lighthouse at night"
    assert [first[one] for one in ("duration", "resolution")] == [second[one] for one in ("duration", "resolution")]
    job = await newest(archive)
    assert job.origin is not None
    assert (job.origin.how, job.take) == (How.EDIT, 2)


@pytest.mark.slow
async def test_edit_under_a_status_that_failed_keeps_the_work(app: BotApp) -> None:
    app.openrouter.faults.job("failed", error="It broke.")
    status = await app.video("A lighthouse in fog", duration=4)
    text = await app.finish(status)
    assert text.lstrip().startswith("### Failed")
    assert status.response is not None
    panel = Panel(app, app.ann, await app.ann.click(status.response.message, label="Edit"))
    assert "> A lighthouse in fog" in panel.text


async def test_more_shows_details_and_gives_everybody_the_original_and_only_its_people_another_post(
    archive: Archive,
) -> None:
    video = await posted(archive, await seedance(archive))
    for by, expected in (
        (archive.ben, ["Original file", "Approve", "Retake"]),
        (archive.app.ann, ["Original file", "Post again", "Approve", "Retake"]),
        (archive.mia, ["Original file", "Post again", "Approve", "Retake"]),
    ):
        panel = Panel(archive.app, by, await press(by, video, "More"))
        assert panel.answer.ephemeral
        assert "> A paper boat 77" in panel.text
        assert list(panel.buttons) == expected
    ben = Panel(archive.app, archive.ben, await press(archive.ben, video, "More"))
    given = await ben.press("Original file")
    assert given.ephemeral
    assert given.response is not None
    assert [file.filename for file in given.response.attachments] == ["paper-boat-77-take-1.mp4"]


async def test_post_again_posts_it_with_its_buttons(archive: Archive) -> None:
    video = await posted(archive, await seedance(archive))
    more = Panel(archive.app, archive.app.ann, await press(archive.app.ann, video, "More"))
    assert "Posted again" in said(await more.press("Post again"))
    last = archive.app.channel.last_message
    assert last.content.startswith(f"<@{archive.app.ann.id}>, here's your video again\n> A paper boat 77\n")
    assert [one.split(" ·")[0] for one in labels(last)] == ["Again", "Edit", "Continue", "More"]


@pytest.mark.parametrize("label", ["Again", "Edit", "More"])
async def test_a_video_of_another_server_gives_nothing(servers: Servers, label: str) -> None:
    video = await posted(servers.archive, await servers.video(), servers.channel)
    assert "of another server or channel" in said(await press(servers.there, video, label))
    assert servers.paid == 0


@pytest.mark.parametrize("label", ["Again", "Edit", "More"])
async def test_a_forgotten_video_says_so(archive: Archive, label: str) -> None:
    video = await posted(archive, await seedance(archive, forgotten_at=1.0))
    assert "This job was forgotten" in said(await press(archive.ben, video, label))


@pytest.mark.parametrize("label", ["Again", "Edit", "More"])
async def test_who_may_not_post_in_the_channel_gets_nothing(servers: Servers, label: str) -> None:
    channel = closed(servers, send_messages=False)
    job = await seedance(servers.archive, place=Place(channel.guild.id, channel.id, 5, None))
    video = await posted(servers.archive, job, channel)
    assert "you're missing Send Messages" in said(await press(servers.here, video, label))
    assert servers.paid == 0


async def test_who_does_not_see_the_channel_of_a_video_gets_nothing_of_it_elsewhere(servers: Servers) -> None:
    channel = closed(servers, view_channel=False)
    job = await seedance(servers.archive, place=Place(channel.guild.id, channel.id, 5, None))
    video = await posted(servers.archive, job)
    for label in ("Again", "Edit", "More"):
        assert "of another server or channel" in said(await press(servers.here, video, label))


async def test_they_work_in_the_direct_message_in_which_a_video_came(servers: Servers) -> None:
    archive, zoe = servers.archive, servers.zoe
    place = Place(archive.app.channel.guild.id, archive.app.channel.id, zoe.id, None)
    job = await seedance(archive, place=place, video_channel_id=zoe.dm_channel.id, video_message_id=5)
    video = await posted(archive, job, zoe.dm_channel)

    assert "> A paper boat 77" in Panel(archive.app, zoe, await press(zoe, video, "More")).text
    assert "> A paper boat 77" in Panel(archive.app, zoe, await press(zoe, video, "Edit")).text
    assert "of another server" not in said(await press(zoe, video, "Again"))  # simcord allows no files there


@pytest.mark.slow
async def test_pictures_that_are_gone_are_asked_for_again(archive: Archive) -> None:
    video = await posted(archive, await seedance(archive, references=(a_reference(),)))
    for label in ("Again", "Edit"):
        panel = Panel(archive.app, archive.ben, await press(archive.ben, video, label))
        assert "Its pictures are no longer kept" in panel.text
    assert archive.app.openrouter.submits == []


@pytest.mark.slow
async def test_of_a_job_whose_video_is_no_longer_kept_the_settings_still_are(archive: Archive) -> None:
    video = await posted(archive, await seedance(archive, file_removed_at=1.0))
    more = Panel(archive.app, archive.ben, await press(archive.ben, video, "More"))
    assert list(more.buttons) == ["Approve", "Retake"]
    await archive.app.finish(await press(archive.ben, video, "Again"))
    assert len(archive.app.openrouter.submits) == 1
