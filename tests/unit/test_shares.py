"""A secret link opens one video, whole or in ranges, as long as it is kept."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import os
import re
import threading
from collections.abc import AsyncGenerator, Generator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import aiohttp
import imageio_ffmpeg
import pytest
import pytest_asyncio
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from dailies.delivery.shares import Shares
from dailies.job import Job, State
from dailies.media.playable import playable
from dailies.media.poster import poster_of
from dailies.openrouter.webhook import WebhookDelivery
from dailies.references.reference import Source
from dailies.schema import jobs, shared_files
from dailies.store.sql import SqlStore
from dailies.web.server import Web, callback_url
from tests.support import films
from tests.support.discordbot import until
from tests.unit.kit import Now, a_job
from tests.unit.webhooks import EVENT, encoded, signed

BYTES = b"\0\0\0\x18ftypmp42".ljust(256, b"\0") + bytes(range(256)) * 7


@dataclass
class FileSite:
    """A running server with one shared video."""

    origin: str
    session: aiohttp.ClientSession
    shares: Shares
    engine: AsyncEngine
    now: Now
    job: Job
    store: SqlStore

    async def link(self) -> str:
        """Return a new link, at the address by which it is reached here."""
        url, _ = await self.shares.share(self.job)
        return url.replace("https://bot.example", self.origin)

    async def status(self, url: str) -> int:
        """Return the status of a GET."""
        async with self.session.get(url) as response:
            return response.status


@pytest_asyncio.fixture
async def site(engine: AsyncEngine, tmp_path: Path) -> AsyncGenerator[FileSite]:
    """Run a web server, without webhooks, that has one shared video."""
    videos = tmp_path / "videos"
    videos.mkdir()
    job = a_job(state=State.DELIVERED, ended_at=1_790_000_000.0, file=videos / "0123456789abcdef.mp4")
    (videos / "0123456789abcdef.mp4").write_bytes(BYTES)
    store = SqlStore(engine, tmp_path)
    await store.create(job)
    now = Now()
    shares = Shares(
        engine, videos, public_url="https://bot.example", days=14, ffmpeg=imageio_ffmpeg.get_ffmpeg_exe(), now=now
    )

    async def ignore(_: str, __: WebhookDelivery) -> None:
        """Do nothing: no webhook comes."""

    server = Web(secret=None, on_delivery=ignore, find_video=shares.find)
    async with aiohttp.ClientSession() as session, server.listening("127.0.0.1", 0) as port:
        yield FileSite(f"http://127.0.0.1:{port}", session, shares, engine, now, job, store)


async def test_a_link_opens_the_video_and_tells_nobody_to_keep_it(site: FileSite) -> None:
    async with site.session.get(await site.link()) as response:
        assert await response.read() == BYTES
        assert response.headers["Content-Type"] == "video/mp4"
        assert response.headers["Cache-Control"] == "private, no-store"
        assert "noindex" in response.headers["X-Robots-Tag"]
        assert response.headers["Accept-Ranges"] == "bytes"


@pytest.mark.parametrize(("asked", "first", "last"), [("0-9", 0, 9), ("100-", 100, 2047), ("-5", 2043, 2047)])
async def test_a_player_gets_the_range_that_it_asks_for(site: FileSite, asked: str, first: int, last: int) -> None:
    async with site.session.get(await site.link(), headers={"Range": f"bytes={asked}"}) as response:
        assert response.status == 206
        assert response.headers["Content-Range"] == f"bytes {first}-{last}/{len(BYTES)}"
        assert await response.read() == BYTES[first : last + 1]


@contextmanager
def busy_threads() -> Generator[Executor]:
    """An executor of one thread, which is busy inside the block."""
    release = threading.Event()
    with ThreadPoolExecutor(1) as executor:
        executor.submit(release.wait)
        try:
            yield executor
        finally:
            release.set()


def is_open(path: Path) -> bool:
    """Return whether this process has the file open."""
    return os.path.realpath(path) in {os.path.realpath(entry) for entry in Path("/proc/self/fd").iterdir()}


@pytest.mark.slow
@pytest.mark.parametrize("whole", [True, False], ids=["was read", "was left"])
async def test_a_video_is_closed_when_it_was_read_or_left_however_busy_the_threads_are(
    site: FileSite, whole: bool
) -> None:
    video = site.job.file
    assert video is not None
    with video.open("wb") as file:
        file.truncate(64 * 1024 * 1024)  # more than the sockets take, so that the reader can go away before the end
    async with site.session.get(await site.link()) as response:
        assert is_open(video)
        with busy_threads() as executor:
            asyncio.get_running_loop().set_default_executor(executor)
            if whole:
                assert len(await response.read()) == 64 * 1024 * 1024
            else:
                response.close()
            await until(lambda: not is_open(video))


async def test_a_guess_another_name_and_a_listing_open_nothing(site: FileSite) -> None:
    link = await site.link()
    token = link.split("/")[-2]
    wrong = link.replace(token, token[:-1] + ("a" if token[-1] != "a" else "b"))
    for url in (wrong, f"{site.origin}/files/", f"{site.origin}/files/{token}/", f"{site.origin}/files/{token}/..%2Fa"):
        assert await site.status(url) == 404


async def test_the_database_does_not_hold_the_secret(site: FileSite) -> None:
    token = (await site.link()).split("/")[-2]
    async with site.engine.connect() as connection:
        (row,) = (await connection.execute(select(shared_files))).mappings().all()
    assert len(token) == 32
    assert token not in str(dict(row))


async def test_a_link_ends_with_keep_days(site: FileSite) -> None:
    link = await site.link()
    site.now.time += 14 * 86400 - 1
    assert await site.status(link) == 200
    site.now.time += 2
    assert await site.status(link) == 404


async def test_a_link_to_a_file_that_was_removed_opens_nothing(site: FileSite) -> None:
    link = await site.link()
    assert site.job.file is not None
    site.job.file.unlink()
    assert await site.status(link) == 404


async def test_without_a_secret_there_is_no_address_for_webhooks(site: FileSite) -> None:
    body = encoded(EVENT)
    url = callback_url(site.origin, site.job.id)
    async with site.session.post(url, data=body, headers=signed(body)) as response:
        assert response.status == 404


META = re.compile(r'<meta (?:property|name)="([^"]+)" content="([^"]*)">')


async def paged(site: FileSite, job: Job | None = None) -> tuple[str, dict[str, str], dict[str, str]]:
    """Return the page of a new link, its properties by name, and its headers."""
    url, _ = await site.shares.link(job or site.job)
    async with site.session.get(url.replace("https://bot.example", site.origin)) as response:
        assert response.status == 200
        text = await response.text()
        return text, dict(META.findall(text)), dict(response.headers)


async def test_a_link_to_share_leads_to_a_page_with_a_player_that_chats_preview(site: FileSite, clip: Path) -> None:
    filled(site.job, clip)
    _, properties, headers = await paged(site)

    assert headers["Content-Type"] == "text/html; charset=utf-8"
    assert properties["og:title"] == properties["twitter:title"] == "a red kite over the sea"
    assert (properties["og:type"], properties["twitter:card"]) == ("video.other", "player")
    assert properties["og:video:type"] == properties["twitter:player:stream:content_type"] == "video/mp4"
    film, poster = (properties[one].replace("https://bot.example", site.origin) for one in ("og:video", "og:image"))
    async with site.session.get(film, headers={"Range": "bytes=0-9"}) as response:
        assert (response.status, response.headers["Content-Type"]) == (206, "video/mp4")
    async with site.session.get(poster) as response:
        assert (response.status, response.headers["Content-Type"]) == (200, "image/jpeg")
        assert (await response.read()).startswith(b"\xff\xd8\xff")


async def test_the_page_runs_nothing_and_takes_nothing_from_elsewhere(site: FileSite) -> None:
    text, _, headers = await paged(site)
    policy = headers["Content-Security-Policy"]
    (style,) = re.findall(r"<style>(.*?)</style>", text, re.DOTALL)
    hashed = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert policy.startswith("default-src 'none'; ")
    assert f"style-src 'sha256-{hashed}'" in policy
    assert "script-src" not in policy
    assert "frame-ancestors 'none'; sandbox" in policy
    assert "<script" not in text
    assert (headers["X-Content-Type-Options"], headers["Referrer-Policy"]) == ("nosniff", "no-referrer")
    assert (headers["Cache-Control"], "noindex" in headers["X-Robots-Tag"]) == ("private, no-store", True)


async def test_a_prompt_is_no_markup_of_the_page(site: FileSite) -> None:
    prompt = '"><script>alert(1)</script><img src=x onerror=alert(1)> & \u2028'
    await prompted(site, prompt)
    text, properties, _ = await paged(site)
    assert "<script" not in text
    assert "<img" not in text
    assert properties["og:title"].startswith("&quot;&gt;&lt;script&gt;alert(1)")


async def test_a_long_prompt_is_a_short_title(site: FileSite) -> None:
    await prompted(site, "lantern " * 500)
    _, properties, _ = await paged(site)
    assert len(properties["og:title"]) <= 80
    assert properties["og:title"].endswith("lantern…")


async def test_what_was_hidden_is_not_previewed(site: FileSite, clip: Path) -> None:
    filled(site.job, clip)
    hidden = replace(site.job, sources=(Source("https://a.example/1", "1", attached=False, spoiler=True),))
    async with site.engine.begin() as connection:
        await connection.execute(update(jobs).values(sources=[{"url": "", "name": "1", "spoiler": True}]))
    text, properties, _ = await paged(site, hidden)
    assert not {"og:image", "og:video", "twitter:player"} & set(properties)
    assert "poster=" not in text
    assert site.job.file is not None
    assert not poster_of(site.job.file).exists()


async def test_a_page_without_a_poster_still_has_its_player(site: FileSite) -> None:
    text, properties, _ = await paged(site)  # the film of this site cannot be decoded
    assert "og:image" not in properties
    assert f'src="{site.job.id}.mp4"' in text


async def test_the_conversion_is_what_the_page_plays(site: FileSite, clip: Path) -> None:
    assert site.job.file
    filled(site.job, clip, conversion=True)
    url, _ = await site.shares.link(site.job, playable(site.job.file))
    assert url.endswith(f"/{site.job.id}.html")
    _, properties, _ = await paged(site)
    assert properties["og:video"].endswith(f"/{site.job.id}.play.mp4")
    assert properties["og:image"].endswith(f"/{site.job.id}.poster.jpg")


async def test_a_page_of_what_is_forgotten_or_no_output_opens_nothing(site: FileSite) -> None:
    url, _ = await site.shares.link(site.job)
    local = url.replace("https://bot.example", site.origin)
    assert await site.status(local.replace(".html", ".7.html")) == 404
    async with site.engine.begin() as connection:
        await connection.execute(update(jobs).values(forgotten_at=1.0))
    assert await site.status(local) == 404


async def test_what_is_no_video_is_linked_as_a_file(site: FileSite) -> None:
    url, _ = await site.shares.link(site.job, extension="txt")
    assert url.endswith(f"/{site.job.id}.txt")


def filled(job: Job, clip: Path, *, conversion: bool = False) -> None:
    """Put a film that can be decoded where the job's is, or where its conversion is."""
    assert job.file
    (playable(job.file) if conversion else job.file).write_bytes(clip.read_bytes())


async def prompted(site: FileSite, prompt: str) -> None:
    """Change the prompt of the shared job."""
    async with site.engine.begin() as connection:
        await connection.execute(update(jobs).values(prompt=prompt))


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a real MP4 of one second."""
    return films.make(tmp_path_factory.mktemp("clip") / "clip.mp4", *films.FINE)
