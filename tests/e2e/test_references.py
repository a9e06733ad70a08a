"""References over real sockets: a page and its button, a link to a message, the message command."""

from __future__ import annotations

import asyncio
import base64
import io
from collections.abc import AsyncGenerator, Callable, Iterator
from typing import Any, cast

import pytest
import pytest_asyncio
from aiohttp import web
from PIL import Image

from sandbox.discord import Upload
from tests.e2e.conftest import quick_stack
from tests.e2e.scene import Scene, Story, attached
from tests.support.images import image
from tests.support.servers import Served, serving

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.slow]
COLOURS = {(255, 0, 0): "red", (0, 0, 255): "blue", (0, 128, 0): "green"}


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def assets() -> AsyncGenerator[Served]:
    """Pictures of one colour at /COLOUR.png, pages that declare them at /COLOUR.html."""

    async def answer(request: web.Request) -> web.Response:
        if request.path.endswith(".html"):
            picture = request.path.replace(".html", ".png")
            return web.Response(
                text=f'<!doctype html><meta property="og:image" content="{picture}">', content_type="text/html"
            )
        return web.Response(body=image(request.path.strip("/").removesuffix(".png")), content_type="image/png")

    async with serving(answer) as served:
        yield served


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def place(assets: Served) -> AsyncGenerator[Scene]:
    """Run a sandbox whose bot may fetch from the assets and from Discord's own files."""
    stack = quick_stack(8)  # a clock that runs faster leaves less real time to read a message in
    stack.trusted_origins.append(assets.origin)
    async with stack:
        yield Scene(stack)


async def colours(place: Scene, story: Story) -> list[str]:
    """Return the pictures that arrived at OpenRouter's stand-in, decoded, in order; links are followed."""
    seen: list[str] = []
    for url in story.reference_urls:
        inline = url.startswith("data:")
        data = base64.b64decode(url.partition(",")[2]) if inline else await place.download({"url": url})
        with Image.open(io.BytesIO(data)) as picture:
            pixel: Any = picture.convert("RGB").getpixel((5, 5))
        seen.append(COLOURS[pixel])
    return seen


async def test_a_page_shows_its_picture_and_its_button_makes_the_job_even_after_a_crash(
    place: Scene, assets: Served
) -> None:
    links = f"{assets.origin}/red.png {assets.origin}/blue.html"
    refused = await place.ask("{2} beside {1}", links=links)
    assert refused.submits == []
    assert "is a web page, not an image" in refused.end
    (button,) = [one for one in _walk(refused.status["components"]) if one.get("label") == "Use this image"]
    (shown,) = [one for one in _walk(refused.status["components"]) if one.get("type") == 12]
    with Image.open(io.BytesIO(await place.download(shown["items"][0]["media"]))) as preview:
        assert preview.format == "JPEG"

    await place.stack.bot.kill()
    await place.stack.start_bot()
    before = len(place.stack.openrouter.submits)
    person = place.stack.discord.person()
    await place.generate(await person.click(refused.status["id"], button["custom_id"]))
    submits = await _submitted(place, before)

    story = Story("", submits=submits)
    assert await colours(place, story) == ["red", "blue"]
    assert story.body["prompt"] == "@Image2 beside @Image1"


async def test_a_message_that_the_bot_cannot_see_into_is_animated_from_its_own_menu(place: Scene) -> None:
    person = place.stack.discord.person()
    files = [Upload("green.png", image("green")), Upload("red.png", image("red"))]
    message = await person.send(place.channel, "look", files)
    snapshot: Any = place.stack.discord.snapshot()
    guild = snapshot["guild"]["id"]

    refused = await place.ask(links=f"https://discord.com/channels/{guild}/{place.channel}/{message['id']}")
    assert "whose contents Discord doesn't show to bots" in refused.end

    before = len(place.stack.openrouter.submits)
    opened = await person.message_command(place.channel, "Animate image", message["id"])
    await _until(lambda: opened.modal is not None)
    prompt = next(one["custom_id"] for one in _walk(opened.modal) if one.get("type") == 4)
    await place.generate(await person.submit_modal(opened, {prompt: "{1} becomes {2}"}))
    submits = await _submitted(place, before)
    assert await colours(place, Story("", submits=submits)) == ["green", "red"]


async def test_a_link_to_a_message_that_mentions_the_bot_takes_its_images(place: Scene) -> None:
    snapshot: Any = place.stack.discord.snapshot()
    message = await place.stack.discord.person().send(
        place.channel, f"<@{snapshot['bot']['id']}> this one", [Upload("blue.png", image("blue"))]
    )
    guild = snapshot["guild"]["id"]
    story = await place.ask(links=f"https://discord.com/channels/{guild}/{place.channel}/{message['id']}")
    assert await colours(place, story) == ["blue"]


async def test_pictures_in_a_layout_are_animated(place: Scene) -> None:
    """The bot's own status is such a message: its gallery's pictures are not among its attachments."""
    discord, person = place.stack.discord, place.stack.discord.person()
    options = {"prompt": "A boat", **attached(image("red"), image("blue"))}
    asked = await (await person.command(place.channel, "video", options)).wait(25)
    assert asked.response_message is not None
    status_id = asked.response_message["id"]
    await _until(lambda: "reference-2.jpg" in str(discord.message_json(status_id)))

    opened = await person.message_command(place.channel, "Animate image", status_id)
    await _until(lambda: opened.modal is not None)
    assert cast("dict[str, Any]", opened.modal)["title"] == "Animate 2 images"


async def _submitted(place: Scene, before: int) -> list[dict[str, Any]]:
    """Return the paid requests since, once one of them has come in whole."""
    submits = place.stack.openrouter.submits
    await _until(lambda: any(one["body"] is not None for one in submits[before:]))
    return submits[before:]


async def _until(true: Callable[[], bool]) -> None:
    for _ in range(600):
        if true():
            return
        await asyncio.sleep(0.05)
    raise AssertionError("it did not happen within 30 s")


def _walk(part: object) -> Iterator[dict[str, Any]]:
    """Yield every object in a message's or a modal's JSON."""
    if isinstance(part, dict):
        yield cast("dict[str, Any]", part)
    inside = cast("dict[str, object]", part).values() if isinstance(part, dict) else part
    for value in cast("list[object]", inside) if not isinstance(inside, (str, int, float, type(None))) else ():
        yield from _walk(value)
