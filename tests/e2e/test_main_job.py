"""The main job over real sockets: the unmodified bot in its own process between the two stand-ins."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import io
import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from PIL import Image

from dailies.media import probe as media
from sandbox.discord import Upload
from tests.e2e.conftest import quick_stack
from tests.e2e.scene import Scene, attached, shown
from tests.support.images import corners, image, near, quarters, turned

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_the_video_replies_to_the_status_and_mentions_the_requester_only(scene: Scene) -> None:
    story = await scene.ask("For @everyone and <@&42> and <@1>")

    assert story.video is not None
    assert story.video["message_reference"]["message_id"] == story.status["id"]
    ann = scene.stack.discord.snapshot()["me"]
    assert [user["id"] for user in story.video["mentions"]] == [ann["id"]]
    assert story.video["mention_roles"] == []
    assert story.video["mention_everyone"] is False


async def test_the_file_is_named_by_the_prompt_and_the_buttons_by_the_job(scene: Scene) -> None:
    story = await scene.ask("The fox carries the lantern")

    assert story.video is not None
    assert story.video["attachments"][0]["filename"] == "fox-carries-the-lantern-take-1.mp4"
    job_id = story.end.rsplit("Job ", 1)[1].split()[0]
    assert shown(story.video) == (job_id, 1)
    assert story.video["nonce"] == job_id


async def test_the_status_ends_as_a_receipt(scene: Scene) -> None:
    story = await scene.ask("A paper boat sails", seed=7, audio=False)

    assert story.statuses[0].startswith("### Checking the request\n> A paper boat sails")
    assert "4 s · 480p · 16:9 · without sound · seed 7" in story.statuses[0]
    assert story.video is not None
    assert re.fullmatch(
        rf"### Done\n-# Job \w+ · \[to the video\]\(\S+/{story.video['id']}\) · requested by <@\d+> · "
        r"ByteDance: Seedance 2.0 Fast · 4 s · 480p · (?:\d+ min )?\d+ s · \$0\.\d\d",
        story.end,
    )
    # The bill is in the ledger, and nothing is held any more.
    with closing(sqlite3.connect(scene.stack.folder / "data" / "dailies.sqlite")) as database:
        query = (
            "SELECT sum(held), sum(spent), round(cost * 1000000) FROM ledger "
            "JOIN jobs ON jobs.id = ledger.job_id WHERE jobs.key = ?"
        )
        held, spent, cost = database.execute(query, (story.interaction_id,)).fetchone()
    assert (held, spent) == (0, cost)
    assert spent > 0


async def test_the_status_is_edited_on_each_check(scene: Scene) -> None:
    scene.stack.openrouter.faults.job(queue_seconds=35, work_seconds=35)

    story = await scene.ask()

    checks = [text for text in story.statuses if "· checked " in text]
    assert len(checks) >= 3  # seven, less those that a busy machine has overtaken by the next
    assert any("· in the model's queue ·" in text for text in checks)
    assert any("queue" not in text for text in checks)


async def test_references_are_shown_as_thumbnails_of_the_bot_s_own(scene: Scene) -> None:
    scene.stack.openrouter.faults.job(work_seconds=50)  # a busy machine merges the edits of a short one

    story = await scene.ask(**attached(image("red"), image("blue")))

    alt_texts = ["Reference image 1: image1.png", "Reference image 2: image2.png"]
    assert [item["description"] for item in story.thumbnails] == alt_texts
    assert all("/attachments/" in item["media"]["url"] for item in story.thumbnails)
    left = [part["type"] for part in story.status["components"][0]["components"]]
    assert left == [10, 10]  # once the video is there, two lines of text stay


async def test_references_that_the_prompt_does_not_mention_get_one_line_of_advice(scene: Scene) -> None:
    story = await scene.ask("It rains", **attached(image("red")))

    assert any("Tip: say in the prompt what should match the references" in text for text in story.statuses)


async def test_a_prompt_about_its_references_gets_no_advice(scene: Scene) -> None:
    story = await scene.ask("Keep the logo of the first image", **attached(image("red")))

    assert not any("Tip:" in text for text in story.statuses)


async def test_text_alone_makes_a_video(scene: Scene) -> None:
    story = await scene.ask()

    assert "input_references" not in story.body
    assert story.video is not None


async def test_four_attachments_and_five_links_become_one_video_in_order_and_without_duplicates(tmp_path: Path) -> None:
    colours = ["red", "green", "blue", "white", "black", "yellow", "orange", "purple"]
    files = {f"/{colour}.png": image(colour) for colour in colours}

    async def serve(request: web.Request) -> web.Response:
        return web.Response(body=files[request.path], content_type="image/png")

    app = web.Application()
    app.router.add_get("/{name}", serve)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    origin = f"http://127.0.0.1:{runner.addresses[0][1]}"
    links = [f"{origin}/{colour}.png" for colour in ("black", "yellow", "orange", "purple", "red")]
    stack = quick_stack(rendered=True)
    stack.trusted_origins.append(origin)
    try:
        async with stack:
            scene = Scene(stack)
            uploads = attached(*(files[f"/{colour}.png"] for colour in colours[:4]))
            separated = f"{links[0]}, {links[1]}\n{links[2]} {links[3]},{links[4]}"
            story = await scene.ask("All of them", links=separated, **uploads)
            assert story.video is not None
            posted = tmp_path / "posted.mp4"
            posted.write_bytes(await scene.download(story.video["attachments"][0]))
    finally:
        await runner.cleanup()

    # The red link is the red attachment again, so eight pictures are sent: attachments first, links after.
    assert len(story.submits) == 1
    assert "frame_images" not in story.body
    sent = [_digest(url) for url in story.reference_urls]
    assert sent == [hashlib.sha256(files[f"/{colour}.png"]).hexdigest() for colour in colours]
    video = await media.probe(media.find_ffmpeg(None), posted, seconds=30)
    assert video.seconds == pytest.approx(4, abs=0.2)
    assert (video.width, video.height) == (854, 480)


def _digest(url: str) -> str:
    assert url.startswith("data:image/png;base64,")
    return hashlib.sha256(base64.b64decode(url.split(",", 1)[1])).hexdigest()


async def test_a_hostile_prompt_is_sent_as_it_is_and_shown_inert(scene: Scene) -> None:
    prompt = (
        "@everyone @here <@&1> <@2> **bold** [link](https://evil.example) \u202egnp.exe ||spoiler|| ```code``` 👩‍👩‍👧 "
        * 80
    )[:6000]

    story = await scene.ask(prompt)

    assert story.body["prompt"] == prompt
    assert story.video is not None
    answer: Any = scene.requests("POST", "/callback")[-1].payload
    for said in (answer["data"]["components"][0]["components"][0]["content"], story.video["content"]):
        assert "\\@everyone" in said
        assert "\\<\\@&1>" in said
        assert "\\[link]" in said
        assert "\u202e" not in said
        assert len(said) < 1000
    edits: list[Any] = [one.payload for one in scene.requests("PATCH", f"/messages/{story.status['id']}")]
    assert edits
    assert all(body["allowed_mentions"] == {"parse": []} for body in edits)


async def test_a_command_during_a_gateway_interruption_is_not_lost(scene: Scene) -> None:
    scene.stack.openrouter.faults.job(queue_seconds=60)
    asking = asyncio.create_task(scene.ask())
    await asyncio.sleep(0.5)
    scene.stack.discord.gateway.drop()

    story = await asking

    assert story.end.startswith("### Done")
    assert len(story.submits) == 1


async def test_photos_as_a_phone_makes_them_arrive_as_upright_jpegs(scene: Scene) -> None:
    heic, turned_jpeg = turned(corners((640, 480)), 6, "HEIF"), turned(corners((640, 480)), 3, "JPEG")

    story = await scene.ask("Both", **attached(Upload("one.heic", heic), Upload("two.jpg", turned_jpeg)))

    assert story.end.startswith("### Done")
    running = story.statuses[-2]
    assert "one.heic: converted to JPEG, turned upright" in running
    assert "two.jpg: turned upright" in running
    assert len(story.reference_urls) == 2
    for url in story.reference_urls:
        with Image.open(io.BytesIO(base64.b64decode(url.removeprefix("data:image/jpeg;base64,")))) as picture:
            assert (picture.format, picture.size) == ("JPEG", (640, 480))
            meant = ((255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255))
            assert all(near(one, other, 30) for one, other in zip(quarters(picture), meant, strict=True))


async def test_a_wrong_name_does_not_make_an_image(scene: Scene) -> None:
    story = await scene.ask(**attached(Upload("photo.png", b"%PDF-1.7" + bytes(400), "image/png")))

    assert story.refusal is not None
    assert "photo.png isn't an image" in story.refusal
    assert story.submits == []
