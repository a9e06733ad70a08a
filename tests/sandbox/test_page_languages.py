"""The bot in every language as the page shows it, on a phone and on a desk."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from dailies import language as languages
from dailies.language import ENGLISH, NATIVE_NAMES, gettext, speaking
from sandbox.page.server import PageServer
from sandbox.stack import Stack
from tests.sandbox.page_kit import accessible, browsed_stack, browsing, cut_off, opened, served

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.slow]

LOCALES = {"de": "de", "es": "es-ES", "ja": "ja"}
COMMANDS: tuple[tuple[str, dict[str, object]], ...] = (
    ("compose", {"prompt": "A fox"}),
    ("compare", {"prompt": "A fox", "model_a": "bytedance/seedance-2.0", "model_b": "google/veo-3.1"}),
    ("models", {}),
    ("settings", {}),
    ("budget show", {}),
    ("jobs list", {}),
    ("cast list", {}),
    ("shots wall", {}),
    ("usage", {}),
    ("about", {}),
)
"""Commands whose answers have much in them."""


@dataclass
class Site:
    """The whole sandbox, and a browser."""

    stack: Stack
    server: PageServer
    browser: Browser


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site() -> AsyncGenerator[Site]:
    """One sandbox for all tests here."""
    await asyncio.to_thread(languages.load)
    stack = browsed_stack()
    async with browsing() as browser, stack, served(stack) as server:
        yield Site(stack, server, browser)


async def test_every_language_is_looked_at() -> None:
    assert {*LOCALES} == {*NATIVE_NAMES} - {ENGLISH}


@pytest.mark.parametrize("language", LOCALES)
async def test_a_video_and_the_answers_to_commands_are_whole_at_360_and_1280_pixels(site: Site, language: str) -> None:
    async with opened(site.browser, site.server, width=1280) as page:
        await page.get_by_role("combobox", name="Your language").select_option(LOCALES[language])
        await page.get_by_role("combobox", name="Server's language").select_option(LOCALES[language])
        with speaking(language):
            done = gettext("Done")
            about = languages.pgettext("command", "Make a video from a prompt and reference images")
        await expect(page.locator("#composer")).to_contain_text(about)
        await page.get_by_label("prompt").fill("A fox")
        await page.get_by_label("prompt").press("Enter")
        await expect(page.locator(".message").filter(has_text=done).last).to_be_visible(timeout=60_000)
        await whole(page)
    phone, desk = (opened(site.browser, site.server, width=width) for width in (360, 1280))
    async with phone as narrow, desk as wide:
        for name, options in COMMANDS:
            interaction = await site.stack.discord.person().command(channel(site), name, options)
            await interaction.wait(25)
            assert interaction.response_message is not None
            shown = str(interaction.response_message["id"])
            for page in (narrow, wide):
                await whole(page, shown)
        await accessible(narrow)
        await accessible(wide)


def channel(site: Site) -> str:
    """Return the id of #dailies."""
    return site.stack.discord.world.channel_named("dailies").id


async def whole(page: Page, message_id: str | None = None) -> None:
    """Fail where a message, the last one by default, is cut, or something in it lies on something else."""
    shown = f".message[data-id='{message_id}']" if message_id else ".message:last-child"
    await expect(page.locator(shown)).to_be_visible()
    assert await cut_off(page, shown) == []
    sideways = await page.locator("#messages").evaluate("(box) => box.scrollWidth - box.clientWidth")
    assert sideways <= 0
