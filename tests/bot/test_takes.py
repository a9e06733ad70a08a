"""Takes in Discord: one command, one status with a row each, a fate each, a contact sheet in the end."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
import simcord

from dailies.job import Job, State
from dailies.money.budget import Budget, Period, Scope
from tests.bot import test_references
from tests.bot.composing import Panel, compose
from tests.bot.conftest import Archive, BotApp
from tests.support.servers import Served

assets, press = test_references.assets, test_references.press
NO_SEEDS = "minimax/hailuo-3"
pytestmark = pytest.mark.settings(CONFIRM_ABOVE_USD="9")


async def takes_of(app: BotApp, result: simcord.InteractionResult) -> tuple[Job, ...]:
    """Return the jobs of a set's status, from their rows."""
    set_id = app.text(result).rpartition("Job ")[2].split()[0]
    return await app.bot.intake._store.takes(set_id)  # pyright: ignore[reportPrivateUsage]


def videos(app: BotApp) -> list[str]:
    """Return the names of the posted videos."""
    files = [file for message in app.channel.history() for file in message.attachments]
    return [file.filename for file in files if file.filename.endswith(".mp4")]


def seeds(app: BotApp) -> list[int | None]:
    return [entry["body"].get("seed") for entry in app.openrouter.submits]


async def finished(app: BotApp, result: simcord.InteractionResult) -> str:
    """Let time pass until no take goes on; returns the status's text."""
    for _ in range(12):
        await asyncio.sleep(0.05)
        await app.env.advance_time(10)
        if all(job.ended and job.told for job in await takes_of(app, result)):
            break
    return app.text(result)


@pytest.mark.slow
async def test_one_command_makes_several_videos_with_one_status(app: BotApp) -> None:
    result = await app.video(takes=3)
    text = await finished(app, result)
    assert text.lstrip().startswith("### Done\n")
    assert [f"**{number}** · Done · $" in text for number in (1, 2, 3)] == [True] * 3
    assert text.count("/channels/") == 3
    assert len(videos(app)) == 3
    assert len({*seeds(app)} - {None}) == 3


@pytest.mark.slow
async def test_the_status_ends_with_a_contact_sheet(app: BotApp) -> None:
    result: Any = await app.video(takes=2)
    await finished(app, result)
    (gallery,) = [part for one in result.response.components for part in one.get("components", []) if part.get("items")]
    assert gallery["items"][0]["description"] == "Contact sheet: a frame of takes 1 and 2"


@pytest.mark.slow
async def test_one_take_is_a_job_like_any_other(app: BotApp) -> None:
    result = await app.video(takes=1)
    assert "**1**" not in app.text(result)
    await app.finish(result)
    assert len(app.openrouter.submits) == 1


@pytest.mark.slow
async def test_takes_of_a_given_seed_count_on(app: BotApp) -> None:
    await finished(app, await app.video(takes=2, seed=41))
    assert sorted(filter(None, seeds(app))) == [41, 42]


@pytest.mark.slow
async def test_a_model_without_seeds_says_that_the_takes_may_look_alike(app: BotApp) -> None:
    result = await app.video(takes=2, model=NO_SEEDS)
    assert "the takes may look alike" in app.text(result)
    await finished(app, result)
    assert seeds(app) == [None, None]


@pytest.mark.slow
async def test_one_that_fails_leaves_the_others_alone_and_costs_nothing(app: BotApp) -> None:
    app.openrouter.faults.job("failed", error="The model gave up")
    text = await finished(app, result := await app.video(takes=3))
    assert text.lstrip().startswith("### 2 of 3 takes done\n")
    assert len(videos(app)) == 2
    takes = await takes_of(app, result)
    assert sorted(str(job.state) for job in takes) == ["delivered", "delivered", "failed"]
    assert [job.cost is None for job in takes if job.state is State.FAILED] == [True]


@pytest.mark.slow
async def test_a_picture_that_is_refused_ends_all_of_them_unpaid(app: BotApp, assets: Served) -> None:
    result = await app.video(takes=2, links=f"{assets.origin}/none.png")
    text = await finished(app, result)
    assert text.lstrip().startswith("### Not started\n")
    assert app.openrouter.submits == []


async def price_of_one(app: BotApp) -> Decimal:
    """Make one video, and return what it held."""
    result = await app.video()
    store = app.bot.intake._store  # pyright: ignore[reportPrivateUsage]
    price = (await store.get(app.text(result).rpartition("Job ")[2].split()[0])).most
    await app.finish(result)
    assert price is not None
    return price


async def set_budget(app: BotApp, usd: Decimal) -> None:
    store = app.bot.intake._price_check.budget_store  # pyright: ignore[reportPrivateUsage]
    await store.set_budget(app.channel.guild.id, Budget(Scope.EACH, Period.DAY, usd), app.ann.id)


@pytest.mark.slow
async def test_a_set_over_the_budget_makes_no_job_and_says_how_many_takes_would_fit(archive: Archive) -> None:
    app = archive.app
    price = await price_of_one(app)
    await set_budget(app, price * Decimal("3.5"))
    refused = await app.video(takes=3)
    assert "3 videos need" in app.text(refused)
    assert "2 of them would fit." in app.text(refused)
    assert len(app.openrouter.submits) == 1


@pytest.mark.slow
async def test_those_that_wait_are_cancelled_by_one_press(app: BotApp) -> None:
    app.openrouter.faults.refuse("in-flight", times=9, retry_after="300")
    result: Any = await app.video(takes=2)
    for _ in range(100):
        if app.text(result).count("· Waiting in line ·") == 2:
            break
        await asyncio.sleep(0.05)
        await app.env.settle()
    await app.ann.click(result.response.message, label="Cancel")
    await app.env.settle()
    text = app.text(result)
    assert text.lstrip().startswith("### Not started\n")
    assert [job.state for job in await takes_of(app, result)] == [State.REFUSED] * 2
    assert len([entry for entry in app.openrouter.submits if entry["id"]]) == 0


@pytest.mark.slow
async def test_a_restart_shows_the_siblings_as_they_were(archive: Archive) -> None:
    app = archive.app
    result = await app.video(takes=2)
    await finished(app, result)
    one, two = await takes_of(app, result)
    runner = app.bot.runner
    store = app.bot.intake._store  # pyright: ignore[reportPrivateUsage]
    await store.save(replace(two, told=False))
    runner.start(replace(two, told=False))
    text = await finished(app, result)
    assert f"-# Job {one.id} · {two.id}" in text
    assert text.count("· Done ·") == 2


async def sent(app: BotApp, number: int) -> None:
    """Wait until so many requests were sent, and nothing goes on at once."""
    # Not settled: their jobs may end meanwhile, and the edit of a status then waits for its turn in virtual time.
    for _ in range(600):
        if len(app.openrouter.submits) >= number:
            break
        await asyncio.sleep(0.05)
    await asyncio.sleep(0.3)
    assert len(app.openrouter.submits) == number


@pytest.mark.slow
@pytest.mark.settings(CONFIRM_ABOVE_USD="0.30")
async def test_the_limit_above_which_a_price_is_confirmed_holds_for_the_sum(app: BotApp) -> None:
    await app.video(resolution="480p")
    await sent(app, 1)
    panel = Panel(app, app.ann, await app.video(resolution="480p", takes=2))
    assert panel.answer.ephemeral
    await sent(app, 1)
    await panel.press("Generate")
    await sent(app, 3)


@pytest.mark.slow
async def test_two_panels_of_a_draft_make_its_takes_once(app: BotApp) -> None:
    app.openrouter.faults.job(work_seconds=100_000, times=2)  # an end would wait for virtual time while others settle
    panels = [await compose(app, prompt="A paper boat", takes=2), await compose(app)]
    for panel in panels:
        await panel.press("Generate")
    await sent(app, 2)


@pytest.mark.slow
async def test_fix_makes_as_many_takes_as_the_budget_holds(archive: Archive) -> None:
    app = archive.app
    price = await price_of_one(app)
    await set_budget(app, price * Decimal("3.5"))
    refused = await app.video(takes=4)
    panel = await press(app, refused, "Fix")
    assert "takes 4 → 2" in app.text(panel)
