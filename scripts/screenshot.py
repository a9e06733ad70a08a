"""Takes docs/demo.webp: a moving picture of the sandbox's page, from an empty prompt to the video and the next draft.

Usage: python scripts/screenshot.py [--light] [--phone] [FILE]. A FILE that ends in .png gets the last picture alone.
Needs playwright, and Chromium on the PATH or in $CHROMIUM.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import os
import shutil
import sys
from pathlib import Path

from PIL import Image
from playwright.async_api import Page, async_playwright

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from sandbox.page.server import PageServer  # noqa: E402  # after the path is set
from sandbox.stack import Stack  # noqa: E402

SPEED = 30.0
LARGEST = 1_000_000  # bytes
QUALITIES = (80, 65, 50, 35)
PATIENCE = 120_000  # milliseconds
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
PROMPT = "The fox from {1} carries the lantern from {2} through a snowy forest at night. Slow dolly in, warm light"


class Film:
    """Pictures of a page, with the milliseconds for which each is shown."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self.pictures: list[Image.Image] = []
        self.times: list[int] = []

    async def take(self, milliseconds: int) -> None:
        """Take a picture; one that looks like the last one is that one, shown for longer."""
        picture = Image.open(io.BytesIO(await self._page.screenshot())).convert("RGB")
        if self.pictures and picture.tobytes() == self.pictures[-1].tobytes():
            self.times[-1] += milliseconds
        else:
            self.pictures.append(picture)
            self.times.append(milliseconds)

    def webp(self) -> bytes:
        """Return the film as WebP, in the best quality that has at most LARGEST bytes, else in the lowest."""
        first, *others = self.pictures
        data = b""
        for quality in QUALITIES:
            out = io.BytesIO()
            first.save(
                out, "WEBP", save_all=True, append_images=others, duration=self.times, loop=0, quality=quality, method=4
            )
            data = out.getvalue()
            if len(data) <= LARGEST:
                break
        return data

    def png(self) -> bytes:
        """Return the last picture."""
        out = io.BytesIO()
        self.pictures[-1].save(out, "PNG", optimize=True)
        return out.getvalue()


async def make_a_video(page: Page, film: Film) -> None:
    """Act as a newcomer would, up to the finished video."""
    for sample in await page.locator(".sample").all():
        await sample.click()
    prompt = page.get_by_label("prompt")
    words = PROMPT.split(" ")
    for end in range(4, len(words) + 4, 4):
        await prompt.fill(" ".join(words[:end]))
        await film.take(200)
    await film.take(900)
    videos = page.locator(".message video")
    before = await videos.count()
    await prompt.press("Enter")
    async with asyncio.timeout(PATIENCE / 1000):
        while await videos.count() == before:
            await film.take(350)
            await asyncio.sleep(0.2)


async def play(page: Page, film: Film) -> None:
    """Show the newest video from its beginning to its end, without the player's controls."""
    video = page.locator(".message video").last
    length = await video.evaluate(
        "async (node) => { node.controls = false; node.pause(); "
        "if (node.readyState < 2) await new Promise((done) => node.onloadeddata = done); return node.duration; }"
    )
    await page.wait_for_timeout(500)
    for step in range(12):
        await video.evaluate(
            "async (node, at) => { node.currentTime = at; await new Promise((done) => node.onseeked = done); }",
            0.1 + step * (length - 0.2) / 11,
        )
        await film.take(220)
    await film.take(700)


async def edit_it(page: Page, film: Film) -> None:
    """Go on from the video: its draft in a panel, with another length."""
    await page.get_by_role("button", name="Edit", exact=True).last.click()
    panel = page.locator(".message:last-child")
    length = panel.get_by_role("button", name="Length")
    await length.wait_for()
    await page.wait_for_timeout(500)
    await film.take(1800)
    await length.click()
    await film.take(900)
    await panel.get_by_role("option", name="8 s").click()
    await panel.get_by_text("5 s → 8 s").first.wait_for()
    await page.mouse.move(0, 0)
    await page.wait_for_timeout(500)
    await film.take(3500)


async def record(chromium: str, *, light: bool, phone: bool) -> Film:
    """Run the sandbox and one job; returns the film of its page."""
    width, height = (390, 844) if phone else (720, 860)
    async with Stack(speed=SPEED) as stack, async_playwright() as playwright:
        server = PageServer(stack)
        await server.start(port=0)
        browser = await playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        try:
            page = await browser.new_page(
                viewport={"width": width, "height": height},
                color_scheme="light" if light else "dark",
                reduced_motion="reduce",
                locale="en-US",
            )
            page.set_default_timeout(PATIENCE)
            await page.goto(server.origin)
            await page.wait_for_selector("html[data-connection=open]")
            film = Film(page)
            await make_a_video(page, film)
            await play(page, film)
            await edit_it(page, film)
            return film
        finally:
            await browser.close()
            await server.close()


def main() -> int:
    """Take the pictures; returns 1 where there is no Chromium."""
    parser = argparse.ArgumentParser(description="Take a moving picture of the sandbox's page.")
    parser.add_argument("file", nargs="?", type=Path, default=ROOT / "docs" / "demo.webp")
    parser.add_argument("--light", action="store_true", help="in the light colour scheme")
    parser.add_argument("--phone", action="store_true", help="on a narrow screen")
    options = parser.parse_args()
    names = ("chromium", "chromium-browser", "google-chrome")
    chromium = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    if chromium is None:
        sys.stderr.write("No Chromium: install one, or name it in CHROMIUM.\n")
        return 1
    film = asyncio.run(record(chromium, light=options.light, phone=options.phone))
    data = film.png() if options.file.suffix == ".png" else film.webp()
    options.file.write_bytes(data)
    seconds = sum(film.times) / 1000
    sys.stdout.write(f"{options.file}: {len(film.pictures)} pictures, {seconds:.0f} s, {len(data) / 1024:.0f} KiB\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
