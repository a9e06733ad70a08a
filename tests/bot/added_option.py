"""Every door of /video with one more option, `camera`. test_added_option.py runs this in a copy that declares it."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import discord
import simcord

from dailies.job import Job
from tests.bot import test_references
from tests.bot.composing import Panel, compose
from tests.bot.conftest import BotApp
from tests.support.servers import Served

assets, settings = test_references.assets, test_references.settings
press = test_references.press


def camera_of(job: Job) -> str | None:
    return getattr(job.request, "camera")  # noqa: B009 (the option is in the copy alone)


def paid(app: BotApp) -> Sequence[str]:
    """The option in each paid request, as it is declared to be sent."""
    return [entry["body"]["camera_motion"] for entry in app.openrouter.submits]


async def kept(app: BotApp, result: simcord.InteractionResult) -> Job:
    """The job of a status, from its row in the database."""
    job_id = app.text(result).rpartition("Job ")[2].split()[0]
    return await app.bot.intake._store.get(job_id)  # pyright: ignore[reportPrivateUsage]


async def test_the_command_takes_it_and_says_what_it_is(app: BotApp) -> None:
    (command,) = [one for one in app.bot.tree.get_commands() if one.name == "video"]
    described = {one["name"]: one["description"] for one in command.to_dict(app.bot.tree)["options"]}
    assert described["camera"] == "How the camera moves"

    result = await app.video(camera="orbit")
    assert "· camera orbit" in app.text(result)
    await app.finish(result)
    assert paid(app) == ["orbit"]
    assert camera_of(await kept(app, result)) == "orbit"


async def test_what_is_not_chosen_is_as_the_check_says(app: BotApp) -> None:
    await app.finish(await app.video())
    assert paid(app) == ["still"]


async def test_a_value_that_the_check_refuses_is_not_paid(app: BotApp) -> None:
    assert "camera: wild isn't offered" in app.text(await app.video(camera="wild"))
    assert app.openrouter.submits == []


async def test_it_is_in_what_is_kept_of_a_job(app: BotApp) -> None:
    status = await app.video(camera="orbit")
    await app.finish(status)
    shown = await app.ann.slash(app.channel, "jobs show", job=(await kept(app, status)).id)
    assert shown.response is not None
    assert "\nCamera: orbit\n" in (await shown.response.attachments[0].read()).decode()
    assert "· camera orbit" in str(shown.response.components)


async def test_it_outlives_a_question(app: BotApp, assets: Served) -> None:
    question = await app.video(camera="orbit", model=test_references.UNCONFIRMED, links=f"{assets.origin}/red.png")
    await Panel(app, app.ann, question).press("Generate")
    await app.finish_own()
    assert paid(app) == ["orbit"]


async def test_it_outlives_the_cut_to_the_first_references(app: BotApp, assets: Served) -> None:
    links = " ".join(f"{assets.origin}/{colour}.png" for colour in ("red", "blue", "green", "white"))
    question = await app.video(camera="orbit", model="google/veo-3.1", resolution="720p", links=links)
    panel = Panel(app, app.ann, await press(app, question, "Fix"))
    await panel.press("Generate")
    await app.finish_own()
    assert paid(app) == ["orbit"]


async def test_it_outlives_the_question_about_the_price(app: BotApp) -> None:
    app.bot.intake._price_check._confirm_above = Decimal(0)  # pyright: ignore[reportPrivateUsage]
    question = await app.video(camera="orbit")
    await Panel(app, app.ann, question).press("Generate")
    await app.finish_own()
    assert paid(app) == ["orbit"]


async def test_run_again_sends_it_again(app: BotApp) -> None:
    app.openrouter.faults.answer("submit", drop=True, when="after")
    unknown = await app.video(camera="orbit")
    assert (await app.finish(unknown)).lstrip().startswith("### Sent, but not confirmed")
    await app.finish(await press(app, unknown, "Run again (new charge)"))
    assert paid(app) == ["orbit", "orbit"]


async def test_use_this_image_keeps_it(app: BotApp, assets: Served) -> None:
    refused = await app.video(camera="orbit", links=f"{assets.origin}/blue.html")
    await app.finish(refused)
    await Panel(app, app.ann, await press(app, refused, "Use this image")).press("Generate")
    await app.finish_own()
    assert paid(app) == ["orbit"]


async def test_the_window_s_job_has_it(app: BotApp) -> None:
    # The picture lies where no test reaches it, so it is left out, and said to be.
    channel = app.bot.get_partial_messageable(app.channel.id)
    embed = discord.Embed(title="x").set_image(url="https://pictures.invalid/x.png")
    message = await channel.send(embed=embed)
    window: Any = await app.ann.context_menu(app.channel, "Animate image", message)
    prompt, use = [label["component"]["custom_id"] for label in window.modal["components"]]
    panel = Panel(app, app.ann, await app.ann.submit_modal(window, {prompt: "it sails", use: ["references"]}))
    await panel.press("Generate")
    await app.finish_own()
    assert paid(app) == ["still"]


async def test_the_composer_s_command_takes_it(app: BotApp) -> None:
    panel = await compose(app, prompt="A paper boat", camera="orbit")
    await panel.press("Generate")
    await app.finish_own()
    assert paid(app) == ["orbit"]


async def test_the_composer_s_window_takes_it(app: BotApp) -> None:
    panel = await compose(app, prompt="A paper boat", seed=5)
    await panel.fill("Options", camera="orbit", seed="5", audio=["on"])
    reopened = await compose(app)
    await reopened.press("Generate")
    await app.finish_own()
    assert paid(app) == ["orbit"]


async def test_the_composer_says_what_is_wrong_with_it(app: BotApp) -> None:
    panel = await compose(app, prompt="A paper boat", camera="wild")
    assert "camera: wild isn't offered" in panel.text
    assert panel.buttons[panel.generate] is False
