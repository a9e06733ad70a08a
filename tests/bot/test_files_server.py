"""PUBLIC_URL without a secret: videos are served, and there are no webhooks."""

from __future__ import annotations

import re
import socket
import time

import aiohttp
import pytest

from dailies.web.server import callback_url
from tests.bot.composing import Panel
from tests.bot.conftest import Archive
from tests.bot.test_under_the_video import posted, press, seedance

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


@pytest.mark.slow
async def test_no_report_is_asked_for(archive: Archive) -> None:
    result = await archive.app.video()
    await archive.app.finish(result)

    assert "callback_url" not in archive.app.openrouter.submits[0]["body"]


@pytest.mark.slow
async def test_a_link_to_share_from_more_opens_a_page_that_plays(archive: Archive) -> None:
    video = await posted(archive, await seedance(archive, ended_at=time.time()))
    more = Panel(archive.app, archive.ben, await press(archive.ben, video, "More"))
    answer = archive.said(await more.press("Link to share"))
    found = re.search(r"Anyone with this link can watch the video until <t:\d+:f>: (\S+)", answer)
    assert found

    async with aiohttp.ClientSession() as session, session.get(found[1].replace(PUBLIC, LOCAL)) as response:
        text = await response.text()
        assert (response.status, response.headers["X-Content-Type-Options"]) == (200, "nosniff")
    assert "<title>A paper boat 77</title>" in text
    assert '<html lang="en">' in text
    german = {"Accept-Language": "de-AT,de;q=0.9,en;q=0.8"}
    async with aiohttp.ClientSession() as session, session.get(found[1].replace(PUBLIC, LOCAL), headers=german) as page:
        assert '<html lang="de">' in await page.text()
    film, poster = (re.search(rf'<meta property="og:{one}" content="([^"]+)">', text) for one in ("video", "image"))
    assert film
    assert poster
    async with aiohttp.ClientSession() as session, session.get(film[1].replace(PUBLIC, LOCAL)) as response:
        assert await response.read() == archive.clip.read_bytes()


@pytest.mark.slow
async def test_the_log_has_no_link(archive: Archive, caplog: pytest.LogCaptureFixture) -> None:
    video = await posted(archive, await seedance(archive, ended_at=time.time()))
    more = Panel(archive.app, archive.ben, await press(archive.ben, video, "More"))
    answer = archive.said(await more.press("Link to share"))
    token = answer.rpartition("/files/")[2].partition("/")[0]
    async with aiohttp.ClientSession() as session:
        for name in ("x.html", "x.mp4"):
            async with session.get(f"{LOCAL}/files/{token}/{name}") as response:
                assert response.status in (200, 404)
    assert len(token) == 32
    assert token not in caplog.text
