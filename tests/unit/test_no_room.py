"""A disk that is full while a reference is fetched or converted is called full, at once, and not a broken image."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiohttp import web
from PIL import Image

from dailies.errors import DiskFull
from dailies.explain import explain, sentence
from dailies.job import State
from dailies.jobs.life import live
from dailies.references.collect import Collector
from dailies.references.inspector import DecodeLimits
from dailies.references.reference import Source
from tests.support.images import saved
from tests.support.servers import serving
from tests.unit.fetching import fetching
from tests.unit.job_context import ScriptedAPI, harness
from tests.unit.kit import a_job, answering

DISK_BYTES = 1_000_000
FULL = "The bot's disk is full; the bot's operator has to free up space. You weren't charged."
NOISE = saved(Image.effect_noise((900, 700), 60), "JPEG", quality=95)
"""A few hundred kilobytes, which no encoder makes small."""


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """An empty file system of one megabyte."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = shutil.which("mount")
    if mount is None or os.geteuid() != 0:
        pytest.skip("only root can mount a small file system")
    mounted = subprocess.run([mount, "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs", folder], check=False)
    if mounted.returncode:
        pytest.skip("this machine does not let a file system be mounted")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


def fill(folder: Path, left: int) -> None:
    """Leave only that many bytes."""
    (folder / "filler").write_bytes(bytes(shutil.disk_usage(folder).free - left))


async def refused(picture: bytes, disk: Path) -> DiskFull:
    """Return the early refusal of an attachment."""
    async with serving(answering(web.Response(body=picture))) as server, fetching(server.origin, disk) as fetcher:
        collector = Collector(fetcher, bounds=DecodeLimits(80))
        gathering = collector.start([Source(f"{server.origin}/fox", "fox", attached=True)])
        early = await gathering.refused_early(20)
        await gathering.cancel()
    assert isinstance(early, DiskFull)
    return early


@pytest.mark.parametrize("left", [0, 100_000])
async def test_a_disk_that_fills_up_while_an_image_is_fetched_is_said_at_once(disk: Path, left: int) -> None:
    await asyncio.to_thread(fill, disk, left)
    assert explain(await refused(NOISE, disk)) == FULL
    assert [path.name for path in disk.iterdir()] == ["filler"]  # noqa: ASYNC240 (a folder of the test's own)


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["L", "RGBA"])
async def test_a_disk_that_fills_up_while_an_image_is_converted_is_said_at_once(disk: Path, mode: str) -> None:
    """A JPEG and a PNG are written; only the original has room."""
    picture = saved(Image.effect_noise((300, 250), 60).convert(mode), "TIFF")
    await asyncio.to_thread(fill, disk, len(picture) + 20_000)
    assert explain(await refused(picture, disk)) == FULL


async def test_a_job_ends_at_once_and_says_that_the_disk_is_full(tmp_path: Path, disk: Path) -> None:
    await asyncio.to_thread(fill, disk, 0)
    async with (
        serving(answering(web.Response(body=NOISE))) as server,
        fetching(server.origin, disk) as fetcher,
        harness(ScriptedAPI(b""), tmp_path) as on,
    ):
        collector = Collector(fetcher, bounds=DecodeLimits(80))
        job = await on.kept(a_job(state=State.CHECKING))
        ended = await live(job, on.context, collector.start([Source(f"{server.origin}/fox", "fox", attached=False)]))
        assert ended.state is State.REFUSED
        assert ended.reason is not None
        assert sentence(ended.reason) == FULL
        assert on.posts == 0
        assert on.sleeps.seconds == []
