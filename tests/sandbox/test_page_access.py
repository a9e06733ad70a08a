"""The page for everyone: names for screen readers, contrast, landmarks, motion."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any, cast

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from sandbox.page.server import PageServer
from sandbox.stack import Stack
from tests.sandbox.page_kit import PATIENCE, browsing, opened, served, small_bot
from tests.sandbox.page_showcase import Received, showcase

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.slow]

CONTROLS = {"button", "link", "textbox", "combobox", "radio", "checkbox", "listbox", "menu", "menuitem", "option"}
NAMED = CONTROLS | {"dialog", "navigation", "form", "region", "complementary", "image", "Video"}

# WCAG contrast of every visible text with the colours behind it; returns those below 4.5 (3 for large text).
CONTRAST = """() => {
  const canvas = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
  const rgba = (colour) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const over = ([r, g, b, a], below) => [r, g, b].map((value, i) => value * a / 255 + below[i] * (1 - a / 255));
  const behind = (node) => {
    const layers = [];
    for (let at = node; at; at = at.parentElement) {
      const colour = rgba(getComputedStyle(at).backgroundColor);
      layers.push(colour);
      if (colour[3] === 255) break;
    }
    return layers.reverse().reduce((below, layer) => over(layer, below), [255, 255, 255]);
  };
  const luminance = (colour) => colour
    .map((value) => value / 255)
    .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4))
    .reduce((sum, value, i) => sum + value * [0.2126, 0.7152, 0.0722][i], 0);
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let text = walker.nextNode(); text; text = walker.nextNode()) {
    const node = text.parentElement;
    const style = getComputedStyle(node);
    const box = node.getBoundingClientRect();
    const shown = node.checkVisibility({ opacityProperty: true, visibilityProperty: true });
    if (!text.data.trim() || box.width < 2 || !shown) continue;
    if (node.closest('svg, :disabled, [inert], .sr, .field-note')) continue;
    const ground = behind(node);
    const levels = [luminance(over(rgba(style.color), ground)), luminance(ground)].sort((a, b) => b - a);
    const ratio = (levels[0] + 0.05) / (levels[1] + 0.05);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    if (ratio < (large ? 3 : 4.5)) found.push(`${text.data.trim().slice(0, 40)}: ${ratio.toFixed(2)}`);
  }
  return found;
}"""


@dataclass
class Site:
    """The sandbox with the showcase bot, and a browser."""

    stack: Stack
    server: PageServer
    browser: Browser


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site() -> AsyncGenerator[Site]:
    """Fill a channel with everything it can hold: text, components, an ephemeral message, a mention, a video's card."""
    async with (
        browsing() as browser,
        Stack(start_bot=False) as stack,
        served(stack) as server,
        small_bot(stack, lambda bot: showcase(bot, Received())),
    ):
        channel = stack.discord.world.channel_named("dailies")
        ann, ben = stack.discord.person("Ann"), stack.discord.person("Ben")
        await ben.send(channel.id, f"# Title\n**bold** `code` <@{ann.id}> https://a.example ||no||\n-# small\n> quote")
        await (await ann.command(channel.id, "board", {})).wait()
        await (await ann.command(channel.id, "ask", {"text": "a", "count": 1})).wait()
        yield Site(stack, server, browser)


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["dark", "light"])
async def page(site: Site, request: pytest.FixtureRequest) -> AsyncGenerator[Page]:
    """A window in each colour scheme."""
    async with opened(site.browser, site.server, light=request.param == "light") as window:
        await expect(window.locator(".message")).to_have_count(3)
        yield window


async def nameless(page: Page) -> list[str]:
    """Return roles that the browser's own accessibility tree shows without a name."""
    session = await page.context.new_cdp_session(page)
    send = cast("Callable[[str], Awaitable[dict[str, Any]]]", session.send)  # pyright: ignore[reportUnknownMemberType]
    tree = await send("Accessibility.getFullAXTree")
    found: list[str] = []
    for node in tree["nodes"]:
        role = node.get("role", {}).get("value", "")
        if not node.get("ignored") and role in NAMED and not node.get("name", {}).get("value", "").strip():
            found.append(f"{role} {node.get('properties')}")
    await session.detach()
    return found


async def test_everything_that_needs_a_name_has_one(page: Page) -> None:
    """Controls, landmarks, pictures and dialogs, by the browser's own computation."""
    assert await nameless(page) == []


async def test_open_popups_and_dialogs_have_names(page: Page) -> None:
    """The command list, the apps menu and a modal with each of its controls."""
    await page.get_by_role("button", name="Command:").click()
    assert await nameless(page) == []
    await page.keyboard.press("Escape")
    await page.get_by_role("button", name="Apps for this message").first.focus()
    await page.keyboard.press("Enter")
    assert await nameless(page) == []
    await page.keyboard.press("Escape")
    await page.get_by_role("button", name="Form", exact=True).click()
    await expect(page.get_by_role("dialog")).to_be_visible()
    assert await nameless(page) == []
    assert await page.evaluate(CONTRAST) == []
    await page.keyboard.press("Escape")


async def test_text_has_contrast(page: Page) -> None:
    """Every visible text has at least the contrast of WCAG's level AA."""
    assert await page.evaluate(CONTRAST) == []


async def test_there_is_one_of_each_landmark(page: Page) -> None:
    """A screen reader can jump: navigation, main, complementary, form, and one top heading."""
    for role in ("navigation", "main", "complementary", "form"):
        await expect(page.get_by_role(role)).to_have_count(1)
    await expect(page.get_by_role("heading", level=1)).to_have_text("dailies")


async def test_the_focus_can_be_seen(page: Page) -> None:
    """Everything that Tab reaches is outlined, or stands in an outlined field."""
    await page.locator("body").press("Tab")
    for _ in range(45):
        seen = await page.evaluate(
            "() => { const node = document.activeElement; if (node === document.body) return 'body'; "
            "const outlined = (n) => n && getComputedStyle(n).outlineStyle !== 'none' "
            "&& parseFloat(getComputedStyle(n).outlineWidth) >= 1; "
            "return outlined(node) || outlined(node.closest('.field')) ? '' : node.outerHTML.slice(0, 120); }"
        )
        assert seen in ("", "body")
        await page.keyboard.press("Tab")


async def test_the_skip_link_leads_to_the_composer(page: Page) -> None:
    """It comes first, and jumps over channels and messages."""
    first = page.locator("a, button, input, select, textarea, [tabindex]").first
    await expect(first).to_have_text("Skip to the composer")
    await first.focus()
    await page.keyboard.press("Enter")
    await expect(page.locator("#composer textarea")).to_be_focused()


async def test_motion_stops_where_it_is_not_wanted(site: Site) -> None:
    """With reduced motion no animation goes on."""
    async with opened(site.browser, site.server) as page:
        add = (
            "() => { const dots = document.createElement('span'); dots.className = 'dots'; "
            "dots.append(document.createElement('i')); document.getElementById('pending').append(dots); }"
        )
        running = (
            "async ([wanted, patience]) => { const end = performance.now() + patience; let found; "
            "do { await new Promise(requestAnimationFrame); "
            "found = document.getAnimations().filter((one) => one.playState === 'running').length; "
            "} while (found !== wanted && performance.now() < end); return found; }"
        )
        await page.evaluate(add)
        assert await page.evaluate(running, [1, PATIENCE]) == 1
        await page.emulate_media(reduced_motion="reduce")
        await page.evaluate(add)
        assert await page.evaluate(running, [0, PATIENCE]) == 0
