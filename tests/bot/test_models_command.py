"""/models in Discord: prices, pages and controls that outlive the bot's process."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
import simcord

from cogs.models.views import LOOK, ModelsPage
from dailies.catalog.guide import ModelFilter
from dailies.catalog.options import VideoRequest
from dailies.openrouter.pricing import Quote
from tests.bot.conftest import Archive, BotApp
from tests.support.reasons import worded


def said(result: simcord.InteractionResult) -> str:
    """Return the words of an answer, escapes taken out."""
    assert result.response is not None
    assert result.response.ephemeral
    parts = result.response.components
    shown = [result.response.content or "", *(part["content"] for part in parts if part["type"] == 10)]
    return "\n".join(shown).replace("\\", "").strip()


@pytest.mark.slow
async def test_models_come_cheapest_first_and_for_the_person_alone(archive: Archive) -> None:
    text = said(await archive.app.ann.slash(archive.app.channel, "models", duration=5))
    assert text.startswith("### 22 models: 5 s\n-# Cheapest first. List prices")
    assert text.splitlines()[1].endswith("Page 1 of 3.")
    prices = [float(found) for found in re.findall(r"about \$([0-9.]+)", text)]
    assert len(prices) == 8
    assert prices == sorted(prices)
    assert "Seedance 2.0 Fast" in text


async def test_the_buttons_lead_through_the_pages(archive: Archive) -> None:
    first = await archive.app.ann.slash(archive.app.channel, "models", duration=5)
    second = await archive.press(first, "Next")
    assert "Page 2 of 3" in said(second)
    last = await archive.press(second, "Next")
    assert "Page 3 of 3" in said(last)


async def test_only_models_that_take_references(archive: Archive) -> None:
    first = await archive.app.ann.slash(archive.app.channel, "models", duration=8)
    text = said(await archive.press(first, "Only with references"))
    assert "8 s, with a reference image" in text
    assert "Veo 3.1 Lite" not in text
    assert "not confirmed" not in text


async def test_a_model_s_provider_options_are_named(archive: Archive) -> None:
    first = await archive.app.ann.slash(archive.app.channel, "models", duration=8)
    text = said(await archive.press(first, "Only with references"))
    lines = {line.split(" · ")[0]: line for line in text.splitlines() if line.startswith("-# ")}
    assert "options: negative prompt, people" in lines["-# google/veo-3.1-fast"]
    assert "options:" not in lines["-# x-ai/grok-imagine-video"]


async def test_the_menus_change_length_resolution_and_price(archive: Archive) -> None:
    app = archive.app
    answer = await app.ann.slash(app.channel, "models")
    for what, value in (("length", "10"), ("size", "1080p"), ("price", "100")):
        assert answer.response is not None
        ids = re.findall(rf"models:{what}:[^'\"]+", str(answer.response.components))
        answer = await app.ann.select(answer.response.message, [value], custom_id=ids[0])
    text = said(answer)
    assert "10 s, 1080p, at most $1.00" in text
    assert "about $1.00" in text  # wan-2.7


async def test_a_resolution_that_nobody_offers_is_refused(archive: Archive) -> None:
    text = said(await archive.app.ann.slash(archive.app.channel, "models", resolution="5.5k"))
    assert "5.5k" in text
    assert "isn't offered by any model" in text
    assert "480p" in text


async def test_nothing_found_is_said_with_a_way_on(archive: Archive) -> None:
    text = said(await archive.app.ann.slash(archive.app.channel, "models", duration=3000, at_most=0.01))
    assert "0 models" in text
    assert "Choose something else below." in text


@pytest.mark.parametrize(
    "wish", [ModelFilter(), ModelFilter(5, "720p", references=True), ModelFilter(None, "4K", at_most=Decimal("0.5"))]
)
def test_a_control_s_id_says_all_that_it_needs(wish: ModelFilter) -> None:
    look = ModelsPage(wish, 2)
    assert ModelsPage.decode(look.encode()) == look
    code = look.encode()
    for one in (LOOK.button("Next", what="older", code=code), LOOK.select((), what="price", code=code)):
        found = LOOK.template.fullmatch(one.custom_id or "")
        assert found is not None
        assert ModelsPage.decode(found["code"]) == look


@pytest.mark.slow
async def test_a_started_video_shows_its_price_and_the_receipt_the_bill(app: BotApp) -> None:
    result = await app.video(duration=4)
    assert "About $0.36" in app.text(result)
    assert (await app.finish(result)).endswith(" · $0.36")


@pytest.mark.settings(DEFAULT_MODEL="gone/model")
async def test_a_default_model_that_is_gone_is_replaced_and_that_is_said(app: BotApp) -> None:
    result = await app.video()
    text = app.text(result)
    assert "the default model gone/model is gone; x-ai/grok-imagine-video is used." in text
    assert "it is the cheapest that is known to take references in 720p." in text


async def test_the_model_s_choices_show_what_the_video_costs(app: BotApp) -> None:
    choices = await app.ann.autocomplete(app.channel, "video", "model", "veo lite", duration=8)
    assert choices[0]["name"].endswith(" · $0.40 · no references")


@pytest.mark.slow
async def test_models_say_how_bills_compare_with_quotes(archive: Archive) -> None:
    quote = Quote(Decimal("0.40"), True, Decimal("0.40"), worded(""))
    request = VideoRequest("A boat", "bytedance/seedance-2.0-fast", "Seedance", duration=5)
    for number in range(5):
        await archive.keep(number=number, request=request, quote=quote, cost=Decimal("0.34"))
    text = said(await archive.app.ann.slash(archive.app.channel, "models", duration=5))
    assert text.count("bills came to 85 % of quotes here") == 1
