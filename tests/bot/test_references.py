"""References in Discord: questions before money, links to messages, and the message command."""

from __future__ import annotations

import base64
import io
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import discord
import pytest
import pytest_asyncio
import simcord
from aiohttp import web
from PIL import Image

from cogs.video.command import VideoCommand
from cogs.video.message_images import images_of
from tests.bot.composing import Panel, compose
from tests.bot.conftest import KEY, BotApp
from tests.support.images import image
from tests.support.servers import Served, serving

UNCONFIRMED = "kwaivgi/kling-video-o1"
COLOURS = {"red": (255, 0, 0), "blue": (0, 0, 255), "green": (0, 128, 0), "white": (255, 255, 255)}


@pytest_asyncio.fixture
async def assets() -> AsyncGenerator[Served]:
    """Pictures of one colour each, at /COLOUR.png; pages that declare them, at /COLOUR.html."""

    async def answer(request: web.Request) -> web.Response:
        if request.path.endswith(".html"):
            declared = f'<meta property="og:image" content="{request.path.replace(".html", ".png")}">'
            text = f"<!doctype html><html><head>{declared}</head></html>"
            return web.Response(
                text=text if request.path != "/bare.html" else "<html></html>", content_type="text/html"
            )
        if request.path == "/wide.png":
            return web.Response(body=image("red", size=(1200, 400)), content_type="image/png")
        return web.Response(body=image(request.path.strip("/").removesuffix(".png")), content_type="image/png")

    async with serving(answer) as served:
        yield served


@pytest.fixture
def settings(tmp_path: Path, assets: Served) -> dict[str, str]:
    """The bot's environment: it may fetch from the test's own server."""
    return {
        "DISCORD_TOKEN": "token",
        "OPENROUTER_API_KEY": KEY,
        "DATA_DIR": str(tmp_path / "data"),
        "POLL_INTERVAL_SECONDS": "10",
        "SHARD_IDS": "0",
        "SHARD_COUNT": "1",
        "REFERENCE_TRUSTED_ORIGINS": assets.origin,
        "CONFIRM_ABOVE_USD": "100",  # questions about prices have their own tests
    }


def words(result: simcord.InteractionResult) -> str:
    """Return the words of an ephemeral answer."""
    assert result.response is not None
    assert result.ephemeral
    shown = [result.response.content or "", *(part.get("content", "") for part in result.response.components)]
    return "\n".join(shown).replace("\\", "").strip()


async def press(app: BotApp, result: simcord.InteractionResult, label: str) -> simcord.InteractionResult:
    assert result.response is not None
    return await app.ann.click(result.response.message, label=label)


def sent(app: BotApp) -> list[str]:
    """Return the colours of the pictures in the last paid request, in order."""
    colours: list[str] = []
    for entry in app.openrouter.submits[-1]["body"]["input_references"]:
        url: str = entry["image_url"]["url"]
        with Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2]))) as picture:
            pixel = picture.convert("RGB").getpixel((5, 5))
        colours.append(next(name for name, value in COLOURS.items() if value == pixel))
    return colours


@pytest.mark.slow
async def test_references_to_an_unconfirmed_model_are_asked_about_once(app: BotApp, assets: Served) -> None:
    options: dict[str, Any] = {"model": UNCONFIRMED, "links": f"{assets.origin}/red.png"}
    question = await app.video(**options)
    panel = Panel(app, app.ann, question)
    assert panel.text.startswith("**Kuaishou: Kling Video O1** isn't confirmed to use reference images")
    assert "These models do: " in panel.text
    assert app.openrouter.submits == []

    await panel.press("Generate")
    assert (await app.finish_own()).startswith("### Done")

    again = await app.video(**options)
    assert not again.ephemeral
    await app.finish(again)
    assert len(app.openrouter.submits) == 2


@pytest.mark.slow
async def test_without_references_nothing_is_asked(app: BotApp) -> None:
    result = await app.video(model=UNCONFIRMED)
    assert not result.ephemeral
    await app.finish(result)


@pytest.mark.slow
async def test_more_references_than_the_model_takes_can_be_cut_to_the_first(app: BotApp, assets: Served) -> None:
    links = " ".join(f"{assets.origin}/{colour}.png" for colour in ("red", "blue", "green", "white"))
    question = await app.video("{1} beside {3}", model="google/veo-3.1", resolution="720p", links=links)
    assert words(question).startswith("references: 4 are too many: google/veo-3.1 takes up to 3 reference images.")

    panel = Panel(app, app.ann, await press(app, question, "Fix"))
    assert panel.text.startswith("Changed: only the first 3 images of 4")
    await panel.press("Generate")
    await app.finish_own()

    assert sent(app) == ["red", "blue", "green"]
    assert app.openrouter.submits[-1]["body"]["prompt"] == "reference image 1 beside reference image 3"


async def test_a_model_without_references_is_refused_with_others(app: BotApp, assets: Served) -> None:
    result = await app.video(model="google/veo-3.1-lite", links=f"{assets.origin}/red.png")
    assert (
        "google/veo-3.1-lite doesn't accept reference images (pages of other services, not tried at "
        "OpenRouter). Try " in words(result)
    )


@pytest.mark.slow
async def test_an_image_that_the_model_does_not_take_is_refused_before_anything_is_paid(
    app: BotApp, assets: Served
) -> None:
    text = await app.finish(await app.video(links=f"{assets.origin}/wide.png"))
    assert "wide.png is too wide for this model: width to height is 3.00, and as far as is known it takes 0.4" in text
    assert "You weren't charged" in text
    await app.finish(await app.video(model="google/veo-3.1", links=f"{assets.origin}/wide.png", resolution="720p"))
    assert len(app.openrouter.submits) == 1


@pytest.mark.slow
async def test_the_status_shows_the_prompt_as_it_was_typed(app: BotApp, assets: Served) -> None:
    links = f"{assets.origin}/red.png {assets.origin}/blue.png"
    result = await app.video("{2} meets @1", links=links)
    assert "> {2} meets @1" in app.text(result)
    await app.finish(result)
    assert app.openrouter.submits[-1]["body"]["prompt"] == "@Image2 meets @Image1"


@pytest.mark.slow
async def test_numbers_that_would_shift_are_refused_before_anything_is_paid(app: BotApp, assets: Served) -> None:
    links = f"{assets.origin}/red.png {assets.origin}/red.png?again {assets.origin}/blue.png"
    text = await app.finish(await app.video("{3} on white", links=links))
    assert "its numbers would shift" in text
    assert app.openrouter.submits == []


async def test_models_that_take_the_references_come_first_while_typing(app: BotApp) -> None:
    choices = await app.ann.autocomplete(
        app.channel, "video", "model", "google", prompt="x", links="https://a.example/1.png https://a.example/2.png"
    )
    assert choices[-1]["value"] == "google/veo-3.1-lite"
    assert choices[-1]["name"].endswith(" · doesn't accept reference images")


def link_to(message: Any, app: BotApp, *, host: str = "discord.com") -> str:
    return f"https://{host}/channels/{app.channel.guild.id}/{message.channel.id}/{message.id}"


async def test_a_message_without_an_image_is_refused(app: BotApp) -> None:
    message = await app.ann.send(app.channel, "look")
    assert "is a message without an image" in words(
        await app.video(links=link_to(message, app, host="ptb.discord.com"))
    )


async def test_nobody_reads_a_channel_through_the_bot(app: BotApp) -> None:
    guild = app.channel.guild
    mia = guild.add_member(app.env.create_user("mia"))
    seen, unseen = discord.PermissionOverwrite(view_channel=True), discord.PermissionOverwrite(view_channel=False)
    hidden = guild.create_text_channel("hidden", overwrites={guild.default_role: unseen, mia: seen, app.bot.user: seen})
    message = await mia.send(hidden, attachments=[("red.png", image("red"))])

    refused = words(await app.video(links=link_to(message, app)))
    taken = await mia.slash(app.channel, "video", prompt="x", links=link_to(message, app))

    assert "has to be in a channel that both you and the bot may read" in refused
    # The picture itself lies on Discord's CDN, which no test reaches; but it is the one that was requested.
    assert words(taken).startswith("red.png couldn't be fetched")


async def test_what_is_not_there_is_answered_as_what_may_not_be_read(app: BotApp) -> None:
    guild, channel = app.channel.guild.id, app.channel.id
    answers = {
        words(await app.video(links=f"https://discord.com/channels/{path}")).split("can't be read")[1]
        for path in (f"{guild}/{channel}/123456789012345678", f"{guild}/77/3", "1/2/3", f"@me/{channel}/3")
    }
    assert len(answers) == 1


@pytest.mark.parametrize("path", ["1/2", "1", "a/b/c", "1/2/x", "1/2/3/4"])
async def test_a_link_into_discord_that_is_no_message_says_so(app: BotApp, path: str) -> None:
    result = await app.video(links=f"https://canary.discord.com/channels/{path}")
    assert "to no message; use a message's own menu" in words(result)


@pytest.mark.slow
async def test_the_message_command_is_registered_and_asks_for_a_prompt(app: BotApp) -> None:
    message = await app.ann.send(app.channel, "look", attachments=[("red.png", image("red"))])
    shown = await app.ann.context_menu(app.channel, "Animate image", message)
    assert shown.modal is not None


@pytest.mark.parametrize(
    ("use", "roles"), [("references", ["reference", "reference"]), ("frames", ["first_frame", "last_frame"])]
)
@pytest.mark.parametrize("pictures", [1, 2])
async def test_the_window_opens_the_composer_with_the_pictures_as_they_are_to_be_used(
    app: BotApp, monkeypatch: pytest.MonkeyPatch, pictures: int, use: str, roles: list[str]
) -> None:
    files = [(f"{number}.png", image("red")) for number in range(pictures)]
    message = await app.ann.send(app.channel, "look", attachments=files)
    window: Any = await app.ann.context_menu(app.channel, "Animate image", message)
    prompt, uses = [label["component"]["custom_id"] for label in window.modal["components"]]
    composed: list[VideoCommand] = []
    open_panel = app.bot.intake.compose

    async def seen(interaction: discord.Interaction, command: VideoCommand) -> None:
        composed.append(command)
        await open_panel(interaction, command)

    monkeypatch.setattr(app.bot.intake, "compose", seen)
    panel = Panel(app, app.ann, await app.ann.submit_modal(window, {prompt: "it sails", uses: [use]}))

    assert "> it sails" in panel.text
    assert [one.role for one in composed[0].sources or ()] == roles[:pictures]
    assert app.openrouter.submits == []


async def test_three_pictures_can_only_be_references(app: BotApp) -> None:
    files = [(f"{number}.png", image("red")) for number in range(3)]
    message = await app.ann.send(app.channel, "look", attachments=files)
    window: Any = await app.ann.context_menu(app.channel, "Animate image", message)
    assert [label["label"] for label in window.modal["components"]] == ["Prompt"]


async def test_a_message_without_an_image_opens_no_window(app: BotApp) -> None:
    message = await app.ann.send(app.channel, "look")
    assert "This message has no image" in words(await app.ann.context_menu(app.channel, "Animate image", message))


@pytest.mark.parametrize("address", ["https://[::1", "https://a.example:99999/x.png", "https://", "http://a.example/"])
async def test_a_message_that_shows_what_is_no_https_address_has_no_image(app: BotApp, address: str) -> None:
    channel = app.bot.get_partial_messageable(app.channel.id)
    message = await channel.send(embed=discord.Embed(title="x").set_image(url=address))
    assert "This message has no image" in words(await app.ann.context_menu(app.channel, "Animate image", message))


@pytest.mark.parametrize(
    ("name", "claimed", "taken"),
    [
        ("IMG_1.HEIC", "application/octet-stream", True),
        ("fox.avif", "video/mp4", True),
        ("fox", "image/png", True),
        ("fox", None, True),
        ("scene.blend", "application/octet-stream", False),
        ("movie.mp4", "video/mp4", False),
    ],
)
async def test_what_a_file_of_a_message_is_called_counts_as_well_as_what_its_client_claimed(
    app: BotApp, name: str, claimed: str | None, taken: bool
) -> None:
    message = await app.ann.send(app.channel, "look", attachments=[(name, image("red"))])
    message.attachments[0].content_type = claimed
    assert [one.name for one in images_of(message)] == ([name] if taken else [])


@pytest.mark.slow
async def test_a_page_shows_its_picture_and_a_click_makes_the_job_with_it(app: BotApp, assets: Served) -> None:
    links = f"{assets.origin}/red.png {assets.origin}/blue.html?secret=1 {assets.origin}/green.png"
    refused = await app.video("{2} in front", links=links, duration=4)
    text = await app.finish(refused)
    assert text.lstrip().startswith("### Not started")
    assert "/blue.html is a web page, not an image. Above is its preview picture" in text
    assert "secret" not in text
    assert app.openrouter.submits == []

    panel = Panel(app, app.ann, await press(app, refused, "Use this image"))
    assert app.openrouter.submits == []
    await panel.press("Generate")
    assert (await app.finish_own()).startswith("### Done")

    assert sent(app) == ["red", "blue", "green"]
    assert app.openrouter.submits[-1]["body"]["prompt"] == "@Image2 in front"
    assert app.openrouter.submits[-1]["body"]["duration"] == 4


@pytest.mark.slow
async def test_a_draft_whose_job_was_refused_can_be_generated_again(app: BotApp, assets: Served) -> None:
    refused = await app.video(links=f"{assets.origin}/blue.html")
    await app.finish(refused)
    panel = Panel(app, app.ann, await press(app, refused, "Use this image"))
    app.openrouter.faults.answer("submit", 413)
    await panel.press("Generate")
    assert "You weren't charged" in await app.finish_own()

    await (await compose(app)).press("Generate")
    assert (await app.finish_own()).startswith("### Done")
    assert sent(app) == ["blue"]
    assert len(app.openrouter.submits) == 2


@pytest.mark.slow
async def test_only_who_asked_can_use_the_picture(app: BotApp, assets: Served) -> None:
    refused = await app.video(links=f"{assets.origin}/red.html")
    await app.finish(refused)
    assert refused.response is not None
    mia = app.channel.guild.add_member(app.env.create_user("mia"))
    answer = await mia.click(refused.response.message, label="Use this image")
    assert "Only the person who requested it" in words(answer)
    assert app.openrouter.submits == []


async def test_a_page_without_a_picture_of_its_own_is_refused_as_before(app: BotApp, assets: Served) -> None:
    refused = await app.video(links=f"{assets.origin}/bare.html")
    text = await app.finish(refused)
    assert "is a web page, not an image; open it" in text
    assert refused.response is not None
    assert "Use this image" not in str(refused.response.components)
