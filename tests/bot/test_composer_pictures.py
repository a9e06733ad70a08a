"""The pictures of a draft: added, ordered and given roles in the panel, fetched at once, fitted before any price."""

from __future__ import annotations

import base64
import io
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web
from PIL import Image
from simcord.backend.cdn import CdnStore

from tests.bot.composing import Panel, compose, flat
from tests.bot.conftest import KEY, BotApp
from tests.bot.test_under_the_video import press
from tests.support.images import image
from tests.support.servers import Served, serving

COLOURS = {"red": (255, 0, 0), "blue": (0, 0, 255), "green": (0, 128, 0), "white": (255, 255, 255), "black": (0, 0, 0)}
SIZES = {"tall": (600, 800), "wide": (800, 450), "small": (200, 100)}


@pytest_asyncio.fixture
async def assets() -> AsyncGenerator[Served]:
    """Pictures of one colour each, by the last part of the address: red.png, red-tall.png. There is no gone.png."""

    async def answer(request: web.Request) -> web.Response:
        colour, _, shape = request.path.rpartition("/")[2].removesuffix(".png").partition("-")
        if colour not in COLOURS:
            return web.Response(status=404)
        return web.Response(body=image(colour, size=SIZES.get(shape, (400, 300))), content_type="image/png")

    async with serving(answer) as served:
        yield served


@pytest.fixture
def settings(tmp_path: Path, assets: Served, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The bot's environment: it may fetch from the test's own server, where uploads are as well."""
    monkeypatch.setattr("simcord.backend.cdn.CDN_BASE", assets.origin)
    return {
        "DISCORD_TOKEN": "token",
        "OPENROUTER_API_KEY": KEY,
        "DATA_DIR": str(tmp_path / "data"),
        "POLL_INTERVAL_SECONDS": "10",
        "SHARD_IDS": "0",
        "SHARD_COUNT": "1",
        "REFERENCE_TRUSTED_ORIGINS": assets.origin,
        "CONFIRM_ABOVE_USD": "100",
        "LOOK_SECONDS": "20",  # a picture is there when the panel is, also on a busy machine
    }


def upload(*names: str) -> list[tuple[str, bytes]]:
    """Return files by whose names the test's server knows what is in them."""
    return [(f"{name}.png", b"") for name in names]


def shown(panel: Panel) -> list[str]:
    """Return the alt texts of the panel's thumbnails."""
    assert panel.answer.response is not None
    parts = flat(panel.answer.response.components)
    return [item["description"] for one in parts if one["type"] == 12 for item in one["items"]]


def sent(entries: list[dict[str, Any]]) -> list[tuple[str, tuple[int, int]]]:
    """Return the colour in the middle of pictures of a paid request, and their sizes."""
    found: list[tuple[str, tuple[int, int]]] = []
    for entry in entries:
        url: str = entry["image_url"]["url"]
        with Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2]))) as picture:
            x, y = picture.width // 2, picture.height // 2
            pixel = picture.convert("RGB").crop((x, y, x + 1, y + 1)).tobytes()
            found.append((_nearest(pixel), picture.size))
    return found


def _nearest(pixel: bytes) -> str:
    return min(COLOURS, key=lambda one: sum(abs(a - b) for a, b in zip(COLOURS[one], pixel, strict=True)))


async def paid(app: BotApp, panel: Panel) -> dict[str, Any]:
    """Press Generate, let the job finish, and return the body of its paid request."""
    before = len(app.openrouter.submits)
    await panel.press("Generate")
    assert "Done" in await app.finish_own()
    assert len(app.openrouter.submits) == before + 1
    return app.openrouter.submits[-1]["body"]


@pytest.mark.slow
async def test_pictures_are_added_ordered_and_removed_in_one_window(app: BotApp, assets: Served) -> None:
    panel = await compose(app, prompt="{1} beside {2}", duration=4)
    await panel.fill("Pictures", files=upload("red", "blue"), links=f"{assets.origin}/green.png", use=["references"])
    assert shown(panel) == [
        "Picture 1, reference: red.png",
        "Picture 2, reference: blue.png",
        f"Picture 3, reference: {assets.origin.partition('//')[2].partition(':')[0]}/green.png",
    ]

    await panel.fill("Pictures", files=upload("white"), links="", order="3, 1", use=["references"])

    body = await paid(app, panel)
    assert [colour for colour, _ in sent(body["input_references"])] == ["green", "red", "white"]
    assert body["prompt"] == "@Image1 beside @Image2"


@pytest.mark.slow
async def test_what_cannot_be_used_is_said_and_the_rest_stays(app: BotApp, assets: Served) -> None:
    panel = await compose(app, prompt="A boat")
    await panel.fill("Pictures", files=upload("red", "gone"), links="", use=["references"])
    assert "Left out: gone.png was answered with HTTP 404" in panel.text
    assert shown(panel) == ["Picture 1, reference: red.png"]


@pytest.mark.slow
async def test_an_order_that_cannot_be_read_loses_no_picture(app: BotApp) -> None:
    panel = await compose(app, prompt="A boat")
    await panel.fill("Pictures", files=upload("red"), links="", use=["references"])
    await panel.fill("Pictures", files=upload("blue"), links="", order="one", use=["references"])
    assert "one isn't the number of a picture" in panel.text
    assert shown(panel) == ["Picture 1, reference: red.png", "Picture 2, reference: blue.png"]


@pytest.mark.slow
async def test_a_link_that_cannot_be_read_is_said_and_the_files_stay(app: BotApp) -> None:
    panel = await compose(app, prompt="A boat")
    await panel.fill("Pictures", files=upload("red"), links="nowhere", use=["references"])
    assert "nowhere isn't a link" in panel.text
    assert shown(panel) == ["Picture 1, reference: red.png"]


@pytest.mark.slow
async def test_the_same_picture_twice_is_used_once_and_that_is_said(app: BotApp, assets: Served) -> None:
    panel = await compose(app, prompt="A boat")
    await panel.fill("Pictures", files=upload("red"), links=f"{assets.origin}/red.png", use=["references"])
    assert "was there already, so it is used once" in panel.text
    assert len(shown(panel)) == 1


@pytest.mark.slow
async def test_a_picture_to_start_from_is_cropped_or_padded_as_chosen_in_the_panel(app: BotApp) -> None:
    panel = await compose(app, prompt="It begins to move", duration=4, aspect_ratio="16:9")
    await panel.fill("Pictures", files=upload("red-tall"), links="", use=["start"])
    assert "it is 600 × 800, the video is 16:9. Choose whether to crop or pad it" in panel.text
    assert shown(panel) == [
        "Picture 1, first frame: red-tall.png",
        "First frame, cropped to 16:9",
        "First frame, padded to 16:9",
    ]
    assert not any(works for label, works in panel.buttons.items() if label.startswith("Generate"))

    await panel.press("Crop the first frame")

    assert shown(panel) == ["Picture 1, first frame: red-tall.png", "First frame, cropped to 16:9"]
    body = await paid(app, panel)
    assert "input_references" not in body
    assert [one["frame_type"] for one in body["frame_images"]] == ["first_frame"]
    assert sent(body["frame_images"]) == [("red", (600, 338))]


@pytest.mark.slow
async def test_without_a_chosen_shape_the_video_has_that_of_its_first_frame(app: BotApp) -> None:
    panel = await compose(app, prompt="It begins to move", duration=4)
    await panel.fill("Pictures", files=upload("red-tall", "blue-tall"), links="", use=["start_and_end"])
    body = await paid(app, panel)
    assert body["aspect_ratio"] == "3:4"
    assert [one["frame_type"] for one in body["frame_images"]] == ["first_frame", "last_frame"]
    assert sent(body["frame_images"]) == [("red", (600, 800)), ("blue", (600, 800))]


@pytest.mark.slow
async def test_the_use_of_pictures_is_chosen_in_the_panel_and_a_loop_takes_one(app: BotApp) -> None:
    panel = await compose(app, prompt="Round and round", duration=4)
    await panel.fill("Pictures", files=upload("red-wide"), links="", use=["references"])
    await panel.choose("What the pictures are used as", "loop")
    assert shown(panel) == ["Picture 1, first frame: red-wide.png", "Picture 2, last frame: red-wide.png"]
    body = await paid(app, panel)
    assert sent(body["frame_images"]) == [("red", (800, 450))] * 2


@pytest.mark.slow
async def test_frames_and_references_together_have_two_ways_out(app: BotApp) -> None:
    panel = await compose(app, prompt="It begins to move", duration=4)
    await panel.fill("Pictures", files=upload("red-wide", "blue-wide"), links="", use=["start"])
    assert "can't be combined with reference images" in panel.text
    assert "Use all as references" in panel.buttons

    await panel.press("Use only the frames")

    body = await paid(app, panel)
    assert sent(body["frame_images"]) == [("red", (800, 450))]


@pytest.mark.slow
async def test_a_panel_that_is_drawn_again_uploads_its_thumbnails_once(app: BotApp) -> None:
    panel = await compose(app, prompt="A boat")
    await panel.fill("Pictures", files=upload("red"), links="", use=["references"])

    def addresses() -> list[str]:
        assert panel.answer.response is not None
        parts = flat(panel.answer.response.components)
        return [item["media"]["url"] for one in parts if one["type"] == 12 for item in one["items"]]

    before = addresses()
    await panel.press("Takes: 1")
    assert addresses() == before != []


@pytest.mark.slow
async def test_a_picture_that_the_model_would_refuse_is_said_before_anything_is_paid(app: BotApp) -> None:
    panel = await compose(app, prompt="A boat", model="bytedance/seedance-2.0")
    await panel.fill("Pictures", files=upload("red-small"), links="", use=["references"])
    assert "red-small.png is too small for this model" in panel.text
    assert not any(works for label, works in panel.buttons.items() if label.startswith("Generate"))


@pytest.mark.slow
async def test_the_command_takes_a_first_and_a_last_frame(app: BotApp) -> None:
    frames = {"first_frame": ("red-wide.png", b""), "last_frame": ("blue-wide.png", b"")}
    status = await app.video("It turns blue", duration=4, **frames)
    assert "first frame · last frame" in app.text(status)
    await app.finish(status)
    body = app.openrouter.submits[-1]["body"]
    assert sent(body["frame_images"]) == [("red", (800, 450)), ("blue", (800, 450))]
    assert "input_references" not in body


@pytest.mark.slow
async def test_a_frame_of_another_shape_is_refused_by_the_command_and_never_cropped_silently(app: BotApp) -> None:
    refused = await app.video("It moves", first_frame=("red-tall.png", b""), aspect_ratio="16:9")
    assert refused.response is not None
    assert "Choose whether to crop or pad it" in refused.response.content
    panel = Panel(app, app.ann, await app.ann.click(refused.response.message, label="Fix"))
    assert "left out" not in panel.text
    assert "First frame, padded to 16:9" in shown(panel)
    assert app.openrouter.submits == []


@pytest.mark.slow
async def test_a_model_that_cannot_make_the_draft_says_why(app: BotApp, assets: Served) -> None:
    panel = await compose(
        app, prompt="A boat like {1}", model="bytedance/seedance-2.0-fast", links=f"{assets.origin}/red.png"
    )
    window = await panel.choose("Model", "search")
    await app.ann.submit_modal(window, {"typed": "veo"})
    lite = next(one for one in panel.menu("Model")["options"] if one["value"] == "google/veo-3.1-lite")
    assert lite["description"].startswith("Not for this draft: ")

    await panel.choose("Model", "google/veo-3.1-lite")

    assert panel.buttons[panel.generate] is False
    assert "doesn't accept reference images" in panel.text
    assert "> A boat like" in panel.text


@pytest.mark.slow
async def test_a_frame_whose_size_discord_names_is_refused_before_it_is_fetched(
    app: BotApp, assets: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = CdnStore.store_attachment

    def with_size(*given: Any) -> dict[str, Any]:
        return store(*given) | {"width": 600, "height": 800}

    monkeypatch.setattr(CdnStore, "store_attachment", with_size)
    refused = await app.video("It moves", first_frame=("red-tall.png", b""), aspect_ratio="16:9")
    assert refused.response is not None
    assert "Choose whether to crop or pad it" in refused.response.content
    assert assets.arrivals == []
    await app.finish(await app.video("It moves", first_frame=("red-tall.png", b"")))
    assert app.openrouter.submits[-1]["body"]["aspect_ratio"] == "3:4"


@pytest.mark.slow
async def test_again_makes_the_same_frames_fit_in_the_same_way(app: BotApp) -> None:
    panel = await compose(app, prompt="It moves", duration=4, aspect_ratio="16:9")
    await panel.fill("Pictures", files=upload("red-tall"), links="", use=["start"])
    await panel.press("Crop the first frame")
    first = await paid(app, panel)

    again = await press(app.ann, app.channel.last_message, "Again")

    assert "Done" in await app.finish(again)
    second = app.openrouter.submits[-1]["body"]
    assert len(app.openrouter.submits) == 2
    assert second["frame_images"] == first["frame_images"]


@pytest.mark.slow
async def test_edit_opens_with_the_frames_as_they_were_made_to_fit(app: BotApp) -> None:
    panel = await compose(app, prompt="It moves", duration=4, aspect_ratio="16:9")
    await panel.fill("Pictures", files=upload("red-tall"), links="", use=["start"])
    await panel.press("Crop the first frame")
    await paid(app, panel)

    edited = Panel(app, app.ann, await press(app.ann, app.channel.last_message, "Edit"))

    assert shown(edited) == ["Picture 1, first frame: red-tall.png", "First frame, cropped to 16:9"]
    await edited.press("Pad the first frame")
    assert sent((await paid(app, edited))["frame_images"]) == [("red", (1422, 800))]


@pytest.mark.slow
async def test_edit_of_a_job_that_one_picture_stopped_keeps_the_others(app: BotApp, assets: Served) -> None:
    links = f"{assets.origin}/page.html {assets.origin}/blue.png"
    status = await app.video("It moves", reference=("red.png", b""), links=links)
    assert (await app.finish(status)).lstrip().startswith("### Not started")
    assert status.response is not None

    edited = Panel(app, app.ann, await app.ann.click(status.response.message, label="Edit"))

    assert [one.replace("/", " ").split()[-1] for one in shown(edited)] == ["red.png", "blue.png"]
    assert "page.html" in edited.text
    assert app.openrouter.submits == []
