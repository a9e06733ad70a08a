"""Shared helpers for the page's tests: Chromium, a page over a running stack, and a bot of real discord.py."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
import yarl
from axe_playwright_python.async_playwright import Axe
from discord.gateway import DiscordWebSocket
from discord.http import Route
from playwright.async_api import Browser, ConsoleMessage, Page, async_playwright, expect

from sandbox.clock import Clock
from sandbox.openrouter import OpenRouterServer
from sandbox.page.server import PageServer
from sandbox.page.welcome import Welcome
from sandbox.stack import KEY, Stack
from tests.support.discordbot import Bot
from tests.support.videos import short_video

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE = 40_000  # milliseconds
expect.set_options(timeout=PATIENCE)


def chromium() -> str:
    """Return the browser's path; the test is skipped where there is none."""
    named = os.environ.get("CHROMIUM")
    found = named or next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if found is None:
        pytest.skip("no Chromium: install one, or name it in $CHROMIUM")
    return found


@asynccontextmanager
async def browsing() -> AsyncGenerator[Browser]:
    """Start a headless Chromium."""
    path = chromium()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=FLAGS)
        try:
            yield browser
        finally:
            await browser.close()


def browsed_stack() -> Stack:
    """A sandbox for a browser: its jobs end before the bot looks for the first time.

    Its clock is no faster than that needs, since a bot in a fast world is never idle while the browser works.
    """
    clock = Clock(15)
    openrouter = OpenRouterServer(clock, key=KEY, queue_seconds=3, work_seconds=5, video=short_video())
    # Seconds of this fast clock: pictures and answers are made in real ones.
    return Stack(clock=clock, openrouter=openrouter, environment={"LOOK_SECONDS": "225"})


@asynccontextmanager
async def served(stack: Stack, welcome: Welcome | None = None) -> AsyncGenerator[PageServer]:
    """Serve the page over a running stack, on a free port."""
    server = PageServer(stack, welcome)
    await server.start(port=0)
    try:
        yield server
    finally:
        await server.close()


@asynccontextmanager
async def opened(
    browser: Browser, server: PageServer, *, width: int = 1280, height: int = 900, light: bool = False, path: str = "/"
) -> AsyncGenerator[Page]:
    """Open the page in a window of its own; fails the test where the page had an error or broke its policy."""
    context = await browser.new_context(
        viewport={"width": width, "height": height}, color_scheme="light" if light else "dark", locale="en-US"
    )
    page = await context.new_page()
    page.set_default_timeout(PATIENCE)
    problems: list[str] = []

    def heard(message: ConsoleMessage) -> None:
        # The browser logs refused requests and lost connections as errors; the page shows them, and tests look there.
        expected = message.text.startswith(("Failed to load resource", "WebSocket connection to"))
        if message.type == "error" and not expected:
            problems.append(message.text)

    page.on("console", heard)
    page.on("pageerror", lambda error: problems.append(str(error)))
    try:
        await page.goto(server.origin + path)
        await page.wait_for_selector("html[data-connection=open]")
        yield page
    finally:
        await context.close()
    assert problems == []


async def accessible(page: Page) -> None:
    """Fail where axe-core finds a fault of any weight in what the page shows now."""
    axe: Any = Axe()
    found = await axe.run(page)
    faults = [
        f"{fault['id']}: {fault['help']} ({', '.join(str(node['target']) for node in fault['nodes'])})"
        for fault in found.response["violations"]
    ]
    assert faults == []


async def cut_off(page: Page, within: str) -> list[str]:
    """Return the controls in a part of the page that its edges cut, or that lie on one another."""
    return await page.locator(within).evaluate(
        """(part) => {
          // What shows only under the pointer lies over other things on purpose.
          const shown = [...part.querySelectorAll("button, input, textarea, select, summary, a")]
            .map((node) => ({ node, box: node.getBoundingClientRect() }))
            .filter(({ node, box }) => box.width && box.height && node.checkVisibility({ opacityProperty: true }));
          const name = ({ node }) => node.getAttribute("aria-label") ?? node.textContent ?? node.id;
          const outside = ({ box }) => box.left < 0 || box.right > innerWidth;
          const over = (one, other) => one.left < other.right - 1 && other.left < one.right - 1
            && one.top < other.bottom - 1 && other.top < one.bottom - 1;
          const apart = (one, other) => !one.node.contains(other.node) && !other.node.contains(one.node);
          const covered = (one) => shown.some((other) => apart(one, other) && over(one.box, other.box));
          return shown.filter((one) => outside(one) || covered(one)).map(name);
        }"""
    )


@asynccontextmanager
async def small_bot(stack: Stack, prepare: Callable[[Bot], None]) -> AsyncGenerator[Bot]:
    """Run a bot of real discord.py in the test's loop, for features that the project's bot does not use."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Route, "BASE", stack.discord.api_base)
        gateway = yarl.URL(stack.discord.origin.replace("http", "ws", 1) + "/gateway/")
        patch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", gateway)
        bot = Bot()
        prepare(bot)
        running = asyncio.create_task(bot.start(stack.discord.token))
        try:
            await stack.discord.wait_for_bot()
            await asyncio.wait_for(bot.wait_until_ready(), 30)
            yield bot
        finally:
            await bot.close()
            await asyncio.gather(running, return_exceptions=True)
