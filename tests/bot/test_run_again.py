"""Run again and Use this image: checked against today's list of models like every other request."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import simcord

from dailies.catalog.facts import Facts, FactsFile
from dailies.openrouter.models import Catalog, VideoModel
from tests.bot import test_references
from tests.bot.composing import Panel
from tests.bot.conftest import Archive, BotApp
from tests.support.servers import Served

assets, settings = test_references.assets, test_references.settings
press, sent, words = test_references.press, test_references.sent, test_references.words

AGAIN = "Run again (new charge)"


async def unknown(app: BotApp, **options: Any) -> simcord.InteractionResult:
    """The status of a job whose paid request was sent and never answered."""
    app.openrouter.faults.answer("submit", drop=True, when="after")
    result = await app.video(**options)
    assert (await app.finish(result)).lstrip().startswith("### Sent, but not confirmed")
    return result


async def listed(app: BotApp, change: Callable[[VideoModel], VideoModel | None]) -> None:
    """OpenRouter lists the changed models from now on."""
    models = [changed for one in app.bot.guide.catalog if (changed := change(one))]

    async def fetch() -> Catalog:
        return Catalog(models)

    app.bot.guide._fetch = fetch  # pyright: ignore[reportPrivateUsage]
    assert await app.bot.guide.refresh()


@pytest.mark.slow
async def test_a_setting_that_the_model_no_longer_offers_is_refused_before_it_is_paid(app: BotApp) -> None:
    before = await unknown(app, resolution="720p")
    await listed(app, lambda model: replace(model, resolutions=("480p",)))

    refused = words(await press(app, before, AGAIN))
    assert refused.startswith("resolution: 720p isn't offered by bytedance/seedance-2.0-fast")
    assert "480p" in refused
    assert "You weren't charged" in refused
    assert len(app.openrouter.submits) == 1

    await listed(app, lambda model: replace(model, resolutions=("480p", "720p")))
    assert (await app.finish(await press(app, before, AGAIN))).lstrip().startswith("### Done")
    first, second = (entry["body"] for entry in app.openrouter.submits)
    assert first.pop("session_id") != second.pop("session_id")
    assert first == second


async def test_a_model_that_is_gone_is_refused_and_not_replaced(app: BotApp) -> None:
    before = await unknown(app)
    await listed(app, lambda model: None if model.id == app.bot.settings.default_model else model)

    assert "isn't a video model on OpenRouter" in words(await press(app, before, AGAIN))
    assert len(app.openrouter.submits) == 1


@pytest.mark.slow
async def test_what_the_model_no_longer_publishes_is_left_out_and_said(app: BotApp) -> None:
    before = await unknown(app, seed=5)
    await listed(app, lambda model: replace(model, seed=None))

    status = await press(app, before, AGAIN)
    assert "seed was left out" in app.text(status)
    await app.finish(status)
    assert "seed" not in app.openrouter.submits[-1]["body"]


@pytest.mark.slow
async def test_a_moderator_runs_it_again_and_both_together_make_one_job(archive: Archive) -> None:
    app = archive.app
    before: Any = await unknown(app)
    refused = await archive.ben.click(before.response.message, label=AGAIN)
    assert "Only the person who requested it, or a moderator" in words(refused)

    status = await archive.mia.click(before.response.message, label=AGAIN)
    assert "It has already been run again" in words(await press(app, before, AGAIN))
    await app.finish(status)
    assert len(app.openrouter.submits) == 2


@pytest.mark.slow
async def test_images_of_an_earlier_job_are_cut_with_what_the_model_takes_by_now(app: BotApp, assets: Served) -> None:
    refused = await app.video(links=" ".join(f"{assets.origin}/{one}" for one in ("red.html", "blue.png", "green.png")))
    await app.finish(refused)
    known = app.bot.guide.references
    known.operators = FactsFile(models={app.bot.settings.default_model: Facts(takes=True, source="a test", most=2)})

    panel = Panel(app, app.ann, await press(app, refused, "Use this image"))
    assert "references: 3 are too many" in panel.text
    assert not panel.buttons["Generate"]
