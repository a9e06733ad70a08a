"""A secret link opens one video, whole or in ranges, as long as it is kept."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import AsyncGenerator, Generator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from dailies.delivery.shares import Shares
from dailies.job import Job, State
from dailies.openrouter.webhook import WebhookDelivery
from dailies.schema import shared_files
from dailies.store.sql import SqlStore
from dailies.web.server import Web, callback_url
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
    shares = Shares(engine, videos, public_url="https://bot.example", days=14, now=now)

    async def ignore(_: str, __: WebhookDelivery) -> None:
        """Do nothing: no webhook comes."""

    server = Web(secret=None, on_delivery=ignore, find_file=shares.find)
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
