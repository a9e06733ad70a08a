"""Continue, below every video: what each way sends, what it costs, and what it says when it is not possible."""

from __future__ import annotations

import asyncio
import base64
import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import discord
import pytest
import simcord
from PIL import Image

from cogs.video.message_links import MessageLinks
from dailies.job import How, Job, Origin
from dailies.references.reference import Source
from dailies.schema import jobs
from dailies.store.sql import SqlStore
from tests.bot import test_references
from tests.bot.conftest import BotApp
from tests.support.films import FINE, frames, off, run
from tests.support.servers import Served

assets, settings = test_references.assets, test_references.settings

FLUX = "black-forest-labs/flux-3-video"
CLIP = (640, 360)


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make what the stand-in delivers: models want pictures larger than those of the usual clip."""
    film = ("-f", "lavfi", "-i", f"testsrc2=duration=0.5:size={CLIP[0]}x{CLIP[1]}")
    return run(tmp_path_factory.mktemp("clip") / "clip.mp4", *film, *FINE)


def store(app: BotApp) -> SqlStore:
    kept = app.bot.intake._store  # pyright: ignore[reportPrivateUsage]
    assert isinstance(kept, SqlStore)
    return kept


async def every_job(app: BotApp) -> list[Job]:
    return await store(app).load(jobs.c.id.is_not(None))


async def a_video(app: BotApp, prompt: str = "The fox looks up", **options: object) -> discord.Message:
    """Make a video as Ann; return the message that holds it."""
    status = await app.video(prompt, **options)
    assert "Done" in await app.finish(status)
    video = app.channel.last_message
    assert video.attachments
    return video


def parts(components: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [each for one in components for each in (one, *parts(one.get("components", [])))]


def text(answer: simcord.InteractionResult) -> str:
    assert answer.response is not None
    shown = [answer.response.content or "", *(one.get("content", "") for one in parts(answer.response.components))]
    return "\n".join(shown).replace("\\", "")


def buttons(answer: simcord.InteractionResult) -> dict[str, str]:
    """Return the custom ids of an answer's buttons, by their labels."""
    assert answer.response is not None
    return {one["label"]: one["custom_id"] for one in parts(answer.response.components) if one["type"] == 2}


async def press(by: Any, answer: simcord.InteractionResult, label: str) -> simcord.InteractionResult:
    """Press the button whose label begins so."""
    assert answer.response is not None
    (custom_id,) = {one for words, one in buttons(answer).items() if words.startswith(label)}
    return await by.click(answer.response.message, custom_id=custom_id)


def sent(app: BotApp) -> dict[str, Any]:
    return app.openrouter.submits[-1]["body"]


def picture(part: dict[str, Any]) -> Image.Image:
    with Image.open(io.BytesIO(base64.b64decode(part["image_url"]["url"].partition(",")[2]))) as opened:
        return opened.convert("RGB")


@pytest.fixture
def ben(app: BotApp) -> Any:
    return app.channel.guild.add_member(app.env.create_user("ben"))


@pytest.mark.slow
async def test_the_next_video_begins_with_the_last_frame_three_actions_later(app: BotApp, ben: Any, clip: Path) -> None:
    video = await a_video(app)
    offered = await ben.click(video, label="Continue")
    assert offered.ephemeral
    assert "> The fox looks up" in text(offered)
    assert "No charge yet." in text(offered)

    await press(ben, offered, "From the last frame")
    await press(ben, offered, "Generate")

    assert "### Done" in await app.finish_own()
    body = sent(app)
    assert body["prompt"] == "The fox looks up"
    assert "input_references" not in body
    (first,) = body["frame_images"]
    assert first["frame_type"] == "first_frame"
    assert off(picture(first), frames(clip, CLIP)[-1]) < 1
    before, after = await every_job(app)
    assert after.origin == Origin(before.id, How.LAST_FRAME, 1)
    assert after.place.requester_id == ben.id


@pytest.mark.slow
async def test_each_way_says_what_its_button_costs_in_the_composer(app: BotApp) -> None:
    offered = await app.ann.click(await a_video(app), label="Continue")
    (way,) = [one for one in buttons(offered) if one.startswith("From the last frame")]
    await press(app.ann, offered, way)
    assert way.replace("From the last frame", "Generate") in buttons(offered)


@pytest.mark.slow
async def test_the_model_that_made_it_goes_on_with_openrouters_id(app: BotApp) -> None:
    video = await a_video(app, model=FLUX, duration=5)
    offered = await app.ann.click(video, label="Continue")
    assert "The model continues it · $2.05" in buttons(offered)
    await press(app.ann, offered, "The model continues it")
    await press(app.ann, offered, "Generate · $2.05")

    assert "### Done" in await app.finish_own()
    before, after = await every_job(app)
    assert sent(app)["previous_job_id"] == before.openrouter_id
    assert not {"frame_images", "input_references"} & sent(app).keys()
    assert after.origin == Origin(before.id, How.CONTINUATION, 0)
    assert after.cost == after.most


@pytest.mark.slow
async def test_a_model_without_a_price_for_it_does_not_offer_its_own_continuation(app: BotApp) -> None:
    offered = await app.ann.click(await a_video(app), label="Continue")
    assert not [one for one in buttons(offered) if one.startswith("The model continues it")]


@pytest.mark.slow
async def test_the_next_shot_has_the_same_references(app: BotApp, assets: Served) -> None:
    video = await a_video(app, "{1} looks up", links=f"{assets.origin}/red.png")
    before = sent(app)
    offered = await app.ann.click(video, label="Continue")
    await press(app.ann, offered, "Next shot · $")
    await press(app.ann, offered, "Generate")

    assert "### Done" in await app.finish_own()
    after = sent(app)
    assert after["prompt"] == before["prompt"]
    assert picture(after["input_references"][0]).getpixel((0, 0)) == (255, 0, 0)
    first, second = await every_job(app)
    assert second.origin == Origin(first.id, How.NEXT_SHOT, 0)


@pytest.mark.slow
async def test_numbers_of_references_are_words_where_the_last_frame_begins(app: BotApp, assets: Served) -> None:
    video = await a_video(app, "The fox from {1} looks up", links=f"{assets.origin}/red.png")
    offered = await app.ann.click(video, label="Continue")
    await press(app.ann, offered, "From the last frame")
    await press(app.ann, offered, "Generate")
    assert "### Done" in await app.finish_own()
    assert sent(app)["prompt"] == "The fox from the first frame looks up"


@pytest.mark.slow
async def test_a_video_that_is_no_longer_kept_says_so_and_leaves_the_other_ways(app: BotApp) -> None:
    video = await a_video(app, model=FLUX, duration=5)
    (job,) = await every_job(app)
    assert job.file is not None
    offered = await app.ann.click(video, label="Continue")
    job.file.unlink()

    late = await press(app.ann, offered, "From the last frame")
    assert "no longer kept here, so its last frame can't be used" in text(late)
    again = await app.ann.click(video, label="Continue")
    assert "From the last frame isn't possible: the video is no longer kept here." in text(again).replace("*", "")
    assert [one.partition(" · ")[0] for one in buttons(again)] == ["The model continues it"]


@pytest.mark.slow
async def test_after_two_last_frames_in_a_row_it_warns(app: BotApp) -> None:
    video = await a_video(app)
    (job,) = await every_job(app)
    assert "softens" not in text(await app.ann.click(video, label="Continue"))
    async with store(app)._engine.begin() as connection:  # pyright: ignore[reportPrivateUsage]
        origin = {"origin_id": "0", "origin_how": "last_frame", "origin_hops": 2}
        await connection.execute(jobs.update().where(jobs.c.id == job.id).values(origin))

    offered = await app.ann.click(video, label="Continue")
    assert "2 last frames in a row already led here" in text(offered)
    await press(app.ann, offered, "From the last frame")
    assert "2 last frames in a row already led here" in text(offered)


@pytest.mark.slow
async def test_a_frame_that_takes_its_time_opens_the_composer_all_the_same(app: BotApp) -> None:
    video = await a_video(app)
    app.bot.continue_button._look_seconds = 0  # pyright: ignore[reportPrivateUsage]
    app.bot._last_frames._tasks.clear()  # pyright: ignore[reportPrivateUsage]
    offered = await app.ann.click(video, label="Continue")
    app.bot._last_frames._tasks.clear()  # pyright: ignore[reportPrivateUsage]
    await press(app.ann, offered, "From the last frame")
    assert any(one.startswith("Generate") for one in buttons(offered))


@pytest.mark.slow
async def test_a_forgotten_job_goes_on_in_no_way(app: BotApp) -> None:
    video = await a_video(app)
    (job,) = await every_job(app)
    offered = await app.ann.click(video, label="Continue")
    await store(app).save(replace(job, forgotten_at=1.0))
    for answer in (await press(app.ann, offered, "From the last frame"), await app.ann.click(video, label="Continue")):
        assert "This job was forgotten" in text(answer)


@pytest.mark.slow
async def test_the_bots_own_video_is_animated_from_its_last_frame_and_its_status_from_its_references(
    app: BotApp, assets: Served, clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    status = await app.video("{1} looks up", links=f"{assets.origin}/red.png")
    assert "Done" in await app.finish(status)
    assert status.response is not None
    taken: list[Source] = []
    real = MessageLinks.images

    async def images(*given: Any) -> list[Source]:
        taken.extend(found := await real(*given))
        return found

    monkeypatch.setattr(MessageLinks, "images", images)
    for message in (app.channel.last_message, status.response.message):
        assert (await app.ann.context_menu(app.channel, "Animate image", message)).modal
    pictures = [Image.open(one.kept).convert("RGB") for one in taken if one.kept]
    assert len(pictures) == 2
    assert off(pictures[0], frames(clip, CLIP)[-1]) < 1
    assert pictures[1].getpixel((0, 0)) == (255, 0, 0)


@pytest.mark.slow
async def test_a_database_that_does_not_answer_is_told_in_time(app: BotApp, monkeypatch: pytest.MonkeyPatch) -> None:
    video = await a_video(app)

    async def late(_: str) -> Job:
        await asyncio.sleep(0.3)
        raise KeyError

    monkeypatch.setattr(app.bot.continue_button, "_look_seconds", 0.01)
    monkeypatch.setattr(store(app), "get", late)
    assert "isn't responding" in text(await app.ann.click(video, label="Continue"))
