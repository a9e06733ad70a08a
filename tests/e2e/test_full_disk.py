"""A disk that is really full: a small file system of its own below DATA_DIR."""

from __future__ import annotations

import asyncio
import os
import shutil
import struct
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.clock import Clock
from sandbox.openrouter import OpenRouterServer
from sandbox.stack import KEY, Stack
from tests.e2e.scene import Scene, attached
from tests.e2e.test_restart import asked, status, until, videos
from tests.support.images import image
from tests.support.videos import render

pytestmark = pytest.mark.slow

DISK_MB = 12
VIDEO_MB = 4


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """An empty file system of a few megabytes."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = shutil.which("mount")
    if mount is None or os.geteuid() != 0:
        pytest.skip("only root can mount a small file system")
    mounted = subprocess.run([mount, "-t", "tmpfs", "-o", f"size={DISK_MB}m", "tmpfs", folder], check=False)
    if mounted.returncode:
        pytest.skip("this machine does not let a file system be mounted")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


def fill(folder: Path, left_mb: float) -> Path:
    """Leave only that much room."""
    filler = folder / "filler"
    filler.write_bytes(bytes(max(0, shutil.disk_usage(folder).free - int(left_mb * 1_000_000))))
    return filler


def large_video(folder: Path) -> Path:
    """A playable MP4 of some megabytes, most of them a box that players skip."""
    video = render(folder / "large.mp4")
    size = VIDEO_MB * 1_000_000
    with video.open("ab") as file:
        file.write(struct.pack(">I", size) + b"free" + bytes(size - 8))
    return video


async def test_a_full_disk_is_said_before_anything_is_sent_and_a_video_waits_for_room(
    disk: Path, tmp_path: Path
) -> None:
    clock = Clock(30)
    video = await asyncio.to_thread(large_video, tmp_path)
    openrouter = OpenRouterServer(clock, key=KEY, queue_seconds=8, work_seconds=12, video=video)
    settings = {"POLL_INTERVAL_SECONDS": "10", "MIN_FREE_MB": "5", "DOWNLOAD_HOURS": "0.01"}
    async with Stack(clock=clock, openrouter=openrouter, environment=settings, data_dir=disk) as stack:
        # The disk is full when the command arrives.
        filler = await asyncio.to_thread(fill, disk, 4.5)
        refused = await Scene(stack).ask()
        assert "The bot's disk is almost full" in (refused.refusal or "")
        await asyncio.to_thread(filler.unlink)

        # It fills up while the video is made: the download fails, and the status says so.
        openrouter.faults.job(queue_seconds=30)
        interaction = await asked(stack)
        await until(lambda: openrouter.polls)
        filler = await asyncio.to_thread(fill, disk, 1.5)
        await until(lambda: status(stack, interaction).startswith("### Finished, but not delivered"))
        assert "No space left on device" in status(stack, interaction)
        assert "/jobs resend" in status(stack, interaction)
        assert [path.name for path in (disk / "videos").iterdir()] == []

        # With room again, the same video is downloaded and posted.
        await asyncio.to_thread(filler.unlink)
        person = stack.discord.person()
        job_id = status(stack, interaction).rpartition("-# Job ")[2].split()[0]
        await person.command(Scene(stack).channel, "jobs resend", {"job": job_id})
        await until(lambda: status(stack, interaction).startswith("### Done"))

        assert len(videos(stack)) == 1
    assert len(openrouter.submits) == 1


async def test_a_job_whose_turn_comes_when_the_disk_is_full_says_so_where_its_pictures_were(disk: Path) -> None:
    settings = {"POLL_INTERVAL_SECONDS": "10", "MIN_FREE_MB": "5"}
    async with Stack(speed=30, environment=settings, data_dir=disk) as stack:
        # OpenRouter has no credits, so the job waits, and its status shows the reference.
        stack.openrouter.faults.answer("submit", 402, times=None)
        interaction = await asked(stack, **attached(image("red")))
        await until(lambda: "On hold: out of OpenRouter credits" in status(stack, interaction))
        await asyncio.to_thread(fill, disk, 4)
        await until(lambda: status(stack, interaction).startswith("### Not started"))

        assert "The bot's disk is almost full" in status(stack, interaction)
