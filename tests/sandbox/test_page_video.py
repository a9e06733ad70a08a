"""A newcomer's way through the page, with the project's own bot behind it."""

from __future__ import annotations

import math
import re
import secrets
from collections.abc import AsyncGenerator
from dataclasses import dataclass

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from sandbox.page.server import PageServer
from sandbox.page.welcome import WELCOME
from sandbox.stack import Stack
from tests.sandbox.page_kit import accessible, browsed_stack, browsing, cut_off, opened, served

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.slow]

LAST = ".message:last-child"


@dataclass
class Site:
    """The whole sandbox, and a browser."""

    stack: Stack
    server: PageServer
    browser: Browser


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site() -> AsyncGenerator[Site]:
    """One sandbox for all tests here."""
    stack = browsed_stack()
    async with browsing() as browser, stack, served(stack) as server:
        yield Site(stack, server, browser)


@pytest_asyncio.fixture(loop_scope="module")
async def page(site: Site) -> AsyncGenerator[Page]:
    """A fresh window."""
    async with opened(site.browser, site.server) as window:
        yield window


async def ask(page: Page, prompt: str) -> None:
    """Type a prompt and send it."""
    await page.get_by_label("prompt").fill(prompt)
    await page.get_by_label("prompt").press("Enter")


async def press(page: Page, key: str, times: int = 1) -> None:
    """Press a key of the keyboard."""
    for _ in range(times):
        await page.keyboard.press(key)


async def focused(page: Page) -> str:
    """Return the accessible name, or else the text, of the focused element."""
    return await page.evaluate(
        "() => { const node = document.activeElement; return node.getAttribute('aria-label') "
        "?? node.labels?.[0]?.textContent ?? node.textContent; }"
    )


async def tab_to(page: Page, name: str) -> None:
    """Press Tab until something with this name has the focus."""
    for _ in range(40):
        if name in await focused(page):
            return
        await press(page, "Tab")
    raise AssertionError(f"no way to {name!r} by keyboard")


async def playable(page: Page) -> float:
    """Play the newest video for a moment; its length in seconds."""
    video = page.locator(f"{LAST} video")
    await expect(video).to_have_js_property("readyState", 4, timeout=30_000)
    length: float = await video.evaluate("(node) => node.duration")
    position: float = await video.evaluate(
        "async (node) => { node.muted = true; await node.play(); "
        "await new Promise((done) => node.addEventListener('timeupdate', () => node.currentTime > 0 && done())); "
        "node.pause(); return node.currentTime; }"
    )
    assert position > 0
    return length


async def test_a_video_is_made_by_keyboard_alone(site: Site, page: Page) -> None:
    """Prompt, bundled picture, a model through autocomplete, send, watch, play: without a mouse."""
    assert "prompt" in await focused(page)
    await page.keyboard.type("A fox carries a lantern through the snow")
    await tab_to(page, "Add sample image: fox")
    await press(page, "Enter")
    await expect(page.get_by_role("list", name="Files for /video").get_by_role("listitem")).to_have_count(1)
    await tab_to(page, "Add option model")
    await press(page, "Enter")
    field = page.get_by_role("combobox", name="model")
    await expect(field).to_be_focused()
    await page.keyboard.type("seedance 2.0 fast")
    await expect(field).to_have_attribute("aria-expanded", "true")
    await expect(page.get_by_role("listbox").get_by_role("option").first).to_contain_text("Seedance 2.0 Fast")
    await press(page, "ArrowDown")
    active = await field.get_attribute("aria-activedescendant")
    assert active is not None
    await expect(page.locator(f"#{active}")).to_have_attribute("aria-selected", "true")
    await press(page, "Enter")
    await expect(field).to_have_value(await page.locator(f"#{active}").text_content() or "?")
    await press(page, "Enter")
    status = page.locator(".message").filter(has=page.locator(".container")).last
    await expect(status).to_contain_text("A fox carries a lantern through the snow")
    await expect(status.get_by_role("img")).to_have_count(1)
    await expect(page.locator(f"{LAST} video")).to_be_visible(timeout=60_000)
    assert await playable(page) > 0
    assert "prompt" in await focused(page)
    sent = site.stack.openrouter.submits[-1]["body"]
    assert sent["model"] == "bytedance/seedance-2.0-fast"
    assert len(sent["input_references"]) == 1


async def test_a_status_message_changes_in_place(site: Site, page: Page) -> None:
    """Edits show in the same message, are announced once each, and do not load its picture again."""
    site.stack.openrouter.faults.job(queue_seconds=math.inf)
    await page.get_by_role("button", name="Add sample image: lantern").click()
    prompt = f"Rain on window {secrets.token_hex(3)}"  # one that no earlier try has left in the channel
    await ask(page, prompt)
    item = page.locator(".message").filter(has_text=prompt).first
    node = await item.get_by_role("img").element_handle()
    first = await item.inner_text()
    await expect(item).not_to_have_text(first, timeout=30_000)
    assert node is not None
    assert await node.evaluate("(node) => node.isConnected"), "the picture was drawn again"
    await expect(item).to_contain_text("in the model's queue", timeout=30_000)
    # Announcements keep a distance in real seconds, in which a newer state would take this one's place.
    await expect(page.get_by_role("log")).to_contain_text(f"Generating {prompt}", timeout=30_000)
    site.stack.openrouter.end_queue()
    await expect(page.locator(f"{LAST} video")).to_be_visible(timeout=60_000)
    log = await page.get_by_role("log").inner_text()
    assert log.count(f"Generating {prompt}") == 1


async def test_a_refusal_is_seen_only_by_the_one_who_asked(site: Site, page: Page) -> None:
    """The bot's refusal is marked, can be dismissed, and never shows for somebody else."""
    await page.get_by_label("Add option links").click()
    await page.get_by_role("textbox", name="links").fill("not a link")
    async with opened(site.browser, site.server, path="/?person=Ben") as other:
        await ask(page, "Anything")
        refusal = page.locator(".message.ephemeral")
        await expect(refusal).to_contain_text("Only you can see this")
        await expect(other.locator(".message.ephemeral")).to_have_count(0)
    await refusal.get_by_role("button", name="Dismiss message").click()
    await expect(refusal).to_have_count(0)


async def test_a_newcomer_finds_an_example_that_plays_and_a_prompt_that_is_ready(site: Site) -> None:
    """Enter alone makes the next video, with the picture that lies beside the prompt."""
    async with served(site.stack, WELCOME) as server, opened(site.browser, server) as page:
        example = page.locator("video").last
        await expect(example).to_have_js_property("paused", value=False)
        await expect(example).to_have_js_property("muted", value=True)
        await expect(page.get_by_label("prompt")).to_be_focused()
        await expect(page.get_by_label("prompt")).to_have_value(WELCOME.options["prompt"])
        await expect(page.get_by_role("list", name="Files for /video")).to_contain_text("fox.jpg")
        await accessible(page)
        before = await page.locator("video").count()
        await press(page, "Enter")
        await expect(page.get_by_label("prompt")).to_have_value("")
        await expect(page.locator("video")).to_have_count(before + 1, timeout=60_000)
        sent = site.stack.openrouter.submits[-1]["body"]
        assert (sent["prompt"], len(sent["input_references"])) == (WELCOME.options["prompt"], 1)


async def test_suggestions_know_of_the_pictures_that_are_attached(page: Page) -> None:
    await page.get_by_label("Add option model").click()
    box = page.get_by_role("combobox", name="model")
    suggestion = page.get_by_role("listbox", name="Suggestions").get_by_role("option")
    await box.fill("veo-3.1-lite")
    await expect(suggestion).to_have_count(1)
    await expect(suggestion).not_to_contain_text("doesn't accept reference images")
    await page.get_by_role("button", name="Add sample image: fox").click()
    await expect(page.get_by_role("list", name="Files for /video")).to_contain_text("fox.jpg")
    await box.fill("veo-3.1-lit")
    await expect(suggestion).to_contain_text("doesn't accept reference images")


async def test_the_next_job_can_be_made_to_fail(site: Site, page: Page) -> None:
    """An outcome chosen in the panel strikes one job, and the panel goes back by itself."""
    await expect(page.get_by_role("radio", name="Fails")).to_be_hidden()
    await page.get_by_text("Test failure cases").click()
    await page.get_by_role("radio", name="Fails").check()
    before = await page.locator("video").count()
    await ask(page, "A doomed video")
    await expect(page.get_by_role("radio", name="Completes")).to_be_checked(timeout=30_000)
    status = page.locator(".message").filter(has_text="A doomed video").last
    await expect(status).to_contain_text("could not generate this video", timeout=60_000)
    assert await page.locator("video").count() == before
    await expect(page.get_by_role("radio", name="Completes")).to_be_checked()


async def test_the_bot_can_be_killed_and_comes_back(page: Page) -> None:
    """The panel's crash: the bot goes, the page says so, and the bot takes commands again."""
    await page.get_by_role("button", name="Kill and restart the bot").click()
    await expect(page.locator(".facts")).to_contain_text("offline")
    await expect(page.locator(".facts")).to_contain_text("online", timeout=30_000)
    await page.get_by_label("Add option links").click()
    await page.get_by_role("textbox", name="links").fill("not a link")
    await ask(page, "After the crash")
    await expect(page.locator(".message.ephemeral").last).to_contain_text("Only you can see this")


async def test_values_are_checked_before_they_are_sent(site: Site, page: Page) -> None:
    """A missing prompt and a wrong number are told at the field, which gets the focus."""
    seen = len(site.stack.discord.requests)
    await page.get_by_role("button", name=re.compile("more$")).click()
    await page.get_by_label("Add option seed").click()
    seed = page.get_by_role("textbox", name="seed")
    await seed.fill("seven")
    await seed.press("Enter")
    await expect(page.get_by_label("prompt")).to_be_focused()
    await expect(page.get_by_role("alert").first).to_contain_text("This option is required. Specify a value.")
    await page.get_by_label("prompt").fill("Something")
    await page.get_by_label("prompt").press("Enter")
    await expect(seed).to_be_focused()
    await expect(seed).to_have_attribute("aria-invalid", "true")
    await expect(seed).to_have_accessible_description(
        "The same seed and settings give a similar video again Input a valid integer."
    )
    assert len(site.stack.discord.requests) == seen


async def test_the_chat_has_the_whole_width_where_the_sides_are_drawers(site: Site) -> None:
    async with opened(site.browser, site.server, width=720, height=740) as page:
        width = await page.evaluate("() => document.querySelector('.chat').getBoundingClientRect().width")
        assert width == await page.evaluate("() => innerWidth")


async def test_it_fits_a_phone(site: Site) -> None:
    """At 360 pixels nothing scrolls sideways, and channels and panel open as drawers."""
    async with opened(site.browser, site.server, width=360, height=740) as page:
        await expect(page.locator("video").last).to_be_visible()
        assert await page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
        assert await page.evaluate(
            "() => { const box = document.getElementById('messages'); return box.scrollWidth <= box.clientWidth; }"
        )
        await page.get_by_role("button", name="Channels").click()
        await expect(page.get_by_role("button", name="dailies", exact=True)).to_be_focused()
        await press(page, "Escape")
        await expect(page.get_by_role("navigation")).to_be_hidden()
        assert await cut_off(page, "#composer") == []
        await page.get_by_role("button", name="Sandbox panel").click()
        await page.get_by_text("Test failure cases").press("Enter")
        await expect(page.get_by_role("radio", name="Completes")).to_be_visible()
        assert await cut_off(page, "#panel") == []
        await accessible(page)


@pytest.mark.parametrize(("width", "light"), [(1280, True), (360, False)])
async def test_a_draft_below_its_video_is_accessible(site: Site, *, width: int, light: bool) -> None:
    """axe-core finds nothing, in either colour scheme."""
    async with opened(site.browser, site.server, width=width, light=light) as page:
        await page.get_by_role("button", name="Edit").last.click()
        await expect(page.get_by_role("button", name="Generate").last).to_be_visible()
        assert await cut_off(page, LAST) == []
        await accessible(page)


async def test_it_comes_back_after_the_connection_broke(site: Site, page: Page) -> None:
    """The page says that it is reconnecting, and shows what happened meanwhile."""
    port = int(site.server.origin.rsplit(":", 1)[1])
    await site.server.close()
    await expect(page.locator("#connection")).to_have_text("Reconnecting…")
    channel = site.stack.discord.world.channel_named("dailies")
    await site.stack.discord.person("Ben").send(channel.id, "said while nobody listened")
    await site.server.start(port)
    await expect(page.locator(LAST)).to_contain_text("said while nobody listened", timeout=30_000)
    await expect(page.locator("#connection")).to_have_text("")
