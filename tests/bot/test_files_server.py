"""PUBLIC_URL without a secret: videos are served, and there are no webhooks."""

from __future__ import annotations

import socket

import aiohttp
import pytest

from dailies.web.server import callback_url
from tests.bot.conftest import Archive

with socket.socket() as found:
    found.bind(("127.0.0.1", 0))
    PORT: int = found.getsockname()[1]
PUBLIC, LOCAL = "https://bot.example", f"http://127.0.0.1:{PORT}"

pytestmark = pytest.mark.settings(PUBLIC_URL=PUBLIC, WEB_HOST="127.0.0.1", WEB_PORT=str(PORT))


async def test_a_link_is_served_and_a_webhook_is_not(archive: Archive) -> None:
    shares = archive.app.bot._tools.shares  # pyright: ignore[reportPrivateUsage]
    assert shares
    job = await archive.keep(on_disk=True, number=1)
    url, _ = await shares.share(job)

    async with aiohttp.ClientSession() as session:
        async with session.get(url.replace(PUBLIC, LOCAL)) as response:
            assert await response.read() == archive.clip.read_bytes()
        async with session.post(callback_url(LOCAL, job.id)) as response:
            assert response.status == 404


async def test_no_report_is_asked_for(archive: Archive) -> None:
    result = await archive.app.video()
    await archive.app.finish(result)

    assert "callback_url" not in archive.app.openrouter.submits[0]["body"]
