"""Every door of /video with one more option, `camera`. test_added_option.py runs this in a copy that declares it."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import discord
import simcord

from dailies.job import Job
from tests.bot import test_references
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
    assert "· camera orbit" in await app.finish(result)
    assert paid(app) == ["orbit"]
    assert camera_of(await kept(app, result)) == "orbit"


async def test_what_is_not_chosen_is_as_the_check_says(app: BotApp) -> None:
    await app.finish(await app.video())
    assert paid(app) == ["still"]


async def test_a_value_that_the_check_refuses_is_not_paid(app: BotApp) -> None:
    assert "camera: wild is not offered" in app.text(await app.video(camera="wild"))
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
    await app.finish(await press(app, question, "Send 1 reference anyway"))
    assert paid(app) == ["orbit"]


async def test_it_outlives_the_cut_to_the_first_references(app: BotApp, assets: Served) -> None:
    links = " ".join(f"{assets.origin}/{colour}.png" for colour in ("red", "blue", "green", "white"))
    question = await app.video(camera="orbit", model="google/veo-3.1", resolution="720p", links=links)
    await app.finish(await press(app, question, "Use the first 3"))
    assert paid(app) == ["orbit"]


async def test_it_outlives_the_question_about_the_price(app: BotApp) -> None:
    app.bot.intake._price_check._confirm_above = Decimal(0)  # pyright: ignore[reportPrivateUsage]
    question = await app.video(camera="orbit")
    assert "· camera orbit" in test_references.words(question)
    await app.finish(await press(app, question, "Pay and make it"))
    assert paid(app) == ["orbit"]


async def test_run_again_sends_it_again(app: BotApp) -> None:
    app.openrouter.faults.answer("submit", drop=True, when="after")
    unknown = await app.video(camera="orbit")
    assert (await app.finish(unknown)).lstrip().startswith("### Sent, but not confirmed")
    await app.finish(await press(app, unknown, "Run it again (a new job, paid anew)"))
    assert paid(app) == ["orbit", "orbit"]


async def test_use_this_image_keeps_it(app: BotApp, assets: Served) -> None:
    refused = await app.video(camera="orbit", links=f"{assets.origin}/blue.html")
    await app.finish(refused)
    await app.finish(await press(app, refused, "Use this image"))
    assert paid(app) == ["orbit"]


async def test_the_window_s_job_has_it(app: BotApp) -> None:
    # The picture lies where no test reaches it, so this job is refused; it is kept all the same.
    channel = app.bot.get_partial_messageable(app.channel.id)
    message = await channel.send(embed=discord.Embed(title="x").set_image(url="https://pictures.invalid/x.png"))
    window: Any = await app.ann.context_menu(app.channel, "Animate image", message)
    prompt, model = [label["component"] for label in window.modal["components"]]
    typed = {prompt["custom_id"]: "it sails", model["custom_id"]: [model["options"][0]["value"]]}
    status = await app.ann.submit_modal(window, typed)
    assert "· camera still" in await app.finish(status)
    assert camera_of(await kept(app, status)) == "still"
