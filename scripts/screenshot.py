"""Takes docs/sandbox.png: the sandbox's page after one job with the bundled reference pictures.

Usage: python scripts/screenshot.py [--light] [--phone] [FILE]. Needs playwright, and Chromium on the PATH or
in $CHROMIUM.
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
LARGEST = 400 * 1024  # bytes
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
PROMPT = (
    "The fox from the first picture carries the lantern from the second through a snowy forest at night. "
    "Slow dolly shot, warm light on the snow."
)


async def make_a_video(page: Page) -> None:
    """Act as a newcomer would, up to the finished video."""
    for sample in await page.locator(".sample").all():
        await sample.click()
    prompt = page.get_by_label("prompt")
    await prompt.fill(PROMPT)
    await prompt.press("Enter")
    video = page.locator(".message:last-child video")
    await video.wait_for(timeout=60_000)
    await video.evaluate(
        "async (node) => { if (node.readyState < 2) await new Promise((done) => node.onloadeddata = done); "
        "node.currentTime = 1; await new Promise((done) => node.onseeked = done); }"
    )
    await page.mouse.move(0, 0)
    await page.wait_for_timeout(2500)  # until the player has put its spinner away


def smallest(png: bytes) -> bytes:
    """Compress the picture to at most 400 KiB: with fewer colours if needed."""
    if len(png) <= LARGEST:
        return png
    image = Image.open(io.BytesIO(png)).convert("RGB")
    for colours in (256, 128, 64):
        out = io.BytesIO()
        image.quantize(colours, dither=Image.Dither.FLOYDSTEINBERG).save(out, "PNG", optimize=True)
        if out.tell() <= LARGEST:
            break
    return out.getvalue()


async def take(chromium: str, *, light: bool, phone: bool) -> bytes:
    """Run the sandbox and one job; returns the page as a PNG."""
    size = {"width": 390, "height": 844} if phone else {"width": 1280, "height": 1130}
    async with Stack(speed=SPEED) as stack, async_playwright() as playwright:
        server = PageServer(stack)
        await server.start(port=0)
        browser = await playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        try:
            page = await browser.new_page(
                viewport={"width": size["width"], "height": size["height"]},
                color_scheme="light" if light else "dark",
                locale="en-US",
            )
            await page.goto(server.origin)
            await make_a_video(page)
            return await page.screenshot()
        finally:
            await browser.close()
            await server.close()


def main() -> int:
    """Take the screenshot; returns 1 where there is no Chromium."""
    parser = argparse.ArgumentParser(description="Take the screenshot of the sandbox's page.")
    parser.add_argument("file", nargs="?", type=Path, default=ROOT / "docs" / "sandbox.png")
    parser.add_argument("--light", action="store_true", help="in the light colour scheme")
    parser.add_argument("--phone", action="store_true", help="on a narrow screen")
    options = parser.parse_args()
    names = ("chromium", "chromium-browser", "google-chrome")
    chromium = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    if chromium is None:
        sys.stderr.write("No Chromium: install one, or name it in CHROMIUM.\n")
        return 1
    data = smallest(asyncio.run(take(chromium, light=options.light, phone=options.phone)))
    options.file.write_bytes(data)
    sys.stdout.write(f"{options.file}: {len(data) / 1024:.0f} KiB\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
