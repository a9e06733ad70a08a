"""Options, components and modals on the page, with a bot that has every kind of them."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator
from dataclasses import dataclass

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, Page, Route, expect

from sandbox.discord import Limits
from sandbox.page.server import PageServer
from sandbox.stack import Stack
from tests.sandbox.page_kit import browsing, opened, served, small_bot
from tests.sandbox.page_showcase import Received, showcase

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.slow]

IN_TIME = 1.0  # real seconds the bot has to answer; Discord gives three


@dataclass
class Site:
    """The sandbox with the showcase bot, and a browser."""

    stack: Stack
    server: PageServer
    browser: Browser
    received: Received


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site() -> AsyncGenerator[Site]:
    """One for all tests here."""
    received = Received()
    limits = Limits(acknowledge_seconds=IN_TIME)
    async with (
        browsing() as browser,
        Stack(start_bot=False, limits=limits) as stack,
        served(stack) as server,
        small_bot(stack, lambda bot: showcase(bot, received)),
    ):
        yield Site(stack, server, browser, received)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def page(site: Site) -> AsyncGenerator[Page]:
    """One window, as a person would have it open; each test begins with choosing a command."""
    async with opened(site.browser, site.server) as window:
        yield window


async def use(page: Page, command: str) -> None:
    """Choose a command in the composer."""
    await page.get_by_role("button", name="Command:").click()
    await page.get_by_role("option", name=command).first.click()


async def send(page: Page) -> None:
    """Press the send button."""
    await page.get_by_role("button", name="Send", exact=True).click()


async def board(page: Page) -> Locator:
    """A fresh board of components."""
    await use(page, "/board")
    before = await page.locator(".message").count()
    await send(page)
    await expect(page.locator(".message")).to_have_count(before + 1)
    return page.locator(".message").nth(before)


async def test_every_kind_of_option_reaches_the_bot(site: Site, page: Page) -> None:
    """Each type arrives as its own, and autocompletion sees the other options."""
    await use(page, "/ask")
    await page.get_by_role("textbox", name="text").fill("hello")
    await page.get_by_role("textbox", name="count").fill("3")
    await page.get_by_role("button", name=re.compile("more$")).click()
    for name, choice in (("sure", "True"), ("who", "Ben"), ("where", "#general"), ("size", "Large")):
        await page.get_by_role("button", name=f"Add option {name}:").click()
        await page.get_by_role("listbox").get_by_role("option", name=choice).click()
    await page.get_by_role("button", name="Add option ratio:").click()
    await page.get_by_role("textbox", name="ratio").fill("0.5")
    await page.get_by_role("button", name="Add option word:").click()
    await page.keyboard.type("ap")
    await expect(page.get_by_role("listbox").get_by_role("option")).to_have_text(["Apple", "Apricot"])
    await page.get_by_role("option", name="Apricot").click()
    await page.get_by_role("button", name="Add sample image: lantern").click()
    await send(page)
    await expect(page.locator(".message").last).to_contain_text("Noted")
    assert site.received.options[-1] == {
        "text": "hello",
        "count": 3,
        "sure": True,
        "ratio": 0.5,
        "who": "Ben",
        "where": "general",
        "size": "l",
        "word": "apricot",
        "file": "lantern.jpg",
    }
    assert site.received.completions[-1] == (3, "ap")


@pytest.mark.parametrize(("value", "sentence"), [("9", "5 or less"), ("0", "1 or more"), ("1.5", "valid integer")])
async def test_a_number_outside_its_range_is_not_sent(site: Site, page: Page, value: str, sentence: str) -> None:
    """Bounds of integers are told as a sentence."""
    seen = len(site.received.options)
    await use(page, "/ask")
    await page.get_by_role("textbox", name="text").fill("hello")
    await page.get_by_role("textbox", name="count").fill(value)
    await send(page)
    await expect(page.locator("#composer-error")).to_contain_text(sentence)
    assert len(site.received.options) == seen


async def test_a_subcommand_is_a_command_of_its_own(site: Site, page: Page) -> None:
    """Groups are spelled out in the list of commands."""
    await use(page, "/budget set")
    await page.get_by_role("textbox", name="usd").fill("12.5")
    await send(page)
    await expect(page.locator(".message").last).to_contain_text("Set")
    assert site.received.options[-1] == {"usd": 12.5}


async def test_a_command_that_is_not_answered_in_time_has_failed(page: Page) -> None:
    """First "waiting", then Discord's own words."""
    await use(page, "/silence")
    await send(page)
    await expect(page.locator(".pending")).to_contain_text("Waiting for Dailies")
    await expect(page.locator(".pending")).to_contain_text("The application did not respond")
    await page.locator(".pending").get_by_role("button", name="Dismiss message").click()
    await expect(page.locator(".pending")).to_have_count(0)


async def test_components_are_shown(page: Page) -> None:
    """Container with its colour, section, gallery with descriptions, spoiler, file, link."""
    item = await board(page)
    container = item.locator(".container")
    assert await container.evaluate("(node) => node.style.getPropertyValue('--accent')") == "#3366cc"
    await expect(container.get_by_role("heading", name="Board")).to_be_visible()
    pictures = container.get_by_role("img", name="A red card")
    await expect(pictures).to_have_count(2)
    await expect(pictures.first).to_have_js_property("naturalWidth", 320)
    await expect(container.locator("[inert] [aria-label='Open picture: A blue card']")).to_have_count(1)
    await container.get_by_role("button", name="Spoiler").click()
    await expect(container.get_by_role("button", name="Open picture: A blue card")).to_be_focused()
    await expect(container.get_by_role("link", name="Download notes.txt, 2 bytes")).to_be_visible()
    await expect(item.get_by_role("button", name="Never")).to_be_disabled()
    link = item.get_by_role("link", name="Docs")
    assert await link.get_attribute("href") == "https://docs.example"
    assert await link.get_attribute("rel") == "noopener noreferrer"


async def test_a_picture_opens_large_and_gives_the_focus_back(page: Page) -> None:
    """The lightbox is a dialog: Escape closes it."""
    item = await board(page)
    opener = item.get_by_role("button", name="Open picture: A red card").last
    await opener.click()
    await expect(page.get_by_role("dialog", name="A red card")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await expect(opener).to_be_focused()


async def test_a_button_updates_its_message_and_keeps_the_focus(page: Page) -> None:
    """The text changes, the button that was pressed still has the focus."""
    item = await board(page)
    button = item.get_by_role("button", name="Add")
    await button.focus()
    await page.keyboard.press("Enter")
    await expect(item).not_to_contain_text("Count 0")
    await expect(button).to_be_focused()


async def test_a_button_without_an_answer_says_so(page: Page) -> None:
    """The failure stands under the message."""
    item = await board(page)
    await item.get_by_role("button", name="Silent").click()
    await expect(item.get_by_role("button", name="Silent")).to_have_attribute("aria-busy", "true")
    await expect(item.locator(".failure")).to_be_visible()
    await expect(item.get_by_role("button", name="Silent")).not_to_have_attribute("aria-busy", "true")


async def test_several_options_of_a_menu_are_chosen_by_keyboard(site: Site, page: Page) -> None:
    """Arrows move, Space chooses, Escape closes and sends."""
    item = await board(page)
    await item.get_by_role("button", name="Choose colours").focus()
    for key in ("Enter", " ", "ArrowDown", "ArrowDown", " ", "Escape"):
        await page.keyboard.press(key)
    menu = item.get_by_role("button", name="Choose colours: Red, Blue")
    await expect(menu).to_be_focused()
    await expect(menu).not_to_have_attribute("aria-busy", "true")
    assert site.received.presses[-1] == "Blue+Red"


async def test_a_modal_takes_every_kind_of_control(site: Site, page: Page) -> None:
    """Labels, checks, files; the focus moves in and goes back."""
    item = await board(page)
    opener = item.get_by_role("button", name="Form")
    await opener.click()
    dialog = page.get_by_role("dialog", name="A form")
    title = dialog.get_by_role("textbox", name="Title")
    await expect(title).to_be_focused()
    await title.fill("ab")
    await dialog.get_by_role("button", name="Submit").click()
    await expect(title).to_have_accessible_description("At least three letters Must be 3 or more in length.")
    await title.fill("abc")
    await dialog.get_by_role("button", name="Add sample image: fox").click()
    await dialog.get_by_role("button", name="Model").click()
    await dialog.get_by_role("option", name="Fast").click()
    await dialog.get_by_role("radio", name="Tall").check()
    await dialog.get_by_role("checkbox", name="Captions").check()
    await dialog.get_by_role("button", name="Submit").click()
    await expect(dialog).to_have_count(0)
    await expect(page.locator(".message").last).to_contain_text("Form received")
    assert site.received.forms == [
        {"title": "abc", "files": ["fox.jpg"], "model": ["Fast"], "shape": "Tall", "extras": ["Captions"]}
    ]
    await expect(opener).to_be_focused()


async def test_a_message_command_is_in_the_messages_apps_menu(site: Site, page: Page) -> None:
    """By keyboard: open the menu, press Enter; the answer comes from the bot."""
    channel = site.stack.discord.world.channel_named("dailies")
    await site.stack.discord.person("Ben").send(channel.id, "worth quoting")
    item = page.locator(".message").last
    await expect(item).to_contain_text("worth quoting")
    await item.get_by_role("button", name="Apps for this message").focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("menuitem", name="Quote")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.locator(".message").last.locator("blockquote")).to_have_text("worth quoting")
    await expect(page.locator(".message").last.locator(".context .mention")).to_have_text("Quote")


async def test_buttons_under_a_file_open_a_panel_that_only_one_person_sees(page: Page) -> None:
    """A plain message with a file and its buttons; the panel that one opens says whose it is, and shows its gallery."""
    await use(page, "/clip")
    before = await page.locator(".message").count()
    await send(page)
    item = page.locator(".message").nth(before)
    await expect(item.locator(".row").get_by_role("button")).to_have_text(["Again · $0.45", "Edit", "Continue", "More"])
    await expect(item.get_by_role("button", name="Open picture: A red card")).to_be_visible()
    await item.get_by_role("button", name="Edit").click()
    panel = page.locator(".message").nth(before + 1)
    await expect(panel).to_contain_text("Only you can see this")
    await expect(panel.get_by_role("img", name="A red card").first).to_have_js_property("naturalWidth", 320)


async def test_an_ordinary_message_can_be_written(page: Page) -> None:
    """Text and a picture, without a command, sent before the picture was loaded; a slash opens the list of commands."""

    async def late(route: Route) -> None:
        await asyncio.sleep(0.3)
        await route.continue_()

    await page.route("**/fox.jpg", late)
    await use(page, "Message")
    box = page.get_by_role("textbox", name="Message #dailies")
    await box.fill("**hello** there")
    await page.get_by_role("button", name="Add sample image: fox").click()
    await box.press("Enter")
    item = page.locator(".message").last
    await expect(item.locator("strong")).to_have_text("hello")
    await expect(item.get_by_role("button", name="Open picture: fox.jpg")).to_be_visible()
    await box.press("/")
    await expect(page.get_by_role("listbox", name="Command")).to_be_focused()


async def test_a_long_window_can_be_sent_on_a_small_screen(site: Site) -> None:
    """Its fields scroll; its title and its buttons stay."""
    async with opened(site.browser, site.server, width=360, height=640) as small:
        item = await board(small)
        await item.get_by_role("button", name="Form").click()
        dialog = small.get_by_role("dialog", name="A form")
        for part in (dialog.get_by_role("heading", name="A form"), dialog.get_by_role("button", name="Submit")):
            await expect(part).to_be_in_viewport(ratio=1)
        await dialog.get_by_role("checkbox", name="Captions").check()
        await expect(dialog.get_by_role("button", name="Submit")).to_be_in_viewport(ratio=1)


async def test_a_menu_stays_on_a_small_screen(site: Site) -> None:
    async with opened(site.browser, site.server, width=360, height=640) as small:
        item = await board(small)
        await item.get_by_role("button", name="Choose colours").click()
        menu = await item.get_by_role("listbox").bounding_box()
        assert menu is not None
        assert menu["x"] >= 8
        assert menu["x"] + menu["width"] <= 360 - 8


async def test_a_long_choice_does_not_widen_its_menu(site: Site) -> None:
    """It is cut, and the arrow stays."""
    async with opened(site.browser, site.server, width=360, height=640) as small:
        item = await board(small)
        await item.locator(".select-text").evaluate("(node) => { node.textContent = 'A long choice '.repeat(9); }")
        menu = await item.get_by_role("button", name="Choose colours").bounding_box()
        body = await item.locator(".body").bounding_box()
        assert menu is not None
        assert body is not None
        assert menu["x"] + menu["width"] <= body["x"] + body["width"]


async def test_posts_of_a_forum_appear_with_their_tags_while_the_page_is_open(site: Site, page: Page) -> None:
    world = site.stack.discord.world
    forum = world.add_forum("shots", ["Approved"])
    post = world.add_post(forum, "12A", world.bot, [])
    row = page.locator("#channel-list li", has_text="12A")
    await expect(row).to_have_text("12A(thread)")
    await expect(page.locator("#channel-list li", has_text="shots")).to_have_text("shots(forum)")

    post.applied_tags = [forum.tags[0].id]
    world.updated(post)
    await expect(row).to_contain_text("Approved")
    await row.get_by_role("button").click()
    await expect(page.locator("#channel-title")).to_have_text("12AApproved")
    await page.locator("#channel-list li", has_text="dailies").first.get_by_role("button").click()
